"""How a table in a text file is written: encoding, separator and header, as its first lines show them."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from lengthwise.data.compressed import open_bytes
from lengthwise.data.header import cell_kind, has_header, has_units, is_simple
from lengthwise.data.options import Options
from lengthwise.errors import DataError, UsageError

BLANKS = r"\s+"

SEPARATORS = ("\t", ";", ",", "|", BLANKS)
"""Signs between cells that are tried; the first wins where several do as well."""

NAMES = {"\t": "tab", BLANKS: "blank", ";": "semicolon", ",": "comma", "|": "bar"}
"""How the option `sep` and messages call them."""

OTHER_LETTERS = ("cp949", "shift_jis", "gb18030", "big5", "cp1251")
"""Encodings of Korean, Japanese, Chinese and Russian, of which some can be told to be wrong."""

NO_TABLES = {
    b"version https://git-lfs": "a pointer of Git LFS, and not the file itself: fetch that with git lfs pull",
    b"<!doctype html": "a page of the web, and no table: save the file that it links to",
    b"<html": "a page of the web, and no table: save the file that it links to",
    b'{"': "JSON: rename it, to .jsonl or .json",
    b'[{"': "JSON: rename it, to .jsonl or .json",
}
"""How files begin that people take for tables, in lower case, and what they are."""

RARE = 0.2
"""Words of other letters seldom have one of them alone."""

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
        """Whether this is certainly a table, and not running text: of one column, if it is of numbers."""
        numeric = NUMERIC if self.columns > 1 else SURE
        return len(self.rows) > 2 and self.certainty >= SURE and self.numeric >= numeric


def find_dialect(path: Path, options: Options) -> Dialect:
    """Find out how a table is written, where the options do not say it."""
    with open_bytes(path) as file:
        head = file.read(SAMPLE)
    for begin, what in NO_TABLES.items():
        if head.lstrip().lower().startswith(begin):
            raise DataError(f"{path} is {what}.")
    encoding = options.encoding or _encoding(path, head)
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head, final=len(head) < SAMPLE)
    except LookupError:
        raise UsageError(f"encoding is {encoding!r}, but must be one that Python knows, such as cp1252.") from None
    if 0 not in "0".encode(encoding):
        _refuse_zeros(path)
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
    for encoding in ("utf-8-sig", "cp1252"):
        with suppress(UnicodeDecodeError), open_bytes(path) as file:
            decoder = codecs.getincrementaldecoder(encoding)()
            while part := file.read(1 << 20):
                decoder.decode(part)
            decoder.decode(b"", final=True)
            return encoding
    return "latin-1"


def encodings_that_fit(path: Path) -> list[str]:
    """Return encodings of other letters than those of Western Europe, if whole words seem to be of such letters."""
    with open_bytes(path) as file:
        head = file.read(SAMPLE)
    runs = re.findall(rb"[\x80-\xff]+", head)
    if not runs or sum(len(run) == 1 for run in runs) > RARE * len(runs):
        return []
    found = []
    for encoding in OTHER_LETTERS:
        with suppress(UnicodeDecodeError):
            codecs.getincrementaldecoder(encoding)().decode(head)
            found.append(encoding)
    return found


def _refuse_zeros(path: Path) -> None:
    """Raise `DataError` if a byte is zero, as disks and copies leave them: pandas takes one for the end of a cell."""
    line = 1
    with open_bytes(path) as file:
        while part := file.read(1 << 20):
            before, zero, _ = part.partition(b"\0")
            line += before.count(b"\n")
            if zero:
                raise DataError(
                    f"{path} cannot be read as a table: line {line} has a zero byte, which no text has, so it is "
                    f"damaged there, or no text."
                )


def _separator(given: str) -> str:
    known = {name: sep for sep, name in NAMES.items()} | {"space": BLANKS, " ": BLANKS, "\\t": "\t", "pipe": "|"}
    sep = known.get(given, given)
    if len(sep) != 1 and sep != BLANKS:
        raise UsageError(f"sep is {given!r}, but must be one sign, such as ; or tab, or blank for any blanks.")
    return sep


def cells_of(lines: Iterable[str], sep: str) -> Iterator[list[str]]:
    """Yield the cells of each row; lines without any are left out."""
    if sep == BLANKS:
        yield from (next(csv.reader([" ".join(line.split())], delimiter=" ")) for line in lines if line.strip())
        return
    yield from (row for row in csv.reader(lines, delimiter=sep, skipinitialspace=True) if row)


def _with_separator(lines: list[str], sep: str, encoding: str, options: Options) -> Dialect:
    """Return how a table is written if `sep` separates its cells."""
    try:
        rows = list(cells_of(lines, sep))
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
    if sep == BLANKS and numeric == 0 and rows and len(rows[0]) == 1:
        columns = 1  # texts of as many words each, below the name of their column
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
