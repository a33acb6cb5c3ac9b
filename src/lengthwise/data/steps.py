"""The rows of a table as steps of its sequences: in the order of time, one row a step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise.data.columns import Columns
from lengthwise.data.dates import Times
from lengthwise.data.options import Options
from lengthwise.errors import DataError

Where = Callable[[int], str]

CALENDAR = {(28, 31): "1 month", (90, 92): "3 months", (365, 366): "1 year"}
"""Steps of so many days, the least and the most, follow the calendar."""

GAP = 1.5
"""A difference of more than so many usual steps is a gap."""


@dataclass(frozen=True, eq=False)
class Steps:
    """The steps of sequences.

    Attributes
    ----------
    rows : ndarray of shape (steps,), int64
        The row of each step, of the first of several with the same time: by sequence, and by time within.
    codes, places : ndarray of shape (steps,), int64
        The sequence of each, and its place in the sequence.
    lengths, first : ndarray of shape (count,), int64
        The steps of each sequence, and the first of them among all.
    order : ndarray of shape (n,), int64
        All rows, where those with the same time are averaged; else empty.
    begin : ndarray of shape (steps,), int64
        The first of the averaged rows in `order`.
    notes : tuple of str
    """

    rows: NDArray[np.int64]
    codes: NDArray[np.int64]
    places: NDArray[np.int64]
    lengths: NDArray[np.int64]
    first: NDArray[np.int64]
    order: NDArray[np.int64]
    begin: NDArray[np.int64]
    notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """The number of sequences."""
        return len(self.lengths)

    @property
    def same(self) -> NDArray[np.bool_]:
        """Whether a step is of the same sequence as the one before; of shape (steps - 1,)."""
        same: NDArray[np.bool_] = self.codes[1:] == self.codes[:-1]
        return same

    def merged(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a column's value of each step: the mean of the rows with the same time, if they are averaged."""
        if not len(self.order):
            return values[self.rows]
        ordered = values[self.order]
        known = ~np.isnan(ordered)
        counts = np.add.reduceat(known.astype(np.float64), self.begin)
        sums = np.add.reduceat(np.where(known, ordered, 0), self.begin)
        means = np.full(len(sums), np.nan)
        np.divide(sums, counts, out=means, where=counts > 0)
        return means

    def spread(self, labels: NDArray[Any]) -> NDArray[Any]:
        """Return the label of every step, (n, T), with an arbitrary label at padded steps."""
        targets = np.full((self.count, int(self.lengths.max())), labels[0], labels.dtype)
        targets[self.codes, self.places] = labels
        return targets


def in_time(
    frame: pd.DataFrame,
    codes: NDArray[np.int64],
    times: Times | None,
    columns: Columns,
    options: Options,
    where: Where,
    source: str,
) -> Steps:
    """Return the rows in the order of time.

    Raises
    ------
    DataError
        If two rows of a sequence have the same time, and no option says which of them counts.
    """
    if times is None:
        order = np.argsort(codes, kind="stable")
        note = (
            ()
            if options.time
            else ("no column is known as the time, so rows are in the order of the file: time=COLUMN",)
        )
        return _steps(codes, order, np.ones(len(order), np.bool_), note)
    time = times.values
    order = np.lexsort((time, codes))
    new = np.r_[True, (codes[order][1:] != codes[order][:-1]) | (time[order][1:] != time[order][:-1])]
    notes = _order_note(codes, time, columns)
    if new.all():
        return _steps(codes, order, new, notes)
    if options.duplicates is None:
        raise DataError(_twice(frame, order, new, columns, where, source))
    again = int((~new).sum())
    many = "1 row has" if again == 1 else f"{again:,} rows have"
    notes = (*notes, f"{many} the same time as another: duplicates={options.duplicates}")
    if options.duplicates == "last":
        new = np.r_[new[1:], True]
    if options.duplicates in ("first", "last"):
        return _steps(codes, order[new], np.ones(int(new.sum()), np.bool_), notes)
    return _steps(codes, order, new, notes)


