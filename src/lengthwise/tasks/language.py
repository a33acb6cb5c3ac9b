"""Language: the next character at each step of a text."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.split import Split
from lengthwise.tasks.classification import ClassScorer
from lengthwise.tasks.metrics import ACCURACY, BITS
from lengthwise.tasks.task import Task


class CharacterScorer(ClassScorer):
    """Scores text: the score is the cross-entropy in bits a token.

    Parameters
    ----------
    split : Split
    num_classes : int
        Characters that the network can predict.
    """

    def __init__(self, split: Split, num_classes: int) -> None:
        super().__init__(split, num_classes)
        self._bits = 0.0

    def add(
        self,
        sequences: NDArray[np.int64],
        starts: NDArray[np.int64],
        predicted: NDArray[Any],
        losses: NDArray[np.float32],
    ) -> NDArray[np.float64]:
        """Return the bits a token of each window."""
        super().add(sequences, starts, predicted, losses)
        bits: NDArray[np.float64] = losses.astype(np.float64) / math.log(2)
        self._bits += float((bits * (predicted >= 0).reshape(len(predicted), -1).sum(axis=1)).sum())
        return bits

    def metrics(self) -> dict[str, float]:
        """Return ``perplexity``, 2 to the power of the bits a token, and ``accuracy``."""
        characters = int(self._counts.sum())
        return {
            "perplexity": float(2 ** (self._bits / characters)),
            "accuracy": float(np.trace(self._counts) / characters),
        }


def unigram_score(train: Split, split: Split) -> float:
    """Return the bits a token of the training split's frequencies.

    Each count is one larger than what was seen, so that no character is impossible.
    """
    counts = np.bincount(train.targets.ravel(), minlength=train.values.shape[2]) + 1
    bits = -np.log2(counts / counts.sum())[split.targets]
    return float(split.by_case(bits.reshape(len(split), -1).mean(axis=1)).mean())


LANGUAGE = Task(
    loss="step_cross_entropy",
    outputs="logits",
    metric=BITS,
    step_metric=ACCURACY,
    scorer=CharacterScorer,
    baseline="each token as often as in the training split",
    baseline_score=unigram_score,
    placements=("end", "any"),
    tiled=True,
    loss_at_end="cross_entropy",
)
