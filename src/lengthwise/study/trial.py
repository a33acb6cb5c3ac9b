"""A run of a study whose trainings are the user's own: which it is, and what came of it."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from lengthwise.errors import UsageError
from lengthwise.study.outcome import Judgement, RunValidation
from lengthwise.tasks.metrics import Metric

OWN = ("score", "cases", "seconds")
"""Entries of a mapping that are no results of the user's own."""

FEW = 4
"""Of so many values, a tuple is one of scores of cases; of fewer, it may be a score and a loss."""


@dataclass(frozen=True)
class Trial:
    """What the user's own code is to train.

    Parameters
    ----------
    seq_len : int
        The length to train with.
    seed : int
        What chance is to be drawn from.
    folds, fold : int, optional
        Of how many folds of the cases which is to be judged, from 0; neither in a study without folds.
    configuration : tuple of (str, Any)
        The name and the value of whatever else it is to be trained with.
    """

    seq_len: int
    seed: int
    folds: int | None = None
    fold: int | None = None
    configuration: tuple[tuple[str, Any], ...] = ()

    @property
    def timesteps(self) -> int:
        """Its length, since time grows with that."""
        return self.seq_len

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        own = {"seq_len": self.seq_len, "seed": self.seed} | dict(self.configuration)
        return own if self.folds is None else own | {"folds": self.folds, "fold": self.fold}


class TrialJob(NamedTuple):
    """A trial, as a worker gets it.

    Attributes
    ----------
    settings : Trial
    metric : Metric
        What its score will be.
    """

    settings: Trial
    metric: Metric


@dataclass(frozen=True, eq=False)
class Scores:
    """What a training scored.

    Attributes
    ----------
    score : float
    cases : ndarray of shape (n,), float64
        The score of each case, whose mean is the score; empty if these are not known.
    seconds : float or None
        What the training took, where that was told.
    more : dict of str to Any
        Anything else that was told, ready for JSON.
    """

    score: float
    cases: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    seconds: float | None = None
    more: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, returned: Any, metric: str = "") -> Self:
        """Read what a user's code returned.

        Parameters
        ----------
        returned : float, array_like of shape (n,), or mapping
            A score; a score for each case; or a mapping with ``score`` or ``cases``, and with ``seconds`` and anything
            more.
        metric : str
            What a score is called, as which a mapping may have it too.

        Raises
        ------
        UsageError
            If it is something else, or a number is not finite.

        Examples
        --------
        >>> Scores.read([1.0, 0.0, 1.0, 1.0]).score, Scores.read({"score": 0.5, "epochs": 3}).more
        (0.75, {'epochs': 3})
        """
        if isinstance(returned, tuple) and len(returned) < FEW:
            raise UsageError(
                f"what was returned is {returned!r:.60}, but which of it is the score is not known: return one number, "
                f"an array with a score for each case, or a mapping with score."
            )
        if not isinstance(returned, Mapping):
            return cls._of_numbers(returned, "what was returned")
        told = {str(name): value for name, value in returned.items()}
        if not told.keys() & {"score", "cases"} and metric in told:
            found = told.pop(metric)
            told["score" if np.ndim(found) == 0 else "cases"] = found
        if told.get("score") is None and told.get("cases") is None:
            names = ", ".join(told) or "nothing"
            called = f"neither score nor cases nor {metric}" if metric else "neither score nor cases"
            raise UsageError(f"what was returned has {called}, but {names}: name one of them so.")
        score = None if told.get("score") is None else cls._of_numbers(told["score"], "score").score
        cases = np.zeros(0) if told.get("cases") is None else _numbers(told["cases"], "cases")
        if cases.size and score is not None and not math.isclose(cases.mean(), score, rel_tol=1e-4, abs_tol=1e-6):
            raise UsageError(
                f"score is {score:g}, but the mean of cases is {cases.mean():g}: leave one of them out; lengths are "
                f"compared by the mean of their cases."
            )
        seconds = None if told.get("seconds") is None else cls._of_numbers(told["seconds"], "seconds").score
        if seconds is not None and seconds < 0:
            raise UsageError(f"seconds is {seconds:g}, but must not be negative.")
        more = {name: _as_json(value) for name, value in told.items() if name not in OWN}
        return cls(float(cases.mean()) if score is None else score, cases, seconds, more)

    @classmethod
    def _of_numbers(cls, value: Any, name: str) -> Self:
        numbers = _numbers(value, name)
        return cls(float(numbers.mean()), np.zeros(0) if np.ndim(value) == 0 else numbers)


