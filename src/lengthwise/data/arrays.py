"""Sequences in memory: NumPy arrays, lists of sequences of different lengths, PyTorch data sets."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lengthwise.data.axes import shape_notes
from lengthwise.data.reading import Reading
from lengthwise.data.sequence_types import Sequences
from lengthwise.errors import DataError, UsageError


def from_arrays(
    values: Any,
    targets: ArrayLike,
    *,
    lengths: ArrayLike | None = None,
    splits: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    source: str = "the data",
) -> Sequences:
    """Return sequences given as arrays.

    Parameters
    ----------
    values : ndarray of shape (n, T, F) or (n, T), or a list of n arrays of shape (steps, F) or (steps,)
    targets : array-like of n labels
    lengths, splits, groups : array-like of shape (n,), optional
        See `Sequences`.
    source : str
        How messages name the data.

    Raises
    ------
    DataError
        If the arrays' shapes or types do not match.
    """
    if isinstance(values, np.ndarray) and values.dtype != object:
        if values.ndim not in (2, 3):
            raise DataError(
                f"{source} has values of shape {values.shape}, but they must have sequences and time steps, and may "
                f"have features."
            )
        array = values if values.ndim == 3 else values[:, :, None]
    else:
        array, lengths = padded(values, source)
    return Sequences(
        source=source,
        values=array,
        targets=_labels(targets, lengths, source),
        lengths=None if lengths is None else _whole_numbers(lengths, source),
        splits=None if splits is None else np.asarray(splits),
        groups=None if groups is None else np.asarray(groups),
        reading=Reading(notes=tuple(shape_notes(np.shape(values))) if isinstance(values, np.ndarray) else ()),
    )


def as_series(data: Any, lengths: ArrayLike | None = None) -> tuple[NDArray[Any], ArrayLike | None]:
    """Return series to forecast as one array, (series, T, F), and their lengths, if they differ.

    >>> as_series([1.0, 2.0])[0].shape, as_series([[1.0, 2.0], [3.0]])[1].tolist()
    ((1, 2, 1), [2, 1])

    Parameters
    ----------
    data : array of shape (T,), (series, T) or (series, T, F), or a list of arrays of shape (steps,) or (steps, F)
    lengths : array-like of shape (series,), optional
    """
    is_ragged = isinstance(data, list | tuple) and len({np.shape(one) for one in data}) > 1
    if is_ragged:
        return padded(data, "the data", np.float64)
    array = np.asarray(data)
    return (array[None, :, None] if array.ndim == 1 else array), lengths


def padded(
    sequences: Sequence[ArrayLike], source: str, kind: type[np.floating[Any]] | None = None
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return sequences of different lengths as one array, padded with zeros, and their lengths.

    It is of a kind, or else of float32 if they all are, and of float64 otherwise.

    >>> values, lengths = padded([[1.0, 2.0], [3.0]], "the data")
    >>> values[:, :, 0].tolist(), lengths.tolist()
    ([[1.0, 2.0], [3.0, 0.0]], [2, 1])
    """
    arrays = [np.asarray(sequence) for sequence in sequences]
    arrays = [array[:, None] if array.ndim == 1 else array for array in arrays]
    if not arrays:
        raise DataError(f"{source} has no sequences: one or more is needed.")
    for at, array in enumerate(arrays):
        if array.ndim != 2 or 0 in array.shape or array.shape[1] != arrays[0].shape[1]:
            raise DataError(
                f"{source}: sequence {at} has shape {array.shape}, but must have steps and "
                f"{arrays[0].shape[1] if arrays[0].ndim == 2 else 'some'} features, as sequence 0."
            )
        if array.dtype == object or not (np.issubdtype(array.dtype, np.number) or array.dtype == np.bool_):
            raise DataError(f"{source}: sequence {at} has values of type {array.dtype}, but they must be numbers.")
    lengths = np.array([len(array) for array in arrays], np.int64)
    kind = kind or (np.float32 if {array.dtype for array in arrays} == {np.dtype(np.float32)} else np.float64)
    values = np.zeros((len(arrays), int(lengths.max()), arrays[0].shape[1]), kind)
    for own, array in zip(values, arrays, strict=True):
        own[: len(array)] = array
    return values, lengths


def _labels(targets: Any, lengths: ArrayLike | None, source: str) -> NDArray[Any]:
    """Return labels as an array; lists with a label for each step become (n, T), padded with their last label.

    >>> _labels([["a", "b"], ["a"]], [2, 1], "the data").tolist()
    [['a', 'b'], ['a', 'a']]
    """
    of_steps = isinstance(targets, list | tuple) and lengths is not None and all(np.ndim(row) == 1 for row in targets)
    if not of_steps or len({len(row) for row in targets}) == 1:
        return np.asarray(targets)
    steps = np.asarray(lengths).tolist()
    for at, (row, length) in enumerate(zip(targets, steps, strict=False)):
        if len(row) != length:
            raise DataError(f"{source}: sequence {at} has {length} steps, but {len(row)} labels: one each is needed.")
    every = np.arange(max(steps))
    return np.stack([np.asarray(row)[np.minimum(every, len(row) - 1)] for row in targets])


def _whole_numbers(lengths: ArrayLike, source: str) -> NDArray[np.int64]:
    array = np.asarray(lengths)
    if not np.issubdtype(array.dtype, np.integer):
        raise DataError(f"{source} has lengths of type {array.dtype}, but they must be whole numbers.")
    return array.astype(np.int64)


def is_series(data: object) -> bool:
    """Return whether this is a pandas series, without importing pandas."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(data, pandas.Series)


def is_frame(data: object) -> bool:
    """Return whether this is a pandas or a polars frame, without importing either."""
    pandas, polars = sys.modules.get("pandas"), sys.modules.get("polars")
    return (pandas is not None and isinstance(data, pandas.DataFrame)) or (
        polars is not None and isinstance(data, polars.DataFrame | polars.LazyFrame)
    )


def is_torch_dataset(data: object) -> bool:
    """Return whether this is a PyTorch data set, without importing PyTorch."""
    torch = sys.modules.get("torch.utils.data")
    return torch is not None and isinstance(data, torch.Dataset)


def from_torch(data: Any, source: str = "the PyTorch data set") -> Sequences:
    """Return the sequences of a PyTorch data set, whose items are a sequence, (steps, F) or (steps,), and its label."""
    items = data if isinstance(data, Iterable) else (data[at] for at in range(len(data)))
    sequences, targets = [], []
    for at, item in enumerate(items):
        if not isinstance(item, tuple | list) or len(item) != 2:
            raise UsageError(f"{source}: item {at} is not a pair of a sequence and its label.")
        sequences.append(np.asarray(item[0]))
        targets.append(np.asarray(item[1]))
    if len({target.shape for target in targets}) > 1:
        raise DataError(f"{source} has labels of different shapes: all must have the same.")
    if len({sequence.shape for sequence in sequences}) == 1:
        return from_arrays(np.stack(sequences), np.stack(targets), source=source)
    return from_arrays(sequences, np.stack(targets) if targets else [], source=source)
