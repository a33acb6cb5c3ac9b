"""Tables in text files, read by pandas as their `Dialect` says."""

import csv
import io
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise.data.cells import EXACT
from lengthwise.data.column_names import GROUP, SEQUENCE, TARGET, plain_name
from lengthwise.data.compressed import UNPACKING, open_bytes
from lengthwise.data.dialect import BLANKS, NAMES, Dialect, cells_of, encodings_that_fit, find_dialect
from lengthwise.data.options import Options
from lengthwise.errors import DataError, LengthwiseError

UNREADABLE: tuple[type[Exception], ...] = (OSError, ValueError, UnicodeError, csv.Error, *UNPACKING)
"""What a file raises that is damaged or no text."""

COMMENT = ("#", "%", "//")
"""Signs before a line of names that are none themselves."""


@dataclass(frozen=True)
class TextTable:
    """A table that was read from a text file.

    Attributes
    ----------
    frame : DataFrame
    dialect : Dialect
    path : Path
    rows : ndarray of shape (n,), int64
        The number of each row in the file: those without any cell were left out.
    notes : tuple of str
        What was found out about the file and may be wrong.
    """

    frame: pd.DataFrame
    dialect: Dialect
    path: Path
    rows: NDArray[np.int64]
    notes: tuple[str, ...]

    def line(self, row: int) -> str:
        """Return where a row of the frame is in the file."""
        dialect = self.dialect
        numbers: Iterator[int]
        if dialect.sep == BLANKS:
            numbers = (at for at, line in _numbered(self.path, dialect) if line.strip())
        else:
            numbers = _last_lines(self.path, dialect)
        with suppress(csv.Error, UnicodeError):
            for at in islice(numbers, self.rows[row] + dialect.header + (dialect.units is not None), None):
                return f"line {at}"
        return f"row {row}"


def read_delimited(path: Path, options: Options) -> TextTable:
    """Read a table from a text file.

    Raises
    ------
    DataError
        If it cannot be read.
    UsageError
        If an option does not fit.
    """
    try:
        dialect = find_dialect(path, options)
        frame, footer = _parsed(path, dialect, options)
    except LengthwiseError:
        raise
    except pd.errors.ParserError as error:
        raise DataError(_uneven(path, dialect, error)) from error
    except UNREADABLE as error:
        detail = " ".join(str(error).split()).rstrip(".")
        raise DataError(f"{path} cannot be read as a table: {detail}.") from error
    if not isinstance(frame.index, pd.RangeIndex):  # lines have more cells than there are names: R's names of rows
        free = (f"Unnamed: {at}" for at in count() if f"Unnamed: {at}" not in frame.columns)
        frame = frame.reset_index(names=list(islice(free, frame.index.nlevels)))
    frame.columns = pd.Index(_clean_names(frame.columns, dialect))
    unnamed = frame.columns[frame.columns.str.startswith("Unnamed:")]
    frame = frame.drop(columns=[name for name in unnamed if frame[name].isna().all()])
    for name in frame.select_dtypes(["object", "string"]):
        frame[name] = _clean_cells(frame[name])
        if _may_be_label(str(name), options) and frame[name].dtype == object:
            frame[name] = _numbers_if_certain(frame[name])
    filled = frame.notna().any(axis=1).to_numpy(np.bool_) | (frame.shape[1] == 1)
    frame = frame if filled.all() else frame[filled].reset_index(drop=True)
    notes = (*_notes(path, dialect, options), *footer)
    if frame.shape[1] and frame.iloc[:, -1].isna().any():
        notes += tuple(_short_lines(path, dialect, len(filled)))
    return TextTable(frame, dialect, path, np.flatnonzero(filled), notes)


def _arguments(dialect: Dialect, options: Options) -> dict[str, Any]:
    """Return the arguments for pandas. Words for missing values are kept: they may be names of classes."""
    arguments: dict[str, Any] = {
        "sep": dialect.sep,
        "encoding": dialect.encoding,
        "skiprows": [*range(dialect.skipped), *(() if dialect.units is None else (dialect.units,))],
        "skipinitialspace": True,
        "keep_default_na": False,
        "na_values": [""],
        "low_memory": False,
    }
    if not dialect.header:
        arguments |= {"header": None, "names": [f"column{at + 1}" for at in range(dialect.columns)]}
    elif dialect.rows and len(dialect.rows[0]) == dialect.columns + 1 and dialect.rows[0][0].strip() in COMMENT:
        arguments |= {"header": None, "names": dialect.rows[0][1:]}
        arguments["skiprows"].append(dialect.skipped)
    elif dialect.rows and len(dialect.rows[0]) == dialect.columns - 1 and not any(r[-1] for r in dialect.rows[1:]):
        arguments["index_col"] = False  # every line ends with a separator, but not the first
    if options.decimal or options.thousands:
        arguments["dtype"] = "str"
    else:
        keys = {*(options.sequence or ()), options.group}
        names = arguments.get("names") or (dialect.rows[0] if dialect.header and dialect.rows else [])
        arguments["dtype"] = {  # 01 and 1 are two names
            name: "str"
            for name in names
            if name.strip() in keys or plain_name(name) in (*SEQUENCE, *GROUP) or _may_be_label(name, options)
        }
    return arguments


def _may_be_label(name: str, options: Options) -> bool:
    """Return whether a column is the target, or may be; what is forecast is never a name."""
    if options.task == "forecasting":
        return False
    return name.strip() == options.target if options.target else plain_name(name) in TARGET


