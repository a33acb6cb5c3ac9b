"""What counts for a pilot: an error that is smaller the better a network is by the metric that lengths are compared by.

It is the mean loss of a window. Where the metric is an accuracy, it is the mean probability that the network gives to
wrong classes, 1 - exp(-loss), because one sequence of a small split that is confidently wrong would outweigh all others
in the loss, and to count what is right would hardly tell pilots apart. Of another metric than the task's usual one, it
is the metric's error of each window: of numbers in their own units, before a root is taken.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.dataset import Dataset
from lengthwise.data.targets import TARGETS, TaskName
from lengthwise.tasks.judged_by import MetricName, class_weights_of, task_judged_by
from lengthwise.tasks.metrics import Metric
from lengthwise.tasks.tasks import TASKS
from lengthwise.training.evaluation import Evaluation

Errors = Callable[[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32], NDArray[Any]], NDArray[np.float64]]
"""Takes the sequences, the starts, the losses and the predictions of windows, each of shape (windows, …)."""

OF_CLASSES = ("balanced_accuracy", "macro_f1")
"""Metrics in which every class counts alike: pilots are judged by the first, which is a mean."""


def metric_of(task: TaskName, metric: MetricName | None) -> Metric | None:
    """Return the metric that was asked for; None if it is the task's usual one."""
    asked = task_judged_by(task, metric).metric
    return None if asked.name == TASKS[task].metric.name else asked


def window_errors(dataset: Dataset, metric: MetricName | None, num_outputs: int) -> Errors:
    """Return what gives the error of each window of the validation split."""
    asked, split = metric_of(dataset.task, metric), dataset.validation
    if asked is not None and TARGETS[dataset.task].numeric:
        scorer = task_judged_by(dataset.task, metric).scorer(split, num_outputs)
        return lambda sequences, starts, losses, predicted: scorer.add(sequences, starts, predicted, losses)
    weights = _weights(dataset, asked)
    usual = asked or TASKS[dataset.task].metric

    def errors(
        sequences: NDArray[np.int64], _starts: NDArray[np.int64], losses: NDArray[np.float32], _predicted: NDArray[Any]
    ) -> NDArray[np.float64]:
        found = _as_error(losses.astype(np.float64), usual)
        return found if weights is None else found * weights[sequences]

    return errors


def error_of(evaluation: Evaluation, task: TaskName, metric: MetricName | None) -> float:
    """Return the error of a network that was evaluated on all windows."""
    asked = metric_of(task, metric)
    return 1 - evaluation.score if asked is not None and asked.percent else evaluation.loss


def error_to_beat(dataset: Dataset, metric: MetricName | None = None) -> float:
    """Return the error of the better of what needs no network and the forecasts' baseline.

    By default the baseline's absolute errors are known and the loss is a square; for a normal distribution, the mean
    square is π/2 times the square of their mean.
    """
    split, asked = dataset.validation, metric_of(dataset.task, metric)
    without = error_without_network(dataset, metric)
    if split.reference is None or split.units is None:
        return without
    if asked is not None:
        return min(without, float((split.reference.errors if asked.name == "mae" else split.reference.squares).mean()))
    errors = split.reference.errors / np.abs(split.units.unit).reshape(-1)
    return min(without, float(np.pi / 2 * (errors**2).mean()))


def error_without_network(dataset: Dataset, metric: MetricName | None = None) -> float:
    """Return the error of the training split's shares of classes, or of its mean numbers; of `mae`, its medians."""
    train, split, asked = dataset.train, dataset.validation, metric_of(dataset.task, metric)
    if TARGETS[dataset.task].numeric:
        if asked is None:
            mean = train.targets.reshape(len(train), -1).mean(axis=0)
            return float(((split.targets.reshape(len(split), -1) - mean) ** 2).mean())
        if asked.name == "mae":
            return float(np.abs(split.numbers - np.median(train.numbers, axis=0)).mean())
        return float(((split.numbers - train.numbers.mean(axis=0)) ** 2).mean())
    counts = np.bincount(train.labels.ravel(), minlength=dataset.num_classes) + 1
    labels = split.labels.ravel()
    errors = _as_error(-np.log(counts / counts.sum())[labels], asked or TASKS[dataset.task].metric)
    if asked is not None and asked.name in OF_CLASSES:
        errors = errors * class_weights_of(split, dataset.num_classes)[labels]
    return float(errors.mean())


def _as_error(losses: NDArray[np.float64], metric: Metric) -> NDArray[np.float64]:
    return 1 - np.exp(-losses) if metric.percent else losses


def _weights(dataset: Dataset, asked: Metric | None) -> NDArray[np.float64] | None:
    """Return what each sequence counts; the mean of its steps, where each has a class."""
    if asked is None or asked.name not in OF_CLASSES:
        return None
    split = dataset.validation
    weights = np.asarray(class_weights_of(split, dataset.num_classes)[split.targets], np.float64)
    if weights.ndim == 1:
        return weights
    own = np.ones(weights.shape, np.bool_) if split.own_steps is None else split.own_steps
    return np.asarray((weights * own).sum(axis=1) / own.sum(axis=1), np.float64)
