"""Which columns tell apart several series that are in one table."""

from collections.abc import Iterable, Sequence
from itertools import combinations
from math import prod

import pandas as pd

from lengthwise.data.cells import is_number_column
from lengthwise.data.column_names import CLOCK, GROUP, TIME, plain_name
from lengthwise.data.dates import looks_like_time
from lengthwise.data.times import part_of
from lengthwise.errors import UsageError

HALF = 0.5
"""More than this share of the rows have the time of another row, and each series has as large a share of the times."""

FEW_KEYS = 4
"""At most so many columns are tried together as the names of series."""

LONG = 5
"""Series have at least so many rows on average."""


def may_name_series(frame: pd.DataFrame, name: str) -> bool:
    """Return whether a column holds words, or has a usual name of groups, and is no time."""
    column = frame[name]
    is_time = part_of(column) is not None or plain_name(name) in (*TIME, *CLOCK) or looks_like_time(column)
    return not is_time and (plain_name(name) in GROUP or not is_number_column(column))


def series_keys(frame: pd.DataFrame, free: Iterable[str], time: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that tell apart several series that have the same times; none if that is not certain.

    Parameters
    ----------
    frame : DataFrame
    free : iterable of str
        The columns without another use.
    time : sequence of str
        The columns that order the rows.
    """
    if not time or frame.duplicated(list(time), keep=False).mean() <= HALF:
        return ()
    free = [name for name in free if frame[name].nunique() < len(frame)]
    words = [name for name in free if may_name_series(frame, name)]
    for count in range(1, min(FEW_KEYS, len(words)) + 1):
        fitting = [keys for keys in combinations(words, count) if _tell_apart(frame, keys, time)]
        if fitting:
            return fitting[0] if len(fitting) == 1 else ()
    times = len(frame.drop_duplicates(list(time)))
    counts = {
        name: frame[name].nunique()
        for name in free
        if not frame[name].isna().any() and part_of(frame[name]) is None
        if name in words or is_number_column(frame[name])
    }
    few = {name: count for name, count in counts.items() if count > 1 and count * times * HALF <= len(frame)}
    for count in range(1, min(FEW_KEYS, len(few)) + 1):
        fitting = [
            keys
            for keys in combinations(few, count)
            if prod(few[key] for key in keys) * times * HALF <= len(frame) and _tell_apart(frame, keys, time)
        ]
        if fitting:
            return fitting[0] if len(fitting) == 1 else ()
    return ()


def refuse_blocks(frame: pd.DataFrame, free: Iterable[str], source: str) -> None:
    """Raise `UsageError` if words seem to name series that stand one below the other, without a time."""
    for name in free:
        if not may_name_series(frame, name) or frame[name].isna().any():
            continue
        column = frame[name].astype("str")
        blocks = 1 + int((column.iloc[1:].to_numpy() != column.iloc[:-1].to_numpy()).sum())
        if 1 < blocks == column.nunique() <= len(column) // LONG:
            raise UsageError(
                f"{source} has {blocks} words in column {name}, each in rows that follow each other, as if several "
                f"series stood one below the other: give sequence={name}, or time=none for one series."
            )


def _tell_apart(frame: pd.DataFrame, keys: Sequence[str], time: Sequence[str]) -> bool:
    return not frame.duplicated([*keys, *time]).any() and len(frame.drop_duplicates(list(keys))) > 1
