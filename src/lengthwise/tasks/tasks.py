"""What can be asked of a network, and how its answers are judged: the one place that knows.

A *task* says what is to be said of a window, by which loss the engine learns it, and by which *metric* lengths are
compared. A *score* is a value of that metric: for every window, then the mean for every sequence, and over all of them.
"""

from dataclasses import dataclass
from typing import Literal

from lengthwise.data.dataset import Task
from lengthwise.tasks.metrics import ACCURACY, BITS, MAE, MASE, MSE, STEP_ACCURACY, Metric

LossName = Literal["cross_entropy", "squared_error", "step_cross_entropy"]
"""Losses of the engine."""


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
