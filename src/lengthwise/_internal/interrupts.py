"""Ctrl-C, or the wish of another thread, as a request to stop at a good moment.

Whatever takes long calls `StopRequest.check` now and then, which raises `Stopped` if somebody has asked for a stop.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stopped(Exception):  # noqa: N818 - a wish, and no error
    """A computation was asked to stop, and has stopped where it can go on later.

    It never leaves the package: `lengthwise.train` and its like raise `KeyboardInterrupt` in its place.
    """


class StopRequest:
    """A request to stop, which may be made at any time and from any thread."""

    def __init__(self) -> None:
        self._asked = False

    def ask(self) -> None:
        """Ask for a stop."""
        self._asked = True

    def check(self) -> None:
        """Go on, unless somebody has asked for a stop.

        Raises
        ------
        Stopped
            If somebody has.
        """
        if self._asked:
            raise Stopped

    def on_signal(self, _signal: int, _frame: FrameType | None) -> None:
        """Ask for a stop; the second time, raise `KeyboardInterrupt` at once."""
        if self._asked:
            raise KeyboardInterrupt
        self.ask()


@contextmanager
def interruptible(stop: StopRequest | None = None) -> Iterator[StopRequest]:
    """Let SIGINT and SIGTERM ask for a stop instead of ending the program.

    Python hands signals to the main thread; in any other one, they change nothing here.

    Parameters
    ----------
    stop : StopRequest, optional
        The request that they make; a new one by default.

    Yields
    ------
    StopRequest
    """
    stop = StopRequest() if stop is None else stop
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, stop.on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
