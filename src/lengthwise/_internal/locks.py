"""Folders in which only one process works at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from lengthwise._internal.atomic_files import writing
from lengthwise.errors import RunError

LOCK = ".lock"
"""The lock file; it stays in the folder."""


@contextmanager
def locked(folder: Path, sentence: Callable[[], str]) -> Iterator[None]:
    """Keep other processes out of a folder.

    Parameters
    ----------
    folder : Path
        It must exist.
    sentence : callable
        Returns the error's message if another process uses the folder.

    Raises
    ------
    RunError
        If another process uses the folder, or the lock cannot be written.
    """
    lock = FileLock(folder / LOCK, timeout=0)
    with writing(folder):
        try:
            lock.acquire()
        except Timeout as error:
            raise RunError(sentence()) from error
    try:
        yield
    finally:
        lock.release()
