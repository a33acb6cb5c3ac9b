"""Tables in long form, with a row for each time step: text files, Parquet, pandas and polars frames."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise._internal.extras import required
from lengthwise.data.cells import are_names, as_numbers, as_text, is_missing, is_number_column
from lengthwise.data.column_names import seconds_in
from lengthwise.data.columns import Columns, find_columns, find_text_columns, numbered
from lengthwise.data.dated_columns import series_of_rows
from lengthwise.data.delimited import read_delimited
from lengthwise.data.documents import are_texts, encoded, encoded_texts, token_column, tokens_of, training_part
from lengthwise.data.features import Features
from lengthwise.data.labels import change_like_numbers, whole_classes
from lengthwise.data.levels import level_of
from lengthwise.data.likely import with_likely_use
from lengthwise.data.list_cells import ROW, unlisted
from lengthwise.data.options import Options
from lengthwise.data.period_rows import parts_of_periods
from lengthwise.data.reading import Reading, listed
from lengthwise.data.sequence_keys import runs_of
from lengthwise.data.sequence_types import Sequences
from lengthwise.data.stacked import unstacked
from lengthwise.data.steps import Steps, in_time, time_facts
from lengthwise.data.targets import TARGETS, TaskName
from lengthwise.data.times import read_times
from lengthwise.data.totals import without_totals
from lengthwise.data.wide import from_wide, is_wide
from lengthwise.errors import DataError, UsageError

CHANGING = 0.1
"""Where targets change within more than this share of the sequences, rows have targets, and not sequences."""

Row = Callable[[int], str]
"""Describes, for messages, where a row is."""


def read_table(path: Path, options: Options) -> Sequences:
    """Read a Parquet file, or a table in a text file, plain or compressed."""
    if path.name.lower().endswith(".parquet"):
        required("pyarrow", "reading a Parquet file", "parquet")
        try:
            frame = pd.read_parquet(path)
        except Exception as error:  # pyarrow raises many kinds of error for an invalid file
            detail = " ".join(str(error).split()).rstrip(".")
            raise DataError(f"{path} cannot be read as a table: {detail}.") from error
        return from_frame(frame, options, str(path))
    table = read_delimited(path, options)
    line = replace(table, frame=pd.DataFrame()).line  # messages outlive the table, and need the file alone
    return from_frame(table.frame, options, str(path), line, table.notes)


def as_pandas(data: Any) -> pd.DataFrame:
    """Return a pandas or a polars frame as a pandas frame."""
    if isinstance(data, pd.DataFrame):
        return data
    frame = data.collect() if hasattr(data, "collect") else data
    return pd.DataFrame({name: frame[name].to_numpy() for name in frame.columns})


def from_frame(
    frame: pd.DataFrame,
    options: Options,
    source: str = "the frame",
    row: Row = lambda row: f"row {row}",
    notes: tuple[str, ...] = (),
) -> Sequences:
    """Return the sequences of a table, in the order in which they first appear, each in the order of time.

    Parameters
    ----------
    frame : DataFrame
        A row for each time step.
    options : Options
        Its columns' names; see `lengthwise.data.columns` for the names that are tried otherwise.
    source : str
        How messages name the table.
    row : callable
        Describes where a row is.
    notes : tuple of str
        What was found out about the table before.

    Raises
    ------
    UsageError
        If a column does not exist.
    DataError
        If the rows are invalid.
    """
    if not isinstance(frame.index, pd.RangeIndex):
        if isinstance(frame.index, pd.DatetimeIndex | pd.PeriodIndex | pd.TimedeltaIndex) and frame.index.name is None:
            frame = frame.rename_axis("time index")
        names = [name for name in frame.index.names if name is not None and name not in frame.columns]
        frame = frame.reset_index(drop=len(names) < frame.index.nlevels)
    frame = frame.rename(columns=str)
    if frame.empty:
        raise DataError(f"{source} has no rows: one for each time step is needed.")
    if options.layout in ("channels_first", "channels_last"):
        raise UsageError(f"layout is {options.layout}, but {source} is a table: choose long or wide, or leave it out.")
    of_lists = unlisted(frame, options, source, row)
    if of_lists is not None:
        frame, rows, note = of_lists
        row, notes = _row_of(row, rows), (*notes, note)
        options = options if options.sequence else replace(options, sequence=(ROW,))
    frame, total = without_totals(frame)
    notes = (*notes, total) if total else notes
    whole = unstacked(frame, options) or parts_of_periods(frame, options)
    if whole is not None:
        frame, rows, note = whole
        row, notes = _row_of(row, rows), (*notes, note)
    doubts: tuple[str, ...] = ()
    is_labelled = options.task is None and is_wide(frame, options)
    if not is_labelled and (dated := series_of_rows(frame, options)) is not None:
        frame, rows, said, doubts = dated
        row, notes = _row_of(row, rows), (*notes, *said)
    if options.task != "language" and is_wide(frame, options):
        return from_wide(frame, options, source, row, notes)
    likely = with_likely_use(frame, options, source)
    found = _read(frame, likely.options, source, row, (*likely.notes, *notes))
    found = replace(found, reading=replace(found.reading, doubts=(*doubts, *likely.doubts, *found.reading.doubts)))
    return found if likely.options == options else replace(found, options=likely.options)


def _row_of(row: Row, rows: NDArray[np.int64]) -> Row:
    """Return what describes the rows that another table's rows were made of."""
    return lambda at: row(int(rows[at]))


