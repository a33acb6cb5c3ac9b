"""Folds of recordings that are divided by time: each is judged on some stretches that follow each other.

A recording's sequences are its consecutive stretches, as long as the longest window or longer. Windows that begin in a
stretch are one case, and reach into the next stretch, so that one is not trained on. A fold's windows and those of its
training do not have a single step in common, and the steps that are judged are as far from those that were trained on
as the longest window, before and after. Blocked cross-validation is what Bergmeir and Benítez (2012) recommend for
series whose properties last: "On the use of cross-validation for time series predictor evaluation", Information
Sciences 191, 192-213.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.targets import StepWindows

FEWEST = 2
"""Stretches of a fold: of two that follow each other, in one at least a window begins."""


class TimeFold(NamedTuple):
    """The stretches of one fold, by their places in the pool.

    Attributes
    ----------
    train : ndarray of shape (n,), int64
    train_recordings : ndarray of shape (n,), int64
        The recordings of which they are consecutive pieces.
    judged : ndarray of shape (m,), int64
        The stretches in which judged windows begin, and those into which they reach.
    judged_recordings : ndarray of shape (m,), int64
    judged_lengths : ndarray of shape (m,), int64
        Their steps: of a stretch that is only reached, no more than its windows see.
    cases : ndarray of shape (c,), int64
        Which of the pool's cases are judged, in order.
    """

    train: NDArray[np.int64]
    train_recordings: NDArray[np.int64]
    judged: NDArray[np.int64]
    judged_recordings: NDArray[np.int64]
    judged_lengths: NDArray[np.int64]
    cases: NDArray[np.int64]


def fits(how: StepWindows) -> bool:
    """Return whether each stretch is the same case in all folds, wherever they begin."""
    return how.stride == 1 and how.label != "pure"


def most_folds(count: int) -> int:
    """Return the largest number of folds of so many stretches."""
    return count // FEWEST


def time_fold(
    recordings: NDArray[np.int64], lengths: NDArray[np.int64], lookback: int, folds: int, fold: int, seed: int
) -> TimeFold:
    """Return the stretches of one fold.

    They follow each other, and those after the last one are the first ones; at which the first fold begins, depends on
    the seed.

    Parameters
    ----------
    recordings : ndarray of shape (n,), int64
        The recording of each stretch of the pool, in ascending order.
    lengths : ndarray of shape (n,), int64
        Their steps.
    lookback : int
        Steps of the longest window, at most as many as of all stretches but the last one of a recording.
    folds, fold : int
        How many there are, and which one it is.
    seed : int

    Examples
    --------
    >>> found = time_fold(np.zeros(6, np.int64), np.full(6, 9), lookback=5, folds=3, fold=0, seed=1)
    >>> found.judged.tolist(), found.judged_lengths.tolist(), found.cases.tolist()
    ([2, 3, 4], [9, 9, 4], [2, 3])
    >>> found.train.tolist(), found.train_recordings.tolist()
    ([0, 1, 5], [0, 0, 1])
    """
    count = len(recordings)
    places = (np.random.default_rng(seed).integers(count) + np.arange(count)) % count
    is_judged = np.zeros(count, np.bool_)
    is_judged[np.array_split(places, folds)[fold]] = True
    follows = np.r_[False, recordings[1:] == recordings[:-1]]
    is_reached = follows & np.r_[False, is_judged[:-1]] & ~is_judged
    train = np.flatnonzero(~is_judged & ~is_reached)
    seen = np.where(is_reached, np.minimum(lengths, lookback - 1), lengths)
    judged = np.flatnonzero((is_judged | is_reached) & (seen > 0))
    after = np.add.reduceat(lengths, np.flatnonzero(~follows))[np.cumsum(~follows) - 1] - _before(lengths, follows)
    has_windows = after >= lookback
    return TimeFold(
        train,
        _pieces(train, follows),
        judged,
        _pieces(judged, follows),
        seen[judged],
        (np.cumsum(has_windows) - 1)[is_judged & has_windows],
    )


def _before(lengths: NDArray[np.int64], follows: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the steps of each stretch's recording that are before it."""
    total = np.cumsum(lengths) - lengths
    before: NDArray[np.int64] = total - total[np.flatnonzero(~follows)][np.cumsum(~follows) - 1]
    return before


def _pieces(places: NDArray[np.int64], follows: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the number of the piece of a recording that each stretch is in, where some stretches are left out."""
    begins = np.r_[True, np.diff(places) != 1] | ~follows[places]
    pieces: NDArray[np.int64] = np.cumsum(begins) - 1
    return pieces
