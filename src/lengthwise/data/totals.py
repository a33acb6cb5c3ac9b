"""Rows below a table that are no steps: totals, means and remarks, in whose column of dates there is a word."""

import numpy as np
import pandas as pd

from lengthwise.data.cells import as_text, is_number_column
from lengthwise.data.dates import looks_like_time

MOST = 3
"""At most so many rows at the end of a table are no steps."""


def without_totals(frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return a table without last rows that have a word among the dates of all other rows, and a note of them.

    >>> days = [*(f"2026-01-{day:02}" for day in range(1, 10)), "Total"]
    >>> shorter, note = without_totals(pd.DataFrame({"day": days, "sold": [1.0] * 9 + [9.0]}))
    >>> len(shorter), note
    (9, 'the last row has Total in column day, where all others have dates, and is left out')
    """
    if len(frame) <= MOST or not frame.columns.is_unique:
        return frame, ""
    for name in frame.columns:
        if is_number_column(frame[name]):
            continue
        ends = frame[name].iloc[-MOST:]
        words = ends.notna() & ~as_text(ends).str.contains(r"\d", na=True).astype(np.bool_)
        count = int(words.iloc[::-1].cumprod().sum())
        if 0 < count < MOST and looks_like_time(frame[name].iloc[:-count]):
            rows = "row has" if count == 1 else f"{count} rows have"
            said = f"the last {rows} {frame[name].iloc[-1]} in column {name}, where all others have dates, and"
            return frame.iloc[:-count], f"{said} {'is' if count == 1 else 'are'} left out"
    return frame, ""
