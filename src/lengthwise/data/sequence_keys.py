"""Which columns tell apart labelled sequences that stand one below the other in a table, where no name says it."""

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise.data.cells import is_number_column
from lengthwise.data.column_names import plain_name
from lengthwise.data.dates import looks_like_time
from lengthwise.data.times import part_of

LONG = 5
"""Sequences have at least so many rows on average."""

FEWEST = 3
"""A count begins at least so often …"""

FEWEST_BLOCKS = 6
"""… or there are so many words or numbers, each in rows that follow each other."""

FEWEST_CHANGES = 3
"""Where targets change at least so often, and with the numbers each time, these name sequences in whatever order."""

CALENDAR = ("week", "weekday", "day_of_week", "dayofweek", "dow", "day_of_year", "dayofyear", "doy", "quarter")
"""Parts of a year, beside those by which dates are written."""

MOST_KEYS = 2
"""At most so many columns together are tried as the names of sequences."""


def sequence_keys(frame: pd.DataFrame, free: Sequence[str], time: Sequence[str], target: str) -> tuple[str, ...]:
    """Return the columns that name the sequence of each row; none if that is not certain.

    Where times, or a column that counts rows, begin again and again, they are the columns that stay the same from one
    beginning to the next, and are together different in each of these stretches; the targets' among them, if no others
    are. Otherwise it is a column of words or whole numbers, each in rows that follow each other, if each has one
    target; or, of words and of numbers that count, as many rows as all others, where no time says that the rows are one
    recording. Or it is two columns, of which the second begins anew within each value of the first, if each pair has
    one target.

    Parameters
    ----------
    frame : DataFrame
    free : sequence of str
        The columns without another use.
    time : sequence of str
        The columns that order the rows.
    target : str

    Examples
    --------
    >>> night = [1] * 6 + [2] * 6
    >>> table = pd.DataFrame({"who": ["a"] * 12 + ["b"] * 12, "night": 2 * night, "epoch": [*range(6)] * 4})
    >>> sequence_keys(table.assign(stage=0), ["who", "night", "epoch"], (), "stage")
    ('who', 'night')
    """
    names = {name: _codes(frame[name]) for name in free if name != target and _may_name(frame[name])}
    for counter, starts in _beginning_again(frame, free, time, target):
        others = {name: codes for name, codes in names.items() if name != counter}
        found = next(_fitting(others, starts), ())
        return found or next(_fitting(others | {target: _codes(frame[target])}, starts), ())
    if len(time) == 1 and frame.duplicated(list(time)).any():
        return ()
    labels = _codes(frame[target])
    single = [name for name, codes in names.items() if _is_named(frame[name], codes, labels, equal=not time)]
    finest = sorted(single, key=lambda name: -int(names[name].max()))[:1]
    if finest:
        return tuple(finest) if all(_is_constant(names[name], _begins(names[finest[0]])) for name in single) else ()
    return next((pair for pair in permutations(names, 2) if _are_nested(names[pair[0]], names[pair[1]], labels)), ())


def restarting_count(frame: pd.DataFrame, free: Sequence[str], time: Sequence[str], target: str) -> str:
    """Return the column that counts the rows of each sequence, and begins again with the next one; empty if none does.

    Where another column is the time, all rows are one recording, and what counts may be days of the week. The
    parameters are those of `sequence_keys`.

    >>> restarting_count(pd.DataFrame({"frame": [*range(6)] * 4, "x": 0.5}), ["frame", "x"], (), "label")
    'frame'
    """
    found = (name for name, _ in _beginning_again(frame, () if time else free, time, target))
    return next((name for name in found if plain_name(name) not in CALENDAR), "")


def runs_of(counter: "pd.Series[Any]") -> NDArray[np.int64]:
    """Return the number of the sequence of each row, where a count begins again with each sequence."""
    starts = np.zeros(len(counter), np.int64)
    starts[_starts(counter.to_numpy(np.float64))] = 1
    return np.cumsum(starts) - 1


