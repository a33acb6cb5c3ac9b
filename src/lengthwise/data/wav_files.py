"""One WAV file: what its header says, and its samples."""

import struct
import warnings
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lengthwise.errors import DataError

ORDERS = {b"RIFF": "<", b"RF64": "<", b"RIFX": ">"}
"""How a WAV file begins, and the order of the bytes in its numbers (Microsoft and IBM, Multimedia Programming
Interface and Data Specifications 1.0, 1991; RF64: EBU Tech 3306, 2009)."""

UNKNOWN = 0x7FFFF000
"""A program that writes to a pipe does not know how long the sound will be, and writes such a size, or a larger one."""

LOWEST_RATE = 1000
"""Samples a second below which a window of 25 ms has too few of them to tell bands apart."""


class Header(NamedTuple):
    """What a WAV file's header says.

    Attributes
    ----------
    rate : int
        Samples a second.
    channels : int
    """

    rate: int
    channels: int


def read_header(path: Path) -> Header:
    """Read what a WAV file says of itself.

    Raises
    ------
    DataError
        If it is no WAV file, is cut off, or its sampling rate is no sound's.
    """
    try:
        with path.open("rb") as file:
            header = _header(file, path.stat().st_size)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise DataError(f"{path} is no complete WAV file: {error}; write it again, or delete it.") from error
    if header.rate < LOWEST_RATE:
        raise DataError(
            f"{path} has a sampling rate of {header.rate:,} Hz, but sound of speech or music has {LOWEST_RATE:,} or "
            f"more: give other signals as tables or arrays."
        )
    return header


def read_samples(path: Path) -> NDArray[np.float32]:
    """Read the samples of a WAV file of 8 to 64 bits, whole numbers or floating point, from -1 to 1.

    Returns
    -------
    ndarray of shape (samples,), float32
        The mean of its channels.

    Raises
    ------
    DataError
        If it cannot be read, or has a sample that is no finite number.
    """
    from scipy.io import wavfile  # noqa: PLC0415 - heavy

    try:
        with warnings.catch_warnings(action="ignore"):  # of what else is in the file; a cut one `read_header` refuses
            found = wavfile.read(path)[1]
    except Exception as error:  # the reader raises many kinds of error for an invalid file
        detail = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        raise DataError(f"{path} cannot be read as a WAV file: {detail}. Write it as one of 16 bits, PCM.") from error
    samples = found.astype(np.float32)
    if found.dtype.kind == "u":
        samples = (samples - 128) / 128
    elif found.dtype.kind == "i":
        samples /= 2.0 ** (8 * found.itemsize - 1)
    if not np.isfinite(samples).all():
        raise DataError(f"{path} has a sample that is no finite number: write it again.")
    mono: NDArray[np.float32] = samples if samples.ndim == 1 else samples.mean(axis=1)
    return mono


def _header(file: BinaryIO, size: int) -> Header:
    """Return the header of a file of so many bytes.

    Raises
    ------
    ValueError
        With the reason, if it is damaged.
    """
    if not size:
        raise ValueError("it is empty")
    begin = file.read(12)
    if begin[:4] not in ORDERS or begin[8:] != b"WAVE":
        raise ValueError("it does not begin as one")
    order, header = ORDERS[begin[:4]], None
    while len(chunk := file.read(8)) == 8:
        name, length = struct.unpack(f"{order}4sI", chunk)
        start = file.tell()
        if name == b"fmt ":
            form = file.read(8)
            if len(form) < 8:
                raise ValueError("its header is cut off")
            _, channels, rate = struct.unpack(f"{order}HHI", form)
            header = Header(rate, channels)
        elif name == b"data":
            if header is None:
                raise ValueError("its samples come before what they are")
            if start + length > size and length < UNKNOWN:
                raise ValueError(f"it should have {length:,} bytes of samples, but has {size - start:,}")
            return header
        file.seek(start + length + length % 2)
    raise ValueError("it has no samples, as if it were cut off")
