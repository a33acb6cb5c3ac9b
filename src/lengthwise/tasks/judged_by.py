"""Tasks by another metric than their usual one: what lengths, and the validations of a training, are compared by.

Lengths are compared case by case, so a metric must be a mean over cases, or something that each case has a known
influence on: the root of a mean (`Metric.by_case`), or macro F1 (`lengthwise.tasks.macro_f1`). Balanced accuracy is a
mean: that of right or wrong, each case weighted by 1 / (classes * share of its class).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lengthwise._internal.argument_checks import check_choice
from lengthwise.data.split import Split
from lengthwise.data.targets import TARGETS, TaskName
from lengthwise.errors import UsageError
from lengthwise.tasks.classification import ClassScorer, majority
from lengthwise.tasks.macro_f1 import MacroF1Scorer, macro_f1_without_network
from lengthwise.tasks.metrics import (
    ACCURACY,
    BALANCED_ACCURACY,
    LOG_LOSS,
    MACRO_F1,
    MAE,
    MSE,
    RMSE,
    STEP_ACCURACY,
    Metric,
)
from lengthwise.tasks.regression import NumberScorer, mean_score
from lengthwise.tasks.task import Scorer, Task
from lengthwise.tasks.tasks import TASKS

MetricName = Literal["accuracy", "balanced_accuracy", "macro_f1", "log_loss", "mae", "mse", "rmse"]
"""Metrics that may be asked for."""


def task_judged_by(task: TaskName, metric: MetricName | None) -> Task:
    """Return a task with the metric that was asked for, or its own.

    Raises
    ------
    UsageError
        If the metric is not of the task's kind of targets.

    Examples
    --------
    >>> task_judged_by("classification", "balanced_accuracy").metric.title
    'balanced accuracy'
    """
    usual = TASKS[task]
    if metric is None or metric == usual.metric.name:
        return usual
    check_choice("metric", metric, MetricName)
    possible = _NUMBERS if TARGETS[task].numeric else _CLASSES
    if task == "forecasting":
        possible = _FORECASTS
    if metric not in possible:
        names = ", ".join(dict.fromkeys([usual.metric.name, *possible]))
        raise UsageError(f"metric is {metric!r}, but {task} is compared by {names}.")
    found, scorer, baseline, score = possible[metric]
    if metric == "accuracy" and task == "tagging":
        found = STEP_ACCURACY
    return replace(usual, metric=found, scorer=scorer, baseline=baseline or usual.baseline, baseline_score=score)


def class_weights_of(split: Split, num_classes: int) -> NDArray[np.float64]:
    """Return what right counts for each class: 1 / (classes * share of the class), 0 for a class that is not there.

    Shares are those of all that is judged together, if these sequences are a part of it.
    """
    shares = split.class_shares
    if shares is None:
        counts = np.bincount(split.labels, minlength=num_classes)
        shares = counts / counts.sum()
    shares = np.pad(shares, (0, max(0, num_classes - len(shares))))
    weights = np.zeros(len(shares))
    np.divide(1.0, np.count_nonzero(shares) * shares, out=weights, where=shares > 0)
    return weights


class BalancedScorer(ClassScorer):
    """Scores classes so that the mean over cases is the balanced accuracy."""

    def __init__(self, split: Split, num_classes: int) -> None:
        super().__init__(split, num_classes)
        self._weights = class_weights_of(split, num_classes)

    def right(self, targets: NDArray[np.int64], predicted: NDArray[Any]) -> NDArray[np.float64]:
        """Return the weight of each right class, and 0 for a wrong one."""
        return super().right(targets, predicted) * self._weights[targets]


class LogLossScorer(ClassScorer):
    """Scores classes by the cross-entropy of each window, in nats."""

    def add(
        self,
        sequences: NDArray[np.int64],
        starts: NDArray[np.int64],
        predicted: NDArray[Any],
        losses: NDArray[np.float32],
    ) -> NDArray[np.float64]:
        """Return the loss of each window."""
        super().add(sequences, starts, predicted, losses)
        return losses.astype(np.float64)


class AbsoluteScorer(NumberScorer):
    """Scores numbers, in the data's own units: the score is the mean absolute error of a window's numbers."""

    def add(
        self,
        sequences: NDArray[np.int64],
        starts: NDArray[np.int64],
        predicted: NDArray[Any],
        losses: NDArray[np.float32],
    ) -> NDArray[np.float64]:
        """Return the mean absolute error of each window."""
        super().add(sequences, starts, predicted, losses)
        errors: NDArray[np.float64] = np.abs(self._errors(sequences, predicted)).mean(axis=1)
        return errors


def _accuracy(train: Split, split: Split) -> float:
    return _mean_of_classes(split, (split.targets == majority(train)).astype(np.float64))


def _balanced_accuracy(train: Split, split: Split) -> float:
    weights = class_weights_of(split, int(max(split.targets.max(), train.targets.max())) + 1)
    return _mean_of_classes(split, (split.targets == majority(train)) * weights[split.targets])


def _log_loss(train: Split, split: Split) -> float:
    """Return the cross-entropy of the training split's shares, each count one larger than it is."""
    classes = int(max(split.targets.max(), train.targets.max())) + 1
    counts = np.bincount(train.labels, minlength=classes) + 1
    return _mean_of_classes(split, -np.log(counts / counts.sum())[split.targets])


def _mean_of_classes(split: Split, values: NDArray[np.float64]) -> float:
    """Return the mean over the steps of each sequence, and over the cases."""
    if values.ndim == 1:
        return float(split.by_case(values).mean())
    own = np.ones(values.shape, np.bool_) if split.own_steps is None else split.own_steps
    return float(((values * own).sum(axis=1) / own.sum(axis=1)).mean())


def _median_error(train: Split, split: Split) -> float:
    errors = np.abs(split.numbers - np.median(train.numbers, axis=0)).mean(axis=1)
    return float(split.by_case(errors).mean())


def _naive_error(_train: Split, split: Split) -> float:
    if split.reference is None:
        raise AssertionError("a split of forecasts has a reference")
    return float(split.reference.errors.mean())


def _naive_square(_train: Split, split: Split) -> float:
    if split.reference is None:
        raise AssertionError("a split of forecasts has a reference")
    return float(split.reference.squares.mean())


Judging = tuple[Metric, Callable[[Split, int], Scorer], str | None, Callable[[Split, Split], float]]

_CLASSES: dict[str, Judging] = {
    "accuracy": (ACCURACY, ClassScorer, None, _accuracy),
    "balanced_accuracy": (BALANCED_ACCURACY, BalancedScorer, None, _balanced_accuracy),
    "macro_f1": (MACRO_F1, MacroF1Scorer, None, macro_f1_without_network),
    "log_loss": (LOG_LOSS, LogLossScorer, "each class as often as in the training split", _log_loss),
}

_NUMBERS: dict[str, Judging] = {
    "mse": (MSE, NumberScorer, None, mean_score),
    "rmse": (RMSE, NumberScorer, None, lambda train, split: RMSE.of_mean(mean_score(train, split))),
    "mae": (MAE, AbsoluteScorer, "always the median of the training split", _median_error),
}

_FORECASTS: dict[str, Judging] = {
    "mae": (MAE, AbsoluteScorer, None, _naive_error),
    "mse": (MSE, NumberScorer, None, _naive_square),
    "rmse": (RMSE, NumberScorer, None, lambda train, split: RMSE.of_mean(_naive_square(train, split))),
}
