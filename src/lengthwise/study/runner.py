"""Carries out a study's runs: prepares the engine, hands the runs to an executor, stores each as it ends."""

import itertools
from collections.abc import Iterable
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

from lengthwise._internal.interrupts import Stopped, interruptible
from lengthwise._internal.threads import check_threads
from lengthwise.data import Dataset, is_known
from lengthwise.engine.protocol import data_of
from lengthwise.networks.backend import make_engine
from lengthwise.study.events import StudyCallback, StudyCompiling, StudyEnded, StudyEvent, StudyStarted
from lengthwise.study.execution import Executor, LocalThreads, RunEnded, carry_out, longest_first, shared_threads
from lengthwise.study.run import Job
from lengthwise.study.store import Store
from lengthwise.study.time_limit import TimeLimit
from lengthwise.training.settings import Settings
from lengthwise.training.setup import network_for, placed_for

if TYPE_CHECKING:
    from lengthwise.networks.module_network import Factory


class Runner:
    """Carries out runs of one study, in a ``with`` block, and stores them.

    Parameters
    ----------
    store : Store
    dataset : Dataset
    factory : callable, optional
        Makes the modules to train, if they are of the user's.
    executor : Executor, optional
        Threads of this process by default.
    workers : int, optional
        How many threads; one for each processor by default.
    callbacks : iterable of callable
        Each is called with every `StudyEvent`.
    limit : TimeLimit, optional
        When to stop, whatever is left to do.
    """

    def __init__(
        self,
        store: Store,
        dataset: Dataset,
        *,
        factory: "Factory | None" = None,
        executor: Executor | None = None,
        workers: int | None = None,
        callbacks: Iterable[StudyCallback] = (),
        limit: TimeLimit | None = None,
    ) -> None:
        self._store = store
        self._dataset = dataset
        self._factory = factory
        self._given = executor
        self._workers = check_threads(workers, "workers")
        self._callbacks = list(callbacks)
        self._limit = limit
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stop = self._stack.enter_context(interruptible())
        self._executor: Executor = (
            self._stack.enter_context(LocalThreads(self._workers)) if self._given is None else self._given
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def carry_out(self, pending: list[Settings], later: list[Settings], so_far: str = "") -> bool:
        """Carry out runs.

        Parameters
        ----------
        pending : list of Settings
        later : list of Settings
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
        store, design = self._store, self._store.design
        is_local = self._given is None
        if is_local:
            self._prepare(pending)
        workers = self._workers if is_local else 0
        self._emit(StudyStarted(design, pending, store.runs(), workers, store.folder, store.metric, later, so_far))
        longest = max(itertools.chain(design.seq_lens, design.eval_lens))
        # Of PyTorch's engine, sums may depend on the number of threads.
        is_ours = all(settings.backend.engine == "simd" and settings.module_name is None for settings in pending)
        threads = shared_threads(len(pending), workers if is_ours and workers else 1)
        jobs = [
            Job(settings, design.eval_lens, longest, self._factory, count)
            for settings, count in zip(longest_first(pending), threads, strict=True)
        ]
        try:
            complete = carry_out(jobs, self._payload(), self._executor, self._emit, self._stop, self._limit)
        except Stopped:
            self._emit(StudyEnded(complete=False))
            raise KeyboardInterrupt from None
        self._emit(StudyEnded(complete=complete))
        return complete

    def _emit(self, event: StudyEvent) -> None:
        if isinstance(event, RunEnded):
            self._store.add(event.outcome)
        for callback in self._callbacks:
            callback(event)

    def _payload(self) -> str | Dataset:
        """Return what workers get: the name of data that they can load, unless they share our memory."""
        by_name = self._given is not None and not getattr(self._given, "shares_data", False)
        name = self._dataset.name
        return name if by_name and is_known(name) else self._dataset

    def _prepare(self, pending: list[Settings]) -> None:
        """Compile the engine for every cell before the clocks of the runs start."""
        of_each = {
            (settings.backend, settings.cell, settings.gru_variant): settings
            for settings in pending
            if settings.module_name is None
        }
        for settings in of_each.values():
            network = network_for(settings, self._dataset)
            data = data_of(*placed_for(settings, self._dataset).train.whole)
            with make_engine(network, settings.seq_len, settings.batch_size, backend=settings.backend) as engine:
                engine.prepare(data, on_compile=lambda: self._emit(StudyCompiling()))
