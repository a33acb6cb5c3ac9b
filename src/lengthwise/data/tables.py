"""Tables in long form, with a row for each time step: CSV, Parquet, pandas and polars frames."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise._internal.extras import required
from lengthwise.data.options import Options
from lengthwise.data.sequences import Sequences, refuse_language
from lengthwise.errors import DataError, UsageError

USUAL = {
    "sequence": ("sequence", "sequence_id", "series", "series_id", "id", "case", "case_id"),
    "time": ("time", "t", "step", "timestamp", "date", "datetime"),
    "target": ("target", "label", "class", "y"),
    "split": ("split",),
    "group": ("group", "subject", "person"),
}
"""The names by which columns are found if no option names them: the first that exists, in upper or lower case."""

NEEDED = {"sequence": "the sequence of each row", "target": "the label of each sequence, or of each step"}

Row = Callable[[int], str]
"""Describes, for messages, where a row is."""


def read_table(path: Path, options: Options) -> Sequences:
    """Read a Parquet file, or a CSV file with a header, plain or compressed."""
    if path.name.lower().endswith(".parquet"):
        required("pyarrow", "reading a Parquet file", "parquet")
        return from_frame(_read(path, pd.read_parquet), options, str(path))
    return from_frame(_read(path, pd.read_csv), options, str(path), lambda row: f"line {row + 2}")


def _read(path: Path, read: Callable[[Path], pd.DataFrame]) -> pd.DataFrame:
    try:
        return read(path)
    except (OSError, ValueError, UnicodeError) as error:
        detail = " ".join(str(error).split()).rstrip(".")
        raise DataError(f"{path} cannot be read as a table: {detail}.") from error


def as_pandas(data: Any) -> pd.DataFrame:
    """Return a pandas or a polars frame as a pandas frame."""
    if isinstance(data, pd.DataFrame):
        return data
    frame = data.collect() if hasattr(data, "collect") else data
    return pd.DataFrame({name: frame[name].to_numpy() for name in frame.columns})


def from_frame(
    frame: pd.DataFrame, options: Options, source: str = "the frame", row: Row = lambda row: f"row {row}"
) -> Sequences:
    """Return the sequences of a table, in the order in which they first appear, each in the order of time.

    Parameters
    ----------
    frame : DataFrame
        A row for each time step.
    options : Options
        Its columns' names; see `USUAL` for the names that are tried otherwise.
    source : str
        How messages name the table.
    row : callable
        Describes where a row is.

    Raises
    ------
    UsageError
        If a column does not exist, or the task is language.
    DataError
        If the rows are invalid.
    """
    refuse_language(options, source)
    frame = frame.rename(columns=str)
    if frame.empty:
        raise DataError(f"{source} has no rows: one for each time step is needed.")
    forecasting = options.task == "forecasting"
    columns = _columns(frame, options, source)
    table = _Table(frame, columns, source, row)
    whole = pd.Series(np.zeros(len(frame), np.int64))  # one series, without a column for it
    codes, names = pd.factorize(whole if columns["sequence"] is None else table.column("sequence"))
    order = table.in_time(codes)
    lengths = np.bincount(codes).astype(np.int64)
    first = np.r_[0, np.cumsum(lengths)[:-1]]
    steps = np.arange(len(order)) - np.repeat(first, lengths)
    features = columns["features"]
    values = np.zeros((len(lengths), int(lengths.max()), len(features)), np.float32)
    with np.errstate(over="ignore"):  # values beyond float32's range become infinite, which is refused
        for number, feature in enumerate(features):
            values[codes[order], steps, number] = table.numbers(feature)[order]

    def place(sequence: int, step: int, feature: int) -> str:
        at = row(int(order[first[sequence] + step]))
        return (
            f"{source}, {at}: the value of sequence {names[sequence]!s}, step {step}, feature {feature} "
            f"({features[feature]})"
        )

    sorted_codes = codes[order]
    if forecasting:
        targets: NDArray[Any] = lengths
    elif options.task == "tagging":
        targets = _each_step(table.column("target").to_numpy()[order], sorted_codes, steps, values.shape[:2])
    else:
        targets = table.constant("target", order, first, sorted_codes)
    return Sequences(
        source=source,
        values=values,
        targets=targets,
        predicted=features.index(columns["target"]) if forecasting else 0,
        lengths=lengths,
        splits=None if columns["split"] is None else table.constant("split", order, first, sorted_codes),
        groups=None if columns["group"] is None else table.constant("group", order, first, sorted_codes),
        features=tuple(features),
        place=place,
    )


def _each_step(
    labels: NDArray[Any], codes: NDArray[np.int64], steps: NDArray[np.int64], shape: tuple[int, ...]
) -> NDArray[Any]:
    """Return the label of every step, (n, T), with an arbitrary label at padded steps."""
    targets = np.full(shape, labels[0], labels.dtype)
    targets[codes, steps] = labels
    return targets


def _columns(frame: pd.DataFrame, options: Options, source: str) -> dict[str, Any]:
    """Return the column, or the columns, of each use."""
    there = list(frame.columns)
    if len(set(there)) < len(there):
        twice = next(name for name in there if there.count(name) > 1)
        raise DataError(f"{source} has two columns called {twice}: names must be unique.")
    forecasting = options.task == "forecasting"
    lower = {name.lower(): name for name in reversed(there)}
    wanted = options.features or ()
    columns: dict[str, Any] = {}
    for use, usual in USUAL.items():
        given = getattr(options, use)
        if given is not None:
            _check_there(given, there, source)
        found = (lower[name] for name in usual if name in lower and lower[name] not in wanted)
        columns[use] = given or next(found, None)
        if columns[use] is None and use in NEEDED and options.task != "forecasting":
            raise UsageError(
                f"{source} has no column for {NEEDED[use]}: its columns are {', '.join(there)}; name one with the "
                f"option {use}=COLUMN."
            )
    used = {name for use, name in columns.items() if name is not None and not (forecasting and use == "target")}
    for name in wanted:
        _check_there(name, there, source)
    columns["features"] = list(wanted) if wanted else [name for name in there if name not in used]
    if not columns["features"]:
        raise UsageError(f"{source} has no columns of features besides {', '.join(sorted(used))}: one is needed.")
    if forecasting:
        columns["target"] = _forecast_column(columns, source)
    return columns


def _forecast_column(columns: dict[str, Any], source: str) -> str:
    """Return the column to forecast, which is one of the features."""
    features: list[str] = columns["features"]
    name: str | None = columns["target"] or (features[0] if len(features) == 1 else None)
    if name is None:
        raise UsageError(
            f"{source} has several columns that could be forecast: name one of {', '.join(features)} with the option "
            f"target=COLUMN."
        )
    if name not in features:
        raise UsageError(f"{name} is forecast, so it must be one of the features: add it to them.")
    return name


def _check_there(name: str, there: list[str], source: str) -> None:
    if name not in there:
        raise UsageError(f"{source} has no column {name!r}: its columns are {', '.join(there)}.")


@dataclass(frozen=True)
class _Table:
    """A frame, the use of its columns, and how messages name it and its rows."""

    frame: pd.DataFrame
    columns: dict[str, Any]
    source: str
    row: Row

    def column(self, use: str) -> "pd.Series[Any]":
        """Return the column of a use; missing values are refused."""
        name = self.columns[use]
        series = self.frame[name]
        missing = series.isna().to_numpy()
        if missing.any():
            at = self.row(int(np.argmax(missing)))
            raise DataError(f"{self.source}, {at}: column {name} is empty, but every row needs its {use}.")
        column: pd.Series[Any] = series
        return column

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return a column of features as numbers."""
        series = self.frame[name]
        if not (pd.api.types.is_numeric_dtype(series) or pd.api.types.is_bool_dtype(series)):
            wrong = pd.to_numeric(series, errors="coerce").isna() & series.notna()
            at = int(np.argmax(wrong.to_numpy()))
            raise DataError(
                f"{self.source}, {self.row(at)}: column {name} has {series.iloc[at]!s}, but features must be numbers; "
                f"name the columns that are features with the option features=COLUMN,COLUMN."
            )
        return series.to_numpy(np.float64, na_value=np.nan)

    def in_time(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows' order: by sequence, and by time within."""
        if self.columns["time"] is None:
            return np.argsort(codes, kind="stable")
        series = self.column("time")
        if not (pd.api.types.is_numeric_dtype(series) or pd.api.types.is_datetime64_any_dtype(series)):
            times = pd.to_numeric(series, errors="coerce")
            if times.isna().all():
                times = pd.to_datetime(series.astype(str), errors="coerce", format="ISO8601")
            if times.isna().any():
                at = int(np.argmax(times.isna().to_numpy()))
                raise DataError(
                    f"{self.source}, {self.row(at)}: {series.name} is {series.iloc[at]!s}, but a time is a number or a "
                    f"date such as 2026-01-31 or 2026-01-31T12:00:00."
                )
            series = times
        time = series.to_numpy()
        order: NDArray[np.int64] = np.lexsort((time, codes))
        again = (codes[order][1:] == codes[order][:-1]) & (time[order][1:] == time[order][:-1])
        if again.any():
            earlier, later = (int(order[int(np.argmax(again)) + offset]) for offset in (0, 1))
            raise DataError(
                f"{self.source}, {self.row(later)}: sequence {self.frame[self.columns['sequence']].iloc[later]!s} has "
                f"{series.name} {series.iloc[later]!s} for the second time, first in {self.row(earlier)}: a sequence "
                f"has one row for each step."
            )
        return order

    def constant(
        self, use: str, order: NDArray[np.int64], first: NDArray[np.int64], codes: NDArray[np.int64]
    ) -> NDArray[Any]:
        """Return a column's value for each sequence, which must be the same in all rows of the sequence."""
        series = self.column(use)
        numbers, _ = pd.factorize(series)
        changed = numbers[order] != numbers[order[first]][codes]
        if changed.any():
            at = int(order[int(np.argmax(changed))])
            begin = int(order[first[codes[int(np.argmax(changed))]]])
            hint = "; for a class at each step choose task=tagging" if use == "target" else ""
            raise DataError(
                f"{self.source}, {self.row(at)}: {series.name} is {series.iloc[at]!s}, but {series.iloc[begin]!s} in "
                f"{self.row(begin)} of the same sequence: all rows of a sequence must have the same {use}{hint}."
            )
        labels: NDArray[Any] = series.to_numpy()[order[first]]
        return labels
