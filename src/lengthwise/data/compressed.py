"""Files that may be compressed, by the ending of their name."""

import bz2
import gzip
import lzma
import zlib
from pathlib import Path
from typing import IO, Any

OPENERS: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
"""How files are opened that have one of these endings behind their own."""

UNPACKING: tuple[type[Exception], ...] = (EOFError, zlib.error, lzma.LZMAError)
"""What reading such a file raises where it is damaged, beside `OSError`."""


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file for reading, plain or compressed."""
    file: IO[bytes] = OPENERS.get(path.suffix.lower(), Path.open)(path, "rb")
    return file
