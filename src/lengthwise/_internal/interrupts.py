"""Ctrl-C as a request to stop at a good moment."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupt:
    """A request to stop that may come at any time."""

    def __init__(self) -> None:
        self._requested = False

    def __call__(self) -> bool:
        """Return whether a stop was asked for."""
        return self._requested

    def request(self, _signal: int, _frame: FrameType | None) -> None:
        """Ask for a stop; the second time, raise `KeyboardInterrupt` at once."""
        if self._requested:
            raise KeyboardInterrupt
        self._requested = True


@contextmanager
def interruptible() -> Iterator[Interrupt]:
    """Collect SIGINT and SIGTERM instead of dying of them; in threads other than the main one, never ask to stop."""
    interrupt = Interrupt()
    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return
    before = {number: signal.signal(number, interrupt.request) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupt
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
