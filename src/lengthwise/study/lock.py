"""The lock of a study's folder, so that one process at a time runs the study in it."""

import getpass
import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from lengthwise._internal.atomic_files import writing
from lengthwise._internal.locks import locked
from lengthwise._internal.processes import is_alive


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Keep other processes from running the study in this folder.

    Raises
    ------
    RunError
        If another process does; the message names it.
    """
    holder = folder / ".holder.json"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with locked(folder, lambda: f"the study in {folder} is running already{_described(holder)}."):
        try:
            with writing(holder):
                since = datetime.now(UTC).isoformat(timespec="seconds")
                who = {"pid": os.getpid(), "host": platform.node(), "user": _user(), "since": since}
                holder.write_text(json.dumps(who))
            yield
        finally:
            holder.unlink(missing_ok=True)


def holder(folder: Path) -> str | None:
    """Return the process that executes the study in a folder; None if none is known."""
    try:
        who = json.loads((folder / ".holder.json").read_text())
        described, host, process = f"{who['user']} on {who['host']}, process {who['pid']}", who["host"], int(who["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return described if host != platform.node() or is_alive(process) else None


def _user() -> str:
    """Return the user's name, or number where the system knows no name of it, as in some containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _described(holder: Path) -> str:
    try:
        who = json.loads(holder.read_text())
        return f": by {who['user']} on {who['host']}, process {who['pid']}, since {who['since']}"
    except (OSError, ValueError, KeyError):
        return ""
