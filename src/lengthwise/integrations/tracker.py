"""What the callbacks for experiment trackers have in common: which metrics they write, and when."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np

from lengthwise._internal.argument_checks import check_integer
from lengthwise.study.events import StudyEvent
from lengthwise.study.execution import RunEnded
from lengthwise.study.metrics import validation_metrics
from lengthwise.study.outcome import Outcome, Run
from lengthwise.tasks.tasks import TASKS
from lengthwise.training.events import Event, Finished, Interrupted, Started, Stepped, Validated
from lengthwise.training.progress import Progress


class TrackerCallback(ABC):
    """Writes the metrics of a training, or of each run of a study, to an experiment tracker.

    Parameters
    ----------
    every : int
        Steps of a training whose means are one point of its curves.
    """

    def __init__(self, every: int) -> None:
        self._every = check_integer("every", every, 1)
        self._open = False
        self._score = ""
        self._logged = 0

    def __call__(self, event: Event | StudyEvent) -> None:
        """Write the metrics of an event."""
        match event:
            case Started():
                self._score = TASKS[event.network.task].step_metric.name
                self._logged = event.progress.global_step
                self._start(event.settings, event.settings.cell, num_parameters=event.network.num_parameters)
            case Stepped():
                for first, last in self._points(event.last):
                    self.log(last, _step_metrics(event.progress, first, last, self._score))
            case Validated():
                validation = event.evaluation
                metrics = {f"val_{validation.metric.name}": validation.score, "val_loss": validation.loss}
                self.log(event.progress.global_step, metrics)
            case Finished():
                self._log_the_rest(event.progress)
                test, progress = event.evaluation, event.progress
                chosen = {"train_steps": float(progress.made), "best_step": float(progress.best_step)}
                self.summarize(
                    {f"test_{test.metric.name}": test.score, "test_loss": test.loss}
                    | (chosen if event.progress.selection is not None else {})
                )
                self._stop("finished")
            case Interrupted():
                self._log_the_rest(event.progress)
                self._stop("interrupted")
            case RunEnded():
                self._record(event.outcome)

    def close(self) -> None:
        """End a run that is still open, as one that failed."""
        self._stop("failed")

    @abstractmethod
    def begin(self, name: str, settings: dict[str, Any]) -> None:
        """Begin a run."""

    @abstractmethod
    def log(self, step: int, metrics: dict[str, float]) -> None:
        """Write metrics of a step."""

    @abstractmethod
    def summarize(self, metrics: dict[str, float]) -> None:
        """Write the results of the run."""

    @abstractmethod
    def end(self, status: str) -> None:
        """End the run as ``"finished"``, ``"failed"`` or ``"interrupted"``."""

    def _start(self, run: Run, what: str, **more: Any) -> None:
        fold = "" if run.fold is None else f"-fold{run.fold}"
        name = f"{what}{'-' if what else ''}len{run.seq_len}-seed{run.seed}{fold}"
        given = {key: value for key, value in run.to_dict().items() if value is not None}
        self.begin(name, given | more)
        self._open = True

    def _stop(self, status: str) -> None:
        if self._open:
            self._open = False
            self.end(status)

    def _points(self, last: int) -> Iterator[tuple[int, int]]:
        """Yield the intervals of `every` steps that are complete at global step `last`."""
        while self._logged // self._every < last // self._every:
            end = (self._logged // self._every + 1) * self._every
            yield self._logged, end
            self._logged = end

    def _log_the_rest(self, progress: Progress) -> None:
        if self._logged < progress.global_step:
            self.log(progress.global_step, _step_metrics(progress, self._logged, progress.global_step, self._score))

    def _record(self, outcome: Outcome) -> None:
        """Write a study's run, which has ended, from its beginning."""
        self._start(outcome.settings, outcome.title)
        for validation in outcome.validations:
            self.log(validation.update, validation_metrics(outcome, validation))
        self.summarize(outcome.metrics())
        self._stop("finished" if outcome.reason is None else "failed")


def _step_metrics(progress: Progress, first: int, last: int, score: str) -> dict[str, float]:
    """Return means over the steps after global step `first` up to `last`, of each phase that they have."""
    losses, scores = progress.history.losses[first:last], progress.history.scores[first:last]
    trained = np.isfinite(losses)
    metrics: dict[str, float] = {}
    if trained.any():
        metrics |= {"train_loss": float(losses[trained].mean()), f"train_{score}": float(scores[trained].mean())}
    if not trained.all():
        metrics[f"test_{score}_sampled"] = float(scores[~trained].mean())
    return metrics
