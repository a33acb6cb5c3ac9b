"""How a study's runs are carried out: by an executor, the longest first, each stored as it ends.

Any executor with ``submit`` will do whose futures have ``result`` and ``add_done_callback``, as those of
`concurrent.futures` have. Only the thread that calls `carry_out` calls the callback; workers only compute.
"""

import queue
from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor, CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from lengthwise._internal.interrupts import Stopped, StopRequest
from lengthwise.errors import RunError
from lengthwise.study.outcome import Outcome, Run, RunValidation, described
from lengthwise.study.time_limit import TimeLimit

TICK = 0.1
"""Seconds after which `carry_out` looks at the request to stop again."""

LAST_QUARTER = 0.75
"""Share of a run after which workers are counted that have nothing left to do, by `shared_threads`."""


class Job(Protocol):
    """A run, as a worker gets it beside the payload; it can be pickled."""

    @property
    def settings(self) -> Any:
        """The run."""
        ...


class Executor(Protocol):
    """Carries out runs."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Any:
        """Return a future of ``function(*arguments)``."""
        ...


@dataclass(frozen=True)
class RunStarted:
    """A run has begun; only local workers send this."""

    settings: Run


@dataclass(frozen=True)
class RunValidated:
    """A run was validated; only local workers send this."""

    settings: Run
    validation: RunValidation


@dataclass(frozen=True)
class RunEnded:
    """A run has finished or failed."""

    outcome: Outcome


@dataclass(frozen=True)
class Tick:
    """Some time has passed."""


AnyRun = TypeVar("AnyRun", bound=Run)

Message = RunStarted | RunValidated | RunEnded | Tick


class LocalThreads:
    """Threads of this process, each of which carries out one run at a time; the engine releases the GIL.

    Parameters
    ----------
    workers : int
    """

    def __init__(self, workers: int) -> None:
        self.stopping = StopRequest()
        self.messages: queue.SimpleQueue[Message | Any] = queue.SimpleQueue()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="study")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.ask()
        self._pool.shutdown(cancel_futures=True)

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Any:
        """Return a future; the run puts its start and its validations into `messages`, and can be stopped."""
        return self._pool.submit(self._call, function, *arguments)

    def _call(self, function: Callable[..., Any], job: Job, payload: Any) -> Any:
        settings = job.settings
        self.messages.put(RunStarted(settings))
        return function(
            job,
            payload,
            stop=self.stopping,
            notify=lambda validation: self.messages.put(RunValidated(settings, validation)),
        )


def longest_first(runs: Iterable[AnyRun]) -> list[AnyRun]:
    """Return runs in the order in which they are begun, so that all workers are busy to the end."""
    return sorted(runs, key=lambda run: run.timesteps, reverse=True)


def shared_threads(timesteps: Iterable[float], workers: int) -> list[int]:
    """Return the threads of each run, in the order in which they are begun, from the work that each is.

    A run for whose last quarter workers would stand idle has their threads too.

    >>> shared_threads([1] * 5, 4), shared_threads([1] * 8, 4), shared_threads([128, 64, 16, 4, 1], 2)
    ([1, 1, 1, 1, 4], [1, 1, 1, 1, 1, 1, 1, 1], [2, 1, 1, 1, 1])
    """
    ends = [0.0] * workers
    moments = []
    for work in timesteps:
        soonest = ends.index(min(ends))
        moments.append(ends[soonest] + LAST_QUARTER * work)
        ends[soonest] += work
    return [workers // sum(end >= moment for end in ends) for moment in moments]


def carry_out(
    jobs: Iterable[Job],
    execute: Callable[..., Outcome],
    payload: Any,
    executor: Executor,
    *,
    failed: Callable[[Any, str], Outcome],
    emit: Callable[[Message], None],
    stop: StopRequest,
    limit: TimeLimit | None = None,
) -> bool:
    """Carry out runs.

    Parameters
    ----------
    jobs : iterable of Job
        In the order in which they are begun.
    execute : callable
        Carries out a job, given it and the payload.
    payload
        What each worker gets.
    executor : Executor
    failed : callable
        Returns the outcome of a run that failed in a way that was not foreseen, given it and the reason.
    emit : callable
        Called with the messages, in this thread.
    stop : StopRequest
        Looked at all along.
    limit : TimeLimit, optional
        When to stop all the same.

    Returns
    -------
    bool
        Whether all were carried out; if not, the time was over, and runs under way were given up.

    Raises
    ------
    Stopped
        If a stop was asked for; runs under way are given up.
    RunError
        If a worker broke in a way that is no run's failure.
    """
    messages = getattr(executor, "messages", None) or queue.SimpleQueue()
    futures = {executor.submit(execute, job, payload): job for job in jobs}
    for future in futures:
        future.add_done_callback(messages.put)
    while futures:
        try:
            stop.check()
        except Stopped:
            _cancel(futures)
            raise
        if limit is not None and limit.left == 0:
            _cancel(futures)
            return False
        try:
            message = messages.get(timeout=TICK)
        except queue.Empty:
            message = Tick()
        if not isinstance(message, RunStarted | RunValidated | Tick):
            message = RunEnded(_outcome(message, futures.pop(message).settings, failed))
        emit(message)
    return True


def _cancel(futures: Iterable[Any]) -> None:
    for future in futures:
        future.cancel()


def _outcome(future: Any, run: Run, failed: Callable[[Any, str], Outcome]) -> Outcome:
    """Return the outcome of a run: an unforeseen error is a failure of that run, a lost worker is not."""
    try:
        outcome: Outcome = future.result()
    except (BrokenExecutor, CancelledError, Stopped) as error:
        raise RunError(
            f"the worker of {described(run)} was lost ({type(error).__name__}: {error}); what had finished is stored: "
            f"resume."
        ) from error
    except Exception as error:
        return failed(run, f"{type(error).__name__}: {error}")
    return outcome
