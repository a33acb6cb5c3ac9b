"""Arrays in files of MATLAB and of HDF5, with the names that `lengthwise.data.array_names` knows."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise._internal.extras import required
from lengthwise.data.array_names import meaning
from lengthwise.data.numpy_files import from_named
from lengthwise.data.options import Options
from lengthwise.data.sequence_types import Sequences
from lengthwise.errors import DataError


def read_mat(path: Path, options: Options) -> Sequences:
    """Read the arrays of a file of MATLAB, up to version 7.

    MATLAB has no arrays of one axis: a row or a column is one, and a cell of arrays is a list of sequences.

    Raises
    ------
    DataError
        If it cannot be read, is damaged so that SciPy crashes, or lacks the arrays.
    """
    from scipy.io import loadmat  # noqa: PLC0415 - heavy

    if not _can_be_tried(path):
        raise DataError(f"{path} is damaged: SciPy, which reads files of MATLAB, crashes on it. Write it again.")
    try:
        found = loadmat(str(path))
        # MATLAB writes whole numbers and truth as bytes, which would stand for parts of 255 as values.
        bytewise = [name for name in found if _are_values(name) and getattr(found[name], "dtype", None) == np.uint8]
        if bytewise:
            found |= loadmat(str(path), mat_dtype=True, variable_names=bytewise)
    except NotImplementedError:
        raise DataError(
            f"{path} is a file of MATLAB 7.3, which is HDF5: give it the ending .h5, or save it with -v7."
        ) from None
    except Exception as error:  # the reader raises many kinds of error for an invalid file
        raise DataError(
            f"{path} cannot be read as a file of MATLAB: {' '.join(str(error).split()).rstrip('.')}."
        ) from error
    for name, array in list(found.items()):
        if getattr(array, "dtype", None) is not None and array.dtype.names and array.size == 1:  # a structure
            found |= {field: array[field].item() for field in array.dtype.names if field not in found}
            del found[name]
    arrays = {name: _flat(array) for name, array in found.items() if not name.startswith("__")}
    return from_named(path, arrays, options)


def read_h5(path: Path, options: Options) -> Sequences:
    """Read the arrays at the top of an HDF5 file.

    Raises
    ------
    DataError
        If it cannot be read, or lacks the arrays.
    UsageError
        If h5py is not installed.
    """
    h5py: Any = required("h5py", "reading an HDF5 file", "hdf5")
    try:
        with h5py.File(path) as file:
            arrays = {name: _text(item[()]) for name, item in file.items() if isinstance(item, h5py.Dataset)}
    except Exception as error:  # h5py raises many kinds of error for an invalid file
        raise DataError(
            f"{path} cannot be read as an HDF5 file: {' '.join(str(error).split()).rstrip('.')}."
        ) from error
    return from_named(path, arrays, options)


def _are_values(name: str) -> bool:
    means = meaning(name)
    return means is not None and means.kind == "values"


def _can_be_tried(path: Path) -> bool:
    """Return whether SciPy reads a file, or refuses it; some damaged ones crash its process, so another one tries."""
    code = "import sys; from scipy.io import loadmat; loadmat(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, check=False)  # noqa: S603 - our code
    return done.returncode >= 0


def _flat(array: NDArray[Any]) -> Any:
    """Return a row or a column as one axis, and cells as a list of what is in them."""
    if array.ndim == 2 and 1 in array.shape and (array.dtype != object or array.size > 1):
        array = array.ravel()
    if array.dtype != object:
        return np.char.strip(array) if array.dtype.kind == "U" else array
    cells = [np.asarray(cell) for cell in array.ravel()]
    if all(cell.dtype.kind == "U" for cell in cells):
        return np.array([str(cell.ravel()[0]) if cell.size else "" for cell in cells])
    return _objects([cell.ravel() if 1 in cell.shape else cell for cell in cells])


def _objects(cells: list[NDArray[Any]]) -> NDArray[Any]:
    """Return arrays of different shapes as an array of arrays."""
    whole = np.empty(len(cells), object)
    for at, cell in enumerate(cells):
        whole[at] = cell
    return whole


def _text(array: Any) -> NDArray[Any]:
    """Return an array; bytes become text."""
    plain: NDArray[Any] = np.asarray(array)
    if plain.dtype.kind == "S" or (plain.dtype == object and plain.size and isinstance(plain.ravel()[0], bytes)):
        return np.array([cell.decode(errors="replace") for cell in plain.ravel()]).reshape(plain.shape)
    return plain
