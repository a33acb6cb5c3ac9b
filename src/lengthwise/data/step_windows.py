"""Windows that end at the steps of sequences: a sequence of its own for each step that has a target.

A step has such a window where the longest window fits behind it, so that all lengths are judged on the same steps, each
with exactly as many steps as the window has. Windows share the memory of their sequences, and do not go beyond them;
those of pieces of one recording go on into the piece before.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.dataset import SPLITS, Dataset
from lengthwise.data.lookbacks import Lookbacks
from lengthwise.data.rows import Overlapping, Rows
from lengthwise.data.split import Split
from lengthwise.data.targets import StepWindows
from lengthwise.errors import UsageError

LONGEST = 128
"""By default the longest window has at most so many steps, and half as many as the median sequence."""


def usual_lookback(lengths: NDArray[np.int64]) -> int:
    """Return the longest window for sequences of these lengths, where none is given.

    >>> usual_lookback(np.array([100, 90, 300])), usual_lookback(np.array([5000])), usual_lookback(np.array([1]))
    (50, 128, 1)
    """
    return max(1, min(LONGEST, int(np.median(lengths)) // 2))


@contextmanager
def longer_lookback_if_refused(dataset: Dataset) -> Iterator[None]:
    """Add what allows a longer window to the message of a `UsageError`, if windows end at the steps of sequences."""
    try:
        yield
    except UsageError as error:
        if dataset.steps_of is None:
            raise
        raise UsageError(
            f"{error} Only steps with {dataset.num_steps} behind them are predicted; lookback= allows longer windows."
        ) from None


@lru_cache(maxsize=2)
def at_steps(dataset: Dataset) -> Dataset:
    """Return the windows that end at each step as the sequences of a data set of their own.

    Parameters
    ----------
    dataset : Dataset
        With a target for every step.

    Raises
    ------
    UsageError
        If the longest window is longer than a sequence.
    """
    how = dataset.step_windows
    if how is None:
        how = StepWindows(usual_lookback(np.concatenate([lengths_of(dataset.split(name)) for name in SPLITS])))
    train, validation, test = (
        _split(dataset.split(name), how, f"the {name} split of {dataset.name}") for name in SPLITS
    )
    return replace(dataset, train=train, validation=validation, test=test, step_windows=how, steps_of=dataset)


def lengths_of(split: Split) -> NDArray[np.int64]:
    """Return the steps of each sequence, of shape (n,)."""
    return np.full(len(split), split.values.shape[1], np.int64) if split.lengths is None else split.lengths


def ending_steps(
    lengths: NDArray[np.int64], recordings: NDArray[np.int64] | None, how: StepWindows
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the steps that the longest window fits behind, by sequence.

    >>> sequences, steps = ending_steps(np.array([4, 2, 3]), None, StepWindows(3))
    >>> sequences.tolist(), steps.tolist()
    ([0, 0, 2], [2, 3, 2])

    Where sequences are pieces of one recording, a window may begin in the piece before:

    >>> sequences, steps = ending_steps(np.array([4, 4, 3]), np.array([0, 0, 0]), StepWindows(3, stride=3))
    >>> sequences.tolist(), steps.tolist()
    ([0, 1, 2], [2, 1, 0])

    Parameters
    ----------
    lengths : ndarray of shape (n,), int64
    recordings : ndarray of shape (n,), int64, optional
    how : StepWindows

    Returns
    -------
    sequences, steps : ndarray of shape (m,), int64
    """
    before = np.zeros_like(lengths)
    if recordings is not None:
        new = np.r_[True, recordings[1:] != recordings[:-1]]
        total = np.cumsum(lengths) - lengths
        before = total - total[np.flatnonzero(new)][np.cumsum(new) - 1]
    sequences = np.repeat(np.arange(len(lengths)), lengths)
    steps = np.arange(len(sequences)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    behind = before[sequences] + steps - (how.lookback - 1)
    chosen = (behind >= 0) & (behind % how.stride == 0)
    return sequences[chosen], steps[chosen]


def pure(targets: NDArray[Any], ends: NDArray[np.int64], lookback: int) -> NDArray[np.bool_]:
    """Return which windows of `lookback` steps, ending at `ends` of the flat targets, have one class.

    >>> pure(np.array([0, 0, 0, 1, 1]), np.array([1, 2, 3, 4]), 2).tolist()
    [True, True, False, True]
    """
    changes = np.r_[0, np.cumsum(targets[1:] != targets[:-1])]
    same: NDArray[np.bool_] = changes[ends] == changes[ends - (lookback - 1)]
    return same


def majority(targets: NDArray[Any], ends: NDArray[np.int64], lookback: int) -> NDArray[np.int64]:
    """Return the commonest class of windows, and of equals the last step's, if it is among them.

    >>> majority(np.array([0, 0, 1, 1, 2]), np.array([2, 3, 4]), 3).tolist()
    [0, 1, 1]
    """
    best, most = targets[ends].copy(), np.zeros(len(ends))
    for number in np.unique(targets):
        before = np.r_[0, np.cumsum(targets == number)]
        count = before[ends + 1] - before[ends + 1 - lookback] + 0.5 * (targets[ends] == number)
        best[count > most] = number
        most = np.maximum(most, count)
    return np.asarray(best, np.int64)


def _split(split: Split, how: StepWindows, name: str) -> Split:
    """Return the windows that end at the steps of a split's sequences."""
    num_steps, features = split.values.shape[1:]
    stored: NDArray[Any] | Lookbacks
    if isinstance(split.values, Rows):
        stored, first = split.values.stored, split.values.index * num_steps
    else:
        stored, first = split.values, np.arange(len(split)) * num_steps
    sequences, steps = ending_steps(lengths_of(split), split.recordings, how)
    flat = split.targets.reshape(-1)
    ends = sequences * num_steps + steps
    if how.label == "pure" and len(ends):
        kept = pure(flat, ends, how.lookback)
        sequences, steps, ends = sequences[kept], steps[kept], ends[kept]
    without = np.flatnonzero(np.bincount(sequences, minlength=len(split)) == 0)
    if not len(sequences) or (len(without) and split.recordings is None):
        raise UsageError(
            f"{name} has a sequence of {lengths_of(split)[without[0]]} steps, sequence {without[0]}, in which no "
            f"window of {how.lookback} steps ends: choose a shorter lookback, or leave it out."
        )
    return Split(
        values=Overlapping(
            np.asarray(stored).reshape(-1, 1, features), first[sequences] + steps - (how.lookback - 1), how.lookback
        ),
        targets=majority(flat, ends, how.lookback) if how.label == "majority" else flat[ends],
        units=split.units,
        weights=None if split.weights is None else split.weights[sequences],
        groups=None if split.groups is None else split.groups[sequences],
        class_shares=split.class_shares,
        cases=sequences if split.recordings is None else _blocks(sequences, steps, split, how),
    )


def _blocks(
    sequences: NDArray[np.int64], steps: NDArray[np.int64], split: Split, how: StepWindows
) -> NDArray[np.int64]:
    """Return the case of each window of pieces of recordings: stretches of the longest window, or of a piece."""
    lengths, recordings = lengths_of(split), np.asarray(split.recordings)
    begins = np.searchsorted(recordings, recordings)  # the first piece of each one's recording
    total = np.cumsum(lengths) - lengths
    places = (total - total[begins])[sequences] + steps - (how.lookback - 1)
    size = max(how.lookback, split.values.shape[1])
    _, cases = np.unique(np.c_[recordings[sequences], places // size], axis=0, return_inverse=True)
    return np.asarray(cases.reshape(-1), np.int64)
