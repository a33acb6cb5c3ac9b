"""The summary of a data set."""

import math

import numpy as np
import pandas as pd
import pytest

from lengthwise.data import load_data
from lengthwise.data.description import describe, target_in_words
from tests.data.made import walks


def test_every_sequence_is_counted_once_by_class_split_and_length():
    values, targets = walks(count=90)
    lengths = np.arange(90) % 12 + 1
    about = describe(load_data(values, targets, lengths=lengths))
    assert sum(about.counts.values()) == 90
    assert [sum(counts.values()) for counts in about.classes.values()] == [30, 30, 30]
    np.testing.assert_array_equal(np.sort(about.lengths), np.sort(lengths))


def test_memory_is_what_the_values_take_and_where(tmp_path):
    values, targets = walks()
    in_memory = describe(load_data(values, targets))
    assert (in_memory.in_memory, in_memory.on_disk) == (values.nbytes, 0)
    np.savez(tmp_path / "a.npz", values=values, targets=targets)
    on_disk = describe(load_data(tmp_path / "a.npz", standardize="none"))
    assert (on_disk.in_memory, on_disk.on_disk) == (0, values.nbytes)


def test_the_commonest_class_is_the_one_of_the_training_split():
    values, _ = walks(count=30)
    targets = np.array([0] * 15 + [1] * 5 + [1] * 2 + [0] * 8)
    about = describe(load_data(values, targets, split=["train"] * 15 + ["validation"] * 5 + ["test"] * 10))
    assert about.majority == pytest.approx(0.8)


def test_regression_has_no_classes():
    about = describe(load_data("adding:5"))
    assert about.classes == {}
    assert math.isnan(about.majority)
    assert dict(about.lines())["targets"].startswith("0.0")


def test_for_tagging_the_steps_of_each_class_are_counted_and_no_padding():
    random = np.random.default_rng(0)
    lengths = random.integers(1, 9, 40)
    targets = random.integers(2, size=(40, 9))
    dataset = load_data(random.normal(size=(40, 9, 1)), targets, lengths=lengths, task="tagging", lookback=1)
    own = targets[np.arange(9) < lengths[:, None]]
    counts = [sum(counts.values()) for counts in describe(dataset).classes.values()]
    assert counts == np.bincount(own).tolist()


def test_targets_are_in_the_data_s_own_units():
    values = np.random.default_rng(0).normal(50, 5, 90)
    forecast = load_data(values, task="forecasting", horizon=1, lookback=3)
    assert float(target_in_words(forecast, "train", 0)) == pytest.approx(values[3], abs=1e-3)
    dataset = load_data(*walks(), name="w")
    assert target_in_words(dataset, "test", 0) == dataset.classes[dataset.test.targets[0]]


def test_how_a_table_was_read_and_its_groups_are_lines():
    frame = pd.DataFrame({"id": np.repeat(np.arange(20), 3), "x": np.random.default_rng(0).normal(size=60)})
    dataset = load_data(frame.assign(label=frame.id % 2, person=frame.id // 2))
    lines = dict(describe(dataset).lines())
    assert lines["columns"] == "sequence id; target label; group person"
    assert lines["groups"] == "6 train, 2 validation, 2 test, by person"


def test_the_range_of_targets_is_that_of_all_of_them_and_zero_is_zero():
    values = np.random.default_rng(0).normal(size=(200, 5, 1))
    targets = np.r_[0.0, np.linspace(0.5, 9, 199)]
    splits = np.zeros(200, int)
    splits[[50, 100]] = 1, 2
    data = load_data(values, targets, split=splits)
    known = targets[splits == 0]
    assert dict(describe(data).lines())["targets"] == (f"0 to 9, mean {known.mean():.4g}, deviation {known.std():.4g}")
