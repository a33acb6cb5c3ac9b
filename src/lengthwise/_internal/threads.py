"""How many threads to use."""

import os

from lengthwise._internal.argument_checks import check_integer

MAX_THREADS = 1024
"""Each thread takes memory of its own, so a slip of the keyboard could take all of it."""


def available_threads() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_threads(threads: int | None, name: str = "threads") -> int:
    """Return `threads`, or one for each processor if it is None; `name` is what messages call it.

    Raises
    ------
    UsageError
        If it is less than 1, or more than any machine has a use for.
    """
    if threads is None:
        return available_threads()
    return check_integer(name, threads, 1, MAX_THREADS)
