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
    nested = [name for name in map(str, frame) if frame[name].map(lambda cell: isinstance(cell, dict)).any()]
    if nested:
        raise DataError(f"{path} has objects within its objects, in {listed(nested)}: give them names of their own.")
    return from_frame(frame, options, str(path), lambda at: records.places[at])


def _records(path: Path, text: str) -> _Records:
    """Return the objects of a file: of its lines, if the first one is an object, else of the whole."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if len(lines) > 1 and _is_object(lines[0][1]):
        places = [f"line {number}" for number, _ in lines]
        texts = [line for _, line in lines]
        return _Records([_parsed(path, text, f", {place}") for text, place in zip(texts, places, strict=True)], places)
    whole = _parsed(path, text, "")
    if isinstance(whole, dict) and len(whole) == 1 and isinstance(next(iter(whole.values())), list):
        (inner,) = whole.values()
        whole = inner if inner and isinstance(inner[0], dict) else whole
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
