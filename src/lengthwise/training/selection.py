"""Selection of the parameters that are kept, and early stopping: both by the validation split.

At certain training steps the network is evaluated on every window of the validation split with its task's metric. The
parameters of the best of these *validations* are kept, of the first if several are equal. With a *patience* of k,
training ends after k validations in a row that are not better than the best.

The test split is not used.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.dataset import Dataset
from lengthwise.data.targets import TaskName
from lengthwise.errors import UsageError
from lengthwise.tasks.judged_by import task_judged_by
from lengthwise.tasks.metrics import Metric
from lengthwise.training.settings import Settings

StopReason = Literal["steps", "patience"]
"""Why a training ended: all steps were made, or the validations did not improve."""


class Validation(NamedTuple):
    """The evaluation of a training on the validation split after some steps.

    Attributes
    ----------
    update : int
        Training steps made.
    score, loss : float
        Means over all windows; the score is the task's metric.
    """

    update: int
    score: float
    loss: float


@dataclass
class Selection:
    """The validations of a training, and the parameters of the best one.

    Parameters
    ----------
    metric : Metric
        The metric of the scores.
    due : sequence of int
        Training steps after which the network is validated, ascending.
    patience : int, optional
        Validations without a better score after which training ends; None: no early stopping.
    validations : list of Validation
        The validations made so far, in order.
    best : ndarray of shape (P,), float32, optional
        The parameters of the best one; None before the first.

    Examples
    --------
    >>> from lengthwise.tasks.metrics import ACCURACY
    >>> selection = Selection(ACCURACY, due=range(10, 101, 10), patience=2)
    >>> for update, score in ((10, 0.5), (20, 0.7), (30, 0.7), (40, 0.6)):
    ...     selection.add(Validation(update, score, loss=1.0), np.full(1, update, np.float32))
    >>> selection.best_validation.update, float(selection.best[0]), selection.exhausted
    (20, 20.0, True)
    """

    metric: Metric
    due: Sequence[int]
    patience: int | None = None
    validations: list[Validation] = field(default_factory=list)
    best: NDArray[np.float32] | None = field(default=None, repr=False)
    _best_index: int = field(default=-1, repr=False)

    @classmethod
    def of(cls, settings: Settings, task: TaskName, train_steps: int, updates: int) -> Self | None:
        """Return the selection that settings define, without any validation yet; None if they define none.

        Parameters
        ----------
        settings : Settings
        task : str
            A key of `lengthwise.tasks.tasks.TASKS`.
        train_steps, updates : int
            Training steps of an epoch, and in all.
        """
        if not settings.selects:
            return None
        every = train_steps if settings.validate_every is None else settings.validate_every
        return cls(task_judged_by(task, settings.metric).metric, range(every, updates + 1, every), settings.patience)

    @property
    def best_validation(self) -> Validation | None:
        """The best validation, the first if several are equal; None before the first."""
        return self.validations[self._best_index] if self.validations else None

    @property
    def exhausted(self) -> bool:
        """Whether the last `patience` validations were all not better than the best before them."""
        return self.patience is not None and len(self.validations) - 1 - self._best_index >= self.patience

    def is_due(self, update: int) -> bool:
        """Return whether a validation is due after `update` training steps, and has not been made yet."""
        place = bisect_right(self.due, update)
        is_one = place > 0 and self.due[place - 1] == update
        return is_one and not (self.validations and self.validations[-1].update >= update)

    def left_until_due(self, update: int) -> int | None:
        """Return the training steps from `update` to the next validation; None if there is none."""
        place = bisect_right(self.due, update)
        return self.due[place] - update if place < len(self.due) else None

    def add(self, validation: Validation, parameters: NDArray[np.float32]) -> None:
        """Record a validation, and a copy of its parameters if it is the best."""
        if self.record(validation):
            self.best = parameters.copy()

    def record(self, validation: Validation) -> bool:
        """Record a validation; return whether it is the best so far. NaN is worse than any score."""
        before = self.best_validation
        self.validations.append(validation)
        is_best = before is None or self._is_better(validation.score, before.score)
        if is_best:
            self._best_index = len(self.validations) - 1
        return is_best

    def _is_better(self, score: float, than: float) -> bool:
        return self.metric.is_better(score, than=than) or (math.isnan(than) and not math.isnan(score))


def check_validation(settings: Settings, dataset: Dataset) -> None:
    """Raise `UsageError` if parameters are selected, but the data have no separate validation split."""
    if not settings.selects:
        return
    if dataset.validation is dataset.train or dataset.validation is dataset.test:
        name = "patience" if settings.patience is not None else "validate_every"
        other = "train" if dataset.validation is dataset.train else "test"
        raise UsageError(
            f"{name} is {getattr(settings, name)}, but {dataset.name} has no separate validation split, by which "
            f"parameters are selected: it is the {other} split. Give data with three splits, or leave {name} out."
        )
