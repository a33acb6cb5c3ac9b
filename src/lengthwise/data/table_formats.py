"""Tables in files of other programs: Weka's ARFF, Excel's sheets."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise._internal.extras import required
from lengthwise.data.arrays import from_arrays
from lengthwise.data.options import Options
from lengthwise.data.reading import listed
from lengthwise.data.sequence_types import Sequences
from lengthwise.data.tables import from_frame
from lengthwise.errors import DataError, UsageError

FEWEST_ROWS = 5
"""A sheet with fewer rows is no table, but a remark."""


def read_arff(path: Path, options: Options) -> Sequences:
    """Read a table in Weka's format.

    Raises
    ------
    DataError
        If it cannot be read, or has attributes of text, which SciPy's reader does not know.
    """
    from scipy.io import arff  # noqa: PLC0415 - heavy

    try:
        with path.open(encoding=options.encoding or "utf-8-sig") as file:
            rows, _ = arff.loadarff(file)
    except NotImplementedError as error:
        raise DataError(f"{path} has attributes that are text: save it in the .ts format, or as a table.") from error
    except Exception as error:  # the reader raises many kinds of error for an invalid file
        detail = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        raise DataError(f"{path} cannot be read as an ARFF file: {detail}.") from error
    whole = [name for name in rows.dtype.names or () if rows.dtype[name].hasobject and _is_sequence(rows[name])]
    if whole:
        return _from_sequences(rows, whole[0], options, str(path))
    frame = pd.DataFrame(rows)
    for name in frame.select_dtypes("object"):
        frame[name] = frame[name].map(lambda cell: cell.decode(errors="replace") if isinstance(cell, bytes) else cell)
    return from_frame(frame, options, str(path))


def _is_sequence(column: NDArray[Any]) -> bool:
    return bool(len(column)) and isinstance(column[0], np.ndarray)


def _from_sequences(rows: NDArray[Any], name: str, options: Options, source: str) -> Sequences:
    """Return the sequences of an attribute of attributes, the steps, with a row for each feature."""
    others = [other for other in rows.dtype.names or () if other != name]
    target = options.target or (others[-1] if others else None)
    if target not in others:
        raise UsageError(f"{source} has no attribute {target!r} beside {name}: choose one of {listed(others)}.")
    values = [np.array(cell.tolist(), np.float64).T for cell in rows[name]]
    labels = [cell.decode(errors="replace") if isinstance(cell, bytes) else cell for cell in rows[target]]
    return from_arrays(values if len({one.shape for one in values}) > 1 else np.stack(values), labels, source=source)


def read_excel(path: Path, options: Options) -> Sequences:
    """Read the first sheet of a workbook of Excel that has a table, also below a title.

    Raises
    ------
    DataError
        If it cannot be read.
    UsageError
        If openpyxl is not installed.
    """
    required("openpyxl", "reading an Excel file", "excel")
    notes: tuple[str, ...] = ()
    try:
        with pd.ExcelFile(path) as book:
            names = [str(name) for name in book.sheet_names]
            name, cells = next(
                (found for found in _sheets(book, names) if len(found[1]) >= FEWEST_ROWS), (names[0], None)
            )
            if cells is None:
                cells = _cells(book, name)
    except Exception as error:  # the reader raises many kinds of error for an invalid file
        detail = " ".join(str(error).split()).rstrip(".")
        raise DataError(f"{path} cannot be read as an Excel file: {detail}.") from error
    if len(names) > 1:
        others = listed([other for other in names if other != name])
        notes += (f"the sheet {name} was read, and not {others}: save another one as a file of its own",)
    above = _rows_above(cells)
    if above:
        notes += (f"the first {'line is' if above == 1 else f'{above} lines are'} no part of the table",)
    frame, first = _framed(cells.iloc[above:], has_names=options.header != "none")
    return from_frame(frame, options, str(path), lambda row: f"line {int(first[row]) + 1}", notes)


def _sheets(book: pd.ExcelFile, names: list[str]) -> Iterator[tuple[str, pd.DataFrame]]:
    for name in names:
        yield name, _cells(book, name)


def _cells(book: pd.ExcelFile, name: str) -> pd.DataFrame:
    """Return the cells of a sheet with the types that they have: of text, 007 and 7 stay two names."""
    return book.parse(name, header=None, dtype=object, keep_default_na=False, na_values=[""])


def _rows_above(cells: pd.DataFrame) -> int:
    """Return how many rows are above a table: those with fewer cells than half of what its rows usually have."""
    filled = cells.notna().sum(axis=1).to_numpy()
    return int(np.argmax(filled > np.median(filled[filled > 0]) / 2)) if filled.any() else 0


def _framed(cells: pd.DataFrame, *, has_names: bool) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return a table, whose names of columns may be in its first row, and the row of the sheet that each is."""
    places = [f"column{at + 1}" for at in range(cells.shape[1])]
    if has_names:
        written = cells.iloc[0].tolist() if len(cells) else []
        places = [f"Unnamed: {at}" if pd.isna(name) else str(name).strip() for at, name in enumerate(written)]
        cells = cells.iloc[1:]
    frame = cells.set_axis(places, axis=1)
    filled = frame.notna().any(axis=1).to_numpy(np.bool_)
    frame = frame[filled].reset_index(drop=True).infer_objects()
    empty = [at for at, name in enumerate(places) if name.startswith("Unnamed:") and frame.iloc[:, at].isna().all()]
    return frame.drop(columns=[places[at] for at in empty]), np.asarray(cells.index, np.int64)[filled]
