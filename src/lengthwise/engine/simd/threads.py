"""The threads that call a program together."""

from collections.abc import Callable
from concurrent.futures import Executor


def run_threads(pool: Executor, threads: int, call: Callable[[int], None]) -> None:
    """Call a program with the number of each thread, the first in the calling thread.

    It has done all there is to do when it returns, so whoever has not begun by then need not.
    """
    others = [pool.submit(call, thread) for thread in range(1, threads)]
    call(0)
    for other in others:
        if not other.cancel():
            other.result()