@dataclass(frozen=True, eq=False)
class TrialOutcome:
    """The result of a `Trial`. One that failed has a `reason`, and no scores; see `lengthwise.study.outcome.Outcome`.

    Attributes
    ----------
    settings : Trial
        What was run.
    metric : Metric
        What the scores are.
    reason : str or None
    scores : Scores or None
    wall_seconds : float
    worker : str
    """

    settings: Trial
    metric: Metric
    reason: str | None = None
    scores: Scores | None = None
    wall_seconds: float = 0.0
    worker: str = ""

    @property
    def score(self) -> float | None:
        """What lengths are compared by; None if it failed."""
        return None if self.scores is None else self.scores.score

    @property
    def seconds(self) -> float:
        """What the training took, as it was told; otherwise the time of everything."""
        told = None if self.scores is None else self.scores.seconds
        return self.wall_seconds if told is None else told

    @property
    def validations(self) -> tuple[RunValidation, ...]:
        """Nothing is known of the training as it went on."""
        return ()

    @property
    def anytime(self) -> dict[int, float]:
        """Nothing is known of it at other lengths."""
        return {}

    @property
    def updates(self) -> int:
        """Not known."""
        return 0

    @property
    def title(self) -> str:
        """The values of its configuration, such as ``lstm``; empty if that is the same for all."""
        return " ".join(str(value) for _, value in self.settings.configuration)

    @property
    def summary(self) -> str:
        """Score and time as the console writes them."""
        if self.scores is None:
            return ""
        return f"{self.metric.name} {self.scores.score:.4g}  {self.seconds:6.1f} s"

    def refused(self, reason: str) -> "TrialOutcome":
        """Return it as one that failed for a reason."""
        return replace(self, reason=reason, scores=None)

    def columns(self) -> dict[str, Any]:
        """Return what table ``runs`` has of a run that finished."""
        if self.scores is None:
            return {}
        return {"metric": self.metric.name, "val_score": self.scores.score, "seconds": self.seconds}

    def judgements(self) -> Iterator[Judgement]:
        """Yield the scores of its cases."""
        if self.scores is not None:
            scores = self.scores
            yield Judgement(
                "validation", self.settings.seq_len, scores.score, None, (), scores.more, scores.cases, None
            )

    def metrics(self) -> dict[str, float]:
        """Return its score and its time by name, and every number that was told beside them."""
        if self.scores is None:
            return {}
        numbers = {
            name: float(value)
            for name, value in self.scores.more.items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        }
        return numbers | {self.metric.name: self.scores.score, "seconds": self.seconds}


def _numbers(value: Any, name: str) -> NDArray[np.float64]:
    """Return one number, or a column of them, as an array of shape (n,).

    Raises
    ------
    UsageError
        If it is neither, or one of them is not finite.
    """
    if value is None:
        raise UsageError(f"{name} is None, but must be a score, or an array with a score for each case.")
    if hasattr(value, "detach"):  # PyTorch's
        value = value.detach().cpu().numpy()
    try:
        found = np.asarray(value)
        numbers = np.atleast_1d(found).astype(np.float64)
    except (TypeError, ValueError):
        found, numbers = np.zeros(0), np.zeros(0)
    if found.dtype.kind not in "biuf" or numbers.ndim != 1 or not numbers.size:
        what = f"an array of shape {found.shape}" if found.dtype.kind in "biuf" and found.size else f"{value!r:.60}"
        raise UsageError(f"{name} is {what}, but must be a score, or an array of one dimension, a score for each case.")
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if wrong.size:
        where = f" of case {wrong[0]}" if numbers.size > 1 else ""
        raise UsageError(f"{name}{where} is {numbers[wrong[0]]}, but must be a finite number.")
    return numbers


def _as_json(value: Any) -> Any:
    """Return a value as JSON can hold it: numbers of NumPy and PyTorch as numbers, what has no form in it as text."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return str(value)
    return value
