"""Tables in text files: encoding, separator and header are found in the first lines, and pandas reads the rest."""

import codecs
import csv
import io
import re
import warnings
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise.data.compressed import open_bytes
from lengthwise.data.header import cell_kind, has_header, has_units, is_simple
from lengthwise.data.options import Options
from lengthwise.errors import DataError, LengthwiseError, UsageError

BLANKS = r"\s+"

SEPARATORS = ("\t", ";", ",", "|", BLANKS)
"""Signs between cells that are tried; the first wins where several do as well."""

NAMES = {"\t": "tab", BLANKS: "blank", ";": "semicolon", ",": "comma", "|": "bar"}
"""How the option `sep` and messages call them."""

SAID = re.compile(r'"?sep=(.)"?')
"""A first line with which Excel is told the separator."""

SAMPLE = 1 << 17
"""Bytes from the beginning of a file that show how it is written."""

SAMPLE_LINES = 500

SURE = 0.9
"""A text file is a table if at least this share of its lines have the same number of simple cells …"""

NUMERIC = 0.5
"""… and at least this share of the cells are numbers or times."""


@dataclass(frozen=True)
class Dialect:
    """How a table is written.

    Attributes
    ----------
    sep : str
        What separates cells.
    encoding : str
    columns : int
        Cells of a line.
    header : bool
        Whether the table begins with the columns' names.
    skipped : int
        Lines before the table.
    units : int, optional
        The line below the names, from 0, that has units.
    certainty : float
        The share of lines that have that number of simple cells.
    numeric : float
        The share of cells that are numbers or times.
    rows : list of list of str
        The first lines.
    """

    sep: str
    encoding: str
    columns: int
    header: bool
    skipped: int
    units: int | None
    certainty: float
    numeric: float
    rows: list[list[str]] = field(repr=False)

    @property
    def is_table(self) -> bool:
        """Whether this is certainly a table, and not running text."""
        return self.columns > 1 and len(self.rows) > 2 and self.certainty >= SURE and self.numeric >= NUMERIC


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
    except (OSError, ValueError, UnicodeError, csv.Error) as error:
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
    filled = frame.notna().any(axis=1).to_numpy(np.bool_) | (frame.shape[1] == 1)
    frame = frame if filled.all() else frame[filled].reset_index(drop=True)
    return TextTable(frame, dialect, path, np.flatnonzero(filled), (*_notes(path, dialect, options), *footer))


def find_dialect(path: Path, options: Options) -> Dialect:
    """Find out how a table is written, where the options do not say it."""
    with open_bytes(path) as file:
        head = file.read(SAMPLE)
    encoding = options.encoding or _encoding(path, head)
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head, final=len(head) < SAMPLE)
    except LookupError:
        raise UsageError(f"encoding is {encoding!r}, but must be one that Python knows, such as cp1252.") from None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:SAMPLE_LINES]
    if len(head) == SAMPLE and len(lines) > 1:
        del lines[-1]  # it may have been cut
    said = SAID.fullmatch(lines[0]) if lines else None
    given = options.sep or (said[1] if said else None)
    wanted = (_separator(given),) if given else SEPARATORS
    if said:
        lines[0] = ""
    found = [_with_separator(lines, sep, encoding, options) for sep in wanted]
    best = max(found, key=lambda dialect: dialect.certainty if dialect.columns > 1 else 0)
    return replace(best, skipped=max(1, best.skipped)) if said else best


