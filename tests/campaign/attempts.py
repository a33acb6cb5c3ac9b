"""Tries, in processes of their own, and what came of each."""

import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator

SECONDS = 600
"""After which a try hangs: more than any needs on a machine that has much else to do."""

BAD = ("traceback", "crash", "hang", "other content", "nameless")
"""What must never come. Of a file with a checksum, other content was read; a refusal did not name the file."""

_OUTCOMES = ("read", "refused", "same bits", "traceback", "other content", "nameless")


def attempts(tries: Iterable[Callable[[], str]], note: Callable[[float], None]) -> Iterator[str]:
    """Make tries one after the other in a process, and yield what came of each; after a crash the rest is not made.

    Parameters
    ----------
    tries : iterable of callable
        Each returns what came of it; an exception is a traceback.
    note : callable
        Takes the most memory that the process had, in MB, when it has ended.
    """
    begin, end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(begin)
        warnings.simplefilter("ignore")
        for attempt in tries:
            signal.alarm(SECONDS)
            try:
                came = attempt()
            except BaseException:
                traceback.print_exc()
                came = "traceback"
            signal.alarm(0)
            os.write(end, bytes([_OUTCOMES.index(came)]))
        os._exit(0)
    os.close(end)
    try:
        with os.fdopen(begin, "rb", buffering=0) as pipe:
            while came := pipe.read(1):
                yield _OUTCOMES[came[0]]
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    _, status, usage = os.wait4(child, 0)
    note(usage.ru_maxrss / (1024 if sys.platform == "linux" else 1 << 20))
    if os.WIFSIGNALED(status):
        yield "hang" if os.WTERMSIG(status) == signal.SIGALRM else "crash"
    elif os.WEXITSTATUS(status):
        yield "crash"
