"""Tables with a year or a day in each row and a column for each of its months or hours: they are one series."""

import re
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise.data.cells import is_missing, is_number_column
from lengthwise.data.column_names import CALENDAR, TARGET, plain_name
from lengthwise.data.dates import Times, holds_dates, times_of
from lengthwise.data.months import MONTHS
from lengthwise.data.options import Options
from lengthwise.data.reading import listed
from lengthwise.data.times import part_of

MONTHS_A_YEAR = 12
HOURS_A_DAY = 24
MINUTES_A_DAY = 60 * HOURS_A_DAY

CLOCK = re.compile(
    r"(?:he|hr?|hour|hour ending|stunde|hora|heure)? ?(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::00)?)? ?(?:h|hrs?)?"
    r"(?: ?- ?\d{1,2}(?::\d{2}(?::00)?)?)?"
)
"""A column's name that is an hour or a time of day, in lower case: 7, h07, he 7, hour 7, 07:00, 07:00-08:00."""

TIME, VALUE = "time", "value"
"""The columns of the series."""


class _Periods(NamedTuple):
    """A row for each period.

    Attributes
    ----------
    column : str
        Of the periods.
    parts : list of str
        The columns of its parts, in the order of time.
    times : ndarray of shape (rows, parts), datetime64[ns]
    kind, part : str
        What a row and a column are.
    notes : tuple of str
    """

    column: str
    parts: list[str]
    times: NDArray[Any]
    kind: str
    part: str
    notes: tuple[str, ...] = ()


def parts_of_periods(frame: pd.DataFrame, options: Options) -> tuple[pd.DataFrame, NDArray[np.int64], str] | None:
    """Return a table with a row for each month or hour, the row that each is from, and a note.

    None if the table has not a column of years and one for each month, or a column of days and one for each hour, half
    hour or quarter; if options use its columns, or something else than a forecast may be meant.

    >>> table = pd.DataFrame({"Year": [2025, 2026], **{month: [1.0, 2.0] for month in MONTHS if month.isalpha()}})
    >>> english = ["Year", "jan", "feb", "mar", "apr", "may", "june", "jul", "aug", "sep", "oct", "nov", "dec"]
    >>> series, rows, _ = parts_of_periods(table[english], Options())
    >>> len(series), str(series.time[12].date()), float(series.value[12]), int(rows[12])
    (24, '2026-01-01', 2.0, 1)
    >>> days = pd.DataFrame({"day": ["2026-01-31", "2026-02-01"]})
    >>> series, *_ = parts_of_periods(days.assign(**{f"HE{hour}": [0.5, hour] for hour in range(1, 25)}), Options())
    >>> str(series.time[25]), float(series.value[25])
    ('2026-02-01 01:00:00', 2.0)
    """
    used = options.target or options.time or options.features or options.sequence or options.layout
    if options.task not in (None, "forecasting") or used or not frame.columns.is_unique:
        return None
    found = _months_of_years(frame) or _hours_of_days(frame, options)
    if found is None:
        return None
    others = [name for name in frame if name not in (found.column, *found.parts)]
    words = [name for name in others if not is_number_column(frame[name])]
    keys = words if frame[found.column].duplicated().any() else []
    if frame.duplicated([found.column, *keys]).any() or (options.task is None and _may_be_labels(frame, others, keys)):
        return None
    rows = np.arange(len(frame)).repeat(len(found.parts))
    series = frame[keys].iloc[rows].reset_index(drop=True)
    series[TIME], series[VALUE] = found.times.ravel(), frame[found.parts].to_numpy().ravel()
    if not keys:  # the first period may have begun before the first value, and the last may not have ended
        order = np.argsort(found.times.ravel(), kind="stable")
        known = np.flatnonzero(~is_missing(series[VALUE], options)[order])
        order = order[known[0] : known[-1] + 1] if known.size else order
        series, rows = series.iloc[order].reset_index(drop=True), rows[order]
    first, last = found.parts[0], found.parts[-1]
    note = f"each row is a {found.kind}, and {first} to {last} are its {found.part}: layout=long, if a row is a step"
    if left_out := [str(name) for name in others if name not in keys]:
        note += f"; {listed(left_out)} {'is' if len(left_out) == 1 else 'are'} left out"
    return series, rows, "; ".join([note, *found.notes])


def _months_of_years(frame: pd.DataFrame) -> _Periods | None:
    names = [str(name) for name in frame]
    years = [name for name in names if part_of(frame[name]) == "year"]
    months = {MONTHS[word]: name for name in names if (word := name.strip(" .").lower()) in MONTHS}
    if len(years) != 1 or len(months) < MONTHS_A_YEAR:
        return None
    year = frame[years[0]]
    if not is_number_column(year) or year.isna().any() or not year.between(1000, 2999).all():
        return None
    firsts = (year.to_numpy(np.int64) - 1970).astype("datetime64[Y]").astype("datetime64[M]")
    times = (firsts[:, None] + np.arange(MONTHS_A_YEAR)).astype("datetime64[ns]")
    return _Periods(years[0], [months[number] for number in range(1, MONTHS_A_YEAR + 1)], times, "year", "months")


def _hours_of_days(frame: pd.DataFrame, options: Options) -> _Periods | None:
    names = [str(name) for name in frame]
    clock = {name: minute for name in names if (minute := _minute(name)) is not None}
    parts = sorted(clock, key=lambda name: clock[name])
    minutes = [clock[name] for name in parts]
    steps = {after - before for before, after in pairwise(minutes)}
    if len(parts) < HOURS_A_DAY or len(steps) != 1 or len(parts) * min(steps) != MINUTES_A_DAY:
        return None
    days = [name for name in names if name not in clock and holds_dates(frame[name], options)]
    found = times_of(frame[days[0]], options) if len(days) == 1 and frame[days[0]].notna().all() else None
    if not isinstance(found, Times) or not found.dated:
        return None
    dates = found.values.astype("datetime64[ns]")
    if (dates != dates.astype("datetime64[D]")).any():
        return None
    since = np.arange(len(parts)) * np.timedelta64(min(steps), "m")  # an hour that is named by its end begins before it
    part = "hours" if min(steps) == 60 else "times"
    return _Periods(days[0], parts, dates[:, None] + since, "day", part, found.notes)


def _minute(name: str) -> int | None:
    """Return the minutes since midnight that a column's name says; None if it says none."""
    found = CLOCK.fullmatch(re.sub(r"[\s_.]+", " ", name.strip().lower()))
    return None if found is None else 60 * int(found["hour"]) + int(found["minute"] or 0)


def _may_be_labels(frame: pd.DataFrame, others: list[Any], keys: list[Any]) -> bool:
    """Return whether one of the other columns may be what is predicted: it has a label's name, or words of its own."""
    words = [name for name in others if name not in keys and not is_number_column(frame[name])]
    days = [name for name in words if frame[name].astype("str").str[:3].str.lower().isin(CALENDAR).all()]
    return any(plain_name(str(name)) in TARGET for name in others) or len(words) > len(days)
