"""Trainings of the user's own as what a study trains: what functions, commands and trials that are told share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lengthwise.data.dataset import Dataset
from lengthwise.errors import UsageError
from lengthwise.lengths import EVERY_LENGTH_UP_TO, parse_lengths
from lengthwise.study.design import Design, chosen_seeds, usual_looks
from lengthwise.study.execution import Executor, Job, LocalThreads
from lengthwise.study.existing import refuse_existing
from lengthwise.study.lock import exclusive
from lengthwise.study.outcome import Run, described
from lengthwise.study.schema import reserved_names
from lengthwise.study.scouting import COARSE, first_lengths
from lengthwise.study.store import Store
from lengthwise.study.trial import Trial, TrialJob, TrialOutcome
from lengthwise.tasks.metrics import Metric
from lengthwise.tasks.named_metrics import Direction
from lengthwise.training.environment import describe_environment


def elsewhere(job: TrialJob, *_: Any, **__: Any) -> TrialOutcome:
    """Say that a trial is made elsewhere; `Trials.check` said so before."""
    raise UsageError(f"{described(job.settings)} is made elsewhere, and told with study.tell().")


class Trials:
    """What is common to trainers of the user's own; by itself, one whose trials are made elsewhere and told.

    See `lengthwise.study.trainer.Trainer`.

    Parameters
    ----------
    metric : Metric
        What a score is.
    """

    execute: Callable[..., TrialOutcome] = staticmethod(elsewhere)

    def __init__(self, metric: Metric) -> None:
        self.metric = metric

    @property
    def dataset(self) -> Dataset:
        """There are none: the user's own code reads them."""
        raise UsageError("the study has no data of its own: what it trains reads them itself.")

    @property
    def loaded(self) -> Dataset | None:
        """There are none."""
        return None

    def check(self, folder: Path | None) -> None:
        """Raise `UsageError`: it is not known here how to make a trial."""
        where = "" if folder is None else f"{str(folder)!r}, "
        raise UsageError(
            f"the study's trainings are made by code of yours: go on with it in Python, with study.ask() and "
            f"study.tell(), or with Study.load({where}objective=…)."
        )

    def runs(self, design: Design) -> list[Run]:
        """Return every trial, all folds of a seed together."""
        return [*trials_of(design)]

    def widened(
        self, design: Design, seq_lens: str | Iterable[int] | None, seeds: int | Iterable[int] | None
    ) -> Design:
        """Return a design with these lengths and seeds."""
        return replace(
            design,
            seq_lens=design.seq_lens if seq_lens is None else given_lengths(seq_lens),
            seeds=design.seeds if seeds is None else chosen_seeds(seeds),
            more_seeds={},
        )

    def workers(self, given: int | None) -> int:
        """Return how many are carried out at a time: one, if nothing else is asked for."""
        return 1 if given is None else given

    def local(self, workers: int) -> AbstractContextManager[Executor]:
        """Return threads of this process."""
        return LocalThreads(workers)

    def prepare(self, pending: list[Trial], on_compile: Callable[[], None]) -> None:
        """Nothing has to be done."""

    def jobs(self, design: Design, pending: list[Trial], workers: int) -> Sequence[Job]:  # noqa: ARG002
        """Return a job for each, in their order."""
        return [TrialJob(trial, self.metric) for trial in pending]

    def payload(self, *, is_shared: bool) -> Any:  # noqa: ARG002
        """Return what makes the trials."""
        return None

    def failed(self, run: Trial, reason: str) -> TrialOutcome:
        """Return the outcome of a trial that failed."""
        return TrialOutcome(run, self.metric, reason=reason)


def trials_of(design: Design) -> list[Trial]:
    """Return every trial of a design, all folds of a seed together."""
    folds: list[tuple[int | None, int | None]] = [(design.folds, fold) for fold in range(design.folds)]
    return [
        Trial(seq_len, seed, *fold, tuple(configuration.items()))
        for configuration in design.configurations()
        for seq_len in design.seq_lens
        for seed in design.seeds_of(seq_len)
        for fold in folds or [(None, None)]
    ]


