"""The adding problem and the copy task, as they are defined."""

import numpy as np
import pytest

from lengthwise.data import SPLITS, load_data
from lengthwise.errors import UsageError


@pytest.mark.parametrize("num_steps", [2, 3, 50])
def test_adding_is_the_sum_of_the_two_marked_numbers(num_steps):
    dataset = load_data(f"adding:{num_steps}")
    assert [len(dataset.split(name)) for name in SPLITS] == [50_000, 1_000, 1_000]
    assert (dataset.task, dataset.num_steps, dataset.input_size) == ("regression", num_steps, 2)
    for name in SPLITS:
        split = dataset.split(name)
        numbers, marks = split.values[:, :, 0], split.values[:, :, 1]
        assert numbers.min() >= 0
        assert numbers.max() <= 1
        assert np.isin(marks, (0, 1)).all()
        assert (marks.sum(axis=1) == 2).all()
        np.testing.assert_allclose(split.targets, (numbers * marks).sum(axis=1), rtol=1e-6)


def test_all_pairs_of_marks_are_equally_likely():
    marks = load_data("adding:4").train.values[:, :, 1]
    pairs, counts = np.unique(marks, axis=0, return_counts=True)
    assert len(pairs) == 6
    assert abs(counts / len(marks) - 1 / 6).max() < 0.01


def test_always_predicting_1_has_the_error_of_the_sums_variance():
    assert abs(np.mean((load_data("adding:30").train.targets - 1) ** 2) - 1 / 6) < 0.005


def test_the_targets_of_copy_are_the_first_ten_symbols_at_the_end():
    dataset = load_data("copy:30")
    assert [len(dataset.split(name)) for name in SPLITS] == [10_000, 1_000, 1_000]
    assert (dataset.task, dataset.num_steps, dataset.input_size, dataset.num_classes) == ("tagging", 50, 1, 10)
    for name in SPLITS:
        values, targets = dataset.split(name).values[:, :, 0], dataset.split(name).targets
        assert values[:, :10].min() == 1
        assert values[:, :10].max() == 8
        assert (values[:, 10:39] == 0).all()
        assert (values[:, 39:] == 9).all()
        assert (targets[:, :40] == 0).all()
        np.testing.assert_array_equal(targets[:, 40:], values[:, :10])


@pytest.mark.parametrize("name", ["adding:20", "copy:5"])
def test_the_seed_makes_the_data_and_each_split_has_its_own(name):
    first, again, other = load_data(name), load_data(name), load_data(f"{name}?seed=1")
    assert first.checksum == again.checksum != other.checksum
    assert not (first.validation.values == first.test.values).all(axis=(1, 2)).any()


@pytest.mark.parametrize("name", ["adding:", "adding:1", "adding:-5", "adding:x", "adding:1.5", "copy:0"])
def test_an_invalid_length_is_refused(name):
    with pytest.raises(UsageError, match=r"write . or more steps, such as"):
        load_data(name)
