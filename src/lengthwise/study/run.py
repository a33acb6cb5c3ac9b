"""One run of a study: train, validate during training, keep the best parameters, evaluate these on the test split."""

import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lengthwise._internal.interrupts import StopRequest
from lengthwise.data import load_data
from lengthwise.data.dataset import Dataset
from lengthwise.data.folds import fold_of
from lengthwise.errors import LengthwiseError
from lengthwise.networks.costs import activation_bytes, training_flops, training_timesteps
from lengthwise.networks.module_network import module_from
from lengthwise.study.outcome import Judgement, RunValidation
from lengthwise.tasks.judged_by import task_judged_by
from lengthwise.tasks.metrics import Metric
from lengthwise.tasks.tasks import TASKS
from lengthwise.training.evaluation import Evaluation, Prefix, evaluate_prefixes
from lengthwise.training.events import Event, Validated
from lengthwise.training.loop import Training
from lengthwise.training.progress import Progress
from lengthwise.training.selection import Selection, StopReason
from lengthwise.training.settings import Settings

if TYPE_CHECKING:
    from lengthwise.networks.module_network import Factory

VALIDATED_AT = tuple(1 / part for part in (64, 32, 16, 8)) + tuple(part / 8 for part in range(2, 9))
"""Parts of a training after which it is validated: early ones are closer together, as a network then changes most."""


class Job(NamedTuple):
    """A run, as a worker gets it beside the data; it can be pickled.

    Attributes
    ----------
    settings : Settings
        With `steps`, the updates to make.
    eval_lens : tuple of int
        Other lengths at which the network is evaluated.
    longest : int
        The study's longest window; with `eval_lens`, the network is evaluated after each of its steps.
    factory : callable, optional
        Makes the user's module from the run's seed, where the study trains modules.
    threads : int
        On which the result does not depend.
    """

    settings: Settings
    eval_lens: tuple[int, ...]
    longest: int
    factory: "Factory | None" = None
    threads: int = 1


