"""Tables whose cells hold whole sequences: a row for each sequence becomes a row for each of its steps.

A cell is a list, as in JSON and Parquet files, or its text: numbers between blanks or commas, perhaps in brackets.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise.data.options import Options
from lengthwise.data.reading import listed
from lengthwise.errors import DataError

ROW = "row"
"""The column that says which row a step was in."""

NUMBER = r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"

NUMBERS = re.compile(rf"\s*[\[(]?\s*{NUMBER}((\s+|\s*[,;|]\s*){NUMBER}){{7,}}\s*[\])]?\s*")
"""A text of eight numbers or more: fewer may be a date with a time of day, or a place."""

BETWEEN = re.compile(r"[\s,;|\[\]()]+")

Row = Callable[[int], str]


class Unlisted(NamedTuple):
    """A table with a row for each step.

    Attributes
    ----------
    frame : DataFrame
    rows : ndarray of shape (steps,), int64
        The row that held each step.
    note : str
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    note: str


def unlisted(frame: pd.DataFrame, options: Options, source: str, row: Row) -> Unlisted | None:
    """Return a table of lists with a row for each of their items; None if no cell holds one, or columns share a name.

    Lists of lists have a column for each item of the inner ones, the features of a step. Where all outer lists have the
    same number of items, and fewer than the inner ones, these are the steps. Other cells are repeated. A column says
    which row a step was in.

    Raises
    ------
    DataError
        If the lists of a row have different numbers of items, or a cell of their columns holds no list or an empty one.

    Examples
    --------
    >>> table = pd.DataFrame({"x": [[0.5, 1.5], [2.5]], "label": ["a", "b"]})
    >>> unlisted(table, Options(), "the frame", str).frame.values.tolist()
    [[0, 0.5, 'a'], [0, 1.5, 'a'], [1, 2.5, 'b']]
    """
    if not frame.columns.is_unique:
        return None
    written = [name for name in map(str, frame) if _are_written(frame[name])]
    if written:
        frame = frame.assign(**{name: frame[name].map(_parsed) for name in written})
    lists = [name for name in map(str, frame) if _is_list(_first(frame[name]))]
    if options.features is not None:
        lists = [name for name in lists if name in {*options.features, options.target}]
    if not lists:
        return None
    if ROW in frame:
        raise DataError(f"{source} has cells of lists, and a column {ROW}, as their rows are to be called: rename it.")
    parts = {name: _items(frame[name], source, row) for name in lists}
    counts = {name: np.array([len(items) for items in part]) for name, part in parts.items()}
    first = lists[0]
    for name in lists[1:]:
        differ = counts[name] != counts[first]
        if differ.any():
            at = int(np.argmax(differ))
            raise DataError(
                f"{source}, {row(at)}: {first} has {counts[first][at]} items, but {name} has {counts[name][at]}: the "
                f"lists of a row must have one for each step; choose columns with features=."
            )
    rows = np.repeat(np.arange(len(frame)), counts[first])
    columns: dict[str, Any] = {ROW: rows}
    for name in map(str, frame):
        columns |= _columns(name, parts[name]) if name in parts else {name: frame[name].to_numpy()[rows]}
    note = f"each row has lists of its steps in {listed(lists)}, and is a sequence"
    return Unlisted(pd.DataFrame(columns), rows, note)


def _first(column: "pd.Series[Any]") -> Any:
    known = column[column.notna()] if column.dtype == object else column[:0]
    return known.iloc[0] if len(known) else None


def _are_written(column: "pd.Series[Any]") -> bool:
    """Return whether all cells of a column are texts of several numbers."""
    if not (column.dtype == object or pd.api.types.is_string_dtype(column)):
        return False
    return bool(len(column)) and all(isinstance(cell, str) and NUMBERS.fullmatch(cell) for cell in column)


def _parsed(cell: str) -> list[float]:
    return [float(number) for number in BETWEEN.split(cell) if number]


def _is_list(cell: Any) -> bool:
    return isinstance(cell, list | tuple | np.ndarray)


def _items(column: "pd.Series[Any]", source: str, row: Row) -> list[NDArray[Any]]:
    """Return the lists of a column as arrays of shape (steps,) or (steps, features)."""
    found = []
    for at, cell in enumerate(column):
        if not _is_list(cell) or not len(cell):
            raise DataError(f"{source}, {row(at)}: {column.name} holds {cell!r}, but the column's cells are lists.")
        is_nested = _is_list(cell[0])
        try:
            found.append(np.stack([np.asarray(item) for item in cell]) if is_nested else np.asarray(cell))
        except ValueError:
            raise DataError(
                f"{source}, {row(at)}: the lists in {column.name} have different numbers of items, but every step "
                f"needs as many features."
            ) from None
    shapes = {one.shape[1:] for one in found}
    outer = {len(one) for one in found}
    if len(outer) == 1 and all(len(shape) == 1 and shape[0] > max(outer) for shape in shapes):
        return [one.T for one in found]
    if len(shapes) > 1:
        raise DataError(f"{source} has lists of {listed([str(shape) for shape in shapes])} features in {column.name}.")
    return found


def _columns(name: str, parts: list[NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
    together = np.concatenate(parts)
    if together.ndim == 1:
        return {name: together}
    return {f"{name}{feature + 1}": values for feature, values in enumerate(together.T)}
