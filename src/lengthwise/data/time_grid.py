"""The time steps of series: how long a step usually is, and where steps are missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.seasons import USUAL, USUAL_OF_MONTHS

REGULAR_SHARE = 0.9
"""Times are regular if at least this share of the steps are as long as usual."""

USUAL_SHARE = 0.5
"""Times that are not regular have a usual step if at least this share are as long."""

SECOND = 10**9
DAY = 86_400 * SECOND

CALENDAR = ((1, 28, 31), (3, 89, 92), (12, 365, 366))
"""Steps of months, with the fewest and the most days that they have."""

UNITS = ((7 * DAY, "week"), (DAY, "day"), (3600 * SECOND, "hour"), (60 * SECOND, "minute"), (SECOND, "second"))


@dataclass(frozen=True)
class TimeGrid:
    """The usual step of series, and how many of them each row is after the row before.

    Attributes
    ----------
    step : str
        The usual step in words, such as ``1 hour``; "" if times are not dates.
    is_regular : bool
        Whether most steps are as long as usual; else rows are steps, whatever their times.
    increments : list of ndarray of shape (steps,), int64
        For each series, 1 where a row follows the row before, more where steps are missing between; 1 for the first.
    seasons : tuple of int
        The usual seasons of series with this step.
    """

    step: str
    is_regular: bool
    increments: list[NDArray[np.int64]]
    seasons: tuple[int, ...] = ()


def find_grid(times: Sequence[NDArray[Any]]) -> TimeGrid:
    """Return the grid of series by their times, ascending: dates or numbers.

    >>> hours = np.array(["2026-03-01T00", "2026-03-01T01", "2026-03-01T04"], "datetime64[ns]")
    >>> grid = find_grid([hours, np.arange("2026-03-02T00", "2026-03-02T20", dtype="datetime64[h]")])
    >>> grid.step, grid.is_regular, grid.increments[0].tolist(), grid.seasons
    ('1 hour', True, [1, 1, 3], (24, 168))
    """
    are_dates = all(np.issubdtype(one.dtype, np.datetime64) for one in times)
    numbers = [one.astype("datetime64[ns]").astype(np.int64) if are_dates else one.astype(np.float64) for one in times]
    pauses = np.concatenate([np.diff(one) for one in numbers])
    if not len(pauses):
        return TimeGrid("", is_regular=False, increments=[np.ones(len(one), np.int64) for one in numbers])
    found, counts = np.unique(pauses, return_counts=True)
    usual = found[counts.argmax()]
    if are_dates and len(found) > 1:
        for months, fewest, most in CALENDAR:
            within = (pauses >= fewest * DAY) & (pauses <= most * DAY)
            if within.mean() >= REGULAR_SHARE:
                return _grid_of_months(times, months)
    if usual <= 0:
        return TimeGrid("", is_regular=False, increments=[np.ones(len(one), np.int64) for one in numbers])
    share = float(np.isclose(pauses, usual, rtol=1e-6, atol=0).mean())
    step = _in_words(int(usual)) if are_dates else ""
    seasons = USUAL.get(int(usual) // SECOND, ()) if are_dates and not int(usual) % SECOND else ()
    if share < REGULAR_SHARE:
        step = step if share >= USUAL_SHARE else ""
        return TimeGrid(step, is_regular=False, increments=[np.ones(len(one), np.int64) for one in numbers])
    increments = [
        np.maximum(1, np.rint(np.diff(one, prepend=one[:1] - usual) / usual)).astype(np.int64) for one in numbers
    ]
    return TimeGrid(step, True, increments, seasons)


def _grid_of_months(times: Sequence[NDArray[Any]], months: int) -> TimeGrid:
    numbers = [one.astype("datetime64[M]").astype(np.int64) for one in times]
    increments = [
        np.maximum(1, np.rint(np.diff(one, prepend=one[:1] - months) / months)).astype(np.int64) for one in numbers
    ]
    step = {1: "1 month", 3: "1 quarter", 12: "1 year"}[months]
    return TimeGrid(step, True, increments, USUAL_OF_MONTHS.get(months, ()))


def _in_words(nanoseconds: int) -> str:
    """Return a time in words.

    >>> _in_words(3600 * SECOND), _in_words(900 * SECOND)
    ('1 hour', '15 minutes')
    """
    for unit, name in UNITS:
        count, rest = divmod(nanoseconds, unit)
        if count and not rest:
            return f"{count} {name}{'' if count == 1 else 's'}"
    return f"{nanoseconds / SECOND:g} seconds"
