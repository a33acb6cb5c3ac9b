"""The columns that order a table's rows: of times, of dates, of the parts of a date, or that count."""

from typing import Any

import numpy as np
import pandas as pd

from lengthwise.data.cells import is_number_column
from lengthwise.data.column_names import (
    CLOCK,
    COUNTERS,
    DATED,
    DOUBTFUL_TIMES,
    GROUP,
    SEQUENCE,
    TIME,
    TIMED,
    plain_name,
)
from lengthwise.data.column_search import ColumnSearch
from lengthwise.data.dates import UNIX_SECONDS, holds_dates, looks_like_time
from lengthwise.data.series_keys import may_name_series
from lengthwise.data.times import is_time_of_day, part_of, period_of

MOSTLY = 0.9
"""A column is a clock if at least so many of its values are larger than the one before."""

HALF = 0.5
"""A column of which more cells are numbers is one of numbers, in which other cells are wrong."""

SHORTEST_MONTH, LONGEST_MONTH = 28, 31


def time_columns(search: ColumnSearch) -> tuple[str, ...]:
    """Return the columns that order the rows, as far as names and values tell; empty if none do.

    Parameters
    ----------
    search : ColumnSearch
        Notes are added to it.
    """
    return _usual_time(search) or _parts(search) or _dates(search) or _counters(search)


def _usual_time(search: ColumnSearch) -> tuple[str, ...]:
    usual = search.usual(TIME)
    for name in usual:
        if plain_name(name) in DOUBTFUL_TIMES and not _is_clock(search, name):
            search.notes.append(f"{name} is not taken for the time, as its values do not count: time={name}, if it is")
            continue
        return (name, *_beside(search, name))
    timed = [name for name in search.there if name not in search.taken and TIMED.fullmatch(plain_name(name))]
    return (timed[0], *_beside(search, timed[0])) if len(timed) == 1 and _is_clock(search, timed[0]) else ()


def _is_clock(search: ColumnSearch, name: str) -> bool:
    column = search.frame[name]
    if not is_number_column(column):
        return looks_like_time(column) or bool(pd.to_numeric(column, errors="coerce").notna().mean() > HALF)
    values = column.to_numpy(np.float64, na_value=np.nan)
    if (np.diff(values) > 0).sum() > MOSTLY * (len(values) - 1):
        return True
    found = np.unique(values)
    apart = np.diff(found)
    return bool(len(apart) and np.allclose(apart, apart[0]) and found[0] in (0, 1, apart[0]))


def _beside(search: ColumnSearch, name: str) -> tuple[str, ...]:
    """Return the columns that have the time of day, if one has dates alone."""
    if not holds_dates(search.frame[name], search.options) or _has_clock(search.frame[name]):
        return ()
    for other in search.there:
        if other in search.taken or other == name or not is_time_of_day(search.frame[other]):
            continue
        written = not is_number_column(search.frame[other]) and search.frame[name].duplicated().any()
        if written or plain_name(other) in CLOCK or part_of(search.frame[other]) == "hour":
            search.notes.append(f"the time is {name} with {other}: time={name}, if it is {name} alone")
            return (other,)
    return ()


def _parts(search: ColumnSearch) -> tuple[str, ...]:
    """Return the columns of year, month, day, hour …, if there are such."""
    parts = {part_of(search.frame[name]): name for name in reversed(search.there) if name not in search.taken}
    order = ("year", "month", "day", "hour", "minute", "second")
    if "year" in parts and "month" not in parts:
        return _periods(search, parts["year"])
    if not {"year", "month"} <= parts.keys():
        return ()
    if "day" not in parts and (day := _day(search, parts["year"], parts["month"])):
        parts["day"] = day
    found: list[str] = []
    for part in order:
        if part not in parts or not is_number_column(search.frame[parts[part]]):
            break
        found.append(parts[part])
    if len(found) < 2:
        return ()
    search.notes.append(f"the time is {', '.join(found)}: time=none, if it is not")
    return tuple(found)


def _periods(search: ColumnSearch, year: str) -> tuple[str, ...]:
    """Return a column of years with one of quarters or weeks."""
    for name in search.there:
        column = search.frame[name]
        if name not in search.taken and period_of(column) and is_number_column(column) and column.notna().all():
            search.notes.append(f"the time is {year}, {name}: time=none, if it is not")
            return (year, name)
    return ()


def _day(search: ColumnSearch, year: str, month: str) -> str | None:
    """Return a column with all days of a month beside those of years and months, whatever its name."""
    for name in search.there:
        column = search.frame[name]
        if name in (*search.taken, year, month) or not is_number_column(column) or column.nunique() < SHORTEST_MONTH:
            continue
        parts = {"year": search.frame[year], "month": search.frame[month], "day": column}
        is_day = column.between(1, LONGEST_MONTH).all() and (column == column.round()).all()
        if is_day and pd.to_datetime(pd.DataFrame(parts), errors="coerce").notna().all():
            return name
    return None


def _dates(search: ColumnSearch) -> tuple[str, ...]:
    """Return a column that holds dates, whatever its name."""
    for name in search.there:
        if name not in search.taken and _holds_dates(search, name) and not _is_of_sequences(search, name):
            search.notes.append(f"{name} holds dates, and is taken for the time: time=none, if it is not")
            return (name, *_beside(search, name))
    return ()


def _holds_dates(search: ColumnSearch, name: str) -> bool:
    """Return whether a column holds dates: text, or numbers with a name that says so."""
    column = search.frame[name]
    if is_number_column(column):
        return any(word in name.lower() for word in DATED) and holds_dates(column, search.options)
    return looks_like_time(column)


def _is_of_sequences(search: ColumnSearch, name: str) -> bool:
    """Return whether a date is one of each sequence, or of each person, such as that of a birth, and no time."""
    keys = [*(search.options.sequence or ()), search.options.group, *search.usual((*SEQUENCE, *GROUP))]
    for key in keys:
        if key in search.there and key != name and 1 < search.frame[key].nunique() <= len(search.frame) // 2:
            return bool(search.frame.groupby(key, sort=False)[name].nunique().max() == 1)
    return False


def _counters(search: ColumnSearch) -> tuple[str, ...]:
    """Return a column that counts years, weeks or such, in all rows or for each of several series."""
    if not search.forecasting:
        return ()
    words = [name for name in search.there if name not in search.taken and may_name_series(search.frame, name)]
    for name in search.usual(COUNTERS):
        if is_number_column(search.frame[name]) and not search.frame.duplicated([name, *words]).any():
            search.notes.append(f"{name} is taken for the time: time=none, if it is not")
            return (name,)
    return ()


def _has_clock(column: "pd.Series[Any]") -> bool:
    """Return whether the first cells have a time of day."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return bool((column.dropna().dt.normalize() != column.dropna()).any())
    if is_number_column(column):
        return bool(column.max() >= UNIX_SECONDS[0])  # Unix time, and no 20260131
    first = column.dropna().astype("str").iloc[:50]
    return bool(len(first)) and bool(first.str.contains(r"\d:\d{2}").all())
