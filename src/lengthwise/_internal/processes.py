"""Processes by host, number and time of their start, so that another one with the same number is not taken for it."""

import os
import platform
from pathlib import Path
from typing import NamedTuple


class Process(NamedTuple):
    """A process.

    Attributes
    ----------
    host : str
    number : int
        Its id there.
    began : str
        When it began, in the system's own form; empty where that is not known.
    """

    host: str
    number: int
    began: str

    @classmethod
    def this(cls) -> "Process":
        """Return the process that asks."""
        return cls(platform.node(), os.getpid(), _beginning(os.getpid()))

    @property
    def is_gone(self) -> bool:
        """Whether it has ended for certain; of another machine's, nothing is certain."""
        if self.host != platform.node():
            return False
        return not is_alive(self.number) or _beginning(self.number) != self.began


def is_alive(number: int) -> bool:
    """Return whether there is a process with this id on this machine."""
    try:
        os.kill(number, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # of another user
        return True
    return True


def _beginning(number: int) -> str:
    """Return when a process began: Linux's clock ticks since the system's start."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
