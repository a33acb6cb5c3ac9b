"""What a task is: the loss, the metric, the scorer and the baseline that belong to one kind of prediction."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.split import Split
from lengthwise.tasks.metrics import Metric
from lengthwise.windows import Placement

LossName = Literal["cross_entropy", "squared_error", "step_cross_entropy"]
"""Losses of the engine."""


class Scorer(Protocol):
    """Scores the predictions for the windows of a split, some windows at a time."""

    def add(
        self,
        sequences: NDArray[np.int64],
        starts: NDArray[np.int64],
        predicted: NDArray[Any],
        losses: NDArray[np.float32],
    ) -> NDArray[np.float64]:
        """Return the score of each window, and count it in `metrics`.

        Parameters
        ----------
        sequences, starts : ndarray of shape (windows,)
            The sequence of each window, and the step at which the window begins.
        predicted : ndarray of shape (windows, …)
            The network's prediction for each window, as the engine's ``evaluate`` returns it.
        losses : ndarray of shape (windows,)
        """
        ...

    def by_sequence(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the score of each sequence, (n,), once all windows are added: by default the mean over its windows."""
        return scores

    def metrics(self) -> dict[str, float]:
        """Return further metrics, over all windows together."""
        ...


@dataclass(frozen=True)
class Task:
    """One kind of prediction: how it is learnt, how it is scored, and how well it can be done without a network.

    Attributes
    ----------
    loss : {"cross_entropy", "squared_error", "step_cross_entropy"}
        The loss that the engine minimises.
    outputs : str
        What the head's outputs are called.
    metric : Metric
        The metric by which lengths are compared.
    step_metric : Metric
        The metric of a training step: of its batch, before the update, in the network's own units.
    scorer : callable
        Makes the `Scorer` of a split: ``scorer(split, num_outputs)``, where `num_outputs` is the network's.
    baseline : str
        What predicts without a network.
    baseline_score : callable
        Its score on a split, by `metric`: ``baseline_score(train_split, split)``.
    placements : tuple of {"any", "end", "start"}
        Where in a sequence windows may lie; the first is the default.
    placed_by_data : bool, default False
        Whether the default placement depends on the data instead.
    overlapping : bool, default False
        Whether the targets of neighbouring sequences overlap, so that only blocks of them are cases.
    tiled : bool, default False
        Whether a sequence is cut into windows that follow each other, so that every step is predicted once; not at
        the end.
    loss_at_end : str, optional
        The loss of a window that ends at what is predicted, where it is another one: each step has a target, and the
        last one's is predicted.
    """

    loss: LossName
    outputs: str
    metric: Metric
    step_metric: Metric
    scorer: Callable[[Split, int], Scorer]
    baseline: str
    baseline_score: Callable[[Split, Split], float]
    placements: tuple[Placement, ...] = ("any",)
    placed_by_data: bool = False
    overlapping: bool = False
    tiled: bool = False
    loss_at_end: LossName | None = None

    def anytime(self, placement: Placement) -> bool:
        """Return whether the first steps of a window give a prediction that can be scored."""
        return placement != "end" and not self.tiled

    def loss_for(self, placement: Placement) -> LossName:
        """Return the loss that the engine minimises."""
        return self.loss if placement != "end" or self.loss_at_end is None else self.loss_at_end
