"""What targets are, where their type does not show it."""

import numpy as np
import pytest

from lengthwise.data import load_data
from lengthwise.data.labels import plain_targets
from tests.data.made import walks


@pytest.mark.parametrize(
    ("targets", "task", "classes"),
    [
        (np.arange(60) % 3.0, None, ("0", "1", "2")),
        (np.eye(3)[np.arange(60) % 3], None, ("0", "1", "2")),
        ((np.arange(60) % 2)[:, None], None, ("0", "1")),
        (np.arange(60) % 3.0, "regression", ()),
        (np.arange(60) % 3 + 0.5, None, ()),
        (np.arange(60.0), None, ()),
    ],
)
def test_few_whole_numbers_and_a_column_for_each_class_are_classes(targets, task, classes):
    values, _ = walks()
    dataset = load_data(values, targets, task=task)
    assert dataset.classes == classes
    assert dataset.task == ("classification" if classes else "regression")


def test_it_is_said_that_numbers_are_classes():
    values, _ = walks()
    (note,) = load_data(values, np.arange(60) % 3.0).reading.notes
    assert note == "targets are 3 whole numbers, and are read as classes: task=regression, if they are numbers"


def test_several_numbers_a_sequence_are_numbers():
    values, _ = walks()
    assert load_data(values, np.random.default_rng(0).normal(size=(60, 2))).num_outputs == 2


def test_as_many_numbers_as_steps_may_be_one_of_each_step_and_that_is_said():
    targets = np.random.default_rng(0).normal(size=(9, 5))
    found, notes = plain_targets(targets, None, 5)
    assert found is targets
    assert notes == ("targets are 5 numbers of each sequence: task=step_regression, if each step has its own",)
    assert plain_targets(targets, "regression", 5)[1] == plain_targets(targets, None, 6)[1] == ()
