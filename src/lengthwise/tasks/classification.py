"""Classification: the class of a sequence."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.split import Split
from lengthwise.tasks.metrics import ACCURACY
from lengthwise.tasks.task import Scorer, Task

MAJORITY = "always the commonest class"


class ClassScorer(Scorer):
    """Scores classes, of windows or of their steps: the score is the fraction that is right.

    Parameters
    ----------
    split : Split
    num_classes : int
        Classes that the network can predict.
    """

    def __init__(self, split: Split, num_classes: int) -> None:
        self._targets = split.targets
        self._counts = np.zeros((num_classes, num_classes), np.int64)  # (true class, predicted class)

    def add(
        self,
        sequences: NDArray[np.int64],
        starts: NDArray[np.int64],
        predicted: NDArray[Any],
        losses: NDArray[np.float32],  # noqa: ARG002 - right or wrong is what counts
    ) -> NDArray[np.float64]:
        """Return the fraction of right classes of each window."""
        targets: NDArray[np.int64] = self._targets[sequences]
        if predicted.ndim > 1:
            steps = np.minimum(starts[:, None] + np.arange(predicted.shape[1]), targets.shape[1] - 1)
            targets = np.take_along_axis(targets, steps, axis=1)
        valid = predicted >= 0  # steps beyond the end of a sequence do not count
        cells = (targets * len(self._counts) + predicted)[valid]
        self._counts += np.bincount(cells, minlength=self._counts.size).reshape(self._counts.shape)
        right = self.right(targets, predicted)
        return right if right.ndim == 1 else right.sum(axis=1) / valid.sum(axis=1)

    def right(self, targets: NDArray[np.int64], predicted: NDArray[Any]) -> NDArray[np.float64]:
        """Return what each prediction counts for: 1 if it is right, else 0; 0 beyond the end of a sequence."""
        right: NDArray[np.float64] = ((predicted >= 0) & (predicted == targets)).astype(np.float64)
        return right

    def metrics(self) -> dict[str, float]:
        """Return ``balanced_accuracy`` and ``macro_f1``, as scikit-learn defines them.

        Balanced accuracy is the mean recall over the classes that occur among the targets. Macro F1 is the mean, over
        the classes that occur among targets or predictions, of the harmonic mean of recall and precision.
        """
        right = np.diag(self._counts).astype(np.float64)
        true, predicted = self._counts.sum(axis=1), self._counts.sum(axis=0)
        in_targets, in_either = true > 0, true + predicted > 0
        return {
            "balanced_accuracy": float((right[in_targets] / true[in_targets]).mean()),
            "macro_f1": float((2 * right[in_either] / (true + predicted)[in_either]).mean()),
        }


def majority(train: Split) -> int:
    """Return the commonest class."""
    return int(np.bincount(train.labels).argmax())


def majority_score(train: Split, split: Split) -> float:
    """Return the accuracy of the training split's commonest class; of steps, the mean over the sequences."""
    right = split.targets == majority(train)
    own = split.own_steps
    if own is None or right.ndim == 1:
        return float(split.by_case(right.astype(np.float64)).mean() if right.ndim == 1 else right.mean())
    return float(((right & own).sum(axis=1) / own.sum(axis=1)).mean())


CLASSIFICATION = Task(
    loss="cross_entropy",
    outputs="logits",
    metric=ACCURACY,
    step_metric=ACCURACY,
    scorer=ClassScorer,
    baseline=MAJORITY,
    baseline_score=majority_score,
    placements=("any", "end", "start"),
    placed_by_data=True,
)
