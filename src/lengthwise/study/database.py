"""SQLite as the store uses it: a connection to a file or in memory, and transactions that fail with a sentence."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shlex import quote

from lengthwise._internal.atomic_files import replace_file
from lengthwise.errors import RunError

UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
"""What Python's sqlite3 raises of damaged files: the latter where SQLite's message quotes text that is damaged."""


def connect(path: Path | None, *, read_only: bool = False) -> sqlite3.Connection:
    """Open a file, or a database in memory where there is none.

    Raises
    ------
    RunError
        If the file is no database, or cannot be opened.
    """
    # A study may be run in another thread than the one that made it, though never in two at a time.
    if path is None:
        return sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    try:
        connection = _connection(path, "mode=ro" if read_only else "mode=rwc")
        if not read_only:
            connection.execute("PRAGMA journal_mode = WAL")
        elif not _can_be_read(connection) and not _has_more(path):
            # Where no file can be made beside it, as on a full disk or in a folder of others, and nobody writes.
            connection = _connection(path, "mode=ro&immutable=1")
    except UNREADABLE as error:
        raise RunError(f"{path} cannot be opened as a store: {error}.") from error
    return connection


def _connection(path: Path, how: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?{how}", uri=True, isolation_level=None, timeout=30, check_same_thread=False
    )
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _can_be_read(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        return False
    return True


def _has_more(path: Path) -> bool:
    """Return whether there is something beside a database that is not yet in it."""
    more = _beside(path, "-wal")
    return more.exists() and more.stat().st_size > 0


def _beside(path: Path, ending: str) -> Path:
    """Return one of the files that SQLite writes beside a database."""
    return path.with_name(path.name + ending)


def is_empty(path: Path) -> bool:
    """Return whether a file is a database without any table, as one is whose maker was killed before it wrote one."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None
    except UNREADABLE:
        return False


def create(path: Path, fill: Callable[[sqlite3.Connection], None]) -> None:
    """Make a file with what `fill` writes, which appears under its name when it is complete, in place of an empty one.

    Parameters
    ----------
    path : Path
    fill : callable
        Takes a connection to an empty database.

    Raises
    ------
    RunError
        If it cannot be written.
    """

    def write(beside: Path) -> None:
        with closing(sqlite3.connect(beside, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = MEMORY")  # so that whoever is killed here leaves one file
            with transaction(connection, path):
                fill(connection)
        for ending in ("-wal", "-shm"):  # of an empty one; SQLite would take them for parts of the new one
            _beside(path, ending).unlink(missing_ok=True)

    replace_file(path, write)


@contextmanager
def reading(path: Path | None) -> Iterator[None]:
    """Read something of a file.

    Raises
    ------
    RunError
        If SQLite cannot.
    """
    try:
        yield
    except UNREADABLE as error:
        reason = str(error)
        if "locked" in reason:
            raise RunError(f"cannot read {path}: {reason}.") from error
        raise damaged(path, reason) from error


def damaged(path: Path | None, reason: str) -> RunError:
    """Return the error for a file that is not as it was written, which says what can be saved of it."""
    return RunError(
        f"{path} is damaged: {reason.rstrip('.')}. sqlite3 {quote(str(path))} .recover | sqlite3 recovered.sqlite "
        f"saves what can still be read; with that in its place, lengthwise study --resume makes the runs that are lost."
    )


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path | None) -> Iterator[None]:
    """Write everything in the block, or nothing.

    Raises
    ------
    RunError
        If it cannot be written.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        raise RunError(f"cannot write {path}: {error}.") from error
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
