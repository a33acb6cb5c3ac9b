"""Tables with a series in each row and a column for each date or year, as statistical offices publish them."""

import re
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise.data.cells import is_missing, is_number_column
from lengthwise.data.column_names import GROUP, TARGET, plain_name
from lengthwise.data.dates import Times, times_of
from lengthwise.data.options import Options
from lengthwise.data.reading import listed
from lengthwise.errors import UsageError

FEWEST = 8
"""Dates of a series, at least."""

MOST_CELLS = 2_000_000
"""A larger table is left as it is: a row for each value would take many times its memory."""

MOST_KEYS, MOST_NAMES = 3, 8
"""At most so many columns together name a series, of the first so many columns of words."""

FEW_KINDS = 50
"""Words of so many kinds or fewer may be labels."""

DATE = re.compile(r".*\d[-/. ]\d.*|[^\W\d]{3,}[-/. ]?\d{2,4}|\d{6}|\d{8}")
"""A column's name that may be a date: 2020-01-31, 1/22/20, Jan-2020, 202001."""

YEAR = re.compile(r"(?:1[89]|20)\d\d(?: \[YR\d{4}\])?")
"""One that may be a year: 1960, or 1960 [YR1960] as in the World Bank's tables."""

NO_NAME = "-"
"""Stands for an empty cell among the names of a series."""

ROW, TIME, VALUE = "row", "time", "value"
"""The columns of the series."""


class Dated(NamedTuple):
    """A table with a row for each value of each series.

    Attributes
    ----------
    frame : DataFrame
    rows : ndarray of int
        The row that each is from.
    notes, doubts : tuple of str
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    notes: tuple[str, ...]
    doubts: tuple[str, ...]


def series_of_rows(frame: pd.DataFrame, options: Options) -> Dated | None:
    """Return a table with a row for each value; None if columns are no dates, or something else may well be meant.

    Beside years there are words alone, one or more of which tell the rows apart, since columns such as 1850, 1851 and
    1852 may be anything. A row's series begins with its first value and ends with its last.

    >>> years = pd.DataFrame(np.arange(20.0).reshape(2, 10), columns=[str(year) for year in range(1960, 1970)])
    >>> found = series_of_rows(years.assign(country=["A", "B"]), Options())
    >>> list(found.frame), len(found.frame), found.rows[[0, -1]].tolist()
    (['country', 'time', 'value'], 20, [0, 1])
    """
    used = options.target or options.time or options.features or options.sequence or options.layout
    if options.task not in (None, "forecasting") or used or frame.size > MOST_CELLS or not frame.columns.is_unique:
        return None
    names = [str(name) for name in frame]
    dates, found = _dates(names, options)
    others = [name for name in names if name not in set(dates)]
    words = [name for name in others if not is_number_column(frame[name])]
    are_years = bool(dates) and YEAR.fullmatch(dates[0]) is not None
    if found is None or any(plain_name(name) in TARGET for name in others) or (are_years and len(words) < len(others)):
        return None
    keys = _keys(frame, words)
    if keys is None and (are_years or words):
        return None
    named = frame[list(keys)].fillna(NO_NAME) if keys else pd.DataFrame({ROW: np.arange(len(frame)).astype(str)})
    rows = np.arange(len(frame)).repeat(len(dates))
    series = named.iloc[rows].reset_index(drop=True)
    series[TIME], series[VALUE] = np.tile(found.values, len(frame)), frame[dates].to_numpy().ravel()
    kept = _within(~is_missing(series[VALUE], options).reshape(len(frame), -1)).ravel()
    left_out = [name for name in others if name not in (keys or ())]
    what = "years" if are_years else "dates"
    note = f"each row is a series, and {dates[0]} to {dates[-1]} are its {what}: layout=long, if a row is a step"
    if left_out:
        note += f"; {listed(left_out)} {'is' if len(left_out) == 1 else 'are'} left out"
    doubts = _doubts(frame, [name for name in left_out if name in words])
    return Dated(series[kept].reset_index(drop=True), rows[kept], (note, *found.notes), doubts)


def _doubts(frame: pd.DataFrame, words: list[str]) -> tuple[str, ...]:
    """Return a doubt where columns of words that are left out may be labels."""
    labels = [name for name in words if 1 < frame[name].nunique() <= min(FEW_KINDS, len(frame) // 2)]
    if not labels:
        return ()
    return (f"the series are forecast, and {listed(labels)} left out: target=COLUMN, if one is the label of each row",)


def _dates(names: list[str], options: Options) -> tuple[list[str], Times | None]:
    """Return the columns whose names are dates or years, and these; none if they do not ascend."""
    for pattern in (YEAR, DATE):
        dates = [name for name in names if pattern.fullmatch(name.strip())]
        if len(dates) < max(FEWEST, len(names) // 2):
            continue
        if pattern is YEAR:
            years = np.array([int(name.strip()[:4]) - 1970 for name in dates]).astype("datetime64[Y]")
            found: Times | NDArray[np.bool_] = Times(years.astype("datetime64[ns]"))
        else:
            try:
                found = times_of(pd.Series(dates, name="header"), options)
            except UsageError:  # what may begin with the day or with the month may well be no date
                continue
        if isinstance(found, Times) and found.dated and (np.diff(found.values) > np.timedelta64(0)).all():
            return dates, found
    return [], None


def _keys(frame: pd.DataFrame, words: list[str]) -> tuple[str, ...] | None:
    """Return the fewest columns of words that tell all rows apart, the first such; None if none do."""
    usual = sorted(words, key=lambda name: plain_name(name) not in GROUP)[:MOST_NAMES]
    for count in range(1, min(MOST_KEYS, len(usual)) + 1):
        for keys in combinations(usual, count):
            if not frame.duplicated(list(keys)).any():
                return keys
    return None


def _within(known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return where a row's first known value is reached, and its last not passed, (rows, dates)."""
    begun = np.maximum.accumulate(known, axis=1)
    not_over = np.maximum.accumulate(known[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(begun & not_over)
