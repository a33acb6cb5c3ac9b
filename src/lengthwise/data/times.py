"""Columns that say when a row was measured: numbers, dates in many forms, dates beside hours, periods."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise.data.cells import is_number_column
from lengthwise.data.dates import Times, clean_text, times_of
from lengthwise.data.options import Options
from lengthwise.errors import DataError

PARTS = {
    "year": "year", "yr": "year", "yyyy": "year", "month": "month", "mon": "month", "mm": "month", "mo": "month",
    "day": "day", "dd": "day", "dom": "day", "hour": "hour", "hr": "hour", "hh": "hour", "h": "hour",
    "he": "hour", "hour_ending": "hour", "hour_of_day": "hour", "hours": "hour", "hrs": "hour",
    "dy": "day", "jahr": "year", "monat": "month", "stunde": "hour", "año": "year", "ano": "year", "mes": "month",
    "día": "day", "dia": "day", "hora": "hour", "année": "year", "annee": "year", "mois": "month", "jour": "day",
    "heure": "hour", "anno": "year", "mese": "month", "giorno": "day", "jaar": "year", "maand": "month",
    "minute": "minute", "min": "minute", "second": "second", "sec": "second",
}  # fmt: skip
"""Names of columns that hold a part of a time, in lower case."""

PERIODS = {
    "quarter": "quarter", "qtr": "quarter", "quartal": "quarter", "trimestre": "quarter", "week": "week", "wk": "week",
    "week_of_year": "week", "weekofyear": "week", "kw": "week", "semaine": "week", "semana": "week",
}  # fmt: skip
"""Names of columns that hold a quarter or a week beside one that holds a year, in lower case."""

LAST_HOUR = 24

FINER = ("hour", "minute", "second")

NOT_A_TIME = (
    "a time is a number, or a date such as 2026-01-31, 2026-01-31T12:00:00+01:00, 31.01.2026 or 1990Q1; name other "
    "columns with time=COLUMN, or several, as in time=date,hour; or choose time=none, for rows in the file's order"
)

Where = Callable[[int], str]


def read_times(columns: Sequence["pd.Series[Any]"], options: Options, where: Where, source: str) -> Times:
    """Read one column of times, or several that are parts of one: a date and an hour; year, month and day.

    Parameters
    ----------
    columns : sequence of Series
    options : Options
        Its `dayfirst` decides where a date may be read in two ways.
    where : callable
        Describes where a row is.
    source : str
        How messages name the table.

    Raises
    ------
    DataError
        If a cell is no time.
    UsageError
        If a date may be read in two ways.
    """
    for column in columns:
        empty = column.isna().to_numpy(np.bool_)
        if empty.any():
            raise DataError(
                f"{source}, {where(int(np.argmax(empty)))}: column {column.name} is empty, but a row needs its time."
            )
    if len(columns) == 1:
        times = times_of(columns[0], options)
        return times if isinstance(times, Times) else _refuse(columns[0], times, where, source)
    if part_of(columns[0]) == "year" and len(columns) == 2 and period_of(columns[1]):
        return _from_periods(columns, where, source)
    if part_of(columns[0]) == "year":
        return _from_parts(columns, where, source)
    first = times_of(columns[0], options)
    if not isinstance(first, Times):
        return _refuse(columns[0], first, where, source)
    values, notes = first.values, first.notes
    if not first.dated:
        return _as_ranks([first, *(_read_or_refuse(column, options, where, source) for column in columns[1:])])
    for column in columns[1:]:
        values = values + _time_of_day(column, where, source)
    return Times(values, notes)


def part_of(column: "pd.Series[Any]") -> str | None:
    """Return which part of a time a column's name says that it holds: year, month, day, hour, minute or second."""
    return PARTS.get(str(column.name).strip().lower())


def period_of(column: "pd.Series[Any]") -> str | None:
    """Return whether a column's name says that it holds a quarter or a week of the year."""
    return PERIODS.get(str(column.name).strip().lower())


def _refuse(column: "pd.Series[Any]", wrong: NDArray[np.bool_], where: Where, source: str) -> Times:
    at = int(np.argmax(wrong))
    raise DataError(f"{source}, {where(at)}: {column.name} is {column.iloc[at]!s}, but {NOT_A_TIME}.")


def _read_or_refuse(column: "pd.Series[Any]", options: Options, where: Where, source: str) -> Times:
    times = times_of(column, options)
    return times if isinstance(times, Times) else _refuse(column, times, where, source)


def _from_periods(columns: Sequence["pd.Series[Any]"], where: Where, source: str) -> Times:
    """Return when the quarters or the weeks of years begin, the weeks as ISO 8601 counts them."""
    year, number = (pd.to_numeric(column, errors="coerce") for column in columns)
    if period_of(columns[1]) == "quarter":
        dates = pd.to_datetime(pd.DataFrame({"year": year, "month": 3 * number - 2, "day": 1}), errors="coerce")
    else:
        known = year.notna() & number.notna()
        written = year.where(known, 0).astype(np.int64).astype("str") + "-" + number.where(known, 0).astype("str")
        dates = pd.to_datetime(written.str.removesuffix(".0") + "-1", format="%G-%V-%u", errors="coerce")
    if dates.isna().any():
        at = int(np.argmax(dates.isna().to_numpy()))
        shown = ", ".join(f"{column.name} {column.iloc[at]}" for column in columns)
        raise DataError(
            f"{source}, {where(at)}: {shown} is not a {period_of(columns[1])} of a year; choose "
            f"time=none, for rows in the file's order."
        )
    return Times(dates.to_numpy("datetime64[ns]"))


