"""Numbers and text as times: dates in many forms, periods, times of day."""

import warnings
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.tseries.api import guess_datetime_format

from lengthwise.data.cells import EXACT, as_text, is_number_column
from lengthwise.data.months import CENTURY, dates_with_months
from lengthwise.data.options import Options
from lengthwise.data.periods import YEARS, dates_in_digits, period_starts
from lengthwise.errors import UsageError

DAY_OR_MONTH = r"^(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)[ T,]*(.*)$"
"""A date that begins with a day or a month."""

MONTH_NAMES = ("%d-%b-%y", "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b-%y", "%b %Y", "%B %Y")
SPAN = r"^(.*\d:\d{2}) ?(?:-|–|to) .*\d:\d{2}$"
"""From when to when."""

MIDNIGHT = r"(?<=\d)[T ]24:00(?::00)?$"
"""The end of a day, which is the beginning of the next."""

CLOCKS = ("%Y-%m-%d %I:%M %p", "%Y-%m-%d %I:%M:%S %p", "%Y-%m-%d %I:%M%p", "%Y-%m-%d %H.%M", "%Y-%m-%d %H.%M.%S")
UNIX = {0: "seconds", 3: "milliseconds", 6: "microseconds", 9: "nanoseconds"}
"""Units of Unix time, by how many digits they have behind the second."""

UNIX_SECONDS = (946_684_800, 2_208_988_800)
"""Numbers of Unix time are dates from 2000 to 2040."""

NANO = 10**9


class Times(NamedTuple):
    """When each row was measured.

    Attributes
    ----------
    values : ndarray of shape (n,)
        datetime64[ns] in UTC, or float64.
    notes : tuple of str
        How they were read, where that may be wrong.
    """

    values: NDArray[Any]
    notes: tuple[str, ...] = ()

    @property
    def dated(self) -> bool:
        """Whether they are dates, and not numbers."""
        return self.values.dtype.kind == "M"


def looks_like_time(column: "pd.Series[Any]") -> bool:
    """Return whether a column of text holds dates or times of day; some of its values are tried."""
    if is_number_column(column):
        return False
    if pd.api.types.is_datetime64_any_dtype(column) or pd.api.types.is_timedelta64_dtype(column):
        return True
    known = column.dropna()
    some = known.iloc[np.unique(np.linspace(0, len(known) - 1, 50).astype(int))] if len(known) else known
    if not len(some) or not as_text(some).str.contains(r"\d").all():
        return False
    text = clean_text(some)
    if pd.to_numeric(text.str.replace(",", ".", regex=False), errors="coerce").notna().all():
        return False
    if text.str.fullmatch(DAY_OR_MONTH).all():
        return True
    return isinstance(_from_text(text, Options()), Times)


def holds_dates(column: "pd.Series[Any]", options: Options) -> bool:
    """Return whether a column holds dates, as text or as numbers such as 20260131."""
    if not is_number_column(column):
        return looks_like_time(column)
    if column.isna().any():
        return False
    try:
        times = times_of(column, options)
    except UsageError:
        return True
    return isinstance(times, Times) and times.dated


def times_of(column: "pd.Series[Any]", options: Options) -> Times | NDArray[np.bool_]:
    """Return the times of a column, or where its cells are none."""
    if isinstance(column.dtype, pd.PeriodDtype):
        return Times(column.dt.to_timestamp().to_numpy("datetime64[ns]"))
    if pd.api.types.is_datetime64_any_dtype(column):
        return _in_utc(column)
    if pd.api.types.is_timedelta64_dtype(column):
        return Times(column.dt.total_seconds().to_numpy(np.float64))
    if is_number_column(column):
        return _from_numbers(column, options)
    return _from_text(clean_text(column), options)


