"""Which axis of an array is time."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.options import Options
from lengthwise.errors import UsageError

FEW = 16
"""Features that come before the time steps are at most so many …"""

MORE = 4
"""… and the time steps so many times as many."""

SAMPLE = 500
"""Sequences that show it."""

CORRELATED, SURE = 0.05, 5
"""Neighbours along time are correlated by at least so much, and so many standard errors."""


def looks_channels_first(shape: tuple[int, ...]) -> bool:
    """Return whether values of a shape may be (sequences, features, steps).

    >>> looks_channels_first((180, 3, 60)), looks_channels_first((180, 60, 3)), looks_channels_first((60000, 28, 28))
    (True, False, False)
    """
    return len(shape) == 3 and 1 <= shape[1] <= FEW and shape[2] >= MORE * shape[1] and shape[2] > 1


def steps_first(values: NDArray[Any], options: Options, source: str) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Return the values of a file as (sequences, steps, features), and a note if the axes were changed.

    Parameters
    ----------
    values : ndarray of shape (n, T, F), (n, F, T) or (n, T)
    options : Options
        Its `layout` decides, if it is given.
    source : str
        How messages name the file.

    Raises
    ------
    UsageError
        If the layout is one of tables, or the array has no features.
    """
    layout = options.layout
    if layout in ("long", "wide"):
        raise UsageError(
            f"layout is {layout!r}, but {source} holds arrays: choose channels_first or channels_last, or leave it out."
        )
    if layout == "channels_first":
        if values.ndim != 3:
            raise UsageError(f"layout is channels_first, but {source} has values of shape {values.shape}.")
        return values.transpose(0, 2, 1), ()
    if layout is None and looks_channels_first(values.shape) and _is_time(values[:SAMPLE]):
        _, features, steps = values.shape
        note = f"values were read as {features} features of {steps} steps: layout=channels_last, if {features}"
        return values.transpose(0, 2, 1), (f"{note} are the steps",)
    return values, tuple(shape_notes(values.shape)) if layout is None else ()


def shape_notes(shape: tuple[int, ...]) -> Iterator[str]:
    """Yield a note if values may have been given with their axes in another order, or rows for sequences."""
    if looks_channels_first(shape):
        yield (
            f"values have {shape[1]} steps of {shape[2]} features: if it is the other way round, give "
            f"values.transpose(0, 2, 1), or the option layout=channels_first"
        )
    if len(shape) == 2 and shape[1] <= FEW and shape[0] >= MORE * MORE * shape[1]:
        yield (
            f"values have {shape[0]:,} sequences of {shape[1]} steps: if rows are time steps of {shape[1]} sensors, "
            f"give an array of (sequences, steps, sensors)"
        )


def _is_time(values: NDArray[Any]) -> bool:
    """Return whether neighbours along the last axis are correlated."""
    if not (np.issubdtype(values.dtype, np.number) or values.dtype == np.bool_) or np.iscomplexobj(values):
        return False
    numbers = values.astype(np.float64)
    if not np.isfinite(numbers).all():
        return False
    numbers = numbers - numbers.mean(axis=2, keepdims=True)
    power = (numbers**2).sum()
    if power == 0:
        return False
    correlation = float((numbers[:, :, 1:] * numbers[:, :, :-1]).sum() / power)
    return bool(correlation > max(CORRELATED, SURE / np.sqrt(numbers.size)))
