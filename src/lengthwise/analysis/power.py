"""How many more seeds would show it: a power calculation from what has been seen so far."""

from typing import NamedTuple

import numpy as np
from scipy.special import nctdtr, stdtrit

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
    seeds, sequences : ndarray
        Variance of the difference from seeds (at `num_seeds`) and from sequences.
    df : ndarray
        Degrees of freedom of their sum.
    num_seeds : ndarray of int
        Seeds of either length that were compared.
    """

    distance: Array
    seeds: Array
    sequences: Array
    df: Array
    num_seeds: Array


def seeds_to_show_enough(evidence: Evidence, level: float) -> int | None:
    """Return with how many seeds a length would be shown to be enough with a chance of 80 %, were the means true.

    The comparisons count as independent, which errs on the side of too many seeds. None if `MOST_SEEDS` would not do:
    the length seems too poor, or the sequences' share of the variance stands in the way.
    """
    numbers = _numbers(evidence)
    return _first(numbers, np.prod(_power(evidence, numbers, level), axis=1))


def seeds_to_show_poor(evidence: Evidence, level: float) -> int | None:
    """Return with how many seeds a length would be shown to be too poor, by its clearest comparison."""
    numbers = _numbers(evidence)
    turned = evidence._replace(distance=-evidence.distance)
    return _first(numbers, np.max(_power(turned, numbers, level), axis=1))


def _numbers(evidence: Evidence) -> Array:
    """Return numbers of seeds to try, each at first, then in steps of about 3 %."""
    steps = np.geomspace(1, MOST_SEEDS, 240).round()
    numbers: Array = np.unique(steps[steps > evidence.num_seeds.min()])
    return numbers


def _power(evidence: Evidence, numbers: Array, level: float) -> Array:
    """Return the power of each comparison (column) with each number of seeds (row)."""
    R = numbers[:, None]
    now, shown = evidence.seeds, evidence.seeds + evidence.sequences
    seeds = now * evidence.num_seeds / R
    variance = seeds + evidence.sequences
    with np.errstate(divide="ignore", invalid="ignore"):
        # Welch's degrees of freedom are κ (R - 1) with κ from 1 to 2; sequences only add to them.
        kappa = np.clip(evidence.df * np.square(now / shown) / (evidence.num_seeds - 1), 1, 2)
        df = np.maximum(np.square(variance / seeds) * kappa * (R - 1), 1)
        centre = np.where(variance > 0, evidence.distance / np.sqrt(variance), np.sign(evidence.distance) * np.inf)
    df = np.nan_to_num(df, nan=1e6, posinf=1e6).clip(max=1e6)
    power = 1 - nctdtr(df, np.clip(centre, -CERTAIN, CERTAIN), -stdtrit(df, level))
    return np.where(centre >= CERTAIN, 1.0, np.where(centre <= 0, 0.0, power))


def _first(numbers: Array, power: Array) -> int | None:
    enough = np.flatnonzero(power >= POWER)
    return int(numbers[enough[0]]) if enough.size else None
