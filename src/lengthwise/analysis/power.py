"""How many more seeds would show it: a power calculation from what has been seen so far."""

from bisect import bisect_left
from typing import NamedTuple

import numpy as np

from lengthwise.analysis.moderation import prior_df
from lengthwise.analysis.variance import Array

POWER = 0.8
"""The chance of success that "about so many seeds" is meant to give."""

MOST_SEEDS = 1000
"""Where the search ends."""

CERTAIN = 30.0
"""A non-centrality from which on success is certain; SciPy's series would not converge far beyond it."""


class Evidence(NamedTuple):
    """What is known of the differences between one length and K others, each array of shape (K,).

    Attributes
    ----------
    distance : ndarray
        From the margin, δ + ȳ_s - ȳ_t: positive where s seems to be enough.
    seeds, cases : ndarray
        Variance of the difference from seeds (at `num_seeds`) and from cases.
    case_df : ndarray
        Degrees of freedom of the latter.
    num_seeds : ndarray
        Seeds that were compared.
    num_lengths : int
        L, of the whole study.
    """

    distance: Array
    seeds: Array
    cases: Array
    case_df: Array
    num_seeds: Array
    num_lengths: int


def seeds_to_show_enough(evidence: Evidence, level: float) -> int | None:
    """Return with how many seeds a length would be shown to be enough with a chance of 80 %, were the means true.

    The comparisons count as independent, which errs on the side of too many seeds. None if `MOST_SEEDS` would not do:
    the length seems too poor, or the cases' share of the variance stands in the way.
    """
    if np.any(evidence.distance <= 0):
        return None
    steps = np.geomspace(1, MOST_SEEDS, 240).round()
    numbers = np.unique(steps[steps > max(evidence.num_seeds.min(), 1)])
    place = bisect_left(numbers, POWER, key=lambda number: _power(evidence, number, level))
    return int(numbers[place]) if place < len(numbers) else None


def _power(evidence: Evidence, num_seeds: float, level: float) -> float:
    """Return the chance that every comparison succeeds with so many seeds; it grows with them."""
    from scipy.special import nctdtr, stdtrit  # noqa: PLC0415 - heavy

    seeds = evidence.seeds * evidence.num_seeds / num_seeds
    variance = seeds + evidence.cases
    seed_df = num_seeds - 1 + prior_df(num_seeds, evidence.num_lengths)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = np.square(variance) / (np.square(seeds) / seed_df + np.square(evidence.cases) / evidence.case_df)
        centre = np.where(variance > 0, evidence.distance / np.sqrt(variance), np.inf)
    df = np.nan_to_num(df, nan=1e6, posinf=1e6).clip(1, 1e6)
    power = 1 - nctdtr(df, np.clip(centre, 0, CERTAIN), -stdtrit(df, level))
    return float(np.prod(np.where(centre >= CERTAIN, 1.0, power)))