def _steps(codes: NDArray[np.int64], order: NDArray[np.int64], new: NDArray[np.bool_], notes: tuple[str, ...]) -> Steps:
    begin = np.flatnonzero(new)
    rows = order[begin]
    own = codes[rows]
    lengths = np.bincount(own).astype(np.int64)
    first = np.r_[0, np.cumsum(lengths)[:-1]]
    places = np.arange(len(rows)) - np.repeat(first, lengths)
    return Steps(rows, own, places, lengths, first, order if not new.all() else order[:0], begin, notes)


def _order_note(codes: NDArray[np.int64], time: NDArray[Any], columns: Columns) -> tuple[str, ...]:
    """Return a note if a table begins with the newest rows."""
    in_file = np.argsort(codes, kind="stable")
    same = codes[in_file][1:] == codes[in_file][:-1]
    later = (time[in_file][1:] > time[in_file][:-1])[same]
    earlier = (time[in_file][1:] < time[in_file][:-1])[same]
    if len(later) and earlier.mean() > 0.9:
        return (f"the newest rows come first in the file, and were sorted by {', '.join(columns.time)}",)
    return (
        (f"rows are not in order in the file, and were sorted by {', '.join(columns.time)}",) if earlier.any() else ()
    )


def _twice(
    frame: pd.DataFrame,
    order: NDArray[np.int64],
    new: NDArray[np.bool_],
    columns: Columns,
    where: Where,
    source: str,
) -> str:
    at = int(np.argmin(new))
    earlier, later = int(order[at - 1]), int(order[at])
    when = ", ".join(f"{name} {frame[name].iloc[later]!s}" for name in columns.time)
    again = int((~new).sum())
    many = f" ({again:,} rows repeat a time in all)" if again > 1 else ""
    if columns.sequence:
        who = f"sequence {', '.join(str(frame[name].iloc[later]) for name in columns.sequence)} has"
    else:
        who = "there is"
    series = f"sequence={','.join(columns.sequence)},COLUMN" if columns.sequence else "sequence=COLUMN"
    return (
        f"{source}, {where(later)}: {who} {when} for the second time, first in {where(earlier)}{many}: a sequence has "
        f"one row for each step. Choose duplicates=mean, first or last; or name the column that tells several "
        f"sequences apart, {series}; or time=none, if rows are in the order of the file."
    )


def time_facts(times: Times | None, steps: Steps, where: Where) -> tuple[tuple[str, str], ...]:
    """Return the range of time, the usual step, and the gaps, the longest with the row behind it."""
    if times is None:
        return ()
    time = times.values[steps.rows]
    shown = f"{_written(time.min())} to {_written(time.max())}"
    apart = np.diff(time)[steps.same]
    if not len(apart):
        return (("time", shown),)
    spans = apart.astype("timedelta64[ns]").astype(np.float64) if times.dated else apart
    usual = float(np.median(spans))
    gaps = int((spans > GAP * usual).sum())
    behind = where(int(steps.rows[1:][steps.same][int(np.argmax(spans))]))
    longest = f"the longest {_span(float(spans.max()), dated=times.dated)} before {behind}"
    many = f"{gaps:,} {'gap' if gaps == 1 else 'gaps'}, {longest}"
    return (("time", f"{shown}; usually {_span(usual, dated=times.dated)} a step, {many if gaps else 'without gaps'}"),)


def _written(time: Any) -> str:
    return str(pd.Timestamp(time)).removesuffix(" 00:00:00") if isinstance(time, np.datetime64) else f"{time:.10g}"


def _span(span: float, *, dated: bool) -> str:
    """Return a span of time, which is in nanoseconds if dated."""
    if not dated:
        return f"{span:.6g}"
    seconds = span / 1e9
    for days, months in CALENDAR.items():
        if days[0] <= seconds / 86400 <= days[1]:
            return months
    for length, name in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= length:
            return f"{seconds / length:.4g} {name}{'' if seconds == length else 's'}"
    return f"{seconds:.6g} seconds"
