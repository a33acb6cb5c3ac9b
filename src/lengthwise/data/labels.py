"""What targets are, where their type does not show it: classes written as numbers, or a column for each class."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.targets import TARGETS, TaskName

FEW = 20
"""At most so many different whole numbers are classes, though their type is that of real numbers …"""

EACH = 3
"""… if there are so many sequences for each of them."""


LARGEST = 1e15
"""Larger real numbers do not stand for classes, as they may have lost digits."""

MANY = 100
"""More different whole numbers than this, one for each step, are numbers however they change."""

SMALL_CHANGE = 0.2
"""Numbers change from step to step by less than this share of their deviation, classes do not."""


def change_like_numbers(labels: NDArray[Any], same: NDArray[np.bool_]) -> bool:
    """Return whether whole numbers, one for each step, are numbers and not classes, as are the steps to a failure.

    >>> left, tokens, same = np.arange(60)[::-1], np.arange(60) * 7 % 60 * 13 % 60, np.ones(59, np.bool_)
    >>> change_like_numbers(left, same), change_like_numbers(tokens, same)
    (True, False)

    Parameters
    ----------
    labels : ndarray of shape (steps,)
        By sequence, and by time within.
    same : ndarray of shape (steps - 1,), bool
        Whether a step is of the same sequence as the one before.
    """
    if labels.dtype.kind not in "iu":
        return False
    count = len(np.unique(labels))
    if count <= FEW:
        return False
    changes = np.abs(np.diff(labels.astype(np.float64)))[same]
    return count > MANY or bool(len(changes) and np.median(changes) < SMALL_CHANGE * labels.astype(np.float64).std())


def whole_classes(labels: NDArray[Any]) -> NDArray[Any]:
    """Return the targets of steps as whole numbers, if they are real numbers that stand for classes.

    >>> whole_classes(np.array([0.0, 1.0, 0.0, 1.0, 1.0, 0.0])).tolist(), whole_classes(np.array([0.5, 1.0])).tolist()
    ([0, 1, 0, 1, 1, 0], [0.5, 1.0])
    """
    return labels.astype(np.int64) if labels.dtype.kind == "f" and _are_classes(labels) else labels


def plain_targets(targets: NDArray[Any], task: TaskName | None, num_steps: int) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Return targets as classes, where real numbers stand for classes, and a note of it.

    Parameters
    ----------
    targets : ndarray of shape (n,), (n, numbers) or (n, T)
    task : TaskName, optional
        The task, if it was chosen.
    num_steps : int
        T, the steps of the longest sequence.

    Examples
    --------
    >>> plain_targets(np.array([0.0, 1.0, 0.0, 1.0, 1.0, 0.0]), None, 9)[0]
    array([0, 1, 0, 1, 1, 0])
    >>> plain_targets(np.array([[0, 1], [1, 0]]), None, 9)
    (array([1, 0]), ('targets have 2 columns with one 1 in each row, and are read as classes 0 to 1',))
    """
    if targets.ndim == 2 and targets.shape[1] == 1 and num_steps != 1:
        targets = targets[:, 0]
    if not np.issubdtype(targets.dtype, np.number) and targets.dtype != np.bool_:
        return targets, ()
    chosen = None if task is None else TARGETS[task]
    if targets.ndim == 2 and targets.shape[1] != num_steps and (chosen is None or chosen.class_of_sequence):
        ones = targets == 1
        if targets.shape[1] > 1 and (ones.sum(axis=1) == 1).all() and (ones | (targets == 0)).all():
            last = targets.shape[1] - 1
            note = f"targets have {last + 1} columns with one 1 in each row, and are read as classes 0 to {last}"
            return ones.argmax(axis=1), (note,)
    if task is None and targets.ndim == 2 and targets.shape[1] == num_steps and targets.dtype.kind == "f":
        note = f"targets are {num_steps} numbers of each sequence: task=step_regression, if each step has its own"
        return targets, (note,)
    if task is not None or targets.ndim != 1 or not np.issubdtype(targets.dtype, np.floating):
        return targets, ()
    if not _are_classes(targets):
        return targets, ()
    count = len(np.unique(targets))
    note = f"targets are {count} whole numbers, and are read as classes: task=regression, if they are numbers"
    return targets.astype(np.int64), (note,)


def _are_classes(numbers: NDArray[np.floating[Any]]) -> bool:
    """Return whether real numbers are few whole ones, each of them several times."""
    found = np.unique(numbers)
    if not np.isfinite(found).all() or (found != np.floor(found)).any() or np.abs(found).max(initial=0) > LARGEST:
        return False
    return 1 < len(found) <= min(FEW, len(numbers) // EACH)
