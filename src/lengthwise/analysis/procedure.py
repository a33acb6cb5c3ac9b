"""Which length is long enough: the tests, and the walk from the longest length down.

Everything here is arithmetic on arrays with any leading axes, so that the simulation that checks the error rate runs
the very code that recommends. The reasons are in `docs/recommendation.md`.

For lengths s and t, better scores being higher, δ the margin and α = 1 - confidence:

    s is *enough*     if for every other t  "μ_s ≤ μ_t - δ" is rejected at level α (1 - α)
    s is *too poor*   if for some other t   "μ_s ≥ μ_t - δ" is rejected at level α / (L - 1)
    s is *open*       otherwise

The walk goes from the longest length down. Until one is enough, it passes over those that are too poor (windows can
be too long); once one is enough, it goes on for as long as all are. The last is recommended.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from lengthwise.analysis.looks import Looks
from lengthwise.analysis.variance import Array, Differences

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


class Stage(NamedTuple):
    """The levels that hold for comparisons of this many seeds."""

    num_seeds: int
    enough: float
    poor: float


class Comparisons(NamedTuple):
    """Each length (row) against each other (column), all of shape (..., L, L); the diagonal is to be ignored.

    Attributes
    ----------
    difference : ndarray
        Row less column, positive where the row is better.
    seeds, sequences, df : ndarray
        Its variance from seeds and from sequences, and the degrees of freedom of their sum.
    lower, upper : ndarray
        One-sided bounds of it, at the levels of "enough" and of "too poor".
    p_value : ndarray
        Of the hypothesis that the row is worse by the margin or more.
    enough, poor : ndarray of bool
        Whether the row is shown to be worse by less than the margin; by more.
    num_seeds, enough_level, poor_level : ndarray
        The seeds that were compared, 0 for none, and the levels; they may have fewer axes.
    """

    difference: Array
    seeds: Array
    sequences: Array
    df: Array
    lower: Array
    upper: Array
    p_value: Array
    enough: Bools
    poor: Bools
    num_seeds: Array
    enough_level: Array
    poor_level: Array

    @classmethod
    def unknown(cls, num_lengths: int) -> "Comparisons":
        """Return arrays of shape (L, L) that say that nothing is known."""
        zero, one = np.zeros((num_lengths, num_lengths)), np.ones((num_lengths, num_lengths))
        false, infinite = zero.astype(bool), one * np.inf
        return cls(
            difference=zero.copy(),
            seeds=infinite.copy(),
            sequences=zero.copy(),
            df=one.copy(),
            lower=-infinite,
            upper=infinite.copy(),
            p_value=one.copy(),
            enough=false.copy(),
            poor=false.copy(),
            num_seeds=zero.copy(),
            enough_level=zero.copy(),
            poor_level=zero.copy(),
        )


class Walk(NamedTuple):
    """Where the walk from the longest length ended; -1 for "nowhere".

    Attributes
    ----------
    recommended : ndarray of shape (...), int64
        The last length that was enough.
    stopped_at : ndarray of shape (...), int64
        The length that ended the walk.
    """

    recommended: Ints
    stopped_at: Ints


def stages(num_seeds: tuple[int, ...], confidence: float, looks: Looks | None) -> tuple[Stage, ...]:
    """Return the numbers of seeds at which lengths may be compared, ascending, with their levels.

    Parameters
    ----------
    num_seeds : tuple of int
        Seeds of each length.
    confidence : float
        Of the recommendation.
    looks : Looks or None
        None if the study is looked at once.
    """
    alpha = 1 - confidence
    if looks is None:
        return tuple(Stage(number, alpha * (1 - alpha), alpha) for number in sorted(set(num_seeds)) if number >= 2)
    levels = zip(looks.seeds, looks.levels(alpha * (1 - alpha)), looks.levels(alpha), strict=True)
    return tuple(Stage(*level) for level in levels if level[0] <= max(num_seeds))


def compare(found: Differences, margin: float, stage: Stage, num_others: int) -> Comparisons:
    """Test each length against each other.

    Parameters
    ----------
    found : Differences
        Oriented so that higher is better.
    margin : float
        δ.
    stage : Stage
        The levels.
    num_others : int
        L - 1 of the whole study, for the correction of "too poor".
    """
    error = found.standard_error
    distance = found.difference + margin
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(error > 0, distance / error, np.inf * np.sign(distance))
    statistic = np.nan_to_num(statistic, nan=0.0, posinf=np.inf, neginf=-np.inf)
    poor_level = stage.poor / num_others
    p_value = stdtr(found.df, -statistic)
    return Comparisons(
        *found,
        lower=found.difference + stdtrit(found.df, stage.enough) * error,
        upper=found.difference - stdtrit(found.df, poor_level) * error,
        p_value=p_value,
        enough=p_value <= stage.enough,
        poor=stdtr(found.df, statistic) <= poor_level,
        num_seeds=np.array(float(stage.num_seeds)),
        enough_level=np.array(stage.enough),
        poor_level=np.array(poor_level),
    )


def walk(enough: Bools, poor: Bools) -> Walk:
    """Walk from the longest length down.

    >>> one = walk(np.array([False, False, True, True]), np.array([True, False, False, False]))
    >>> int(one.recommended), int(one.stopped_at)
    (2, 1)

    Parameters
    ----------
    enough, poor : ndarray of shape (..., L), bool
        Of each length, ascending, against all others.
    """
    shape = enough.shape[:-1]
    recommended, stopped_at = np.full(shape, -1), np.full(shape, -1)
    for place in reversed(range(enough.shape[-1])):
        going = stopped_at < 0
        passed_over = poor[..., place] & (recommended < 0)
        recommended = np.where(going & enough[..., place], place, recommended)
        stopped_at = np.where(going & ~enough[..., place] & ~passed_over, place, stopped_at)
    return Walk(recommended, stopped_at)


def against_all(comparisons: Comparisons) -> tuple[Bools, Bools]:
    """Return which lengths are enough and which too poor, each of shape (..., L)."""
    diagonal = np.eye(comparisons.enough.shape[-1], dtype=bool)
    return np.all(comparisons.enough | diagonal, axis=-1), np.any(comparisons.poor & ~diagonal, axis=-1)
