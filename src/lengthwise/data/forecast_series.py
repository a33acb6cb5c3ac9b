"""Series as they are forecast: on a regular grid of steps where their times show one, and without missing values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.options import Missing
from lengthwise.data.time_grid import TimeGrid
from lengthwise.errors import DataError

MOST_FILLED = 3
"""So many missing steps in a row are filled; across more of them no window reaches."""


@dataclass(frozen=True, eq=False)
class Line:
    """One series.

    Attributes
    ----------
    name : str
    values : ndarray of shape (steps, F), float64
        NaN where missing, until `completed`.
    known : ndarray of shape (steps,), bool
        Where the target is not missing.
    breaks : ndarray of shape (steps,), bool
        The steps before which so many are missing that no window reaches across.
    times : ndarray of shape (steps,), optional
        Dates or numbers.
    """

    name: str
    values: NDArray[np.float64]
    known: NDArray[np.bool_]
    breaks: NDArray[np.bool_]
    times: NDArray[Any] | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def runs(self) -> NDArray[np.int64]:
        """How many steps there are since the last break, each step included, of shape (steps,)."""
        places = np.arange(len(self))
        begins = np.maximum.accumulate(np.where(self.breaks, places, 0))
        runs: NDArray[np.int64] = places - begins + 1
        return runs


def spaced(lines: Sequence[Line], grid: TimeGrid | None) -> list[Line]:
    """Return series with a step for each few that are missing, and breaks where many are.

    Parameters
    ----------
    lines : sequence of Line
    grid : TimeGrid, optional
        Of their times.
    """
    if grid is None or not grid.is_regular:
        return list(lines)
    return [_spaced(line, increments) for line, increments in zip(lines, grid.increments, strict=True)]


def _spaced(line: Line, increments: NDArray[np.int64]) -> Line:
    if (increments == 1).all() or line.times is None:
        return line
    long = increments > MOST_FILLED + 1
    places = np.cumsum(np.where(long, 1, increments)) - 1
    count = int(places[-1]) + 1
    breaks, known = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    values = np.full((count, line.values.shape[1]), np.nan)
    breaks[places], known[places], values[places] = long | line.breaks, line.known, line.values
    numbers = line.times.astype(np.int64) if np.issubdtype(line.times.dtype, np.datetime64) else line.times
    between = np.interp(np.arange(count), places, numbers)
    times = between.astype(np.int64).astype(line.times.dtype) if numbers is not line.times else between
    times[places] = line.times
    return replace(line, values=values, known=known, breaks=breaks, times=times)


def begun(line: Line) -> Line:
    """Return a series from the first step to the last at which its target is known; whole if it never is."""
    if not line.known.any() or (line.known[0] and line.known[-1]):
        return line
    first, end = int(np.argmax(line.known)), len(line) - int(np.argmax(line.known[::-1]))
    times = None if line.times is None else line.times[first:end]
    return Line(line.name, line.values[first:end], line.known[first:end], line.breaks[first:end], times)


def broken_where_unknown(line: Line) -> Line:
    """Return a series with breaks where its target is missing for more than `MOST_FILLED` steps."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], line.known, [True]]).astype(np.int8)))
    first, end = edges[::2], edges[1::2]
    long = end - first > MOST_FILLED
    if not long.any():
        return line
    breaks = line.breaks.copy()
    for begin, stop in zip(first[long].tolist(), end[long].tolist(), strict=True):
        breaks[begin : stop + 1] = True
    return replace(line, breaks=breaks)


def completed(
    lines: Sequence[Line], training: Sequence[int], how: Missing, feature_name: Callable[[int], str]
) -> list[Line]:
    """Return series without missing values.

    All that is filled in comes from the training part of the same series, or from steps before.

    Parameters
    ----------
    lines : sequence of Line
    training : sequence of int
        The steps of each series' training part.
    how : {"forward", "mean", "zero"}
        With ``forward``, the mean fills what has no value before.
    feature_name : callable
        Names a feature, for messages.

    Raises
    ------
    DataError
        If a feature has no value in any training part.
    """
    if not any(np.isnan(line.values).any() for line in lines):
        return list(lines)
    means = np.array([_means(line.values[:steps]) for line, steps in zip(lines, training, strict=True)])
    overall = np.array([_mean(column) for column in means.T])
    filled = []
    for line, own in zip(lines, means, strict=True):
        missing = np.isnan(line.values)
        instead = np.zeros(len(own)) if how == "zero" else np.where(np.isnan(own), overall, own)
        needed = missing.any(axis=0) & np.isnan(instead)
        if needed.any():
            raise DataError(
                f"{feature_name(int(np.argmax(needed)))} has no value in the whole training part: leave it out, or "
                f"choose missing=zero."
            )
        values = np.where(missing, instead, line.values)
        if how == "forward":
            values = _carried_forward(values, missing)
        filled.append(replace(line, values=values))
    return filled


def repeated(line: Line, target: int, season: int) -> NDArray[np.float64]:
    """Return the target with each missing value replaced by the latest known one at the same place in the season.

    Parameters
    ----------
    line : Line
        Completed; what it was filled with stays where no season before is known.
    target : int
        Which feature is forecast.
    season : int
        In steps; 1 repeats the last value.

    Returns
    -------
    ndarray of shape (steps,), float64
    """
    values: NDArray[np.float64] = line.values[:, target]
    if line.known.all():
        return values
    values = values.copy()
    for step in np.flatnonzero(~line.known):
        if step >= season:
            values[step] = values[step - season]
    return values


def with_target(line: Line, target: int, values: NDArray[np.float64]) -> Line:
    """Return a series with other values of what is forecast."""
    changed = line.values.copy()
    changed[:, target] = values
    return replace(line, values=changed)


def _means(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([_mean(column) for column in values.T])


def _mean(column: NDArray[np.float64]) -> float:
    there = column[~np.isnan(column)]
    return float(there.mean()) if there.size else float("nan")


def _carried_forward(values: NDArray[np.float64], missing: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return values with each missing one replaced by the last before that was not; those at the beginning stay."""
    source = np.where(missing, -1, np.arange(len(values))[:, None])
    np.maximum.accumulate(source, axis=0, out=source)
    carried = np.take_along_axis(values, np.maximum(source, 0), axis=0)
    return np.where(source < 0, values, carried)
