"""Tagging: a class for each step of a sequence."""

from lengthwise.tasks.classification import MAJORITY, ClassScorer, majority_score
from lengthwise.tasks.metrics import ACCURACY, STEP_ACCURACY
from lengthwise.tasks.task import Task

TAGGING = Task(
    loss="step_cross_entropy",
    outputs="logits",
    metric=STEP_ACCURACY,
    step_metric=ACCURACY,
    scorer=ClassScorer,
    baseline=MAJORITY,
    baseline_score=majority_score,
    placements=("end", "any"),
    loss_at_end="cross_entropy",
)
