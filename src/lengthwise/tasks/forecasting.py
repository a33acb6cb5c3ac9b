"""Forecasting: the next values of a series."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.split import Reference, Split
from lengthwise.tasks.metrics import MAE, MASE
from lengthwise.tasks.regression import NumberScorer
from lengthwise.tasks.task import Task


class ForecastScorer(NumberScorer):
    """Scores forecasts: the score is the mean absolute scaled error over the horizon (MASE); see `Reference`.

    Parameters
    ----------
    split : Split
    num_outputs : int
        Steps of the horizon; they are counted from the targets.
    """

    def __init__(self, split: Split, num_outputs: int) -> None:
        super().__init__(split, num_outputs)
        self._scale = _reference(split).scale

    def add(
        self,
        sequences: NDArray[np.int64],
        starts: NDArray[np.int64],
        predicted: NDArray[Any],
        losses: NDArray[np.float32],
    ) -> NDArray[np.float64]:
        """Return the scaled error of each window."""
        super().add(sequences, starts, predicted, losses)
        absolute = np.abs(self._errors(sequences, predicted)).mean(axis=1)
        scores: NDArray[np.float64] = absolute / self._scale[sequences]
        return scores

    def metrics(self) -> dict[str, float]:
        """Return ``mae`` and ``rmse``, in the data's own units."""
        return self.mean_errors()


def _reference(split: Split) -> Reference:
    if split.reference is None:
        raise AssertionError("a split of forecasts has a reference")
    return split.reference


def naive_score(_train: Split, split: Split) -> float:
    """Return the mean absolute scaled error of the naive or the seasonal naive forecasts."""
    return _reference(split).score


FORECASTING = Task(
    loss="squared_error",
    outputs="numbers",
    metric=MASE,
    step_metric=MAE,
    scorer=ForecastScorer,
    baseline="the naive forecast",
    baseline_score=naive_score,
    placements=("end",),
    overlapping=True,
)
