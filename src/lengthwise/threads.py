"""How many threads to use."""

import os

from lengthwise.errors import UsageError


def available_threads() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_threads(threads: int | None) -> int:
    """Return `threads`, or one for each processor if it is None.

    Raises
    ------
    UsageError
        If it is less than 1.
    """
    if threads is None:
        return available_threads()
    if threads < 1:
        raise UsageError(f"threads is {threads}, but must be 1 or more.")
    return threads
