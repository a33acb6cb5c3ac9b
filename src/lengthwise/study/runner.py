"""Carries out a study's runs: prepares the engine, hands the runs to an executor, stores each as it ends."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from time import monotonic
from types import TracebackType
from typing import Self

from lengthwise._internal.interrupts import Stopped, interruptible
from lengthwise.study.events import StudyAnswered, StudyCallback, StudyCompiling, StudyEnded, StudyEvent, StudyStarted
from lengthwise.study.execution import Executor, RunEnded, carry_out, longest_first
from lengthwise.study.outcome import Run
from lengthwise.study.store import Store
from lengthwise.study.time_limit import TimeLimit
from lengthwise.study.trainer import Trainer

ANSWERED_EVERY = 3.0
"""Seconds between two times at which callbacks are told how the answer stands, at least."""

ANSWERING_SHARE = 0.02
"""Share of the time that may go into working it out."""


class Runner:
    """Carries out runs of one study, in a ``with`` block, and stores them.

    Parameters
    ----------
    store : Store
    trainer : Trainer
    executor : Executor, optional
        The trainer's own on this machine by default.
    workers : int, optional
        How many runs that carries out at a time; what suits the trainer by default.
    callbacks : iterable of callable
        Each is called with every `StudyEvent`.
    limit : TimeLimit, optional
        When to stop, whatever is left to do.
    answer : callable
        Returns how the answer stands, in words, as far as there is one.
    """

    def __init__(
        self,
        store: Store,
        trainer: Trainer,
        *,
        executor: Executor | None = None,
        workers: int | None = None,
        callbacks: Iterable[StudyCallback] = (),
        limit: TimeLimit | None = None,
        answer: Callable[[], str] = str,
    ) -> None:
        self._store = store
        self._trainer = trainer
        self._given = executor
        self._workers = trainer.workers(workers)
        self._callbacks = list(callbacks)
        self._limit = limit
        self._answer = answer
        self._answer_due = 0.0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stop = self._stack.enter_context(interruptible())
        self._executor: Executor = (
            self._stack.enter_context(self._trainer.local(self._workers)) if self._given is None else self._given
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def carry_out(self, pending: list[Run], later: list[Run], so_far: str = "") -> bool:
        """Carry out runs.

        Parameters
        ----------
        pending : list of Run
        later : list of Run
            The runs that may be added to these; they are passed on to callbacks.
        so_far : str
            The answer as it stands, for callbacks.

        Returns
        -------
        bool
            Whether all were carried out; if not, the time was over.

        Raises
        ------
        RunError
            If a worker is lost, or the store cannot be written.
        KeyboardInterrupt
            After Ctrl-C; what had ended is stored.
        """
        store, trainer, design = self._store, self._trainer, self._store.design
        is_local = self._given is None
        if is_local:
            trainer.prepare(pending, lambda: self._emit(StudyCompiling()))
        workers = self._workers if is_local else 0
        self._emit(
            StudyStarted(
                design, pending, store.runs(), workers, store.folder, store.metric, later, so_far,
                chosen_on=store.subject.chosen_on,
            )
        )  # fmt: skip
        begun = longest_first(pending)
        if self._limit is not None and store.runs().empty:  # no telling yet for how many the time will suffice
            begun.reverse()
        try:
            complete = carry_out(
                trainer.jobs(design, begun, workers),
                trainer.execute,
                trainer.payload(is_shared=is_local or getattr(self._given, "shares_data", False)),
                self._executor,
                failed=trainer.failed,
                emit=self._emit,
                stop=self._stop,
                limit=self._limit,
            )
        except Stopped:
            self._emit(StudyEnded(complete=False))
            raise KeyboardInterrupt from None
        self._emit(StudyEnded(complete=complete))
        return complete

    def _emit(self, event: StudyEvent) -> None:
        if isinstance(event, RunEnded):
            event = RunEnded(self._store.add(event.outcome))
        for callback in self._callbacks:
            callback(event)
        if isinstance(event, RunEnded) and self._callbacks and monotonic() >= self._answer_due:
            self._tell()

    def _tell(self) -> None:
        """Tell callbacks how the answer stands; it is worked out so seldom that this takes little of the time."""
        began = monotonic()
        sentence = self._answer()
        self._answer_due = monotonic() + max(ANSWERED_EVERY, (monotonic() - began) / ANSWERING_SHARE)
        if sentence:
            self._emit(StudyAnswered(sentence))
