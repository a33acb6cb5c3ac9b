"""How a study's runs are carried out: by an executor, the longest first, each stored as it ends.

Any executor with ``submit`` will do whose futures have ``result`` and ``add_done_callback``, as those of
`concurrent.futures` have. The thread that calls `carry_out` alone tells the listener; workers only compute.
"""

import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor, CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from lengthwise.data.dataset import Dataset
from lengthwise.errors import RunError
from lengthwise.study.run import Check, Job, Outcome, Stopped, execute
from lengthwise.training.settings import Settings

TICK = 0.1
"""Seconds between two looks at whether to stop."""


class Executor(Protocol):
    """What carries out runs."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Any:
        """Return a future of ``function(*arguments)``."""
        ...


@dataclass(frozen=True)
class RunStarted:
    """A run has begun; only local workers tell."""

    settings: Settings


@dataclass(frozen=True)
class RunChecked:
    """A run was judged on the validation split; only local workers tell."""

    settings: Settings
    check: Check


@dataclass(frozen=True)
class RunEnded:
    """A run has finished or failed."""

    outcome: Outcome


@dataclass(frozen=True)
class Tick:
    """Some time has passed."""


Message = RunStarted | RunChecked | RunEnded | Tick


class LocalThreads:
    """Threads of this process, each of which carries out one run at a time; the engine releases the GIL.

    Parameters
    ----------
    workers : int
    """

    def __init__(self, workers: int) -> None:
        self.stopping = threading.Event()
        self.messages: queue.SimpleQueue[Message | Any] = queue.SimpleQueue()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="study")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._pool.shutdown(cancel_futures=True)

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Any:
        """Return a future; the run tells of its start and its checks in `messages`, and can be stopped."""
        return self._pool.submit(self._call, function, *arguments)

    def _call(self, function: Callable[..., Any], job: Job, data: str | Dataset) -> Any:
        settings = job.settings
        self.messages.put(RunStarted(settings))
        return function(
            job,
            data,
            stop=self.stopping.is_set,
            notify=lambda check: self.messages.put(RunChecked(settings, check)),
        )


def longest_first(jobs: Iterable[Job]) -> list[Job]:
    """Return jobs in the order in which they are begun, so that all workers are busy to the end."""
    return sorted(jobs, key=lambda job: job.settings.seq_len * (job.settings.steps or 0), reverse=True)


def carry_out(
    jobs: Iterable[Job],
    data: str | Dataset,
    executor: Executor,
    listen: Callable[[Message], None],
    stop: Callable[[], bool],
) -> bool:
    """Carry out runs.

    Parameters
    ----------
    jobs : iterable of Job
    data : str or Dataset
        What each worker gets; a name where it can load the data itself.
    executor : Executor
    listen : callable
        Takes the messages, in this thread.
    stop : callable
        Asked all along whether to stop; runs under way are then given up.

    Returns
    -------
    bool
        Whether all ended; False if `stop` said so.

    Raises
    ------
    RunError
        If a worker broke in a way that is no run's failure.
    """
    messages = executor.messages if isinstance(executor, LocalThreads) else queue.SimpleQueue()
    futures = {executor.submit(execute, job, data): job for job in longest_first(jobs)}
    for future in futures:
        future.add_done_callback(messages.put)
    while futures:
        if stop():
            for future in futures:
                future.cancel()
            return False
        try:
            message = messages.get(timeout=TICK)
        except queue.Empty:
            message = Tick()
        if not isinstance(message, RunStarted | RunChecked | Tick):
            message = RunEnded(_outcome(message, futures.pop(message)))
        listen(message)
    return True


def _outcome(future: Any, job: Job) -> Outcome:
    """Return what a run gave; an error that nobody foresaw is a failure of that run, a lost worker is none."""
    name = f"seq_len {job.settings.seq_len}, seed {job.settings.seed}"
    try:
        outcome: Outcome = future.result()
    except (BrokenExecutor, CancelledError, Stopped) as error:
        raise RunError(
            f"the worker of {name} was lost ({type(error).__name__}: {error}); what had finished is stored: resume."
        ) from error
    except Exception as error:
        return Outcome(job.settings, reason=f"{type(error).__name__}: {error}")
    return outcome
