"""How a task's answers are judged, window by window: a score for each, and metrics over all of them."""

import math
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.dataset import Split, Task
from lengthwise.tasks.tasks import TASKS


class Judge(Protocol):
    """Judges the windows of a split, some at a time."""

    def add(
        self,
        sequences: NDArray[np.int64],
        starts: NDArray[np.int64],
        predicted: NDArray[Any],
        losses: NDArray[np.float32],
    ) -> NDArray[np.float64]:
        """Return the score of each window.

        Parameters
        ----------
        sequences, starts : ndarray of shape (windows,)
        predicted : ndarray of shape (windows, …)
            What the network says of each; see `lengthwise.engine.simd.engine.SimdEngine.evaluate`.
        losses : ndarray of shape (windows,)
        """
        ...

    def metrics(self) -> dict[str, float]:
        """Return what there is to know of all windows together."""
        ...


def judge_for(task: Task, num_outputs: int, split: Split) -> Judge:
    """Return the judge of a task.

    Parameters
    ----------
    task : str
        A key of `lengthwise.tasks.tasks.TASKS`.
    num_outputs : int
        Classes that a network can predict; of no meaning where it predicts numbers.
    split : Split
    """
    if task == "language":
        return Characters(split, num_outputs)
    if task == "forecasting":
        return Forecasts(split)
    return Numbers(split) if TASKS[task].loss == "squared_error" else Classes(split, num_outputs)


class Classes:
    """Judges classes, of windows or of their steps: the score is the share that is right.

    Parameters
    ----------
    split : Split
    num_classes : int
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
        """Return the share of right classes of each window."""
        targets: NDArray[np.int64] = self._targets[sequences]
        if predicted.ndim > 1:
            steps = np.minimum(starts[:, None] + np.arange(predicted.shape[1]), targets.shape[1] - 1)
            targets = np.take_along_axis(targets, steps, axis=1)
        valid = predicted >= 0  # a step beyond the end of its sequence is not judged
        places = (targets * len(self._counts) + predicted)[valid]
        self._counts += np.bincount(places, minlength=self._counts.size).reshape(self._counts.shape)
        right: NDArray[np.float64] = (valid & (predicted == targets)).astype(np.float64)
        return right if right.ndim == 1 else right.sum(axis=1) / valid.sum(axis=1)

    def metrics(self) -> dict[str, float]:
        """Return ``balanced_accuracy`` and ``macro_f1``, as scikit-learn defines them.

        The mean over classes of the share of a class that is found (of the classes that there are), and of the harmonic
        mean of that share and of the share of right ones among those predicted (of the classes that there are or that
        were predicted).
        """
        right = np.diag(self._counts).astype(np.float64)
        true, said = self._counts.sum(axis=1), self._counts.sum(axis=0)
        there, seen = true > 0, true + said > 0
        return {
            "balanced_accuracy": float((right[there] / true[there]).mean()),
            "macro_f1": float((2 * right[seen] / (true + said)[seen]).mean()),
        }


class Characters(Classes):
    """Judges text: the score is the cross-entropy in bits a character; perplexity is 2 to its power.

    Parameters
    ----------
    split : Split
    num_classes : int
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
        """Return the bits a character of each window."""
        super().add(sequences, starts, predicted, losses)
        bits: NDArray[np.float64] = losses.astype(np.float64) / math.log(2)
        self._bits += float((bits * (predicted >= 0).sum(axis=1)).sum())
        return bits

    def metrics(self) -> dict[str, float]:
        """Return ``perplexity`` and ``accuracy``, the share of the characters that were said right."""
        characters = int(self._counts.sum())
        return {
            "perplexity": float(2 ** (self._bits / characters)),
            "accuracy": float(np.trace(self._counts) / characters),
        }


class Numbers:
    """Judges numbers, in the data's own units: the score is the mean squared error of a window's numbers.

    Parameters
    ----------
    split : Split
    """

    def __init__(self, split: Split) -> None:
        self._numbers = split.numbers
        self._units = split.units
        self._windows = 0
        self._distances = 0.0
        self._squares = np.zeros(self._numbers.shape[1])

    def add(
        self,
        sequences: NDArray[np.int64],
        starts: NDArray[np.int64],  # noqa: ARG002 - all windows of a sequence are to say the same
        predicted: NDArray[Any],
        losses: NDArray[np.float32],  # noqa: ARG002 - it is in the network's units
    ) -> NDArray[np.float64]:
        """Return the mean squared error of each window."""
        errors = self._errors(sequences, predicted)
        self._windows += len(errors)
        self._distances += float(np.abs(errors).mean(axis=1).sum())
        self._squares += (errors**2).sum(axis=0)
        scores: NDArray[np.float64] = (errors**2).mean(axis=1)
        return scores

    def _errors(self, sequences: NDArray[np.int64], predicted: NDArray[Any]) -> NDArray[np.float64]:
        """Return the errors of windows in the data's own units, shape (windows, numbers)."""
        said = predicted.astype(np.float64)
        if self._units is not None:
            unit, origin = (np.broadcast_to(part, self._numbers.shape)[sequences] for part in self._units)
            said = said * unit + origin
        errors: NDArray[np.float64] = said - self._numbers[sequences]
        return errors

    def metrics(self) -> dict[str, float]:
        """Return ``mae``, ``rmse`` and ``r2``: 1 less the errors' share of the variance, the mean over the numbers."""
        mean_squares = self._squares / self._windows
        variance = self._numbers.var(axis=0)
        known = variance > 0
        return {
            "mae": self._distances / self._windows,
            "rmse": float(np.sqrt(mean_squares.mean())),
        } | ({"r2": float(1 - (mean_squares[known] / variance[known]).mean())} if known.any() else {})


class Forecasts(Numbers):
    """Judges forecasts: the score is the mean absolute error over the horizon, scaled (MASE); see `Reference`.

    Parameters
    ----------
    split : Split
    """

    def __init__(self, split: Split) -> None:
        super().__init__(split)
        if split.reference is None:
            raise AssertionError("forecasts have something to be held against")
        self._scale = split.reference.scale

    def add(
        self,
        sequences: NDArray[np.int64],
        starts: NDArray[np.int64],
        predicted: NDArray[Any],
        losses: NDArray[np.float32],
    ) -> NDArray[np.float64]:
        """Return the scaled error of each window."""
        super().add(sequences, starts, predicted, losses)
        distances = np.abs(self._errors(sequences, predicted)).mean(axis=1)
        scores: NDArray[np.float64] = distances / self._scale[sequences]
        return scores

    def metrics(self) -> dict[str, float]:
        """Return ``mae`` and ``rmse``, in the data's own units."""
        return {name: value for name, value in super().metrics().items() if name != "r2"}
