"""What makes a study's trainings, given their lengths, seeds and folds: the only part of a study that knows how.

A study's design says which lengths and seeds are trained, its plan which come next, its store holds what came of them,
and its answer rests on that. None of them knows what a training is.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from lengthwise.data.dataset import Dataset
from lengthwise.study.design import Design
from lengthwise.study.execution import Executor, Job
from lengthwise.study.outcome import Outcome, Run


class Trainer(Protocol):
    """Makes the trainings of a study."""

    @property
    def execute(self) -> Callable[..., Outcome]:
        """Carries out a job: takes it and the payload, and where `local` says so, what `LocalThreads` adds.

        A function of a module, so that it can be sent to other processes.
        """
        ...

    @property
    def dataset(self) -> Dataset:
        """The data, where the trainer has any.

        Raises
        ------
        UsageError
            If it has none.
        """
        ...

    @property
    def loaded(self) -> Dataset | None:
        """The data, if there are any and they are in memory already."""
        ...

    def check(self, folder: Path | None) -> None:
        """Raise `UsageError` if the study in this folder cannot be carried out from here."""
        ...

    def runs(self, design: Design) -> list[Run]:
        """Return every run of a design, all folds of a seed together."""
        ...

    def widened(
        self, design: Design, seq_lens: str | Iterable[int] | None, seeds: int | Iterable[int] | None
    ) -> Design:
        """Return a design with these lengths and seeds; its own where they are None."""
        ...

    def workers(self, given: int | None) -> int:
        """Return how many runs are carried out at a time on this machine, where so many were asked for."""
        ...

    def local(self, workers: int) -> AbstractContextManager[Executor]:
        """Return what carries out so many runs at a time on this machine."""
        ...

    def prepare(self, pending: list[Any], on_compile: Callable[[], None]) -> None:
        """Do what has to be done on this machine before the clocks of these runs start."""
        ...

    def jobs(self, design: Design, pending: list[Any], workers: int) -> Sequence[Job]:
        """Return the jobs of these runs, in the order in which they are begun; 0 workers where that is not known."""
        ...

    def payload(self, *, is_shared: bool) -> Any:
        """Return what a worker gets with each job; where memory is not shared, in a form that is quickly sent."""
        ...

    def failed(self, run: Any, reason: str) -> Outcome:
        """Return the outcome of a run that failed in a way that was not foreseen."""
        ...
