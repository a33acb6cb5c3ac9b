"""Missing values: refused, with their position, or filled."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.options import Missing
from lengthwise.data.rows import Rows
from lengthwise.data.split import all_finite, blocks
from lengthwise.errors import DataError

Place = Callable[[int, int, int], str]
"""Describes, for messages, where the value of (sequence, step, feature) is."""


def within(lengths: NDArray[np.int64] | None, num_steps: int, first: int, count: int) -> NDArray[np.bool_] | None:
    """Return which steps of sequences `first` … `first` + `count` - 1 are not padding, (count, T); None if all."""
    if lengths is None:
        return None
    steps: NDArray[np.bool_] = np.arange(num_steps) < lengths[first : first + count, None]
    return steps


def find_missing(values: NDArray[Any] | Rows, lengths: NDArray[np.int64] | None, place: Place) -> bool:
    """Return whether any value is NaN, reading data on disk block by block.

    Parameters
    ----------
    values : ndarray or Rows of shape (n, T, F), float32
    lengths : ndarray of shape (n,), int64, optional
    place : callable

    Raises
    ------
    DataError
        If a value is infinite.
    """
    missing = False
    for first, block in blocks(values):
        if all_finite(block):
            continue
        steps = within(lengths, values.shape[1], first, len(block))
        inside = np.True_ if steps is None else steps[:, :, None]
        infinite = np.isinf(block) & inside
        if infinite.any():
            sequence, step, feature = (int(i) for i in np.argwhere(infinite)[0])
            raise DataError(f"{place(first + sequence, step, feature)} is infinite, but values must be finite.")
        missing = missing or bool((np.isnan(block) & inside).any())
    return missing


class Gaps(NamedTuple):
    """Missing values.

    Attributes
    ----------
    first : tuple of int
        Sequence, step and feature of the first.
    missing, values : int
        How many are missing, and of how many, without the padding.
    """

    first: tuple[int, int, int]
    missing: int
    values: int


def gaps_in(values: NDArray[Any] | Rows, lengths: NDArray[np.int64] | None) -> Gaps | None:
    """Return the values that are NaN; None if there are none."""
    first: tuple[int, int, int] | None = None
    count = there = 0
    for begin, block in blocks(values):
        steps = within(lengths, values.shape[1], begin, len(block))
        missing = np.isnan(block) & (np.True_ if steps is None else steps[:, :, None])
        if first is None and missing.any():
            sequence, step, feature = (int(i) for i in np.argwhere(missing)[0])
            first = (begin + sequence, step, feature)
        count += int(missing.sum())
        there += block.size if steps is None else int(steps.sum()) * block.shape[2]
    return None if first is None else Gaps(first, count, there)


def refuse_missing(values: NDArray[Any] | Rows, lengths: NDArray[np.int64] | None, place: Place) -> None:
    """Raise `DataError` with the position of the first NaN and their number."""
    gaps = gaps_in(values, lengths)
    if gaps is not None:
        others = f" ({gaps.missing} values are missing in all)" if gaps.missing > 1 else ""
        raise DataError(
            f"{place(*gaps.first)} is missing{others}: complete the data, or fill missing values with the option "
            f"missing=forward, missing=mean or missing=zero."
        )


def fill_missing(
    values: NDArray[np.float32],
    lengths: NDArray[np.int64] | None,
    how: Missing,
    training: NDArray[np.bool_],
    place: Place,
) -> None:
    """Fill NaN in place.

    Parameters
    ----------
    values : ndarray of shape (n, T, F), float32
    lengths : ndarray of shape (n,), int64, optional
    how : {"forward", "mean", "zero"}
    training : ndarray of shape (n,), bool
        The sequences over which the mean is taken.
    place : callable

    Raises
    ------
    DataError
        If a feature has no value at all in a sequence, or in the training split, from which to fill.
    """
    if how == "forward":
        for sequence, own in enumerate(values):
            _fill_forward(own[: None if lengths is None else lengths[sequence]], sequence, place)
        return
    steps = within(lengths, values.shape[1], 0, len(values))
    for feature in range(values.shape[2]):
        column = values[:, :, feature]
        missing = np.isnan(column) if steps is None else np.isnan(column) & steps
        known = ~missing & training[:, None] & (np.True_ if steps is None else steps)
        if how == "mean" and missing.any() and not known.any():
            sequence, step = (int(i) for i in np.argwhere(missing)[0])
            raise DataError(
                f"{place(sequence, step, feature)} is missing, and so is this feature in the whole training split: "
                f"leave the feature out, or choose missing=zero."
            )
        column[missing] = column[known].mean(dtype=np.float64) if how == "mean" and missing.any() else 0


def _fill_forward(own: NDArray[np.float32], sequence: int, place: Place) -> None:
    """Fill each gap of one sequence, (steps, F), with the value before it, and the beginning with the first value."""
    missing = np.isnan(own)
    if not missing.any():
        return
    empty = missing.all(axis=0)
    if empty.any():
        raise DataError(
            f"{place(sequence, 0, int(np.argmax(empty)))} and all later values of this feature in the sequence are "
            f"missing, so that none can be carried forward: choose missing=mean or missing=zero."
        )
    source = np.where(missing, 0, np.arange(len(own))[:, None])
    np.maximum.accumulate(source, axis=0, out=source)
    source = np.maximum(source, np.argmin(missing, axis=0))
    own[:] = np.take_along_axis(own, source, axis=0)
