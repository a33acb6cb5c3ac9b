"""NumPy files. Values stay on disk and are read when the training needs them: data may be larger than memory.

A ``.npz`` file has arrays called ``values`` (n, T, F) or (n, T) and ``targets`` (n,), and optionally ``lengths``,
``split`` and ``groups`` (n,); ``X`` and ``y``, or ``X_train``, ``y_train``, ``X_test`` and ``y_test``, do as well. A
``.npy`` file holds the values, and the others are files beside it: for ``NAME.npy`` they are ``NAME.targets.npy``,
``NAME.lengths.npy`` …, for ``values.npy`` ``targets.npy``, ``lengths.npy`` …, for ``X.npy`` ``y.npy``.
"""

import math
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.array_names import by_part, numbers_of
from lengthwise.data.arrays import from_arrays
from lengthwise.data.axes import steps_first
from lengthwise.data.dataset import SPLITS
from lengthwise.data.options import Options
from lengthwise.data.reading import Reading
from lengthwise.data.sequence_types import Sequences
from lengthwise.errors import DataError

OTHERS = ("targets", "lengths", "split", "groups")

ZIP_HEADER = 30
"""Bytes of a ZIP file's local header before the name and the extra field, whose lengths are in its last four."""

READ_AT_ONCE = 1 << 22

