"""Dates without a day of their own, such as quarters, months and weeks, and dates that are written in rarer forms."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

QUARTERS = (
    r"^(?P<year>\d{4})[-: /]?[QT](?P<part>[1-4])$",
    r"^[QT](?P<part>[1-4])[-: /]?(?P<year>\d{4})$",
    r"^(?P<part>[1-4])[QT][-: /]?(?P<year>\d{4})$",
)
"""1990Q1, Q1 1990, 1Q1990; with T for trimestre, trimestro, trimestre."""

MONTHS = (r"^(?P<part>\d{1,2})[-/](?P<year>\d{4})$", r"^(?P<year>\d{4})[M:](?P<part>\d{1,2})$")
"""01/1990 and 1990M01."""

WEEK = r"^(\d{4})[- ]?W(\d{1,2})$"

DAYS = (
    (r"^(\d{4})\. ?(\d{1,2})\. ?(\d{1,2})\.?$", r"\1-\2-\3", "%Y-%m-%d"),
    (r"^(\d{4})_(\d{1,2})_(\d{1,2})$", r"\1-\2-\3", "%Y-%m-%d"),
    (r"^(\d{8}):(\d{4})$", r"\1 \2", "%Y%m%d %H%M"),
    (r"^(\d{4})-(\d{3})$", r"\1 \2", "%Y %j"),
)
"""2026. 1. 31., 2026_01_31, 20260131:1730 and the 31st day of 2026, 2026-031: each with what it is read as."""

DIGITS = {6: "%Y%m", 7: "%Y%j", 8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
"""How whole numbers of so many digits write a date that begins with its year."""

YEARS = (1800, 2200)


def period_starts(text: "pd.Series[str]") -> "pd.Series[pd.Timestamp] | None":
    """Return when periods begin, and dates in rarer forms; None if not all cells are of one form.

    >>> [str(period_starts(pd.Series([text]))[0].date()) for text in ("T2 1990", "1990-Q2", "04/1990", "1990M4")]
    ['1990-04-01', '1990-04-01', '1990-04-01', '1990-04-01']
    >>> [str(period_starts(pd.Series([text]))[0]) for text in ("2026-W05", "2026. 1. 26.", "20260126:0011")]
    ['2026-01-26 00:00:00', '2026-01-26 00:00:00', '2026-01-26 00:11:00']
    """
    for months, forms in ((3, QUARTERS), (1, MONTHS)):
        for form in forms:
            parts = text.str.extract(form)
            if parts["year"].notna().all():
                month = parts["part"].astype(np.int64) * months - (months - 1)
                dates = pd.to_datetime(parts["year"] + "-" + month.astype("str"), format="%Y-%m", errors="coerce")
                return dates if dates.notna().all() else None
    week = text.str.extract(WEEK)
    if week[0].notna().all():
        return _all(pd.to_datetime(week[0] + "-" + week[1] + "-1", format="%G-%V-%u", errors="coerce"))
    for form, written, read in DAYS:
        if text.str.fullmatch(form).all():
            return _all(pd.to_datetime(text.str.replace(form, written, regex=True), format=read, errors="coerce"))
    return None


def dates_in_digits(numbers: NDArray[np.float64]) -> NDArray[np.datetime64] | None:
    """Return the dates that whole numbers write, such as 20260131 or 2026013117; None if not all write one.

    >>> dates_in_digits(np.array([2026013123.0, 2026020100.0])).astype("datetime64[h]").tolist()
    [datetime.datetime(2026, 1, 31, 23, 0), datetime.datetime(2026, 2, 1, 0, 0)]
    >>> dates_in_digits(np.array([202612.0, 202613.0])) is None
    True
    """
    if not len(numbers) or not (numbers == np.floor(numbers)).all() or numbers.min() < 1:
        return None
    digits = len(f"{numbers.min():.0f}")
    if digits not in DIGITS or len(f"{numbers.max():.0f}") != digits:
        return None
    text = pd.Series(numbers.astype(np.int64)).astype("str")
    dates = pd.to_datetime(text, format=DIGITS[digits], errors="coerce")
    if not (dates.notna().all() and dates.dt.year.between(*YEARS).all()):
        return None
    return dates.to_numpy("datetime64[ns]")


def _all(dates: "pd.Series[pd.Timestamp]") -> "pd.Series[pd.Timestamp] | None":
    return dates if dates.notna().all() else None