def trial_design(
    title: str,
    seq_lens: str | Iterable[int] | None,
    seeds: int | Iterable[int] | None = None,
    folds: int | None = None,
    axes: Mapping[str, Iterable[Any]] | None = None,
) -> Design:
    """Return the design of a study of the user's own trainings.

    Parameters
    ----------
    title : str
        What they are called.
    seq_lens : str or iterable of int
        The lengths that may be tried: first about six of them, then more where the curve bends.
    seeds : int or iterable of int, optional
        How many, or which; as many as it takes to decide, by default.
    folds : int, optional
        How many trainings each length and seed has, each judged on other cases; one by default.
    axes : mapping of str to iterable, optional
        What else the trainings are given, and its values.

    Raises
    ------
    UsageError
        If lengths, seeds, folds or axes are out of range.
    """
    if folds is not None and folds != 0 and folds < 2:
        raise UsageError(f"folds is {folds}, but must be 2 or more, or 0 for none.")
    candidates = given_lengths(seq_lens)
    return Design(
        data=title,
        seq_lens=_first(candidates),
        seeds=chosen_seeds(seeds, is_scouting=True),
        candidates=candidates,
        looks=usual_looks(seeds, is_scouting=True),
        budget=None,
        eval_lens=(),
        settings={},
        folds=folds or 0,
        axes={} if axes is None else given_axes(axes),
    )


def given_axes(given: Mapping[str, Iterable[Any]]) -> dict[str, tuple[Any, ...]]:
    """Return the axes of a study, each with its values.

    >>> given_axes({"model": ["lstm", "gru"], "rate": [0.1, 0.01]})
    {'model': ('lstm', 'gru'), 'rate': (0.1, 0.01)}

    Raises
    ------
    UsageError
        If a name cannot be that of an argument and of a column, or a value is neither a text nor a number.
    """
    axes = {}
    for name, values in given.items():
        if not str(name).isidentifier() or name in reserved_names() | {"out"}:
            raise UsageError(f"axes has {name!r}, but must have names of arguments that are not taken, such as model.")
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise UsageError(f"axes has {name}={values!r}, but must have several values, such as ['lstm', 'gru'].")
        axes[name] = tuple(values)
        wrong = [value for value in axes[name] if not isinstance(value, str | int | float | None)]
        if wrong:
            raise UsageError(
                f"axes has {wrong[0]!r:.60} among the values of {name}, but they must be texts or numbers: give names, "
                f"and look up in your own code what they stand for."
            )
    return axes


def given_lengths(given: str | Iterable[int] | None) -> tuple[int, ...]:
    """Return lengths in ascending order, without duplicates.

    Raises
    ------
    UsageError
        If there are none, or one is less than 1.
    """
    if given is None or given == "all":
        said = "not given" if given is None else "all"
        raise UsageError(f"seq_lens is {said}, but how long sequences are is not known: give lengths, such as 1:64.")
    lengths = parse_lengths(given) if isinstance(given, str) else tuple(sorted({int(length) for length in given}))
    if not lengths or lengths[0] < 1:
        raise UsageError(f"seq_lens has {lengths[0] if lengths else 'no length'}, but lengths are 1 or more.")
    return lengths


def _first(candidates: tuple[int, ...]) -> tuple[int, ...]:
    """Return the lengths that are tried first: of many, those at about equal ratios.

    >>> _first(tuple(range(1, 513))), _first((8, 16, 32))
    ((1, 3, 12, 42, 147, 512), (8, 16, 32))
    """
    if len(candidates) <= EVERY_LENGTH_UP_TO:
        return first_lengths(candidates)
    known = np.array(candidates)
    ratios = np.geomspace(known[0], known[-1], COARSE)
    return tuple(sorted({int(known[np.abs(known - ratio).argmin()]) for ratio in ratios}))


def describe_trials(metric: Metric, baseline: float | None, trainer: dict[str, Any]) -> dict[str, Any]:
    """Return what the store of a new study notes beside its design, ready for JSON.

    Parameters
    ----------
    metric : Metric
    baseline : float, optional
        The score of an answer that needs no training.
    trainer : dict
        What makes the trainings: its ``kind``, and what it takes to go on with them.
    """
    direction: Direction = "maximize" if metric.higher_is_better else "minimize"
    told = {"metric": metric.name, "direction": direction, "baseline": baseline, "trainer": trainer}
    return describe_environment() | {"told": told}


def begin_trials(
    folder: Path | None, design: Design, metric: Metric, baseline: float | None, trainer: dict[str, Any]
) -> Store:
    """Make the store of a study of the user's own trainings; see `describe_trials` for the arguments.

    Raises
    ------
    UsageError
        If the baseline is no score, or the folder holds a study already.
    """
    if baseline is not None and not np.isfinite(baseline):
        raise UsageError(f"baseline is {baseline}, but must be a score.")
    if folder is not None:
        refuse_existing(folder, lambda _store: design)
    with nullcontext() if folder is None else exclusive(folder):
        return Store.create(folder, design, describe_trials(metric, baseline, trainer))
