"""A split: sequences with their targets, lengths, weights and groups."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.lookbacks import Lookbacks
from lengthwise.data.rows import Overlapping, Rows, is_mapped
from lengthwise.errors import UsageError

BYTES_AT_ONCE = 1 << 24
"""Bytes of a data set that are read at a time, as it may be larger than memory."""


def blocks(values: NDArray[Any] | Rows | Lookbacks) -> Iterator[tuple[int, NDArray[Any]]]:
    """Yield sequences in blocks of about 16 MiB, each with the number of its first sequence."""
    step = max(1, BYTES_AT_ONCE // max(1, values.dtype.itemsize * math.prod(values.shape[1:])))
    for first in range(0, len(values), step):
        yield first, np.asarray(values[first : first + step])


class Whole(NamedTuple):
    """Sequences as kernels need them: in one array, in memory or on disk.

    Attributes
    ----------
    values : ndarray or Lookbacks of shape (N, T, F), uint8 or float32
    targets : ndarray of shape (N, …)
    lengths : ndarray of shape (N,), int64, optional
    """

    values: Any
    targets: NDArray[Any]
    lengths: NDArray[np.int64] | None


def all_finite(block: NDArray[Any]) -> bool:
    """Return whether all values are finite: NaN and infinity make the sum non-finite, which is quicker to check."""
    with np.errstate(over="ignore", invalid="ignore"):
        quick = np.isfinite(block.sum())
    return bool(quick or np.isfinite(block).all())


class Units(NamedTuple):
    """The scale of standardised numbers: x is ``x * unit + origin`` in the data's own units.

    Attributes
    ----------
    unit, origin : ndarray of shape (1, numbers) or (n, numbers), float64
    """

    unit: NDArray[np.float64]
    origin: NDArray[np.float64]


class Reference(NamedTuple):
    """The baseline with which forecasts are compared, in the data's own units.

    Attributes
    ----------
    errors : ndarray of shape (n,), float64
        The mean absolute error over the horizon of a forecast that needs no network: the last value, or the latest
        known value at the same place in the season.
    squares : ndarray of shape (n,), float64
        Its mean squared error.
    scale : ndarray of shape (n,), float64
        By which an error is divided: the mean absolute error of the seasonal naive forecast of one step in the training
        split (Hyndman and Koehler, Another look at measures of forecast accuracy, 2006).
    title : str
        Which forecast it is.
    """

    errors: NDArray[np.float64]
    squares: NDArray[np.float64]
    scale: NDArray[np.float64]
    title: str

    @property
    def score(self) -> float:
        """The mean absolute scaled error."""
        return float((self.errors / self.scale).mean())


@dataclass(frozen=True, eq=False)
class Split:
    """Labelled sequences.

    Attributes
    ----------
    values : ndarray, Rows or Lookbacks of shape (n, T, F), uint8 or float32
        n sequences of T time steps of F features. Bytes stay bytes in memory and stand for ``value / 255``, so that
        grey levels are numbers in [0, 1]; float32 values are taken as they are. Data larger than memory are a
        memory-mapped array, or `Rows` of one; those of forecasts are computed from the series when they are read.
    targets : ndarray
        The class of each sequence, 0 to ``num_classes - 1``, of shape (n,), int64. For regression float32 of shape (n,)
        or (n, numbers); for tagging int64 of shape (n, T), a class a step, and for step_regression float32 (n, T).
    lengths : ndarray of shape (n,), int64, optional
        The number of steps of each sequence, 1 to T; `values` are zero after them. None if every sequence has T steps.
    units : Units, optional
        The scale of the targets of regression and forecasting, if they were standardised.
    reference : Reference, optional
        The baseline with which forecasts are compared.
    weights : ndarray of shape (n,), float32, optional
        The factor by which each sequence's loss is multiplied in training.
    groups : ndarray of shape (n,), int64, optional
        The group of each sequence, such as a person: its number in `Dataset.group_names`.
    recordings : ndarray of shape (n,), int64, optional
        The recording that each sequence is a piece of, where neighbouring sequences with the same number follow each
        other in time; every sequence is a recording of its own by default.
    cases : ndarray of shape (n,), int64, optional
        The case that each sequence counts for, 0 and up, where several are not independent, as windows that overlap;
        every sequence is a case by default.
    class_shares : ndarray of shape (classes,), float64, optional
        The shares of the classes in all that is judged together, where these sequences are a part of it, as a fold is;
        their own by default.

    Raises
    ------
    UsageError
        If shapes, types or values are not as described.
    """

    values: NDArray[Any] | Rows | Lookbacks
    targets: NDArray[Any]
    lengths: NDArray[np.int64] | None = None
    units: Units | None = None
    reference: Reference | None = None
    weights: NDArray[np.float32] | None = None
    groups: NDArray[np.int64] | None = None
    recordings: NDArray[np.int64] | None = None
    cases: NDArray[np.int64] | None = None
    class_shares: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        _check_values(self.values)
        object.__setattr__(self, "targets", _checked_targets(self.targets, self.values.shape))
        values = self.values if isinstance(self.values, Rows | Lookbacks) else np.ascontiguousarray(self.values)
        object.__setattr__(self, "values", values)
        if self.lengths is not None:
            object.__setattr__(self, "lengths", _checked_lengths(self.lengths, self.values.shape))
        if self.weights is not None:
            object.__setattr__(self, "weights", _checked_weights(self.weights, len(self.values)))
        if self.groups is not None:
            object.__setattr__(self, "groups", _checked_groups(self.groups, len(self.values)))

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def numbers(self) -> NDArray[np.float64]:
        """The targets of regression and forecasting in the data's own units, of shape (n, numbers)."""
        return self.numbers_of(slice(None))

    def numbers_of(self, index: slice) -> NDArray[np.float64]:
        """Return the numbers of some of the sequences, as `numbers`; the memory of all may be much."""
        numbers = self.targets.reshape(len(self), -1)[index].astype(np.float64)
        if self.units is not None:
            unit, origin = (own if len(own) == 1 else own[index] for own in self.units)
            numbers *= unit
            numbers += origin
        return numbers

    @property
    def labels(self) -> NDArray[np.int64]:
        """The class of every sequence, or of every step that is not padding; of shape (count,)."""
        own = self.own_steps
        return self.targets.ravel() if own is None or self.targets.ndim == 1 else self.targets[own]

    @property
    def own_steps(self) -> NDArray[np.bool_] | None:
        """Which steps are not padding, of shape (n, T); None if no sequence is padded."""
        if self.lengths is None:
            return None
        own: NDArray[np.bool_] = np.arange(self.values.shape[1]) < self.lengths[:, None]
        return own

    def length(self, index: int) -> int:
        """Return the number of steps of one sequence."""
        return int(self.values.shape[1] if self.lengths is None else self.lengths[index])

    def sequence(self, index: int) -> NDArray[Any]:
        """Return one sequence without its padding, of shape (steps, F)."""
        sequence: NDArray[Any] = self.values[index, : self.length(index)]
        return sequence

    def by_case(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean of each case's values, (n,): the values themselves where every sequence is a case."""
        if self.cases is None:
            return values
        means: NDArray[np.float64] = np.bincount(self.cases, values) / np.bincount(self.cases)
        return means

    @property
    def whole(self) -> Whole:
        """The whole array that contains this split's sequences: its own values, or all that is stored; see `rows`."""
        if not isinstance(self.values, Rows):
            return Whole(_at_hand(self.values), self.targets, self.lengths)
        stored, index = _at_hand(self.values.stored), self.values.index
        targets = np.zeros((len(stored), *self.targets.shape[1:]), self.targets.dtype)
        targets[index] = self.targets
        lengths = np.full(len(stored), self.values.shape[1]) if isinstance(self.values, Overlapping) else None
        if self.lengths is not None:
            lengths = np.zeros(len(stored), np.int64)
            lengths[index] = self.lengths
        return Whole(stored, targets, lengths)

    def rows(self, sequences: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the indices in `whole` of sequences of this split.

        Parameters
        ----------
        sequences : ndarray of any shape, int64
            Indices from 0 to ``len(split) - 1``.
        """
        return self.values.index[sequences] if isinstance(self.values, Rows) else sequences


def _at_hand(values: NDArray[Any] | Lookbacks) -> NDArray[Any] | Lookbacks:
    return values.at_hand if isinstance(values, Lookbacks) else values


def _whole(array: NDArray[Any]) -> bool:
    return np.issubdtype(array.dtype, np.integer)


def _check_values(values: Any) -> None:
    """Raise `UsageError` unless these are sequences; values on disk are not read here, but when they are loaded."""
    if not isinstance(values, np.ndarray | Rows | Lookbacks) or values.dtype not in (np.uint8, np.float32):
        found = getattr(values, "dtype", type(values).__name__)
        raise UsageError(f"values are of type {found}, but must be a NumPy array of uint8 or float32.")
    if values.ndim != 3 or 0 in values.shape:
        raise UsageError(f"values have shape {values.shape}, but must have (sequences, time, features).")
    if values.dtype == np.float32 and not (isinstance(values, Lookbacks | Overlapping) or is_mapped(values)):
        for _, block in blocks(values):
            if not all_finite(block):
                raise UsageError("values contain NaN or infinity, but must be finite.")


def _checked_targets(targets: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    array = np.asarray(targets)
    if array.dtype == np.float32 and array.ndim in (1, 2) and len(array) == shape[0]:
        if not np.isfinite(array).all():
            raise UsageError("targets contain NaN or infinity, but must be finite.")
        return np.ascontiguousarray(array)
    if array.shape not in (shape[:1], shape[:2]) or not _whole(array):
        raise UsageError(
            f"targets have shape {array.shape} and type {array.dtype}, but must be {shape[0]} integers, one for each "
            f"sequence; or one for each step, for tagging; or float32 numbers, for regression."
        )
    if array.min() < 0:
        raise UsageError(f"targets contain {array.min()}, but must be 0 or more.")
    return np.ascontiguousarray(array, np.int64)


def _checked_lengths(lengths: Any, shape: tuple[int, ...]) -> NDArray[np.int64]:
    array = np.asarray(lengths)
    if array.shape != shape[:1] or not _whole(array):
        raise UsageError(
            f"lengths have shape {array.shape} and type {array.dtype}, but must be {shape[0]} integers, one for each "
            f"sequence."
        )
    if array.min() < 1 or array.max() > shape[1]:
        raise UsageError(f"lengths are {array.min()} to {array.max()}, but must be 1 to {shape[1]}, the time steps.")
    return np.ascontiguousarray(array, np.int64)


def _checked_weights(weights: Any, count: int) -> NDArray[np.float32]:
    array = np.asarray(weights, np.float32)
    if array.shape != (count,):
        raise UsageError(f"weights have shape {array.shape}, but must be {count} numbers, one for each sequence.")
    if not (np.isfinite(array).all() and (array >= 0).all()):
        raise UsageError("weights contain negative or infinite values, but must be finite and 0 or more.")
    return np.ascontiguousarray(array)


def _checked_groups(groups: Any, count: int) -> NDArray[np.int64]:
    array = np.asarray(groups)
    if array.shape != (count,) or not _whole(array) or array.min() < 0:
        raise UsageError(
            f"groups have shape {array.shape} and type {array.dtype}, but must be {count} integers, 0 or more, one for "
            f"each sequence."
        )
    return np.ascontiguousarray(array, np.int64)
