"""Data sets that other packages carry."""

import numpy as np
import pytest
from seglearn.datasets import load_watch
from sklearn.datasets import load_digits

from lengthwise._internal.extras import folder_of, required
from lengthwise.data import SPLITS, load_data
from lengthwise.errors import UsageError
from tests.data.made import gathered, in_order


def test_digits_are_scikit_learns_with_grey_levels_from_0_to_1():
    dataset = load_data("digits")
    values, _ = gathered(dataset)
    np.testing.assert_array_equal(in_order(values * 16), in_order(load_digits().images))
    assert (dataset.num_steps, dataset.input_size, dataset.num_classes) == (8, 8, 10)
    assert dataset.scaling is None


def test_watch_is_seglearns_140_series_of_six_channels_and_seven_exercises():
    dataset = load_data("watch?standardize=none")
    source = load_watch()
    assert (sum(len(dataset.split(name)) for name in SPLITS), dataset.input_size) == (140, 6)
    assert dataset.features == tuple(source["X_labels"])
    assert dataset.classes == tuple(source["y_labels"])
    assert dataset.step_seconds == 0.02
    known = {own.astype(np.float32).tobytes(): label for own, label in zip(source["X"], source["y"], strict=True)}
    for name in SPLITS:
        split = dataset.split(name)
        for index, target in enumerate(split.targets):
            assert known[split.sequence(index).tobytes()] == target


@pytest.mark.parametrize("seed", range(5))
def test_no_subject_of_watch_is_in_two_splits(seed):
    source = load_watch()
    person = {own.astype(np.float32).tobytes(): who for own, who in zip(source["X"], source["subject"], strict=True)}
    dataset = load_data(f"watch?standardize=none&seed={seed}")
    people = [
        {person[dataset.split(name).sequence(index).tobytes()] for index in range(len(dataset.split(name)))}
        for name in SPLITS
    ]
    assert sum(map(len, people)) == len(set.union(*people)) == 10


def test_a_package_that_is_not_installed_is_named_with_the_command_that_installs_it():
    with pytest.raises(
        UsageError, match=r"walks needs the package nosuch: install it with pip install 'lengthwise\[x\]'"
    ):
        required("nosuch.data", "walks", "x")
    with pytest.raises(UsageError, match="walks needs the package nosuch"):
        folder_of("nosuch", "walks", "x")
