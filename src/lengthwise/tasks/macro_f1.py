"""Macro F1 as a mean over cases, so that lengths can be compared by it case by case.

It is no mean: what a case adds depends on how often each class is predicted for all others. Each case then has the
macro F1 and its influence on it (the delta method; Efron, The Jackknife, the Bootstrap and Other Resampling Plans,
1982, chapter 6): the mean over the cases is the macro F1, and cases vary as it would, were more of them drawn.

With T, N and P the shares of a class that are right, there, and predicted, F = 2 T / (N + P). A case with shares t, n
and p has the influence 2 t / (N + P) - 2 T (n + p) / (N + P)².
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.split import Split
from lengthwise.tasks.classification import ClassScorer, majority


class MacroF1Scorer(ClassScorer):
    """Scores classes so that the mean over sequences is the macro F1, each sequence's windows counting alike."""

    def __init__(self, split: Split, num_classes: int) -> None:
        super().__init__(split, num_classes)
        self._parts: list[tuple[NDArray[Any], ...]] = []

    def right(self, targets: NDArray[np.int64], predicted: NDArray[Any]) -> NDArray[np.float64]:
        """Keep the predictions, and return which are right."""
        valid = predicted >= 0
        rows = np.broadcast_to(np.arange(len(predicted)).reshape(-1, *[1] * (predicted.ndim - 1)), predicted.shape)
        weights = 1 / valid.reshape(len(valid), -1).sum(axis=1)
        self._parts.append((rows[valid], targets[valid], predicted[valid].astype(np.int64), weights[rows[valid]]))
        return super().right(targets, predicted)

    def add(
        self,
        sequences: NDArray[np.int64],
        starts: NDArray[np.int64],
        predicted: NDArray[Any],
        losses: NDArray[np.float32],
    ) -> NDArray[np.float64]:
        """Return the fraction of right classes of each window; the macro F1 is known once all are added."""
        scores = super().add(sequences, starts, predicted, losses)
        rows, *rest = self._parts[-1]
        self._parts[-1] = (sequences[rows], *rest)
        return scores

    def by_sequence(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the macro F1 and each sequence's influence on it, (n,), in place of the fractions that are right."""
        sequences, targets, predicted = (np.concatenate([part[kind] for part in self._parts]) for kind in range(3))
        weights = np.concatenate([part[3] for part in self._parts])
        shares = weights / np.bincount(sequences, weights, len(scores))[sequences]
        return by_influence(sequences, targets, predicted, shares, len(scores))


def by_influence(
    sequences: NDArray[np.int64],
    targets: NDArray[np.int64],
    predicted: NDArray[np.int64],
    weights: NDArray[np.float64],
    num_sequences: int,
) -> NDArray[np.float64]:
    """Return the macro F1 and the influence of each sequence on it, of shape (num_sequences,).

    >>> by_influence(np.arange(4), np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), np.ones(4), 4).mean().round(4)
    np.float64(0.7333)

    Parameters
    ----------
    sequences, targets, predicted : ndarray of shape (predictions,)
        Whose, what is right, and what the network predicts.
    weights : ndarray of shape (predictions,)
        How much each counts; those of a sequence add up to 1.
    num_sequences : int
    """
    num_classes = int(max(targets.max(), predicted.max())) + 1
    is_right = targets == predicted
    right = np.bincount(targets[is_right], weights[is_right], num_classes) / num_sequences
    either = sum(np.bincount(each, weights, num_classes) for each in (targets, predicted)) / num_sequences
    there = np.asarray(either) > 0
    f1 = np.divide(2 * right, either, out=np.zeros(num_classes), where=there)
    gain = np.divide(2.0, either, out=np.zeros(num_classes), where=there)
    loss = np.divide(f1, either, out=np.zeros(num_classes), where=there)
    influence = np.where(is_right, gain[targets], 0.0) - loss[targets] - loss[predicted]
    return np.asarray((f1.sum() + np.bincount(sequences, weights * influence, num_sequences)) / there.sum())


def macro_f1_without_network(train: Split, split: Split) -> float:
    """Return the macro F1 of always the commonest class of the training split."""
    of_steps = split.own_steps if split.targets.ndim > 1 else None
    own = np.ones(split.targets.shape, np.bool_) if of_steps is None else of_steps
    rows = np.broadcast_to(np.arange(len(split)).reshape(-1, *[1] * (own.ndim - 1)), own.shape)
    weights = (1 / own.reshape(len(split), -1).sum(axis=1))[rows[own]]
    targets = split.targets[own].astype(np.int64)
    found = by_influence(rows[own], targets, np.full(len(targets), majority(train)), weights, len(split))
    return float(found.mean())
