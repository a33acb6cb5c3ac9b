"""Names of arrays."""

import numpy as np
import pytest

from lengthwise.data import load_data
from lengthwise.errors import DataError
from tests.data.made import walks


@pytest.mark.parametrize(("x", "y"), [("X", "y"), ("data", "labels"), ("x", "target")])
def test_values_and_targets_have_other_names_too(tmp_path, x, y):
    values, targets = walks()
    np.savez(tmp_path / "a.npz", **{x: values, y: targets})
    assert load_data(tmp_path / "a.npz").checksum == load_data(values, targets).checksum


@pytest.mark.parametrize("form", ["{}_{}", "{1}_{0}", "{}{}"])
def test_arrays_of_each_split_are_its_sequences(tmp_path, form):
    values, targets = walks()
    parts = {"train": slice(0, 40), "val": slice(40, 50), "test": slice(50, 60)}
    arrays = {form.format(kind, part): array[rows]
              for part, rows in parts.items() for kind, array in (("X", values), ("y", targets))}  # fmt: skip
    np.savez(tmp_path / "a.npz", **arrays)
    dataset = load_data(tmp_path / "a.npz", standardize="none")
    np.testing.assert_array_equal(dataset.validation.values, values[40:50])
    np.testing.assert_array_equal(dataset.test.targets, targets[50:])


def test_without_a_validation_split_it_is_drawn_from_training(tmp_path):
    values, targets = walks()
    np.savez(tmp_path / "a.npz", X_train=values[:40], y_train=targets[:40], X_test=values[40:], y_test=targets[40:])
    dataset = load_data(tmp_path / "a.npz")
    assert [len(dataset.split(name)) for name in ("train", "validation", "test")] == [34, 6, 20]


def test_a_split_without_targets_is_refused(tmp_path):
    values, targets = walks()
    np.savez(tmp_path / "a.npz", X_train=values, y_train=targets, X_test=values)
    with pytest.raises(DataError, match="has arrays of the test split, but not both its values and its targets"):
        load_data(tmp_path / "a.npz")
