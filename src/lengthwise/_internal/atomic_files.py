"""Files that are replaced completely or not at all."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors.numpy import save

from lengthwise._internal.processes import is_alive
from lengthwise.errors import RunError

LONGEST_NAME, LONGEST_PROCESS = 255, 10
"""Most bytes of a file's name, and digits of a process's number."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise `RunError` with the path and the reason if a write fails."""
    try:
        yield
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror or error}.") from error


def replace_file(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file beside `path` and put it in its place, so that a reader finds either the old or the new one.

    What processes that were killed while they wrote this file left beside it is removed.

    Parameters
    ----------
    path : Path
    write : callable
        Takes the path to write to; it has the suffix of `path`.

    Raises
    ------
    RunError
        If it cannot be written; then `path` is unchanged.
    """
    beside = path.with_name(f"{_hidden(path)}.{os.getpid()}{path.suffix}")
    with writing(path):
        _remove_abandoned(path)
        try:
            write(beside)
            with beside.open("rb+") as file:
                os.fsync(file.fileno())
            beside.chmod(0o666 & ~_umask())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


def replace_bytes(path: Path, content: bytes) -> None:
    """Write bytes to a file, as `replace_file` does."""

    def write(beside: Path) -> None:
        beside.write_bytes(content)

    replace_file(path, write)


def replace_text(path: Path, text: str) -> None:
    """Write text to a file in UTF-8 with newlines as they are, as `replace_file` does."""
    replace_bytes(path, text.encode())


def replace_arrays(path: Path, arrays: Mapping[str, NDArray[Any]], metadata: dict[str, str] | None = None) -> None:
    """Write named arrays to a file in the safetensors format, as `replace_file` does."""
    replace_bytes(path, save(dict(arrays), metadata))


def remove_leftovers(folder: Path) -> None:
    """Remove the files that processes killed in `replace_file` left in a folder that no process writes to."""
    for path in folder.glob(".*.*"):
        if path.stem.rpartition(".")[2].isdigit():
            path.unlink(missing_ok=True)


def is_leftover_of(path: Path, other: Path) -> bool:
    """Return whether `other` has the name of what `replace_file` writes beside `path`."""
    return _process_of(path, other) is not None


def _process_of(path: Path, other: Path) -> int | None:
    """Return the number of the process that writes `other` beside `path`; None if it is another file."""
    begin = f"{_hidden(path)}."
    number = other.name.removeprefix(begin).removesuffix(path.suffix)
    return int(number) if other.name == f"{begin}{number}{path.suffix}" and number.isdecimal() else None


def _hidden(path: Path) -> str:
    """Return how the names of files begin that are written beside `path`: with a dot, and its name if that fits."""
    room = max(0, LONGEST_NAME - LONGEST_PROCESS - 2 - len(os.fsencode(path.suffix)))
    return "." + os.fsencode(path.stem)[:room].decode(errors="ignore")


def _remove_abandoned(path: Path) -> None:
    """Remove what processes that are gone left beside a file that others may be writing too."""
    for beside in path.parent.glob(f"{escape(_hidden(path))}.*{escape(path.suffix)}"):
        process = _process_of(path, beside)
        if process is not None and not is_alive(process):
            beside.unlink(missing_ok=True)


def _umask() -> int:
    """Return the process's umask."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