def _read(frame: pd.DataFrame, options: Options, source: str, row: Row, notes: tuple[str, ...]) -> Sequences:
    """Return the sequences of a table with a row for each step, or the documents of one of tokens."""
    if options.task == "language":
        name = token_column(frame, options, source)
        is_text = name in frame and are_texts(frame[name])
        options = replace(options, target=name, sequence=("none",) if is_text else options.sequence)
        return _Table(frame, find_columns(frame, options, source), options, source, row).documents(notes, texts=is_text)
    texts = find_text_columns(frame, options, source)
    if texts is not None:
        return _Table(frame, texts, options, source, row).texts(notes)
    return _Table(frame, find_columns(frame, options, source), options, source, row).sequences(notes)


class _Table:
    """A frame, the use of its columns, and how messages name it and its rows."""

    def __init__(self, frame: pd.DataFrame, columns: Columns, options: Options, source: str, row: Row) -> None:
        self.frame = frame
        self.columns = columns
        self.options = options
        self.source = source
        self.row = row
        for name in columns.sequence:
            self.complete(name, "sequence")
        self.codes, self.names = numbered(frame, columns.sequence)
        if columns.count:
            self.codes = runs_of(frame[columns.count])
            self.names = list(map(str, range(self.codes[-1] + 1)))

    def sequences(self, notes: tuple[str, ...]) -> Sequences:
        """Return the sequences; `notes` say what was found out about the table before."""
        columns, options = self.columns, self.options
        features = Features(self.frame, columns.rest, options, self.row, self.source)
        times = None
        if columns.time:
            times = read_times([self.frame[name] for name in columns.time], options, self.row, self.source)
        steps = in_time(self.frame, self.codes, times, columns, options, self.row, self.source)
        forecasting = options.task == "forecasting"
        task, task_notes = self.task(steps)
        chosen = features.choose(steps.rows, steps.same, columns.target)
        target = self.forecast_column(chosen) if forecasting else columns.target
        is_far = any(level_of(features.values[name]) for name in chosen)
        kind = np.float64 if forecasting or is_far else np.float32
        values = np.zeros((steps.count, int(steps.lengths.max()), len(chosen)), kind)
        with np.errstate(over="ignore"):  # values beyond float32's range become infinite, which is refused
            for number, name in enumerate(chosen):
                values[steps.codes, steps.places, number] = steps.merged(features.values.pop(name))
        if forecasting:
            targets: NDArray[Any] = steps.lengths
        elif task is not None and TARGETS[task].every_step:
            labels = whole_classes(self.labels()) if task == "tagging" else self.labels()
            targets = steps.spread(labels[steps.rows])
        else:
            targets = self.constant(self.labels(), str(target), "target", steps)
        facts = (*self.facts(target), *time_facts(times, steps, self.row))
        return Sequences(
            source=self.source,
            task=task,
            values=values,
            targets=targets,
            predicted=chosen.index(target) if forecasting and target else 0,
            lengths=steps.lengths,
            names=tuple(map(str, self.names)) if columns.sequence else (),
            times=None if times is None else steps.spread(times.values[steps.rows]),
            time_unit=seconds_in(columns.time[0]) if len(columns.time) == 1 else None,
            splits=self.of_sequences(columns.split, "split", steps),
            groups=self.of_sequences(columns.group, "group", steps),
            grouped_by=columns.group or "",
            features=chosen,
            place=self.place(steps, chosen),
            reading=Reading(
                facts,
                (*notes, *columns.notes, *(times.notes if times else ()), *features.notes, *steps.notes, *task_notes),
                features.doubts,
            ),
        )

    def documents(self, notes: tuple[str, ...], *, texts: bool) -> Sequences:
        """Return documents of tokens, or of the characters of a text in each row."""
        columns, options = self.columns, self.options
        if texts:
            self.codes, self.names = np.arange(len(self.frame)), list(map(str, range(len(self.frame))))
            notes = (*notes, f"each row's {columns.target} is a document, of characters")
        column = self.complete(str(columns.target), "token")
        times = None
        if columns.time and not texts:
            times = read_times([self.frame[name] for name in columns.time], options, self.row, self.source)
        steps = in_time(self.frame, self.codes, times, columns, options, self.row, self.source)
        cells = tokens_of(column, self.source)[steps.rows]
        whole = [np.array(list(cell), object) for cell in cells] if texts else np.split(cells, steps.first[1:])
        kept = np.array([at for at, document in enumerate(whole) if len(document) > 1], np.int64)
        if len(kept) < len(whole):
            notes = (*notes, f"{len(whole) - len(kept):,} documents of fewer than two tokens are left out")
        if not len(kept):
            raise DataError(f"{self.source} has no document of two tokens or more: sequence=COLUMN tells them apart.")
        groups, splits = (
            None if own is None else own[kept]
            for own in (
                self.of_sequences(columns.group, "group", steps),
                self.of_sequences(columns.split, "split", steps),
            )
        )
        chosen = [whole[at] for at in kept]
        splits, training = training_part(chosen, splits, groups, options)
        found = encoded(chosen, training)
        said = (*columns.notes, *(times.notes if times else ()), *(() if texts else steps.notes), *found.notes)
        return Sequences(
            source=self.source,
            task="language",
            values=found.values,
            targets=found.targets,
            lengths=found.lengths,
            splits=splits,
            groups=groups,
            grouped_by=columns.group or "",
            features=found.tokens,
            classes=found.tokens,
            reading=Reading(self.facts(columns.target), (*notes, *said)),
        )

    def texts(self, notes: tuple[str, ...]) -> Sequences:
        """Return the texts of which each row has one, with a target for each."""
        columns = self.columns
        (name,) = columns.rest
        found = encoded_texts(self.complete(name, "text"))
        splits, groups = (
            None if column is None else self.complete(column, use).to_numpy()
            for column, use in ((columns.split, "split"), (columns.group, "group"))
        )
        return Sequences(
            source=self.source,
            values=found.values,
            targets=self.labels(),
            lengths=found.lengths,
            splits=splits,
            groups=groups,
            grouped_by=columns.group or "",
            features=found.tokens,
            reading=Reading(self.facts(columns.target), (*notes, *columns.notes, *found.notes)),
        )

    def task(self, steps: Steps) -> tuple[TaskName | None, tuple[str, ...]]:
        """Return what is predicted, if that is known, and a note if it was not said: whether rows have targets.

        They have where targets change within sequences; in few of many sequences they change by mistake.
        """
        options = self.options
        asked = options.task
        asks_steps = bool({"label", "stride", "gap"} & options.given.keys())
        if asked in ("tagging", "step_regression"):
            return asked, ()
        if asked not in (None, "regression") and not (asked == "classification" and asks_steps):
            return None, ()
        labels = self.labels()
        numbers, _ = pd.factorize(labels)
        changed = numbers[steps.rows] != numbers[steps.rows[steps.first]][steps.codes]
        share = np.bincount(steps.codes, changed, steps.count).astype(np.bool_).mean()
        if not asks_steps and share <= CHANGING:
            return None, ()
        written, labels = labels, whole_classes(labels)
        is_number = labels.dtype.kind == "f" or change_like_numbers(labels[steps.rows], steps.same)
        task: TaskName = "step_regression" if asked == "regression" or (asked is None and is_number) else "tagging"
        note = f"{self.columns.target} changes within sequences, so it is predicted at every step: task={task}"
        if task == "tagging" and written.dtype.kind == "f":
            note += ", or task=step_regression, if its whole numbers are no classes"
        if task == "step_regression" and labels.dtype.kind != "f":
            note += ", or task=tagging, if its whole numbers are classes"
        return task, () if asks_steps else (note,)

    def place(self, steps: Steps, features: tuple[str, ...]) -> Callable[[int, int, int], str]:
        """Return a description of where the value of a sequence, a step and a feature is, which keeps no table."""
        source, row, names = self.source, self.row, self.names

        def describe(sequence: int, step: int, feature: int) -> str:
            return (
                f"{source}, {row(int(steps.rows[steps.first[sequence] + step]))}: the value of sequence "
                f"{names[sequence]}, step {step}, feature {feature} ({features[feature]})"
            )

        return describe

    def facts(self, target: str | None) -> tuple[tuple[str, str], ...]:
        """Return the columns by their use."""
        columns = self.columns
        uses = {
            "sequence": ", ".join(columns.sequence),
            "time": ", ".join(columns.time),
            "target": target,
            "split": columns.split,
            "group": columns.group,
        }
        shown = "; ".join(f"{use} {name}" for use, name in uses.items() if name)
        return (("columns", shown),) if shown else ()

    def forecast_column(self, features: tuple[str, ...]) -> str:
        """Return the column to forecast, which is one of the features."""
        there = [name for name in features if name in self.frame]
        numbers = tuple(name for name in there if not pd.api.types.is_bool_dtype(self.frame[name]))
        name = self.columns.target or (numbers[0] if len(numbers) == 1 else None)
        if name is None:
            raise UsageError(
                f"{self.source} has several columns that could be forecast: name one of {listed(numbers, 20)} with "
                f"the option target=COLUMN; the others are inputs."
            )
        if name not in features:
            raise UsageError(f"{name} is forecast, so it must be one of the features: add it to them.")
        return name

    def complete(self, name: str, use: str) -> "pd.Series[Any]":
        """Return a column; missing cells are refused."""
        series = self.frame[name]
        missing = series.isna().to_numpy()
        if missing.any():
            at = self.row(int(np.argmax(missing)))
            raise DataError(f"{self.source}, {at}: column {name} is empty, but every row needs its {use}.")
        column: pd.Series[Any] = series
        return column

    def labels(self) -> NDArray[Any]:
        """Return the column of targets: names as they stand, and numbers in any notation."""
        series = self.complete(str(self.columns.target), "target")
        if is_number_column(series):
            return series.to_numpy()
        text = as_text(series)
        if self.options.task not in ("regression", "step_regression") and are_names(text):
            return text.to_numpy(object)
        missing = is_missing(series, self.options)
        try:
            numbers = as_numbers(series, self.options)
        except UsageError:
            numbers = None
        if numbers is None or missing.all() or numbers.wrong[~missing].any():
            return text.to_numpy(object)
        if missing.any():
            at = int(np.argmax(missing))
            raise DataError(
                f"{self.source}, {self.row(at)}: column {series.name} has {text.iloc[at]!r} among numbers, but every "
                f"row needs its target."
            )
        whole = (numbers.values == np.floor(numbers.values)).all() and not text.str.contains("[.,eE]").any()
        return numbers.values.astype(np.int64) if whole else numbers.values

    def of_sequences(self, name: str | None, use: str, steps: Steps) -> NDArray[Any] | None:
        """Return a column's value for each sequence; None if there is no such column."""
        return None if name is None else self.constant(self.complete(name, use).to_numpy(), name, use, steps)

    def constant(self, values: NDArray[Any], name: str, use: str, steps: Steps) -> NDArray[Any]:
        """Return the value for each sequence, which must be the same in all rows of the sequence."""
        numbers, _ = pd.factorize(values)
        changed = numbers[steps.rows] != numbers[steps.rows[steps.first]][steps.codes]
        if changed.any():
            at = int(steps.rows[int(np.argmax(changed))])
            begin = int(steps.rows[steps.first[steps.codes[int(np.argmax(changed))]]])
            hint = "; for a class at each step choose task=tagging" if use == "target" else ""
            raise DataError(
                f"{self.source}, {self.row(at)}: {name} is {values[at]!s}, but {values[begin]!s} in {self.row(begin)} "
                f"of the same sequence: all rows of a sequence must have the same {use}{hint}."
            )
        return values[steps.rows[steps.first]]
