"""What can be asked of a network, and how its answers are judged: the one place that knows.

A *task* says what is to be said of a window, by which loss the engine learns it, and by which *metric* lengths are
compared. A *score* is a value of that metric: for every window, then the mean for every sequence, and over all of them.
"""

from dataclasses import dataclass
from typing import Literal

from lengthwise.data.dataset import Task

LossName = Literal["cross_entropy", "squared_error", "step_cross_entropy"]
"""Losses of the engine."""

ERROR_MARGIN = 0.02
"""The usual margin of an error: this share of the baseline's."""


@dataclass(frozen=True)
class Metric:
    """How well a network does, as a number.

    >>> ACCURACY.text(0.94125), ACCURACY.label, ACCURACY.is_better(0.9, than=0.8)
    ('94.12', 'accuracy (%)', True)
    >>> MSE.text(0.0123456), MSE.label, MSE.is_better(0.9, than=0.8)
    ('0.01235', 'mean squared error', False)

    Attributes
    ----------
    name : str
        Its key in files and tables.
    title : str
        What it is called in sentences.
    higher_is_better : bool
    percent : bool
        Whether it is a share that is written in percent.
    margin : float
        How much worse than the best is still good enough, unless somebody says; of an error, as a share of the
        baseline's.
    """

    name: str
    title: str
    higher_is_better: bool
    percent: bool
    margin: float

    def is_better(self, score: float, *, than: float) -> bool:
        """Return whether a score is better than another one."""
        return score > than if self.higher_is_better else score < than

    def text(self, score: float) -> str:
        """Return a score as it is written: in percent with two decimals, or with four digits."""
        return f"{100 * score:.2f}" if self.percent else f"{score:.4g}"

    @property
    def scale(self) -> float:
        """What a score is multiplied by as it is written or drawn."""
        return 100.0 if self.percent else 1.0

    @property
    def label(self) -> str:
        """Its name at an axis."""
        return f"{self.title} (%)" if self.percent else self.title

    def usual_margin(self, baseline: float) -> float:
        """Return the margin to take if nobody says: of an error, a share of the baseline's.

        >>> ACCURACY.usual_margin(0.1), MSE.usual_margin(0.5)
        (0.005, 0.01)
        """
        return self.margin if self.percent else self.margin * baseline


ACCURACY = Metric("accuracy", "accuracy", higher_is_better=True, percent=True, margin=0.005)
STEP_ACCURACY = Metric("step_accuracy", "accuracy of a step", higher_is_better=True, percent=True, margin=0.005)
MSE = Metric("mse", "mean squared error", higher_is_better=False, percent=False, margin=ERROR_MARGIN)
MAE = Metric("mae", "mean absolute error", higher_is_better=False, percent=False, margin=ERROR_MARGIN)

MASE = Metric("mase", "mean absolute scaled error", higher_is_better=False, percent=False, margin=ERROR_MARGIN)

BITS = Metric("bits", "cross-entropy in bits a character", higher_is_better=False, percent=False, margin=ERROR_MARGIN)

METRICS = {metric.name: metric for metric in (ACCURACY, STEP_ACCURACY, MSE, MAE, MASE, BITS)}
"""Every metric by its name."""


@dataclass(frozen=True)
class TaskKind:
    """A task, as the rest of the package looks it up.

    Attributes
    ----------
    loss : {"cross_entropy", "squared_error", "step_cross_entropy"}
        What the engine learns by.
    outputs : str
        What the head's outputs are called.
    metric : Metric
        What lengths are compared by.
    step_score : Metric
        What a training step's score is: that of its batch before the update, in the network's own units.
    baseline : str
        What it takes to be worth training: how the baseline is called.
    tiled : bool
        Whether a sequence is judged by windows that follow each other, so that every step is judged once.
    at_end : bool
        Whether a sequence's only window is its last one: that which ends where the forecast begins.
    """

    loss: LossName
    outputs: str
    metric: Metric
    step_score: Metric
    baseline: str
    tiled: bool = False
    at_end: bool = False

    @property
    def anytime(self) -> bool:
        """Whether it can be asked what is known after the first steps of a window."""
        return not (self.at_end or self.tiled)


TASKS: dict[Task, TaskKind] = {
    "classification": TaskKind("cross_entropy", "logits", ACCURACY, ACCURACY, "always the commonest class"),
    "regression": TaskKind("squared_error", "numbers", MSE, MAE, "always the mean of the training split"),
    "tagging": TaskKind("step_cross_entropy", "logits", STEP_ACCURACY, ACCURACY, "always the commonest class"),
    "forecasting": TaskKind("squared_error", "numbers", MASE, MAE, "the seasonal naive forecast", at_end=True),
    "language": TaskKind(
        "step_cross_entropy", "logits", BITS, ACCURACY, "each character as often as in the training split", tiled=True
    ),
}
"""The tasks that networks can be trained for."""