@dataclass(frozen=True, eq=False)
class Outcome:
    """The result of a run. A run that failed has a `reason`, and none of the values after it.

    Attributes
    ----------
    settings : Settings
    reason : str or None
        Why the run failed; None if it did not.
    judged : ndarray of shape (n,), int64, optional
        The places in the pool of the sequences that `validation` is about, where the study has folds.
    validations : tuple of RunValidation
    best_update : int
        The update of the best validation; `validation`, `test` and all other scores are those of its parameters.
    stopped_by : {"steps", "patience"}, optional
        Why training ended: all steps of the budget were made, or the validations did not get better.
    validation, test : Evaluation
        At the length of the training; with folds, `test`, `evaluations` and `anytime` are of the first alone.
    evaluations : dict of int to Evaluation
        On the test split at other lengths.
    anytime : dict of int to float
        Score on the test split after 1, 2, … steps of the longest window.
    flops_per_step, activation_bytes : int
    seconds : float
        Time of the training steps alone.
    wall_seconds : float
        With all evaluations.
    worker : str
        Host and process.
    """

    settings: Settings
    reason: str | None = None
    judged: NDArray[np.int64] | None = None
    validations: tuple[RunValidation, ...] = ()
    best_update: int = 0
    stopped_by: StopReason | None = None
    validation: Evaluation | None = None
    test: Evaluation | None = None
    evaluations: dict[int, Evaluation] = field(default_factory=dict)
    anytime: dict[int, float] = field(default_factory=dict)
    flops_per_step: int = 0
    activation_bytes: int = 0
    seconds: float = 0.0
    wall_seconds: float = 0.0
    worker: str = ""

    @property
    def metric(self) -> Metric | None:
        """What the scores are."""
        return None if self.validation is None else self.validation.metric

    @property
    def score(self) -> float | None:
        """What lengths are compared by: the score on the validation split."""
        return None if self.validation is None else self.validation.score

    @property
    def updates(self) -> int:
        """Training steps that were made: those of the budget, or fewer where patience ended the training."""
        return self.validations[-1].update if self.validations else 0

    @property
    def timesteps(self) -> int:
        """Time steps that the network was trained on."""
        return training_timesteps(self.updates, self.settings.seq_len, self.settings.batch_size)

    @property
    def title(self) -> str:
        """The network in a word: its cell and units, or its module's name."""
        settings = self.settings
        return settings.module_name or f"{settings.cell}{settings.hidden_size}"

    @property
    def summary(self) -> str:
        """Score and time as the console writes them."""
        if self.validation is None:
            return ""
        text = f"val_{self.validation.metric.name} {self.validation.score:.4f}  {self.seconds:6.1f} s training"
        if self.stopped_by == "patience":
            text += f"  stopped after {self.updates} of {self.settings.steps} steps"
        return text

    def refused(self, reason: str) -> "Outcome":
        """Return it as one that failed for a reason."""
        return Outcome(self.settings, reason=reason, wall_seconds=self.wall_seconds, worker=self.worker)

    def columns(self) -> dict[str, Any]:
        """Return what table ``runs`` has of a run that finished."""
        if self.validation is None:
            return {}
        metric, columns = self.validation.metric, dict[str, Any]()
        if self.test is not None:
            columns = {
                "test_score": self.test.score,
                "test_accuracy": self.test.score if metric.is_accuracy else None,
                "test_loss": self.test.loss,
            }
        return columns | {
            "metric": metric.name,
            "val_score": self.validation.score,
            "val_accuracy": self.validation.score if metric.is_accuracy else None,
            "val_loss": self.validation.loss,
            "best_update": self.best_update,
            "updates": self.updates,
            "stopped_by": self.stopped_by,
            "timesteps": self.timesteps,
            "flops": self.updates * self.flops_per_step,
            "flops_per_step": self.flops_per_step,
            "activation_bytes": self.activation_bytes,
            "seconds": self.seconds,
            "seconds_per_step": self.seconds / self.updates,
        }

    def judgements(self) -> Iterator[Judgement]:
        """Yield every evaluation: on the validation split, on the test split, and there at other lengths."""
        if self.validation is not None:
            yield _judgement("validation", self.validation, self.judged)
        if self.test is not None:
            yield _judgement("test", self.test)
        for length, other in self.evaluations.items():
            if length != self.settings.seq_len:
                yield _judgement("test", other)

    def metrics(self) -> dict[str, float]:
        """Return the scores and the costs by name; nothing if it failed."""
        if self.validation is None:
            return {}
        test = {} if self.test is None else {f"test_{self.test.metric.name}": self.test.score}
        return {
            f"val_{self.validation.metric.name}": self.validation.score,
            **test,
            "seconds": self.seconds,
            "seconds_per_step": self.seconds / self.updates,
            "flops": float(self.updates * self.flops_per_step),
            "updates": float(self.updates),
            "best_update": float(self.best_update),
            "activation_bytes": float(self.activation_bytes),
        }


def _judgement(split: str, evaluation: Evaluation, places: NDArray[np.int64] | None = None) -> Judgement:
    return Judgement(
        split,
        evaluation.seq_len,
        evaluation.score,
        evaluation.loss,
        evaluation.score_by_start,
        evaluation.metrics,
        evaluation.per_sequence,
        places,
    )


def validation_updates(steps: int, every: int | None = None) -> list[int]:
    """Return the updates after which a training of `steps` updates is validated: every so many, or at parts of it.

    >>> validation_updates(8592)
    [134, 268, 537, 1074, 2148, 3222, 4296, 5370, 6444, 7518, 8592]
    >>> validation_updates(8592, every=3000)
    [3000, 6000, 8592]
    """
    if every is not None:
        return sorted({*range(every, steps, every), steps})
    return sorted({max(1, round(part * steps)) for part in VALIDATED_AT})


