"""Tables in files of other programs: Weka's ARFF, Excel's sheets."""

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
    """Read the first sheet of a workbook of Excel.

    Raises
    ------
    DataError
        If it cannot be read.
    UsageError
        If openpyxl is not installed.
    """
    required("openpyxl", "reading an Excel file", "excel")
    try:
        header = None if options.header == "none" else 0
        frame = pd.read_excel(path, keep_default_na=False, na_values=[""], header=header, dtype=object)
    except Exception as error:  # the reader raises many kinds of error for an invalid file
        detail = " ".join(str(error).split()).rstrip(".")
        raise DataError(f"{path} cannot be read as an Excel file: {detail}.") from error
    frame = frame.infer_objects()  # of cells with text, 007 and 7 stay two names
    if header is None:
        frame.columns = pd.Index([f"column{at + 1}" for at in range(frame.shape[1])])
    return from_frame(frame, options, str(path), lambda row: f"line {row + 1 + (header is not None)}")
