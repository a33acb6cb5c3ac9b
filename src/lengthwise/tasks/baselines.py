"""What it takes to be worth training: the score of an answer that needs no network."""

from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from lengthwise.data.dataset import Dataset, Split
from lengthwise.tasks.tasks import TASKS


@dataclass(frozen=True)
class Baseline:
    """The score of an answer that needs no network.

    Attributes
    ----------
    title : str
        What it is.
    validation, test : float
        Its score on both splits, by the task's metric.
    """

    title: str
    validation: float
    test: float

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> Self:
        """Return what `to_dict` made a dictionary of."""
        return cls(**found)


def baseline_of(dataset: Dataset) -> Baseline:
    """Return the baseline of a data set: the training split's commonest class or mean, or the seasonal naive forecast.

    >>> from lengthwise.data import load_data
    >>> baseline_of(load_data("mnist"))
    Baseline(title='always the commonest class', validation=0.1126, test=0.1135)
    """
    score = {"regression": _mean_score, "forecasting": _naive_score, "language": _unigram_score}.get(
        dataset.task, _majority_score
    )
    return Baseline(
        TASKS[dataset.task].baseline, *(score(dataset.train, split) for split in (dataset.validation, dataset.test))
    )


def _majority_score(train: Split, split: Split) -> float:
    """Return the share of sequences, or the mean over them of the share of their steps."""
    right = split.targets == np.bincount(train.labels).argmax()
    own = split.own_steps
    if own is None or right.ndim == 1:
        return float(right.mean())
    return float(((right & own).sum(axis=1) / own.sum(axis=1)).mean())


def _mean_score(train: Split, split: Split) -> float:
    return float(((split.numbers - train.numbers.mean(axis=0)) ** 2).mean())


def _naive_score(_train: Split, split: Split) -> float:
    if split.reference is None:
        raise AssertionError("forecasts have something to be held against")
    forecasts, scale = split.reference
    return float((np.abs(forecasts - split.numbers).mean(axis=1) / scale).mean())


def _unigram_score(train: Split, split: Split) -> float:
    """Return bits a character; every character counts as seen once more than it was, so that none is impossible."""
    num_classes = train.values.shape[2]
    counts = np.bincount(train.targets.ravel(), minlength=num_classes) + 1
    return float(-np.log2(counts / counts.sum())[split.targets].mean())