def execute(
    job: Job,
    data: str | Dataset,
    *,
    stop: StopRequest | None = None,
    notify: Callable[[RunValidation], None] = lambda _validation: None,
) -> Outcome:
    """Carry out a run. But for its times, the result depends on the job and the data alone.

    Parameters
    ----------
    job : Job
    data : str or Dataset
        A name is loaded, so that the data need not be sent to a worker that has them.
    stop : StopRequest, optional
        Looked at all along.
    notify : callable
        Called with every `RunValidation`.

    Returns
    -------
    Outcome
        Also where the training diverges: then it has a reason.

    Raises
    ------
    Stopped
        If a stop was asked for.
    """
    began = time.perf_counter()
    worker = f"{platform.node()}:{os.getpid()}"
    try:
        outcome = _train_and_evaluate(job, load_data(data), stop, notify)
    except LengthwiseError as error:
        return Outcome(job.settings, reason=str(error), wall_seconds=time.perf_counter() - began, worker=worker)
    return Outcome(**vars(outcome) | {"wall_seconds": time.perf_counter() - began, "worker": worker})


def _train_and_evaluate(
    job: Job, dataset: Dataset, stop: StopRequest | None, notify: Callable[[RunValidation], None]
) -> Outcome:
    settings = job.settings
    judged = None
    if settings.folds is not None and settings.fold is not None:
        dataset, judged = fold_of(dataset, settings.folds, settings.fold, settings.seed)
    seed = training_seed(settings)
    module = None if job.factory is None else module_from(job.factory, seed)
    training = Training.begin(replace(settings, seed=seed), dataset, module, phases=("train",))
    network, progress = training.network, training.progress
    due = validation_updates(progress.schedule.updates, settings.validate_every)
    if judged is not None and not settings.selects:  # what is judged must not choose the weights
        due = due[-1:]
    progress.selection = Selection(task_judged_by(dataset.task, settings.metric).metric, due, settings.patience)

    validations: list[RunValidation] = []
    best: dict[str, Evaluation] = {}

    def note(event: Event) -> None:
        if not isinstance(event, Validated):
            return
        validations.append(_validation(progress, event.evaluation, since=validations[-1].update if validations else 0))
        notify(validations[-1])
        if event.is_best:
            best["validation"] = event.evaluation

    training.fit(threads=job.threads, emit=note, stop=stop)
    # Of a look-back, the first steps are not what is known early.
    early = range(1, job.longest + 1) if job.eval_lens and TASKS[dataset.task].anytime(network.windows) else ()
    prefixes = [Prefix(length, length) for length in (settings.seq_len, *job.eval_lens)]
    prefixes += [Prefix(steps, job.longest) for steps in early]
    if settings.fold:  # the first fold's network is enough for what only reports, and the test split may be large
        early, prefixes = range(0), []
    tested = evaluate_prefixes(
        network,
        progress.chosen,
        training.dataset.test,
        prefixes,
        backend=settings.backend,
        metric=settings.metric,
        threads=job.threads,
        stop=stop,
    )
    others = tested[1:]
    return Outcome(
        settings,
        judged=judged,
        validations=tuple(validations),
        best_update=progress.best_step,
        stopped_by=progress.stopped_by,
        validation=best["validation"],
        test=tested[0] if tested else None,
        evaluations=dict(zip(job.eval_lens, others, strict=False)),
        anytime={steps: one.score for steps, one in zip(early, others[len(job.eval_lens) :], strict=True)},
        flops_per_step=training_flops(network, settings.seq_len, settings.batch_size),
        activation_bytes=activation_bytes(network, settings.seq_len, settings.batch_size, settings.backend),
        seconds=validations[-1].seconds,
    )


def training_seed(settings: Settings) -> int:
    """Return the seed of a run's weights and windows: its own, or with folds, one for each fold of it.

    What the initial weights do by chance then averages out over the folds of a seed too.
    """
    if settings.fold is None:
        return settings.seed
    return int(np.random.SeedSequence([settings.seed, settings.fold]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _validation(progress: Progress, evaluation: Evaluation, *, since: int) -> RunValidation:
    """Return a validation of a training that has no test steps, with its means since training step `since`."""
    summary = progress.summary(since, progress.made)
    seconds = float(progress.history.seconds[: progress.made].sum())
    return RunValidation(progress.made, seconds, summary.loss, summary.score_mean, evaluation.score, evaluation.loss)
