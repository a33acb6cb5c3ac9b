"""The idx format, in which MNIST and its relatives are published.

A file is a header and the values, all big-endian, plain or compressed with gzip::

    0  0  dtype  rank  size of axis 0 (4 bytes)  size of axis 1  …  values, row by row

A header is not trusted: memory grows with the bytes that were read, never with the size that the header gives.
"""

import gzip
import math
import zlib
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lengthwise.errors import DataError

DTYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype("u1"),
    0x09: np.dtype("i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
"""The format's codes of element types."""

GZIP_MAGIC = b"\x1f\x8b"
MAX_DEFLATE_RATIO = 1032
"""Most bytes that a byte of deflate can become (a match of 258 bytes in two bits): zlib's technical notes."""

READ_AT_ONCE = 1 << 22

MAX_RANK = 64
"""Most axes of a NumPy array."""


class Readable(Protocol):
    """A plain file or a gzip file."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        ...


def read_idx(path: str | Path) -> NDArray[Any]:
    """Read an array from an idx file.

    Parameters
    ----------
    path : str or Path
        A plain or a gzip file, which are told apart by the first two bytes.

    Returns
    -------
    ndarray
        Of the file's rank and shape, in the machine's byte order: uint8, int8, int16, int32, float32 or float64.

    Raises
    ------
    DataError
        If the file is missing, cannot be read, or does not match its header.
    """
    path = Path(path)
    try:
        with path.open("rb") as raw:
            compressed = raw.read(2) == GZIP_MAGIC
            raw.seek(0)
            size = path.stat().st_size
            most = size * MAX_DEFLATE_RATIO if compressed else size
            if compressed:
                with gzip.open(raw, "rb") as file:
                    return _read(path, file, most)
            return _read(path, raw, most)
    except FileNotFoundError as error:
        raise DataError(f"{path} is missing: there is no such file.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path} is a corrupt gzip file: {str(error).rstrip('.')}.") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error


def _read(path: Path, file: Readable, most: int) -> NDArray[Any]:
    """Read header and values from an open file that can contain at most `most` bytes."""
    dtype, shape = _read_header(path, file)
    count = math.prod(shape)
    expected = count * dtype.itemsize
    if expected > most:
        raise DataError(
            f"{path} has a header that cannot be true: {_describe(shape, dtype)} need {expected} bytes, but the file "
            f"can hold {most} at most."
        )
    values = bytearray()
    while part := file.read(min(READ_AT_ONCE, expected + 1 - len(values))):
        values += part
        if len(values) > expected:
            raise DataError(f"{path} has trailing bytes after the {expected} of its {_describe(shape, dtype)}.")
    if len(values) < expected:
        raise DataError(
            f"{path} is truncated: {_describe(shape, dtype)} need {expected} bytes after the header, but it has "
            f"{len(values)}."
        )
    try:
        array = np.frombuffer(values, dtype).reshape(shape)
    except ValueError as error:  # no values, but axes whose sizes overflow
        raise DataError(
            f"{path} has a header that cannot be true: {_describe(shape, dtype)} have axes longer than any memory."
        ) from error
    return array.astype(dtype.newbyteorder("="), copy=False)


def _read_header(path: Path, file: Readable) -> tuple[np.dtype[Any], tuple[int, ...]]:
    magic = _read_exactly(path, file, 4, "its magic number")
    if magic[:2] != b"\0\0" or magic[2] not in DTYPES:
        codes = ", ".join(f"{code:02x}" for code in DTYPES)
        raise DataError(
            f"{path} is not an idx file: it begins with the bytes {magic.hex(' ')}, but an idx file begins with 00 00, "
            f"a type ({codes}) and a rank."
        )
    rank = magic[3]
    if rank > MAX_RANK:
        raise DataError(
            f"{path} has a header that cannot be true: it has {rank} axes, but an array has at most {MAX_RANK}."
        )
    sizes = _read_exactly(path, file, 4 * rank, f"the sizes of its {rank} axes")
    dtype: np.dtype[Any] = DTYPES[magic[2]]
    return dtype, tuple(np.frombuffer(sizes, ">u4").tolist())


def _read_exactly(path: Path, file: Readable, count: int, what: str) -> bytes:
    found = file.read(count)
    if len(found) < count:
        raise DataError(f"{path} is truncated: it ends after {len(found)} of the {count} bytes of {what}.")
    return found


def _describe(shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
    return f"{' x '.join(map(str, shape)) or '1'} values of type {dtype.newbyteorder('=').name}"
