"""Regression: numbers for a sequence."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.split import Split
from lengthwise.tasks.metrics import MAE, MSE
from lengthwise.tasks.task import Scorer, Task


class NumberScorer(Scorer):
    """Scores numbers, in the data's own units: the score is the mean squared error of a window's numbers.

    Parameters
    ----------
    split : Split
    num_outputs : int
        Numbers of a sequence; they are counted from the targets.
    """

    def __init__(self, split: Split, num_outputs: int) -> None:  # noqa: ARG002 - all scorers are made alike
        self._numbers = split.numbers
        self._units = split.units
        self._windows = 0
        self._absolute = 0.0
        self._squares = np.zeros(self._numbers.shape[1])

    def add(
        self,
        sequences: NDArray[np.int64],
        starts: NDArray[np.int64],  # noqa: ARG002 - the targets of a sequence hold for all its windows
        predicted: NDArray[Any],
        losses: NDArray[np.float32],  # noqa: ARG002 - they are in the network's units
    ) -> NDArray[np.float64]:
        """Return the mean squared error of each window."""
        errors = self._errors(sequences, predicted)
        self._windows += len(errors)
        self._absolute += float(np.abs(errors).mean(axis=1).sum())
        self._squares += (errors**2).sum(axis=0)
        scores: NDArray[np.float64] = (errors**2).mean(axis=1)
        return scores

    def _errors(self, sequences: NDArray[np.int64], predicted: NDArray[Any]) -> NDArray[np.float64]:
        """Return the errors of windows in the data's own units, shape (windows, numbers)."""
        outputs = predicted.astype(np.float64)
        if self._units is not None:
            unit, origin = (np.broadcast_to(part, self._numbers.shape)[sequences] for part in self._units)
            outputs = outputs * unit + origin
        errors: NDArray[np.float64] = outputs - self._numbers[sequences]
        return errors

    def metrics(self) -> dict[str, float]:
        """Return ``mae``, ``rmse`` and ``r2``, the coefficient of determination, its mean over the numbers."""
        mean_squares = self._squares / self._windows
        variance = self._numbers.var(axis=0)
        known = variance > 0
        r2 = {"r2": float(1 - (mean_squares[known] / variance[known]).mean())} if known.any() else {}
        return self.mean_errors() | r2

    def mean_errors(self) -> dict[str, float]:
        """Return ``mae`` and ``rmse``, in the data's own units."""
        rmse = float(np.sqrt((self._squares / self._windows).mean()))
        return {"mae": self._absolute / self._windows, "rmse": rmse}


def mean_score(train: Split, split: Split) -> float:
    """Return the mean squared error of the training split's mean."""
    squares = (split.numbers - train.numbers.mean(axis=0)) ** 2
    return float(split.by_case(squares.mean(axis=1)).mean())


REGRESSION = Task(
    loss="squared_error",
    outputs="numbers",
    metric=MSE,
    step_metric=MAE,
    scorer=NumberScorer,
    baseline="always the mean of the training split",
    baseline_score=mean_score,
    placements=("end", "any", "start"),
)

STEP_REGRESSION = replace(REGRESSION, placements=("end",))
"""A number for each step of a sequence, from the window that ends there."""
