"""The mean score of each length, with an interval for each source of uncertainty."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lengthwise.analysis.scores import LengthScores
from lengthwise.analysis.variance import Moments, moments_of_cases, moments_of_runs
from lengthwise.errors import UsageError

UNKNOWN = float("nan")


class Interval(NamedTuple):
    """A confidence interval, of an accuracy within 0 to 1; NaN where it cannot be known."""

    lower: float
    upper: float


@dataclass(frozen=True)
class LengthSummary:
    """What the runs of one length say.

    Attributes
    ----------
    seq_len : int
        The length.
    num_seeds : int
        Its runs.
    mean : float
        Mean score over runs (and cases).
    seed_deviation : float
        Standard deviation of the runs' scores; NaN for one run.
    over_seeds : Interval
        For other trainings, judged on these same cases: Student's t over the runs. NaN for one run.
    over_sequences : Interval
        For these same trained networks, judged on other cases (sequences, or groups of them where a case is a group).
        NaN where scores per case are not known.
    over_both : Interval
        For other trainings judged on other cases. NaN where either is. Of runs that are divisions of the same data
        (`LengthScores.overlap`) it is the only one.
    """

    seq_len: int
    num_seeds: int
    mean: float
    seed_deviation: float
    over_seeds: Interval
    over_sequences: Interval
    over_both: Interval


def summarize(scores: LengthScores, confidence: float = 0.95) -> tuple[LengthSummary, ...]:
    """Return the summary of each length, ascending.

    >>> scores = LengthScores([19, 19, 19, 28], [0, 1, 2, 0], [0.941, 0.946, 0.949, 0.902])
    >>> first, second = summarize(scores)
    >>> round(first.mean, 4), [round(bound, 4) for bound in first.over_seeds]
    (0.9453, [0.9353, 0.9554])
    >>> second.over_seeds
    Interval(lower=nan, upper=nan)

    Parameters
    ----------
    scores : LengthScores
    confidence : float
        Of the two-sided intervals, between 0 and 1.

    Raises
    ------
    UsageError
        If `confidence` is out of range.
    """
    if not 0 < confidence < 1:
        raise UsageError(f"confidence is {confidence}, but must lie between 0 and 1, such as 0.95.")
    counts = zip(scores.lengths, scores.num_seeds, strict=True)
    return tuple(_summarize(scores, seq_len, num_seeds, confidence) for seq_len, num_seeds in counts)


def _summarize(scores: LengthScores, seq_len: int, num_seeds: int, confidence: float) -> LengthSummary:
    values = scores.block_by_case([seq_len], num_seeds)
    runs = scores.block([seq_len], num_seeds)
    moments: Moments = moments_of_runs(runs) if values is None else moments_of_cases(values, scores.case_weights)
    mean, seeds = float(moments.mean[0]), float(moments.seeds[0, 0])
    seed_df, case_df = num_seeds - 1, max(moments.case_df, 1.0)
    if values is None:
        cases = share = UNKNOWN
    else:
        cases = float(moments.cases[0, 0])  # of these networks: the residual belongs to it
        share = max(cases - float(moments.residual[0, 0]), 0.0) if num_seeds > 1 else UNKNOWN
    squares = seeds**2 / max(seed_df, 1) + share**2 / case_df
    both_df = (seeds + share) ** 2 / squares if squares > 0 else 1.0
    over_seeds, both = seeds, seeds + share
    if scores.overlap:
        over_seeds, both, both_df = UNKNOWN, seeds * (1 + num_seeds * scores.overlap), seed_df
    limits = (0.0, 1.0) if scores.metric.percent else (-np.inf, np.inf)
    return LengthSummary(
        seq_len=seq_len,
        num_seeds=num_seeds,
        mean=mean,
        seed_deviation=float(np.sqrt(seeds * num_seeds)),
        over_seeds=_interval(mean, over_seeds, seed_df, confidence, limits),
        over_sequences=_interval(mean, cases, case_df, confidence, limits),
        over_both=_interval(mean, both, both_df, confidence, limits),
    )


def _interval(mean: float, variance: float, df: float, confidence: float, limits: tuple[float, float]) -> Interval:
    from scipy.special import stdtrit  # noqa: PLC0415 - heavy

    if not variance >= 0:
        return Interval(UNKNOWN, UNKNOWN)
    half = float(stdtrit(df, (1 + confidence) / 2)) * variance**0.5
    return Interval(max(mean - half, limits[0]), min(mean + half, limits[1]))