def _from_parts(columns: Sequence["pd.Series[Any]"], where: Where, source: str) -> Times:
    parts: dict[str, pd.Series[Any]] = {}
    for column in columns:
        part = part_of(column)
        if part is None and list(parts) == ["year", "month"]:
            part = "day"
        numbers = pd.to_numeric(column, errors="coerce")
        if part is None or numbers.isna().any():
            at = int(np.argmax(numbers.isna().to_numpy()))
            raise DataError(
                f"{source}, {where(at)}: {column.name} is {column.iloc[at]!s}, but after a year the columns of time "
                f"are month, day, hour, minute and second, in numbers."
            )
        parts[part] = numbers
    for part in ("month", "day"):
        parts.setdefault(part, pd.Series(1, index=columns[0].index))
    finer = pd.Series(pd.Timedelta(0), index=columns[0].index)
    for part in FINER:
        if part in parts:
            finer = finer + pd.to_timedelta(parts.pop(part), unit=part)  # type: ignore[call-overload]
    dates = pd.to_datetime(pd.DataFrame(parts), errors="coerce")
    if dates.isna().any():
        at = int(np.argmax(dates.isna().to_numpy()))
        shown = ", ".join(f"{column.name} {column.iloc[at]}" for column in columns)
        raise DataError(f"{source}, {where(at)}: {shown} is not a date.")
    return Times((dates + finer).to_numpy("datetime64[ns]"))


def is_time_of_day(column: "pd.Series[Any]") -> bool:
    """Return whether a column holds hours, numbers such as 1730, or times of day such as 17:30 or 5:30 PM."""
    return not column.isna().any() and bool(_spans(column).notna().all())


def _time_of_day(column: "pd.Series[Any]", where: Where, source: str) -> NDArray[Any]:
    """Return what a column adds to a date: hours, minutes or seconds by its name, or a time of day such as 17:30."""
    spans = _spans(column)
    if spans.isna().any():
        at = int(np.argmax(spans.isna().to_numpy()))
        raise DataError(
            f"{source}, {where(at)}: {column.name} is {column.iloc[at]!s}, but beside a date a time of day is needed, "
            f"such as 17:30, or an hour."
        )
    return spans.to_numpy("timedelta64[ns]")


def _spans(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return the time of day of each cell, missing where it has none."""
    if is_number_column(column):
        numbers = column.astype(np.float64)
        part = part_of(column)
        if part is None and (numbers > LAST_HOUR).any():  # 1730 or 173000
            digits = numbers // (100 if numbers.max() > 2400 else 1) * 100 + numbers % 100 * (numbers.max() > 2400)
            seconds = digits // 10000 * 3600 + digits // 100 % 100 * 60 + digits % 100
            wrong = (digits // 100 % 100 > 59) | (digits % 100 > 59) | (digits // 10000 > LAST_HOUR)
            return pd.to_timedelta(seconds.mask(wrong), unit="s")
        if part is not None and part not in FINER:  # a year or a month, which is no time of day
            return pd.Series(pd.NaT, column.index, dtype="timedelta64[ns]")
        return pd.to_timedelta(numbers, unit=part or "hour")  # type: ignore[call-overload, no-any-return]
    text = clean_text(column)
    if part_of(column) == "hour" and text.str.fullmatch(r"[A-Za-z]{0,3} ?\d{1,2}").all():  # HE01
        return pd.to_timedelta(text.str.extract(r"(\d+)")[0].astype(np.float64), unit="h")
    dotted = text.str.fullmatch(r"\d{1,2}\.\d{2}(\.\d{2})?")
    text = text.where(~dotted, text.str.replace(".", ":", regex=False))
    clock = text.where(text.str.count(":") == 2, text + ":00").where(
        text.str.fullmatch(r"\d{1,3}(:\d{2}){1,2}(\.\d+)?")
    )
    with warnings.catch_warnings(action="ignore"):
        spans = pd.to_timedelta(clock, errors="coerce")
        for form in ("%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%I %p"):
            if not spans.isna().any():
                break
            spans = pd.to_datetime(text.str.upper(), format=form, errors="coerce") - pd.Timestamp("1900-01-01")
    return spans


def _as_ranks(times: Sequence[Times]) -> Times:
    """Return the place of each row in the order of several columns, the first one before the others."""
    keys = [np.unique(one.values, return_inverse=True)[1].ravel() for one in times]
    order = np.lexsort(keys[::-1])
    changed = np.any([key[order][1:] != key[order][:-1] for key in keys], axis=0)
    ranks = np.empty(len(order))
    ranks[order] = np.r_[0, np.cumsum(changed)]
    return Times(ranks)
