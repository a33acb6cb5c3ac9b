"""Whether a table begins with the names of its columns, and what its cells look like."""

import re

from lengthwise.data.cells import MISSING, NUMBER

TIME = re.compile(
    r"\d{1,4}([-/.])\d{1,2}(\1\d{1,4})?([T ,]+\d{1,2}:\d{2}.*)?|\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[APap][Mm])?"
    r"|\d{4}-?Q[1-4]|\d{1,2}[- ][A-Za-z]{3,9}[- ,]+\d{2,4}( .*)?|[A-Za-z]{3,9} \d{1,2},? \d{4}( .*)?"
)
"""What a date or a time of day looks like."""

PART_OF_ANOTHER = re.compile(r'[,;|\t"]')
"""Signs that show that a cell holds several."""

SEVERAL_NUMBERS = re.compile(r"[^,]*,|(?![-+]?\d{1,3}(,\d{3})+(\.\d*)?$)[^,]*,[^,]*,.*")
"""A comma at the end, or several that are not between thousands."""

LINE_END = ";"
"""A sign that some programs write at the end of every line."""

COUNTED_NAMES = 4
"""This many whole numbers that count on are names of columns, if they begin at 0 or 1."""


def cell_kind(cell: str) -> str:
    """Return what a cell looks like: number, time, missing or text.

    >>> [cell_kind(cell) for cell in ("1.589,29", "31.01.2026 12:00", "?", "wood")]
    ['number', 'time', 'missing', 'text']
    """
    cell = cell.strip().rstrip(LINE_END)
    if cell.lower() in MISSING:
        return "missing"
    if cell.count(".") < 2 and NUMBER.fullmatch(cell):
        return "number"
    if TIME.fullmatch(cell):
        return "time"
    return "number" if NUMBER.fullmatch(cell) or cell.lower() in ("inf", "-inf") else "text"


def is_simple(cell: str) -> bool:
    """Return whether a cell holds one thing: a number, a time, or text without separators.

    >>> [is_simple(cell) for cell in ("1,234,567", "1,5", "27,100522,", "27,100522,19900101")]
    [True, True, False, False]
    """
    cell = cell.strip().rstrip(LINE_END)
    kind = cell_kind(cell)
    if kind == "number":
        return not SEVERAL_NUMBERS.fullmatch(cell)
    return kind != "text" or not PART_OF_ANOTHER.search(cell)


def has_header(rows: list[list[str]]) -> bool:
    """Return whether the first row names the columns: it has other kinds of cells than the rows below.

    >>> has_header([["day", "sales"], ["2026-01-01", "13"]]), has_header([["2026-01-01", "13"], ["2026-01-02", "7"]])
    (True, False)
    """
    if len(rows) < 2:
        return True
    names = rows[0]
    kinds = [cell_kind(name) for name in names]
    alike = False
    for at, kind in enumerate(kinds):
        below = {cell_kind(row[at]) for row in rows[1:] if at < len(row)} - {"missing"}
        if len(below) != 1 or "text" in below:
            continue
        if kind == "text" or (kind == "time" and below == {"number"}) or (kind == "number" and below == {"time"}):
            return True
        alike = alike or kind != "missing"
    return not (alike or _recurs(rows)) or _counts(names)


def _recurs(rows: list[list[str]]) -> bool:
    """Return whether some words of the first row, but not all, are found again and again below: they are no names.

    >>> _recurs([["+", "S10", "acgt"], ["+", "S11", "tata"], ["+", "S12", "gact"]])
    True
    """
    again = [sum(row[at] == name for row in rows[1:] if at < len(row)) > 1 for at, name in enumerate(rows[0])]
    return any(again) and not all(again)


def has_units(rows: list[list[str]]) -> bool:
    """Return whether the row below the names has no numbers or times, where all rows below it have some.

    >>> has_units([["time", "x"], ["[s]", "[m]"], ["0", "1.5"], ["1", "1.7"]])
    True
    """
    if len(rows) < 4 or any(cell_kind(cell) in ("number", "time") for cell in rows[1]):
        return False
    below = [{cell_kind(row[at]) for row in rows[2:] if at < len(row)} - {"missing"} for at in range(len(rows[1]))]
    typed = [at for at, kinds in enumerate(below) if len(kinds) == 1 and "text" not in kinds]
    return bool(typed) and any(cell_kind(rows[1][at]) == "text" for at in typed)


def _counts(names: list[str]) -> bool:
    """Return whether names are whole numbers that count on from 0 or 1 or from a year, and perhaps others.

    >>> _counts(["0", "1", "2", "3", "label"]), _counts(["0", "1"]), _counts(["a", "1990", "1991", "1992", "1993"])
    (True, False, True)
    """
    numbers = [int(name) for name in names if name.strip().isdecimal()]
    counted = len(numbers) >= COUNTED_NAMES and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return counted and (numbers[0] in (0, 1) or 1900 <= numbers[0] <= 2100)