INVALID: tuple[type[Exception], ...] = (
    OSError, ValueError, TypeError, KeyError, OverflowError, EOFError, SyntaxError, RecursionError, tokenize.TokenError,
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What NumPy and zipfile raise for files that are damaged, encrypted or of another kind."""


def read_npy(path: Path, options: Options) -> Sequences:
    """Read a .npy file of values, and the files beside it."""
    beside = {name: _beside(path, name) for name in OTHERS}
    if not beside["targets"].exists():
        parts = by_part({file.stem: file for file in path.parent.glob("*.npy")}).values()
        if any(part.get("values") == path.stem and "targets" in part for part in parts):
            return read_npy_folder(path.parent, options)
        raise DataError(
            f"{path} has no labels: save them beside it as {beside['targets'].name}, one for each sequence."
        )
    others = {name: _load(file) for name, file in beside.items() if file.exists()}
    return _sequences(path, _load(path, mapped=True), others, options)


def read_npy_folder(folder: Path, options: Options) -> Sequences:
    """Read a folder of values.npy and files beside it, or of .npy files called as arrays of a .npz file, as X.npy."""
    if (folder / "values.npy").exists():
        return read_npy(folder / "values.npy", options)
    arrays = {file.stem: _load(file, mapped=True) for file in sorted(folder.glob("*.npy"))}
    return from_named(folder, arrays, options, arrays.__getitem__)


def read_npz(path: Path, options: Options) -> Sequences:
    """Read a .npz file; its values are mapped if they were not compressed."""
    with _reading(path):
        archive = np.load(path, allow_pickle=False)
    if isinstance(archive, np.ndarray):
        raise DataError(f"{path} is not an archive of arrays, but a single one: give it the ending .npy.")
    with archive:
        return from_named(path, _Archive(path, archive), options, lambda name: _map_member(path, f"{name}.npy"))


class _Archive(Mapping[str, NDArray[Any]]):
    """The arrays of an open .npz file, each read when it is asked for, and not larger than the file says it is."""

    def __init__(self, path: Path, archive: Any) -> None:
        self._path = path
        self._archive = archive

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._archive.files:
            raise KeyError(name)
        with _reading(self._path):
            if f"{name}.npy" in self._archive.zip.namelist():
                with self._archive.zip.open(f"{name}.npy") as member:
                    _check_size(member, self._archive.zip.getinfo(f"{name}.npy").file_size)
            array: NDArray[Any] = self._archive[name]
        return array

    def __iter__(self) -> Iterator[str]:
        return iter(self._archive.files)

    def __len__(self) -> int:
        return len(self._archive.files)


def from_named(
    path: Path,
    arrays: Mapping[str, Any],
    options: Options,
    mapped: Callable[[str], NDArray[Any] | None] = lambda _name: None,
) -> Sequences:
    """Return the sequences of a file with named arrays: values and targets, or those of each split.

    Parameters
    ----------
    path : Path
    arrays : mapping of str to array
        Each is read when it is asked for.
    options : Options
    mapped : callable
        Returns an array as a part of the file on disk, if it can be.

    Raises
    ------
    DataError
        If there are no arrays of these names.
    """
    parts = by_part(arrays)
    whole = parts.get("", {})
    if "values" not in whole and "values" in parts.get("train", {}):
        found = {part: {kind: arrays[own] for kind, own in names.items()} for part, names in parts.items()}
        return _joined(path, {part: found[part] for part in SPLITS if part in found}, options)
    for name in ("values",) if options.task == "forecasting" else ("values", "targets"):
        if name not in whole:
            there = ", ".join(sorted(arrays)) or "none"
            raise DataError(
                f"{path} has no array called {name}: it has {there}; save it with numpy.savez(file, values=…, "
                f"targets=…), or with X_train, y_train, X_test and y_test."
            )
    others = {name: arrays[whole[name]] for name in OTHERS if name in whole}
    values = mapped(whole["values"])
    return _sequences(path, arrays[whole["values"]] if values is None else values, others, options)


def _joined(path: Path, parts: dict[str, dict[str, NDArray[Any]]], options: Options) -> Sequences:
    """Return the arrays of each split as one, with the split of each sequence."""
    for part, arrays in parts.items():
        if not {"values", "targets"} <= arrays.keys():
            raise DataError(f"{path} has arrays of the {part} split, but not both its values and its targets.")
    kinds = [kind for kind in ("values", "targets", "lengths", "groups") if all(kind in one for one in parts.values())]
    for kind in kinds:
        shapes = {part: arrays[kind].shape[1:] for part, arrays in parts.items()}
        if len(set(shapes.values())) > 1:
            raise DataError(f"{path} has {kind} of shapes that do not match, without the first axis: {shapes}.")
    joined = {kind: np.concatenate([one[kind] for one in parts.values()]) for kind in kinds}
    joined["split"] = numbers_of(parts, [len(one["values"]) for one in parts.values()])
    values = joined.pop("values")
    return _sequences(path, values, joined, options)


def _sequences(path: Path, values: NDArray[Any], others: dict[str, NDArray[Any]], options: Options) -> Sequences:
    values, notes = steps_first(values, options, str(path))
    found = from_arrays(
        values,
        others.get("targets", np.zeros(len(values), np.int64)),
        lengths=others.get("lengths"),
        splits=others.get("split"),
        groups=others.get("groups"),
        source=str(path),
    )
    return replace(found, reading=Reading(notes=notes))


def _beside(path: Path, name: str) -> Path:
    return path.with_name(f"{name}.npy" if path.stem == "values" else f"{path.stem}.{name}.npy")


def _load(path: Path, *, mapped: bool = False) -> NDArray[Any]:
    """Return the array of a .npy file, as a part of the file on disk or copied."""
    with _reading(path):
        # Mapped first, which compares the size that the header claims with that of the file.
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
        if isinstance(array, np.ndarray):
            return array if mapped else np.array(array)
    raise DataError(f"{path} is not a .npy file, but an archive of arrays: give it the ending .npz.")


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Raise `DataError` if NumPy or zipfile cannot read a file."""
    try:
        yield
    except INVALID as error:
        detail = error.strerror if isinstance(error, OSError) and error.strerror else " ".join(str(error).split())
        if "allow_pickle" in detail or "Python objects" in detail:
            detail = (
                "it holds Python objects, which are not loaded; save sequences of different lengths padded with NaN"
            )
        raise DataError(f"{path} cannot be read as a NumPy file: {detail.rstrip('.')}.") from error


def _map_member(path: Path, member: str) -> NDArray[Any] | None:
    """Return an array of an archive, mapped from the file; None if it is compressed, or not aligned to its type.

    Its checksum is compared here, as nothing does when it is mapped.
    """
    with _reading(path), zipfile.ZipFile(path) as archive, path.open("rb") as file:
        if member not in archive.namelist() or archive.getinfo(member).compress_type != zipfile.ZIP_STORED:
            return None
        entry = archive.getinfo(member)
        with archive.open(entry) as values:
            while values.read(READ_AT_ONCE):
                pass
        file.seek(entry.header_offset)
        local = file.read(ZIP_HEADER)
        begin = int.from_bytes(local[26:28], "little") + int.from_bytes(local[28:30], "little")
        file.seek(entry.header_offset + ZIP_HEADER + begin)
        shape, in_columns, dtype = _check_size(file, entry.file_size)
        offset = file.tell()
        if dtype.hasobject or in_columns or dtype.itemsize == 0 or offset % dtype.itemsize or 0 in shape:
            return None
        mapped: NDArray[Any] = np.memmap(path, dtype, "r", offset, shape)
        return mapped


def _check_size(file: Any, size: int) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return shape, whether it is in the order of columns, and type from an array's header in an open file.

    Raises
    ------
    ValueError
        If the array would be larger than `size`, the bytes that it takes with its header.
    """
    header: Any = np.lib.format  # has type hints from NumPy 2.4 on
    version = header.read_magic(file)
    read = header.read_array_header_1_0 if version == (1, 0) else header.read_array_header_2_0
    shape, in_columns, dtype = read(file)
    needed = math.prod(shape) * dtype.itemsize
    if needed > size and not dtype.hasobject:
        raise ValueError(f"its header claims an array of {needed} bytes, but the file holds {size} of it")
    return shape, in_columns, dtype
