"""Processes that are killed at each of the calls by which they change files, one after the other."""

import os
import signal
import sys

CHANGES = {"mkdir", "open", "write", "execute", "executemany", "chmod", "fsync", "replace", "flock", "unlink", "close"}
"""Names of functions in C that change files, or prepare it."""


def killed_at(number, work):
    """Do `work` in a process that ends by SIGKILL at the call of this number; whether it did."""
    child = os.fork()
    if child == 0:
        left = number

        def count(_frame, event, function):
            nonlocal left
            if event == "c_call" and function.__name__ in CHANGES:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, f"the process failed, which was to be killed at call {number}"
    return False


def each_kill(work):
    """Do `work(number)` in processes, each killed one call later than the one before; yield each call's number."""
    number = 1
    while killed_at(number, lambda: work(number)):  # noqa: B023 - called at once
        yield number
        number += 1
