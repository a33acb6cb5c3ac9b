"""The lock of a study's folder, so that one process at a time runs the study in it."""

import getpass
import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from lengthwise._internal.atomic_files import writing
from lengthwise._internal.json_shapes import check_shape
from lengthwise._internal.locks import locked
from lengthwise._internal.processes import is_alive

FILE = ".holder.json"
"""Who holds the lock; beside it, as a lock file cannot be read everywhere while it is locked."""


class Holder(NamedTuple):
    """A process that runs a study.

    Attributes
    ----------
    pid : int
    host, user : str
    since : str
        When it began, in UTC.
    """

    pid: int
    host: str
    user: str
    since: str

    def __str__(self) -> str:
        return f"{self.user} on {self.host}, process {self.pid}"

    @property
    def may_run(self) -> bool:
        """Whether the process may be running: of another machine that is not known."""
        return self.host != platform.node() or is_alive(self.pid)


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Keep other processes from running the study in this folder.

    Raises
    ------
    RunError
        If another process does; the message names it.
    """
    path = folder / FILE
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with locked(folder, lambda: f"the study in {folder} is running already{_described(holder_of(folder))}."):
        try:
            with writing(path):
                since = datetime.now(UTC).isoformat(timespec="seconds")
                path.write_text(json.dumps(Holder(os.getpid(), platform.node(), _user(), since)._asdict()))
            yield
        finally:
            with suppress(OSError):  # it is known to be of a process that is gone; what went wrong before is told
                path.unlink()


def _described(holder: Holder | None) -> str:
    return "" if holder is None else f": by {holder}, since {holder.since}"


def holder(folder: Path) -> str | None:
    """Return the process that executes the study in a folder; None if none is known."""
    found = holder_of(folder)
    return str(found) if found is not None and found.may_run else None


def _user() -> str:
    """Return the user's name, or number where the system knows no name of it, as in some containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def holder_of(folder: Path) -> Holder | None:
    """Return who runs the study in a folder, or ran it when it was killed; None if that is not known."""
    try:
        found = json.loads((folder / FILE).read_text())
        check_shape(found, {"pid": int, "host": str, "user": str, "since": str}, FILE)
    except (OSError, ValueError, RecursionError):
        return None
    return Holder(*(found[name] for name in Holder._fields))
