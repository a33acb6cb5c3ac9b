"""Data sets in memory: splits that disagree are refused."""

import numpy as np
import pytest

from lengthwise.data import Dataset, Split
from lengthwise.errors import UsageError

VALUES = np.zeros((4, 3, 2), np.uint8)
TARGETS = np.array([0, 1, 2, 0])


def dataset(**changes):
    split = Split(VALUES, TARGETS)
    return Dataset(**{"name": "mine", "train": split, "validation": split, "test": split, "num_classes": 3} | changes)


def test_an_unknown_task_is_refused():
    with pytest.raises(UsageError, match="task is 'sorting', but must be one of classification, regression, tagging"):
        dataset(task="sorting")


@pytest.mark.parametrize("name", ["train", "validation", "test"])
def test_a_target_beyond_the_classes_is_refused(name):
    with pytest.raises(
        UsageError, match=f"the {name} split has target 3, but num_classes is 3: targets must be 0 to 2"
    ):
        dataset(**{name: Split(VALUES, TARGETS + np.array([0, 0, 1, 0]))})


@pytest.mark.parametrize(
    "values", [VALUES[:, 1:], VALUES[:, :, 1:], VALUES.astype(np.float32)], ids=["steps", "features", "type"]
)
def test_splits_that_disagree_are_refused(values):
    with pytest.raises(UsageError, match=r"the test split has sequences of shape .*: they must be the same"):
        dataset(test=Split(values, TARGETS))