def _numbers_if_certain(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return text as numbers, unless they would be fewer than the cells are: of 01 and 1, and of very many digits."""
    numbers = pd.to_numeric(column, errors="coerce")
    if not (numbers.notna() == column.notna()).all() or numbers.abs().max() >= EXACT:
        return column
    return column if column.nunique() > numbers.nunique() and column.str.contains(r"^[-+]?0\d").any() else numbers


def _clean_names(names: Iterable[Any], dialect: Dialect) -> list[str]:
    """Return columns' names without blanks around them."""
    cleaned = [" ".join(str(name).strip("\N{ZERO WIDTH NO-BREAK SPACE}").split()) for name in names]
    if dialect.header and len(set(cleaned)) < len(cleaned):
        twice = next(name for name in cleaned if cleaned.count(name) > 1)
        raise DataError(f"two columns are called {twice}: names must be unique.")
    return cleaned


def _clean_cells(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return text without blanks around it and without ends of lines; a column without any cell holds numbers."""
    if column.isna().all():
        return column.astype(np.float64)
    text = column.map(str, na_action="ignore").astype(object)
    return text.str.strip().str.replace(r"\s*[\r\n]\s*", " ", regex=True)


def _parsed(path: Path, dialect: Dialect, options: Options) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return a table as pandas reads it, without last lines that have too few cells, and a note of them."""
    arguments = _arguments(dialect, options)
    with warnings.catch_warnings(action="ignore", category=pd.errors.ParserWarning):
        frame = pd.read_csv(path, **arguments)
        if len(frame) < 2 or frame.shape[1] < 2 or not frame.iloc[-1, 1:].isna().all():
            return frame, ()
        last = deque((text for _, text in _numbered(path, dialect) if text.strip()), maxlen=10)
        short = 0
        while last and len(next(iter(cells_of([last[-1]], dialect.sep)), [])) < min(2, dialect.columns):
            last.pop()
            short += 1
        if not short:
            return frame, ()
        lines = "the last line is" if short == 1 else f"the last {short} lines are"
        note = f"{lines} no part of the table: {frame.iloc[-short, 0]!s:.60}"
        return pd.read_csv(path, **arguments, nrows=len(frame) - short), (note.strip(),)


def _numbered(path: Path, dialect: Dialect) -> Iterator[tuple[int, str]]:
    """Yield the lines of the table, each with its number in the file."""
    with open_bytes(path) as raw:
        lines = io.TextIOWrapper(raw, dialect.encoding, newline="")
        yield from islice(enumerate(lines, 1), dialect.skipped, None)


def _last_lines(path: Path, dialect: Dialect) -> Iterator[int]:
    """Yield the number of the last line of each row."""
    lines = (line for _, line in _numbered(path, dialect))
    reader = csv.reader(lines, delimiter=dialect.sep, skipinitialspace=True)
    for row in reader:
        if row:
            yield reader.line_num + dialect.skipped


def _notes(path: Path, dialect: Dialect, options: Options) -> Iterator[str]:
    if dialect.encoding in ("cp1252", "latin-1") and options.encoding is None:
        others = encodings_that_fit(path)
        such = f", such as {' or '.join(others)}" if others else "…"
        yield f"{path.name} is not UTF-8, and was read as {dialect.encoding}: name another with encoding={such}"
    if not dialect.header and options.header is None:
        shown = ", ".join(f"column{at + 1} ({cell})" for at, cell in enumerate(dialect.rows[0][:5]))
        yield f"the table has no line of names, so its columns are {shown}: header=first, if it has"
    if dialect.skipped:
        lines = "line is" if dialect.skipped == 1 else f"{dialect.skipped} lines are"
        yield f"the first {lines} no part of the table"
    if dialect.units is not None:
        yield f"line {dialect.units + 1} has units, and no values: {', '.join(dialect.rows[1][:4])}"


def _short_lines(path: Path, dialect: Dialect, rows: int) -> Iterator[str]:
    """Yield a note if lines have fewer cells than there are columns, since pandas takes these for missing."""
    at = 0

    def lines() -> Iterator[str]:
        nonlocal at
        for at, line in _numbered(path, dialect):  # noqa: B007 - read below
            yield line

    table = islice(cells_of(lines(), dialect.sep), rows + dialect.header + (dialect.units is not None))
    with suppress(csv.Error):
        short = [(at, len(row)) for row in table if len(row) < dialect.columns and any(map(str.strip, row))]
        if short:
            line, cells = short[0]
            one = f"line {line} has only {cells} of {dialect.columns} cells"
            found = (
                one if len(short) == 1 else f"{len(short):,} lines lack cells at their end, the first is line {line}"
            )
            yield f"{found}: what is lacking is taken for missing"


def _uneven(path: Path, dialect: Dialect, error: Exception) -> str:
    """Return a message for lines with too many cells, or quotes that do not end."""
    words = str(error).split()
    with suppress(ValueError, IndexError):
        line, saw = int(words[words.index("line") + 1].strip(",")), int(words[words.index("saw") + 1])
        return (
            f"{path}, line {line}: there are {saw} cells, but {dialect.columns} in the lines before it, separated by "
            f"{NAMES.get(dialect.sep, dialect.sep)}: mend the line, or name what separates cells with sep=, for "
            f"example sep=semicolon, sep=tab or sep=blank."
        )
    if "EOF" in words and words[-1].isdigit():
        at = int(words[-1]) + dialect.skipped + 1
        return f"{path}: a quote that begins near line {at} does not end: mend the line."
    return f"{path} cannot be read as a table: {' '.join(words).rstrip('.')}."
