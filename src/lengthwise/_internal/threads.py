"""The number of threads."""

import os

from lengthwise._internal.argument_checks import check_integer

MAX_THREADS = 1024
"""Each thread needs its own memory, so a typing error could exhaust it."""


def available_threads() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_threads(threads: int | None, name: str = "threads") -> int:
    """Return `threads`, or one for each processor if it is None; messages call it `name`.

    Raises
    ------
    UsageError
        If it is less than 1, or larger than any machine can use.
    """
    if threads is None:
        return available_threads()
    return check_integer(name, threads, 1, MAX_THREADS)
