"""Sequences as people give them to scikit-learn: one array, or one after another, of different lengths."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import _check_sample_weight

from lengthwise.data.arrays import padded
from lengthwise.errors import DataError, UsageError


def as_one_array(X: Any, lengths: ArrayLike | None) -> tuple[Any, NDArray[Any] | None]:
    """Return sequences that are given one by one as one array, and their lengths if they differ.

    Parameters
    ----------
    X : array-like, or a list, a tuple, or a one-dimensional array or series of objects
        Each object is a sequence of shape (steps,) or (steps, F).
    lengths : array-like of shape (n,), optional
        The lengths of sequences that are given as one array.

    Returns
    -------
    X : array-like
        Of shape (n, T, F), padded with zeros, if the sequences differ in length or each is an array of shape
        (steps,); with zeros beyond `lengths`, if these are given; otherwise as it was.
    lengths : ndarray of shape (n,), or None

    Raises
    ------
    UsageError
        If sequences do not have the same features.

    Examples
    --------
    >>> values, lengths = as_one_array([np.ones((2, 3)), np.ones((5, 3))], None)
    >>> values.shape, lengths.tolist()
    ((2, 5, 3), [2, 5])
    """
    sequences = _one_by_one(X)
    if sequences is None:
        return (X, None) if lengths is None else (_without_padding(X, np.asarray(lengths)), np.asarray(lengths))
    shapes = {_shape(sequence) for sequence in sequences}
    if len(shapes) == 1:
        values = np.stack([np.asarray(sequence) for sequence in sequences])
        values = values[:, :, None] if values.ndim == 2 else values
        return as_one_array(values, lengths)
    if lengths is not None:
        raise UsageError(
            "lengths are given, but the sequences of X have different numbers of steps: leave lengths out."
        )
    if all(len(shape) == 2 for shape in shapes) and len({channels for channels, _ in shapes}) == 1:
        (one, *_), channels = sorted(shapes), next(iter(shapes))[0]
        raise UsageError(
            f"X has sequences of shape ({channels}, steps), such as {one}, but each must be (steps, features): "
            f"transpose them, or choose AeonClassifier or AeonRegressor, which take channels before steps."
        )
    try:
        return padded(sequences, "X")
    except DataError as error:
        raise UsageError(str(error)) from None


def refuse_missing(values: NDArray[np.float32]) -> None:
    """Raise `UsageError` if a value is missing, and say where the first one is."""
    missing = np.isnan(values)
    if missing.any():
        sequence, step = (int(place) for place in np.argwhere(missing)[0][:2])
        raise UsageError(
            f"X contains NaN, first in sequence {sequence} at step {step}: fill missing values; where NaN only follows "
            f"the end of a sequence, give each sequence's number of steps as lengths."
        )


def refuse_missing_targets(y: Any) -> None:
    """Raise `UsageError` if a target is missing, None or NaN of whatever kind, and say where the first one is."""
    try:
        targets = np.asarray(y) if hasattr(y, "dtype") else np.asarray(y, dtype=object)
    except (TypeError, ValueError):  # no array at all, as the checks that follow say
        return
    missing = np.argwhere(pd.isna(targets)) if targets.dtype.kind in "fOMm" else np.empty((0, 1), int)
    if targets.ndim and len(missing):
        sequence = int(missing[0][0])
        raise UsageError(
            f"y is {targets[tuple(missing[0])]} for sequence {sequence}: leave sequences without a target out of X and "
            f"y; where that is a class of its own, give it a name, such as 'none'."
        )


def checked_weights(weights: ArrayLike | None, X: Any) -> NDArray[np.float64] | None:
    """Return the weight of each sequence as scikit-learn checks it: a finite number, 0 or more."""
    if weights is None:
        return None
    checked: NDArray[np.float64] = _check_sample_weight(weights, X, dtype=np.float64, ensure_non_negative=True)
    return checked


def _one_by_one(X: Any) -> list[Any] | None:
    """Return the sequences of what is a collection of them; None of an array, and of lists that NumPy makes one of."""
    if isinstance(X, list | tuple):
        sequences = list(X)
        if not all(hasattr(one, "shape") for one in sequences) and len({_shape(one) for one in sequences}) == 1:
            return None
    elif getattr(X, "ndim", None) == 1 and isinstance(getattr(X, "dtype", None), np.dtypes.ObjectDType):
        sequences = list(X)
    else:
        return None
    return sequences if sequences and all(_shape(one) != () for one in sequences) else None


def _shape(sequence: Any) -> tuple[int, ...]:
    try:
        return np.shape(sequence)
    except ValueError:
        raise UsageError(
            f"X has a sequence whose steps differ in their numbers of features, {str(sequence)[:40]}…: each must have "
            f"the shape (steps, features)."
        ) from None


def _without_padding(X: ArrayLike, lengths: NDArray[Any]) -> NDArray[Any]:
    """Return a copy of X with zeros after each sequence's end; invalid lengths are refused later."""
    values = np.array(X)
    if lengths.ndim == 1 and values.ndim in (2, 3) and len(lengths) == len(values):
        values[np.arange(values.shape[1]) >= lengths[:, None]] = 0
    return values
