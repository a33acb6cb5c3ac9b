"""A Python function as what a study trains."""

import inspect
import os
import platform
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from lengthwise._internal.argument_checks import check_integer
from lengthwise._internal.threads import MAX_THREADS
from lengthwise.errors import UsageError
from lengthwise.study.design import Design
from lengthwise.study.execution import Executor
from lengthwise.study.in_turn import InTurn, Processes
from lengthwise.study.store import Store
from lengthwise.study.trial import Scores, Trial, TrialJob, TrialOutcome
from lengthwise.study.trials import Trials, begin_trials, trial_design, trials_of
from lengthwise.tasks.metrics import Metric
from lengthwise.tasks.named_metrics import Direction, named_metric

Function = Callable[..., Any]
"""Takes seq_len and seed, and where the study has folds, the fold; returns what `Scores.read` reads."""


def execute(job: TrialJob, function: Function) -> TrialOutcome:
    """Call a function for a trial; an exception is a failure of it. See `lengthwise.study.trainer.Trainer.execute`."""
    trial, began = job.settings, time.perf_counter()
    reason, scores = None, None
    try:
        positional, named = _arguments(function, trial)
        scores = Scores.read(function(*positional, **named), job.metric.name)
    except UsageError as error:
        reason = str(error)
    except (Exception, SystemExit) as error:
        reason = f"{type(error).__name__}: {error}{_where(error)}"
    wall_seconds = time.perf_counter() - began
    return TrialOutcome(trial, job.metric, reason, scores, wall_seconds, f"{platform.node()}:{os.getpid()}")


def _where(error: BaseException) -> str:
    """Return where the user's code raised, as the file and the line; nothing if that is not known."""
    calls = traceback.extract_tb(error.__traceback__)[1:]
    return f" ({Path(calls[-1].filename).name}, line {calls[-1].lineno})" if calls else ""


class Objective(Trials):
    """Calls a function; see `lengthwise.study.trainer.Trainer`.

    Parameters
    ----------
    function : callable
    metric : Metric
        What it returns.
    """

    execute = staticmethod(execute)

    def __init__(self, function: Function, metric: Metric) -> None:
        super().__init__(metric)
        self._function = function

    def check(self, folder: Path | None) -> None:
        """Do nothing: the function is here."""

    def workers(self, given: int | None) -> int:
        """Return how many calls are made at a time: one, if nothing else is asked for."""
        return 1 if given is None else check_integer("workers", given, 1, MAX_THREADS)

    def local(self, workers: int) -> AbstractContextManager[Executor]:
        """Return this thread for one call at a time, processes for several."""
        return InTurn() if workers == 1 else Processes(workers)

    def payload(self, *, is_shared: bool) -> Function:  # noqa: ARG002
        """Return the function."""
        return self._function


def title_of(function: Function) -> str:
    """Return what a function is called.

    >>> title_of(len)
    'len'
    """
    named = getattr(function, "func", function)  # of a partial
    return str(getattr(named, "__name__", type(named).__name__))


def begin_objective(
    folder: Path | None,
    function: Function,
    *,
    seq_lens: str | Iterable[int] | None,
    seeds: int | Iterable[int] | None,
    folds: int | None,
    metric: str | None,
    direction: Direction | None,
    baseline: float | None,
    axes: Mapping[str, Iterable[Any]] | None,
) -> tuple[Objective, Store]:
    """Make a study of what a function trains; see `lengthwise.Study` for the arguments."""
    design = trial_design(title_of(function), seq_lens, seeds, folds, axes)
    check_function(function, design)
    found = named_metric(metric, direction)
    return Objective(function, found), begin_trials(folder, design, found, baseline, {"kind": "function"})


def refuse_others(given: Mapping[str, Any]) -> None:
    """Raise `UsageError` if something is given that goes with networks alone; the metric is not such."""
    others = [name for name, value in given.items() if value is not None and name != "metric"]
    if others:
        several = len(others) > 1
        raise UsageError(
            f"{' and '.join(others)} {'go' if several else 'goes'} with networks of ours: with objective, your own "
            f"function trains, and what it takes is for it to say."
        )


def check_function(function: Any, design: Design) -> None:
    """Raise `UsageError` if a function does not take length and seed, and what else the study gives it."""
    if not callable(function):
        raise UsageError(f"objective is {function!r:.60}, but must be a function that takes seq_len and seed.")
    trial = trials_of(design)[0]
    if _takes(function, trial):
        return
    name = title_of(function)
    if trial.configuration:
        wanted = ", ".join(_values(trial))
        raise UsageError(f"objective: {name} must take {wanted} by these names, and nothing else without a default.")
    if not design.folds and _takes(function, Trial(1, 0, 2, 0)):
        raise UsageError(
            f"objective: {name} takes a fold beside seq_len and seed: give how many there are, such as folds=5."
        )
    wanted = "seq_len, seed and fold, since folds are given" if design.folds else "seq_len and seed"
    raise UsageError(f"objective: {name} must take {wanted}, and nothing else without a default.")


def _takes(function: Function, trial: Trial) -> bool:
    """Return whether a function can be called for a trial."""
    positional, named = _arguments(function, trial)
    try:
        inspect.signature(function).bind(*positional, **named)
    except ValueError:  # it has no signature
        return True
    except TypeError:
        return False
    return True


def _values(trial: Trial) -> dict[str, Any]:
    return {name: value for name, value in trial.to_dict().items() if name != "folds"}


def _arguments(function: Function, trial: Trial) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return what a function is called with: by name if its parameters have the names, else in this order.

    What is the value of an axis has its name always, as the order of axes means nothing.
    """
    values = _values(trial)
    if trial.configuration:
        return (), values
    try:
        names = inspect.signature(function).parameters
    except (TypeError, ValueError):
        names = {}  # type: ignore[assignment]
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in names.values())
    are_named = all(name in names for name in values) or (takes_any and len(names) == 1)
    return ((), values) if are_named else (tuple(values.values()), {})
