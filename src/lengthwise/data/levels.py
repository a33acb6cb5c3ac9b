"""Features that lie so far from 0 that 32 bits would lose what varies in them: they are read less their level.

A counter that stands at 312,000,000 and moves by single units is an example: float32 has 24 bits, and of such numbers
only every thirty-second.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.missing import within
from lengthwise.data.split import Units

LOST = 1e-3
"""Rounding by up to this share of a feature's standard deviation loses nothing."""


def level_of(values: NDArray[Any]) -> float:
    """Return the level that must be taken off before values are rounded to float32; 0 if none must.

    >>> level_of(np.array([312_000_001.0, 312_000_004.0, 312_000_002.0])), level_of(np.array([1.5, 2.5, np.nan]))
    (312000002.0, 0.0)

    Parameters
    ----------
    values : ndarray of shape (n,)
        Numbers; what is not finite does not count.
    """
    if values.dtype.itemsize < 4 or values.dtype == np.float32:
        return 0.0
    own = values.astype(np.float64)
    own = own[np.isfinite(own)]
    if not len(own) or np.abs(own).max() > np.finfo(np.float32).max:
        return 0.0
    lost = np.abs(own - own.astype(np.float32)).max()
    spread = own.std()
    varies = spread > 1e-12 * np.abs(own).max()  # and is not rounding alone
    return float(np.median(own)) if varies and lost > LOST * spread else 0.0


def rounded(values: NDArray[Any], lengths: NDArray[np.int64] | None) -> tuple[NDArray[np.float32], dict[int, float]]:
    """Return values as float32, and the level that was taken off each feature that needs it.

    Parameters
    ----------
    values : ndarray of shape (n, T, F)
    lengths : ndarray of shape (n,), int64, optional
        What lies beyond is padding, and becomes 0 where a level is taken off.
    """
    inside = within(lengths, values.shape[1], 0, len(values))
    levels = {}
    for feature in range(values.shape[2]):
        column = values[:, :, feature]
        level = level_of(column.ravel() if inside is None else column[inside])
        if level:
            levels[feature] = level
    with np.errstate(over="ignore"):  # values beyond float32's range become infinite, which is refused later
        found = np.array(values, np.float32, order="C") if levels else np.asarray(values, np.float32, order="C")
        for feature, level in levels.items():
            less = values[:, :, feature].astype(np.float64) - level
            found[:, :, feature] = less if inside is None else np.where(inside, less, 0)
    return found, levels


def rounded_targets(numbers: NDArray[Any], *, every_step: bool) -> tuple[NDArray[Any], Units | None]:
    """Return numbers to predict as float32, and what makes them whole again where a level was taken off.

    Parameters
    ----------
    numbers : ndarray of shape (n,), (n, numbers), or (n, T) where every step has one
        Classes, which are no float64, stay as they are.
    every_step : bool
    """
    if numbers.dtype != np.float64:
        return numbers, None
    columns = [numbers] if every_step or numbers.ndim == 1 else list(numbers.T)
    levels = np.array([[level_of(column) for column in columns]])
    if not levels.any():
        with np.errstate(over="ignore"):
            return numbers.astype(np.float32), None
    less = numbers - (levels if numbers.ndim == 2 else levels[0])
    return less.astype(np.float32), Units(np.ones_like(levels), levels)
