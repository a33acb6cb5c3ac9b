"""One run of a study: train, judge on the validation split on the way, keep the best, judge that on the test split."""

import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from lengthwise.data import load_data
from lengthwise.data.dataset import Dataset
from lengthwise.errors import LengthwiseError
from lengthwise.networks.costs import activation_bytes, training_flops
from lengthwise.networks.module_network import module_from
from lengthwise.tasks.tasks import TASKS
from lengthwise.training.evaluation import Evaluation, Prefix, evaluate_prefixes
from lengthwise.training.events import Event, Validated
from lengthwise.training.loop import fit, network_or_module, samplers_for, schedule_for, start
from lengthwise.training.selection import Selection, StopReason
from lengthwise.training.settings import Settings

if TYPE_CHECKING:
    from lengthwise.networks.module_network import Factory

CHECKS = tuple(1 / part for part in (64, 32, 16, 8)) + tuple(part / 8 for part in range(2, 9))
"""Parts of a training after which it is judged on the validation split: early ones closer, as more happens then."""


class Job(NamedTuple):
    """What a worker needs to know of a run beside the data; it can be pickled.

    Attributes
    ----------
    settings : Settings
        With `steps`, the updates to make.
    eval_lens : tuple of int
        Other lengths to judge the network at.
    longest : int
        The study's longest window, after whose every step the network is judged if there are `eval_lens`.
    factory : callable, optional
        Makes the module to train of the run's seed, if it is of the user's.
    """

    settings: Settings
    eval_lens: tuple[int, ...]
    longest: int
    factory: "Factory | None" = None


class Check(NamedTuple):
    """What a training had come to after some updates.

    Attributes
    ----------
    update : int
        Training steps made.
    seconds : float
        Time that they took, without judging.
    train_loss, train_score : float
        Means over the training steps since the check before; see `lengthwise.training.progress.History`.
    val_score, val_loss : float
        On every window of the validation split.
    """

    update: int
    seconds: float
    train_loss: float
    train_score: float
    val_score: float
    val_loss: float


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a run gave; `reason` says why it failed if it did, and then there is nothing else.

    Attributes
    ----------
    settings : Settings
    reason : str or None
    checks : tuple of Check
    best_update : int
        The check that was best on the validation split; scores are those of its parameters.
    stopped_by : {"steps", "patience"}, optional
        Why training ended: all steps of the budget were made, or checks did not get better.
    validation, test : Evaluation
        Of the length trained on.
    evaluations : dict of int to Evaluation
        On the test split at other lengths.
    anytime : dict of int to float
        Score on the test split after 1, 2, … steps of the longest window.
    flops_per_step, activation_bytes : int
    seconds : float
        Time of the training steps alone.
    wall_seconds : float
        With judging.
    worker : str
        Host and process.
    """

    settings: Settings
    reason: str | None = None
    checks: tuple[Check, ...] = ()
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
    def updates(self) -> int:
        """Training steps that were made: those of the budget, or fewer where patience ended the training."""
        return self.checks[-1].update if self.checks else 0


class Stopped(Exception):  # noqa: N818 - a wish, and no error
    """The study was asked to stop while a run was under way."""


def check_updates(steps: int, every: int | None = None) -> list[int]:
    """Return after which updates a training of `steps` updates is judged: every so many, or at parts of it.

    >>> check_updates(8592)
    [134, 268, 537, 1074, 2148, 3222, 4296, 5370, 6444, 7518, 8592]
    >>> check_updates(8592, every=3000)
    [3000, 6000, 8592]
    """
    if every is not None:
        return sorted({*range(every, steps, every), steps})
    return sorted({max(1, round(part * steps)) for part in CHECKS})


def execute(
    job: Job,
    data: str | Dataset,
    *,
    stop: Callable[[], bool] = lambda: False,
    notify: Callable[[Any], None] = lambda _message: None,
) -> Outcome:
    """Carry out a run with one thread. What it gives depends on the job and the data alone, times aside.

    Parameters
    ----------
    job : Job
    data : str or Dataset
        A name is loaded, so that a worker elsewhere need not be sent what it has.
    stop : callable
        Asked all along whether to give up.
    notify : callable
        Told of every `Check`.

    Returns
    -------
    Outcome
        A training that diverges is an outcome with a reason.

    Raises
    ------
    Stopped
        If `stop` said so.
    """
    began = time.perf_counter()
    worker = f"{platform.node()}:{os.getpid()}"
    try:
        dataset = load_data(data)
        outcome = _train_and_judge(job, dataset, stop, notify)
    except LengthwiseError as error:
        return Outcome(job.settings, reason=str(error), wall_seconds=time.perf_counter() - began, worker=worker)
    return Outcome(**vars(outcome) | {"wall_seconds": time.perf_counter() - began, "worker": worker})


def _train_and_judge(job: Job, dataset: Dataset, stop: Callable[[], bool], notify: Callable[[Any], None]) -> Outcome:
    settings = job.settings
    module = None if job.factory is None else module_from(job.factory, settings.seed)
    network = network_or_module(settings, dataset, module)
    progress = start(settings, network, schedule_for(settings, samplers_for(settings, dataset, ("train",))))
    due = check_updates(progress.schedule.updates, settings.validate_every)
    progress.selection = Selection(TASKS[dataset.task].metric, due, settings.patience)

    checks: list[Check] = []
    best: dict[str, Evaluation] = {}

    def check(event: Event) -> None:
        if not isinstance(event, Validated):
            return
        judged, before = event.evaluation, checks[-1].update if checks else 0
        summary = progress.summary(before, progress.made)
        seconds = float(progress.history.seconds[: progress.made].sum())
        checks.append(Check(progress.made, seconds, summary.loss, summary.score_mean, judged.score, judged.loss))
        notify(checks[-1])
        if event.is_best:
            best["validation"] = judged

    if not fit(settings, dataset, network, progress, threads=1, emit=check, stop=stop):
        raise Stopped
    # Of a look-back, the first steps are not what is known early.
    early = range(1, job.longest + 1) if job.eval_lens and TASKS[dataset.task].anytime else ()
    prefixes = [Prefix(length, length) for length in (settings.seq_len, *job.eval_lens)]
    prefixes += [Prefix(steps, job.longest) for steps in early]
    judged = evaluate_prefixes(network, progress.chosen, dataset.test, prefixes, backend=settings.backend, stop=stop)
    if judged is None:
        raise Stopped
    test, *others = judged
    return Outcome(
        settings,
        checks=tuple(checks),
        best_update=progress.best_step,
        stopped_by=progress.stopped_by,
        validation=best["validation"],
        test=test,
        evaluations=dict(zip(job.eval_lens, others, strict=False)),
        anytime={steps: one.score for steps, one in zip(early, others[len(job.eval_lens) :], strict=True)},
        flops_per_step=training_flops(network, settings.seq_len, settings.batch_size),
        activation_bytes=activation_bytes(network, settings.seq_len, settings.batch_size, settings.backend),
        seconds=checks[-1].seconds,
    )