def _beginning_again(
    frame: pd.DataFrame, free: Sequence[str], time: Sequence[str], target: str
) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Yield the columns that count and begin again and again, each with the rows at which they do."""
    own = (*time, *free) if len(time) != 1 else free
    counters = [name for name in own if name != target and _is_whole(frame[name])]
    if len(time) == 1 and _is_whole(frame[time[0]], alone=True):
        counters.insert(0, time[0])
    for counter in counters:
        starts = _starts(frame[counter].to_numpy(np.float64))
        if FEWEST <= len(starts) <= len(frame) // LONG:
            yield counter, starts


def is_counter(column: "pd.Series[Any]") -> bool:
    """Return whether whole numbers count by one step, and may begin again."""
    if not _is_whole(column):
        return False
    steps = np.diff(column.to_numpy(np.float64))
    return (
        bool((steps > 0).all() and len(steps) and np.ptp(steps) == 0) or len(_starts(column.to_numpy(np.float64))) > 1
    )


def _may_name(column: "pd.Series[Any]") -> bool:
    is_part = part_of(column) is not None or plain_name(str(column.name)) in CALENDAR
    is_named = _is_whole(column) or not (is_number_column(column) or looks_like_time(column))
    return is_named and not (is_part or column.isna().any())


def _is_whole(column: "pd.Series[Any]", *, alone: bool = False) -> bool:
    """Return whether a column holds whole numbers, and no part of a date, which counts within one recording.

    Where it is `alone` the time, seconds are no part of one.
    """
    if not is_number_column(column) or column.isna().any() or (part_of(column) is not None and not alone):
        return False
    values = column.to_numpy(np.float64)
    return bool(np.isfinite(values).all() and (values == np.floor(values)).all())


def _codes(column: "pd.Series[Any]") -> NDArray[np.int64]:
    return np.asarray(pd.factorize(column)[0], np.int64)


def _starts(counter: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the rows at which a count begins at its first number; the first row alone, if it does not count."""
    steps = np.diff(counter)
    down = steps < 0
    usual = float(np.median(steps)) if len(steps) else 0.0
    if usual <= 0 or (steps[~down] != usual).any() or (counter[1:][down] != counter[0]).any():
        return np.zeros(1, np.int64)
    return _rows(down)


def _fitting(names: dict[str, NDArray[np.int64]], starts: NDArray[np.int64]) -> Iterator[tuple[str, ...]]:
    """Yield the fewest columns that are constant between starts, and together different in each of the stretches."""
    constant = {name: codes for name, codes in names.items() if _is_constant(codes, starts)}
    for number in range(1, MOST_KEYS + 1):
        for keys in combinations(constant, number):
            if len(np.unique(np.stack([constant[key][starts] for key in keys]), axis=1).T) == len(starts):
                yield keys


def _is_constant(codes: NDArray[np.int64], starts: NDArray[np.int64]) -> bool:
    """Return whether codes change at no other rows than the starts."""
    changes = 1 + np.flatnonzero(codes[1:] != codes[:-1])
    return bool(np.isin(changes, starts).all())


def _begins(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    return _rows(codes[1:] != codes[:-1])


def _rows(changed: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), 1 + np.flatnonzero(changed)])


def _are_nested(outer: NDArray[np.int64], inner: NDArray[np.int64], labels: NDArray[np.int64]) -> bool:
    """Return whether each value, and each pair, is in rows that follow each other, and each pair has one target."""
    pairs = outer * (inner.max() + 1) + inner
    blocks, starts = _begins(outer), _begins(pairs)
    if not (1 < len(blocks) == outer.max() + 1 and FEWEST_BLOCKS <= len(starts) == len(np.unique(pairs))):
        return False
    is_long = len(blocks) < len(starts) <= len(pairs) // LONG
    return is_long and _is_constant(labels, starts) and len(_begins(labels)) > FEWEST_CHANGES


def _is_named(column: "pd.Series[Any]", codes: NDArray[np.int64], labels: NDArray[np.int64], *, equal: bool) -> bool:
    """Return whether each value is in rows that follow each other, which have one target, or may be equally many."""
    starts = _begins(codes)
    if not FEWEST_BLOCKS <= len(starts) == codes.max() + 1 <= len(codes) // LONG:
        return False
    one_target = _is_constant(labels, starts)
    if is_number_column(column) and (np.abs(np.diff(column.to_numpy(np.float64)[starts])) != 1).any():
        return one_target and len(_begins(labels)) > FEWEST_CHANGES
    sizes = np.diff(np.r_[starts, len(codes)])
    return one_target or (equal and bool((sizes == sizes[0]).all()))
