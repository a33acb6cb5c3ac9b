"""Runs one after another in the thread that carries out a study, and in processes beside it."""

import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from queue import Empty
from types import TracebackType
from typing import Any, Self

from lengthwise._internal.extras import required
from lengthwise._internal.interrupts import Stopped, heard_signals
from lengthwise.study.execution import RunStarted


class InTurn:
    """Carries out runs in the thread that asks for their messages: code of the user's is called as from a loop.

    Ctrl-C raises `KeyboardInterrupt` in it. It is `messages` itself, which `carry_out` gets messages from.
    """

    def __init__(self) -> None:
        self._waiting: deque[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]] = deque()
        self._ready: deque[Any] = deque()
        self._begun = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._waiting.clear()

    @property
    def messages(self) -> Self:
        """Where messages come from."""
        return self

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Return a future, which is done once the messages about it have been got."""
        future: Future[Any] = Future()
        self._waiting.append((future, function, arguments))
        return future

    def put(self, message: Any) -> None:
        """Keep a message."""
        self._ready.append(message)

    def get(self, timeout: float = 0.0) -> Any:  # noqa: ARG002 - as of a queue
        """Return the next message; where there is none, carry out the next run.

        Raises
        ------
        queue.Empty
            If there is nothing to do.
        Stopped
            If the run was interrupted.
        """
        while self._waiting and self._waiting[0][0].cancelled():
            self._waiting.popleft()
        if not self._ready and self._waiting:
            future, function, arguments = self._waiting[0]
            if not self._begun:
                self._begun = True
                return RunStarted(arguments[0].settings)
            self._waiting.popleft()
            self._begun = False
            _carry_out(future, function, arguments)
        if not self._ready:
            raise Empty
        return self._ready.popleft()


def _carry_out(future: "Future[Any]", function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        with _interrupted_at_once():
            result = function(*arguments)
    except KeyboardInterrupt:
        raise Stopped from None
    except Exception as error:
        future.set_exception(error)
    else:
        future.set_result(result)


@contextmanager
def _interrupted_at_once() -> Iterator[None]:
    """Let SIGINT and SIGTERM raise `KeyboardInterrupt`, as they would in a loop of the user's own."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.default_int_handler) for number in heard_signals()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Processes:
    """Carries out runs in processes of this machine, to which code is sent by value; they end with the study.

    Parameters
    ----------
    workers : int

    Raises
    ------
    UsageError
        If joblib, which has them, is not installed.
    """

    def __init__(self, workers: int) -> None:
        loky = required("joblib.externals.loky", "workers above 1, for code of yours,", "sklearn")
        self._pool = loky.ProcessPoolExecutor(workers, initializer=_ignore_interrupts)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(kill_workers=True)

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Any:
        """Return a future that cannot be cancelled: loky's shutdown, which ends all, fails where one was."""
        future = self._pool.submit(function, *arguments)
        future.cancel = _never
        return future


def _never() -> bool:
    """Return that nothing was cancelled."""
    return False


def _ignore_interrupts() -> None:
    """Leave Ctrl-C, which every process of a terminal gets, to the one that carries out the study."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