def clean_text(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return cells without blanks around them, and with a point before fractions of a second."""
    return as_text(column).str.replace(r"(:\d{2}),(\d+)", r"\1.\2", regex=True)


def _in_utc(column: "pd.Series[Any]") -> Times:
    if getattr(column.dt, "tz", None) is not None:
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    return Times(column.to_numpy("datetime64[ns]"))


def _from_numbers(column: "pd.Series[Any]", options: Options) -> Times:
    """Return numbers, or the dates that they write: 20260131, 31012026, or 1700000000 and more digits of Unix time."""
    unix = _from_unix(column)
    if unix is not None:
        return unix
    numbers = column.to_numpy(np.float64)
    if column.dtype.kind in "iu" and np.abs(numbers).max(initial=0) >= EXACT:  # what is apart is kept
        numbers = (column - column.min()).to_numpy(np.float64)
    plain = Times(numbers)
    by_year = dates_in_digits(numbers)
    if by_year is not None:
        return Times(by_year)
    if not (numbers == np.floor(numbers)).all() or numbers.min() < 1e6 or numbers.max() >= 1e8:
        return plain
    text = pd.Series(numbers.astype(np.int64)).astype("str").str.zfill(8)
    read = {
        day_first: pd.to_datetime(text, format="%d%m%Y" if day_first else "%m%d%Y", errors="coerce")
        for day_first in (True, False)
        if options.dayfirst in (None, day_first)
    }
    fitting = {
        day_first: dates
        for day_first, dates in read.items()
        if dates.notna().all() and dates.dt.year.between(*YEARS).all()
    }
    if not fitting or (options.dayfirst is None and (np.diff(numbers) > 0).all()):
        return plain
    if len(fitting) > 1:
        raise UsageError(_either(str(column.name), str(column.iloc[0])))
    day_first, dates = next(iter(fitting.items()))
    order = "day, month and year" if day_first else "month, day and year"
    return Times(dates.to_numpy("datetime64[ns]"), (f"{column.name} was read as {order}: {column.iloc[0]} is a date",))


def _from_unix(column: "pd.Series[Any]") -> Times | None:
    """Return the dates of Unix time, in seconds or a thousandth, a millionth or a billionth of one."""
    numbers = column.to_numpy()
    if not len(numbers) or numbers.dtype.kind not in "iuf" or not np.isfinite(numbers).all():
        return None
    low, high = numbers.min(), numbers.max()
    fitting = [
        digits for digits in UNIX if UNIX_SECONDS[0] * 10**digits <= low and high <= UNIX_SECONDS[1] * 10**digits
    ]
    if not fitting:
        return None
    if fitting[0] == 0 and dates_in_digits(numbers.astype(np.float64)) is not None:
        return None  # 2026013117 would be a second in 2034, too
    scale = 10 ** fitting[0]
    if numbers.dtype.kind == "f":
        whole = np.floor(numbers)
        nanoseconds = whole.astype(np.int64) * (NANO // scale)
        nanoseconds += np.rint((numbers - whole) * 1e6).astype(np.int64) * (NANO // scale) // 10**6
    else:
        nanoseconds = numbers.astype(np.int64) * (NANO // scale)
    values = nanoseconds.astype("datetime64[ns]")
    shown = str(pd.Timestamp(values[0])).removesuffix(" 00:00:00")
    return Times(values, (f"{column.name} was read as Unix time in {UNIX[fitting[0]]}: {column.iloc[0]!s} is {shown}",))


def _from_text(text: "pd.Series[Any]", options: Options) -> Times | NDArray[np.bool_]:
    """Return the times of text; of spans such as ``17:00 - 18:00`` their beginnings, and of 24:00 the next day's."""
    times = _of_moments(text, options)
    if isinstance(times, Times):
        return times
    spans = text.str.extract(SPAN)
    if spans[0].notna().all():
        return _from_text(spans[0].rename(str(text.name)), options)
    is_midnight = text.str.contains(MIDNIGHT)
    if is_midnight.any():
        found = _of_moments(text.str.replace(MIDNIGHT, " 00:00", regex=True), options)
        if isinstance(found, Times) and found.dated:
            return Times(found.values + is_midnight.to_numpy() * np.timedelta64(1, "D"), found.notes)
    return times


def _of_moments(text: "pd.Series[Any]", options: Options) -> Times | NDArray[np.bool_]:
    numbers = pd.to_numeric(text.str.replace(",", ".", regex=False), errors="coerce")
    if numbers.notna().all():
        return _from_numbers(numbers.rename(str(text.name)), options)
    if text.str.fullmatch(DAY_OR_MONTH).all():
        return _day_or_month(text, options)
    with warnings.catch_warnings(action="ignore"):
        dates = pd.to_datetime(text, format="ISO8601", errors="coerce", utc=True)
        if dates.notna().all():
            return _in_utc(dates)
        wrong = (numbers if numbers.notna().sum() > dates.notna().sum() else dates).isna().to_numpy(np.bool_)
        periods = period_starts(text)
        other = _month_name(text) if periods is None else _in_utc(periods)
    if other is not None:
        return other
    if text.str.fullmatch(r"\d+:\d{2}(:\d{2}(\.\d+)?)?").all():
        clock = text.where(text.str.count(":") == 2, text + ":00")
        return Times(pd.to_timedelta(clock).dt.total_seconds().to_numpy(np.float64))
    return _numbered_months(text) or wrong


def _day_or_month(text: "pd.Series[Any]", options: Options) -> Times | NDArray[np.bool_]:
    parts = text.str.extract(DAY_OR_MONTH)
    first, second = (parts[at].astype(np.int64).to_numpy() for at in (0, 2))
    day_first = options.dayfirst
    if day_first is None:
        if (first > 12).any() != (second > 12).any():
            day_first = bool((first > 12).any())
        elif (parts[1] == ".").all():
            day_first = True
        elif (first == first[0]).all() and (second == second[0]).all():  # one day, whichever it is
            day_first = False
        elif (first > 12).any():
            return (second > 12).astype(bool) if (first > 12).mean() > (second > 12).mean() else first > 12
        else:
            raise UsageError(_either(str(text.name), str(text.iloc[0])))
    day, month = (first, second) if day_first else (second, first)
    if (month > 12).any():
        return month > 12
    year = parts[3].astype(np.int64).to_numpy()
    short = parts[3].str.len().to_numpy() == 2
    year = np.where(short, year + np.where(year >= CENTURY, 1900, 2000), year)
    iso = [f"{y:04}-{m:02}-{d:02}" for y, m, d in zip(year.tolist(), month.tolist(), day.tolist(), strict=True)]
    full = (pd.Series(iso, index=text.index) + " " + parts[4].fillna("")).str.strip()
    for form in ("ISO8601", *CLOCKS):
        dates = pd.to_datetime(full.str.upper(), format=form, errors="coerce", utc=True)
        if dates.notna().all():
            break
    else:
        return pd.to_datetime(full, format="ISO8601", errors="coerce", utc=True).isna().to_numpy(np.bool_)
    order = "day, month and year" if day_first else "month, day and year"
    return Times(_in_utc(dates).values, (f"{text.name} was read as {order}: {text.iloc[0]} is {iso[0]}",))


def _either(name: str, shown: str) -> str:
    return (
        f"column {name} has dates such as {shown}, which may begin with the day or with the month: say which with "
        f"dayfirst=true or dayfirst=false."
    )


def _month_name(text: "pd.Series[Any]") -> Times | None:
    """Return dates with the name of a month."""
    if text.str.contains(r"[A-Za-z]{3}").all():
        guessed = guess_datetime_format(str(text.iloc[0])) or MONTH_NAMES[0]
        for form in (guessed, guessed.replace("%B", "%b"), *MONTH_NAMES):  # May is a short and a long name
            dates = pd.to_datetime(text, format=form, errors="coerce", utc=True)
            if dates.notna().all():
                return _in_utc(dates)
    named = dates_with_months(text)
    if named is None:
        return None
    found = _in_utc(named)
    shown = str(pd.Timestamp(found.values[0])).removesuffix(" 00:00:00")
    return Times(found.values, (f"{text.name} was read by the names of months: {text.iloc[0]} is {shown}",))


def _numbered_months(text: "pd.Series[Any]") -> Times | None:
    """Return the months 1-01 to 3-12, whose years are numbered, if each row is the month after the one before."""
    parts = text.str.extract(r"^(\d{1,3})-(\d{2})$")
    if parts[0].isna().any():
        return None
    months = parts[0].astype(np.int64).to_numpy() * 12 + parts[1].astype(np.int64).to_numpy()
    if len(months) < 2 or (np.diff(months) != 1).any():
        return None
    return Times(months.astype(np.float64))
