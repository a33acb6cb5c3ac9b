"""What a study knows of a run and of its outcome, whatever is trained."""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from lengthwise.tasks.metrics import Metric


class Run(Protocol):
    """One training, as it is known before it is made: equal, and with the same hash, if it is the same."""

    @property
    def seq_len(self) -> int:
        """The length that is tried."""
        ...

    @property
    def seed(self) -> int:
        """What chance is drawn from."""
        ...

    @property
    def fold(self) -> int | None:
        """The part of the cases that it is judged on; None if there are no folds."""
        ...

    @property
    def timesteps(self) -> int:
        """Time steps that the training sees, by which the times of a study's runs are compared."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Return everything that makes it this run, ready for JSON."""
        ...


class RunValidation(NamedTuple):
    """A `lengthwise.training.selection.Validation` of a run, with the training's time and metrics up to there.

    Attributes
    ----------
    update : int
        Training steps made.
    seconds : float
        Time of these steps alone.
    train_loss, train_score : float
        Means over the training steps since the validation before; see `lengthwise.training.progress.History`.
    val_score, val_loss : float
        On every window of the validation split.
    """

    update: int
    seconds: float
    train_loss: float
    train_score: float
    val_score: float
    val_loss: float


class Judgement(NamedTuple):
    """What a run's cases were scored: a row of the store's table ``evaluations``.

    Attributes
    ----------
    split : {"validation", "test"}
        What lengths are chosen by, and what only reports.
    seq_len : int
        The length that it was judged at.
    score : float
    loss : float or None
        What was minimised, if that is known.
    by_start : tuple of float
        See `lengthwise.Evaluation.score_by_start`; empty if it is not known.
    metrics : dict of str to Any
        Other results by name, ready for JSON.
    cases : ndarray of shape (n,), float64
        The score of each case, whose mean is the score; empty if these are not known.
    places : ndarray of shape (n,), int64, optional
        The places of the cases among all, of a study with folds; without, the cases of a fold follow those of the
        folds before it.
    """

    split: str
    seq_len: int
    score: float
    loss: float | None
    by_start: tuple[float, ...]
    metrics: dict[str, Any]
    cases: NDArray[np.float64]
    places: NDArray[np.int64] | None


class Outcome(Protocol):
    """The result of a run. One that failed has a `reason`, and no score."""

    @property
    def settings(self) -> Run:
        """What was run."""
        ...

    @property
    def reason(self) -> str | None:
        """Why it failed; None if it did not."""
        ...

    @property
    def metric(self) -> Metric | None:
        """What the score is; None if the run failed."""
        ...

    @property
    def score(self) -> float | None:
        """What lengths are compared by; None if the run failed."""
        ...

    @property
    def seconds(self) -> float:
        """Time of the training alone, as far as it is known."""
        ...

    @property
    def wall_seconds(self) -> float:
        """Time of everything."""
        ...

    @property
    def worker(self) -> str:
        """Host and process."""
        ...

    @property
    def validations(self) -> tuple[RunValidation, ...]:
        """How the training stood while it went on; empty if that is not known."""
        ...

    @property
    def anytime(self) -> dict[int, float]:
        """Score on the test split after 1, 2, … steps of the longest window; empty if that is not known."""
        ...

    @property
    def updates(self) -> int:
        """Training steps that were made; 0 if that is not known."""
        ...

    @property
    def title(self) -> str:
        """What was trained, in a word, such as ``rnn31``; empty if that is the same for all runs."""
        ...

    @property
    def summary(self) -> str:
        """Score and time of a run that has finished, as the console writes them."""
        ...

    def refused(self, reason: str) -> "Outcome":
        """Return it as one that failed for a reason."""
        ...

    def columns(self) -> dict[str, Any]:
        """Return what a run that has finished has in table ``runs`` beside its settings and its status."""
        ...

    def judgements(self) -> Iterator[Judgement]:
        """Yield what its cases were scored, in table ``evaluations``; nothing of a run that failed."""
        ...

    def metrics(self) -> dict[str, float]:
        """Return scores and costs by the names that users see; nothing of a run that failed."""
        ...


def described(run: Run) -> str:
    """Return which run it is, in words: ``seq_len 5, seed 0, fold 2``."""
    fold = "" if run.fold is None else f", fold {run.fold}"
    return f"seq_len {run.seq_len}, seed {run.seed}{fold}"
