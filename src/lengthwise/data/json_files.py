"""Tables in JSON: an object a line, a list of objects, or an object of columns."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from lengthwise.data.compressed import UNPACKING, open_bytes
from lengthwise.data.options import Options
from lengthwise.data.reading import listed
from lengthwise.data.sequence_types import Sequences
from lengthwise.data.tables import from_frame
from lengthwise.errors import DataError

EXAMPLE = '{"x": [0.5, 1.5], "label": "walk"}'
"""What a line of a file may be."""


UNREADABLE: tuple[type[Exception], ...] = (OSError, UnicodeError, *UNPACKING)


class _Records(NamedTuple):
    """The objects of a file, and where each is."""

    found: Sequence[Any]
    places: Sequence[str]


def read_json(path: Path, options: Options) -> Sequences:
    """Read a table in JSON, plain or compressed: an object for each step, or with a list of the steps of a sequence.

    Raises
    ------
    DataError
        If it cannot be read, or is no table.
    """
    try:
        with open_bytes(path) as file:
            text = file.read().decode(options.encoding or "utf-8-sig")
    except UNREADABLE as error:
        raise DataError(f"{path} cannot be read: {' '.join(str(error).split())}.") from error
    records = _records(path, text)
    for record, place in zip(*records, strict=True):
        if not isinstance(record, dict):
            raise DataError(f"{path}, {place}: {_short(record)} is no object, such as {EXAMPLE}.")
    frame = pd.DataFrame.from_records(records.found)
    notes: tuple[str, ...] = ()
    nested = [name for name in map(str, frame) if frame[name].map(lambda cell: isinstance(cell, dict)).any()]
    if nested:
        names = set(frame)
        frame = pd.json_normalize(list(records.found))
        inner = [name for name in map(str, frame) if name not in names]
        notes = (f"what objects within objects hold has a column of its own: {listed(inner)}",)
    return from_frame(frame, options, str(path), lambda at: records.places[at], notes)


def _records(path: Path, text: str) -> _Records:
    """Return the objects of a file: of its lines, if the first one is an object, else of the whole."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if len(lines) > 1 and _is_object(lines[0][1]):
        places = [f"line {number}" for number, _ in lines]
        texts = [line for _, line in lines]
        return _Records([_parsed(path, text, f", {place}") for text, place in zip(texts, places, strict=True)], places)
    whole = _parsed(path, text, "")
    whole = _inner(path, whole)
    if isinstance(whole, dict) and whole and all(isinstance(column, list) for column in whole.values()):
        counts = {name: len(column) for name, column in whole.items()}
        if len(set(counts.values())) > 1:
            lengths = [f"{name} has {count}" for name, count in counts.items()]
            raise DataError(f"{path} has columns of different lengths: {listed(lengths)}.")
        whole = [dict(zip(whole, row, strict=True)) for row in zip(*whole.values(), strict=True)]
    records = whole if isinstance(whole, list) else [whole]
    if all(isinstance(record, list) for record in records) and len({len(record) for record in records}) == 1:
        records = [{f"column{at + 1}": cell for at, cell in enumerate(record)} for record in records]
    return _Records(records, [f"object {number}" for number in range(1, len(records) + 1)])


def _inner(path: Path, whole: Any) -> Any:
    """Return the table in an object that has one beside other things, as the answers of web services have."""
    if not isinstance(whole, dict):
        return whole
    tables = {name: value for name, value in whole.items() if _is_table(value)}
    if len(tables) > 1:
        raise DataError(f"{path} has several tables, {listed(list(tables))}: keep one of them.")
    return next(iter(tables.values()), whole)


def _is_table(value: Any) -> bool:
    """Return whether a value is a list of objects, or an object of several columns of the same length."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, dict) for each in value)
    columns = list(value.values()) if isinstance(value, dict) else []
    is_columns = len(columns) > 1 and all(isinstance(column, list) for column in columns)
    return is_columns and len({len(column) for column in columns}) == 1 and len(columns[0]) > 1


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _parsed(path: Path, text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise DataError(f"{path}{place} is no JSON: {error}.") from error
    except RecursionError as error:
        raise DataError(f"{path}{place} is nested too deeply.") from error


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:40]} …"
