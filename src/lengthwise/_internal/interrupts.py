"""Ctrl-C, or another thread's request, as a request to stop at the next suitable point.

Long computations call `StopRequest.check` regularly, which raises `Stopped` if a stop was requested.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stopped(Exception):  # noqa: N818 - a request, not an error
    """A computation was asked to stop, and has stopped at a point from which it can continue later.

    It never leaves the package: `lengthwise.train` and similar functions raise `KeyboardInterrupt` instead.
    """


class StopRequest:
    """A request to stop, which may be made at any time and from any thread."""

    def __init__(self) -> None:
        self._requested = False

    def ask(self) -> None:
        """Request a stop."""
        self._requested = True

    def check(self) -> None:
        """Return, unless a stop was requested.

        Raises
        ------
        Stopped
            If it was.
        """
        if self._requested:
            raise Stopped

    def on_signal(self, _signal: int, _frame: FrameType | None) -> None:
        """Request a stop; the second time, raise `KeyboardInterrupt` at once."""
        if self._requested:
            raise KeyboardInterrupt
        self.ask()


def heard_signals() -> list[signal.Signals]:
    """Return SIGINT and SIGTERM, but for those that this process was started to ignore.

    A shell that starts something in the background lets it ignore Ctrl-C, which is meant for another. A signal whose
    handling another program has set that runs Python is that program's as well.
    """
    numbers = (signal.SIGINT, signal.SIGTERM)
    return [number for number in numbers if signal.getsignal(number) not in (signal.SIG_IGN, None)]


@contextmanager
def interruptible(stop: StopRequest | None = None) -> Iterator[StopRequest]:
    """Let SIGINT and SIGTERM request a stop instead of ending the program; where they are ignored, they still are.

    Python delivers signals to the main thread; in any other thread, this has no effect.

    Parameters
    ----------
    stop : StopRequest, optional
        The request that signals set; a new one by default.

    Yields
    ------
    StopRequest
    """
    stop = StopRequest() if stop is None else stop
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, stop.on_signal) for number in heard_signals()}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