def _encoding(path: Path, head: bytes) -> str:
    """Return the encoding; where a file is neither UTF-8 nor UTF-16, most letters are those of Western Europe."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = [head[at:2000:2].count(0) / max(1, len(head[at:2000:2])) for at in (0, 1)]
    if len(head) >= 16 and max(zeros) > 0.3 and min(zeros) < 0.05:
        return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    if 0 in head:
        raise DataError(f"{path} cannot be read as a table: it has bytes that are not text.")
    for encoding in ("utf-8-sig", "cp1252"):
        with suppress(UnicodeDecodeError), open_bytes(path) as file:
            decoder = codecs.getincrementaldecoder(encoding)()
            while part := file.read(1 << 20):
                decoder.decode(part)
            decoder.decode(b"", final=True)
            return encoding
    return "latin-1"


def _separator(given: str) -> str:
    known = {name: sep for sep, name in NAMES.items()} | {"space": BLANKS, " ": BLANKS, "\\t": "\t", "pipe": "|"}
    sep = known.get(given, given)
    if len(sep) != 1 and sep != BLANKS:
        raise UsageError(f"sep is {given!r}, but must be one sign, such as ; or tab, or blank for any blanks.")
    return sep


def _cells(lines: Iterable[str], sep: str) -> Iterator[list[str]]:
    if sep == BLANKS:
        yield from (next(csv.reader([" ".join(line.split())], delimiter=" ")) for line in lines if line.strip())
        return
    yield from (row for row in csv.reader(lines, delimiter=sep, skipinitialspace=True) if row)


def _with_separator(lines: list[str], sep: str, encoding: str, options: Options) -> Dialect:
    """Return how a table is written if `sep` separates its cells."""
    try:
        rows = list(_cells(lines, sep))
    except csv.Error:
        rows = []
    widths = Counter(map(len, rows))
    columns = widths.most_common(1)[0][0] if widths else 1
    first = next((at for at, row in enumerate(rows) if len(row) == columns), 0)
    if (
        first
        and not SAID.fullmatch(lines[0])
        and len(rows[first - 1]) in (columns - 1, columns + 1)
        and len(rows[first - 1]) > 1
    ):
        first -= 1  # names with one more or one fewer than there are cells, as R writes them
    table = rows[first:]
    even = [row for row in table if len(row) == columns]
    cells = [cell for row in even for cell in row]
    simple = sum(map(is_simple, cells)) / max(1, len(cells))
    numeric = sum(cell_kind(cell) in ("number", "time") for cell in cells) / max(1, len(cells))
    certainty = simple * len(even) / max(1, len(rows))
    units = options.header is None and has_units(table) and has_header([table[0], *table[2:]])
    header = options.header == "first" if options.header else units or has_header(table)
    below = _lines_before(lines, sep, first + 1) if units else None
    return Dialect(sep, encoding, columns, header, _lines_before(lines, sep, first), below, certainty, numeric, table)


def _lines_before(lines: list[str], sep: str, rows: int) -> int:
    """Return how many lines are before a row."""
    if not rows:
        return 0
    if sep == BLANKS:
        return [at for at, line in enumerate(lines) if line.strip()][rows]
    reader = csv.reader(lines, delimiter=sep, skipinitialspace=True)
    filled = (row for row in reader if row)
    for _ in islice(filled, rows):
        pass
    return reader.line_num


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
    elif dialect.rows and len(dialect.rows[0]) == dialect.columns - 1 and not any(r[-1] for r in dialect.rows[1:]):
        arguments["index_col"] = False  # every line ends with a separator, but not the first
    if options.decimal or options.thousands:
        arguments["dtype"] = "str"
    return arguments


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
        while last and len(next(iter(_cells([last[-1]], dialect.sep)), [])) < min(2, dialect.columns):
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
        yield f"{path.name} is not UTF-8, and was read as {dialect.encoding}: name another with encoding=…"
    if not dialect.header and options.header is None:
        shown = ", ".join(f"column{at + 1} ({cell})" for at, cell in enumerate(dialect.rows[0][:8]))
        yield f"the table has no line of names, so its columns are {shown}: header=first, if it has"
    if dialect.skipped:
        lines = "line is" if dialect.skipped == 1 else f"{dialect.skipped} lines are"
        yield f"the first {lines} no part of the table"
    if dialect.units is not None:
        yield f"line {dialect.units + 1} has units, and no values: {', '.join(dialect.rows[1][:4])}"


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
