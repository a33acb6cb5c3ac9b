"""NumPy files. Values stay on disk and are read when the training needs them: data may be larger than memory.

A ``.npz`` file has arrays called ``values`` (n, T, F) or (n, T) and ``targets`` (n,), and optionally ``lengths``,
``split`` and ``groups`` (n,). A ``.npy`` file holds the values, and the others are files beside it: for ``NAME.npy``
they are ``NAME.targets.npy``, ``NAME.lengths.npy`` …, for ``values.npy`` ``targets.npy``, ``lengths.npy`` …
"""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.arrays import from_arrays
from lengthwise.data.options import Options
from lengthwise.data.sequences import Sequences
from lengthwise.errors import DataError

OTHERS = ("targets", "lengths", "split", "groups")

ZIP_HEADER = 30
"""Bytes of a ZIP file's local header before the name and the extra field, whose lengths are in its last four."""


def read_npy(path: Path, _options: Options) -> Sequences:
    """Read a .npy file of values, and the files beside it."""
    beside = {name: _beside(path, name) for name in OTHERS}
    if not beside["targets"].exists():
        raise DataError(
            f"{path} has no labels: save them beside it as {beside['targets'].name}, one for each sequence."
        )
    others = {name: _load(file) for name, file in beside.items() if file.exists()}
    return _sequences(path, _load(path, mapped=True), others)


def read_npz(path: Path, _options: Options) -> Sequences:
    """Read a .npz file; its values are mapped if they were not compressed."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            names = set(archive.files)
            for name in ("values", "targets"):
                if name not in names:
                    raise DataError(
                        f"{path} has no array called {name}: it has {', '.join(sorted(names)) or 'none'}; save it with "
                        f"numpy.savez(file, values=…, targets=…)."
                    )
            others = {name: archive[name] for name in OTHERS if name in names}
            values = _map_member(path, "values.npy")
            if values is None:
                values = archive["values"]
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, KeyError) as error:
        raise _unreadable(path, error) from error
    return _sequences(path, values, others)


def _sequences(path: Path, values: NDArray[Any], others: dict[str, NDArray[Any]]) -> Sequences:
    return from_arrays(
        values,
        others["targets"],
        lengths=others.get("lengths"),
        splits=others.get("split"),
        groups=others.get("groups"),
        source=str(path),
    )


def _beside(path: Path, name: str) -> Path:
    return path.with_name(f"{name}.npy" if path.stem == "values" else f"{path.stem}.{name}.npy")


def _load(path: Path, *, mapped: bool = False) -> NDArray[Any]:
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise _unreadable(path, error) from error
    if not isinstance(array, np.ndarray):
        raise DataError(f"{path} is not a .npy file, but an archive of arrays: give it the ending .npz.")
    return array


def _unreadable(path: Path, error: Exception) -> DataError:
    detail = error.strerror if isinstance(error, OSError) and error.strerror else " ".join(str(error).split())
    return DataError(f"{path} cannot be read as a NumPy file: {detail.rstrip('.')}.")


def _map_member(path: Path, member: str) -> NDArray[Any] | None:
    """Return an array of an archive, mapped from the file; None if it is compressed, or not aligned to its type."""
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo(member)
    if entry.compress_type != zipfile.ZIP_STORED:
        return None
    header: Any = np.lib.format  # has type hints from NumPy 2.4 on
    with path.open("rb") as file:
        file.seek(entry.header_offset)
        local = file.read(ZIP_HEADER)
        begin = int.from_bytes(local[26:28], "little") + int.from_bytes(local[28:30], "little")
        file.seek(entry.header_offset + ZIP_HEADER + begin)
        version = header.read_magic(file)
        read = header.read_array_header_1_0 if version == (1, 0) else header.read_array_header_2_0
        shape, in_columns, dtype = read(file)
        offset = file.tell()
    if dtype.hasobject or in_columns or offset % dtype.itemsize or 0 in shape:
        return None
    mapped: NDArray[Any] = np.memmap(path, dtype, "r", offset, shape)
    return mapped
