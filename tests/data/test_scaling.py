"""Standardisation by the training split."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data import load_data
from lengthwise.data.scaling import measure, standardize
from lengthwise.data.split import Split
from tests.data.made import walks


def test_real_values_are_standardised_by_the_training_split_by_default():
    values, targets = walks(count=200)
    dataset = load_data(values * [3, 100] + [5, -40], targets)
    train = dataset.train.values
    np.testing.assert_allclose(train.mean(axis=(0, 1)), 0, atol=1e-5)
    np.testing.assert_allclose(train.std(axis=(0, 1)), 1, rtol=1e-5)


def test_validation_and_test_are_scaled_by_the_training_splits_statistics():
    values, targets = walks(count=200)
    raw, scaled = (load_data(values, targets, standardize=how) for how in ("none", "train"))
    mean, deviation = raw.train.values.mean(axis=(0, 1)), raw.train.values.std(axis=(0, 1))
    np.testing.assert_allclose(scaled.test.values, (raw.test.values - mean) / deviation, atol=1e-5)
    np.testing.assert_allclose(scaled.scaling.mean, mean, atol=1e-5)
    np.testing.assert_allclose(scaled.scaling.deviation, deviation, rtol=1e-5)


def test_bytes_are_unchanged_by_default_and_scaled_on_request():
    values = np.random.default_rng(0).integers(0, 256, (30, 4, 3), np.uint8)
    targets = np.arange(30) % 2
    assert load_data(values, targets).train.values.dtype == np.uint8
    asked = load_data(values, targets, standardize="train").train.values
    assert asked.dtype == np.float32
    assert abs(asked.mean()) < 1e-5


def test_a_feature_that_never_changes_is_only_centred():
    values, targets = walks()
    values[:, :, 1] = 7
    assert (load_data(values, targets).train.values[:, :, 1] == 0).all()


def test_padding_is_ignored_and_stays_zero():
    lengths = np.array([2, 3])
    values = np.array([[1, 3, 0], [5, 7, 9]], np.float32)[:, :, None]
    split = Split(values, np.array([0, 1]), lengths)
    scaling = measure(split)
    assert scaling.mean.tolist() == [5]
    scaled = standardize(split, scaling)
    assert scaled.values[0, 2, 0] == 0
    np.testing.assert_allclose(scaled.values[0, :2, 0], (values[0, :2, 0] - 5) / np.std([1, 3, 5, 7, 9]), rtol=1e-6)


@given(st.integers(1, 40), st.floats(-1e3, 1e3), st.floats(0.1, 1e3), st.integers(0, 1000))
def test_statistics_merged_from_blocks_are_those_of_the_whole(block, mean, deviation, seed):
    values = np.random.default_rng(seed).normal(mean, deviation, (37, 5, 2)).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lengthwise.data.split.BYTES_AT_ONCE", block * 40)
        scaling = measure(Split(values, np.zeros(37, np.int64)))
    exact = values.reshape(-1, 2).astype(np.float64)
    np.testing.assert_allclose(scaling.mean, exact.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(scaling.deviation, exact.std(axis=0), rtol=1e-6)
