"""Splits: whole sequences, class shares kept, the same for the same seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data import load_data
from lengthwise.data.options import Options
from lengthwise.data.splitting import TEST, TRAIN, VALIDATION, draw_splits, draw_validation
from lengthwise.errors import DataError
from tests.data.made import walks

labels = st.lists(st.integers(0, 4), min_size=3, max_size=300).map(np.array)
shares = st.floats(0.05, 0.4)


@given(labels, shares, shares, st.integers(0, 2**32))
def test_each_split_has_the_same_fraction_of_each_class_to_within_two_sequences(targets, validation, test, seed):
    splits = draw_splits(targets, Options(validation=validation, test=test, seed=seed))
    for split in (TRAIN, VALIDATION, TEST):
        assert (splits == split).any()
        share = np.mean(splits == split)
        for label in np.unique(targets):
            members = splits[targets == label]
            assert abs(np.sum(members == split) - share * len(members)) <= 2


@given(labels, st.integers(0, 2**32))
def test_a_split_has_the_chosen_fraction(targets, seed):
    splits = draw_splits(targets, Options(validation=0.2, test=0.1, seed=seed))
    if len(targets) >= 10:
        assert np.sum(splits == VALIDATION) == round(0.2 * len(targets))
        assert np.sum(splits == TEST) == round(0.1 * len(targets))


def test_splits_depend_on_the_seed():
    targets = np.arange(100) % 4
    first, again, other = (draw_splits(targets, Options(seed=seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@given(st.lists(st.integers(0, 9), min_size=20, max_size=100).map(np.array), st.integers(0, 2**32))
def test_a_group_is_in_one_split_only(groups, seed):
    groups[:3] = (10, 11, 12)
    splits = draw_splits(np.zeros(len(groups)), Options(seed=seed), groups=groups)
    for group in np.unique(groups):
        assert len(np.unique(splits[groups == group])) == 1
    assert len(np.unique(splits)) == 3


@given(labels, st.integers(0, 2**32))
def test_a_validation_split_is_drawn_from_the_training_sequences_alone(targets, seed):
    given_splits = np.where(np.arange(len(targets)) < len(targets) // 3, TEST, TRAIN).astype(np.int8)
    if np.sum(given_splits == TRAIN) < 2:
        return
    splits = draw_validation(given_splits, targets, Options(seed=seed))
    assert ((splits == TEST) == (given_splits == TEST)).all()
    assert (splits == VALIDATION).any()
    assert (splits == TRAIN).any()


def test_a_validation_split_keeps_groups_together():
    groups = np.repeat(np.arange(10), 5)
    splits = draw_validation(np.full(50, TRAIN, np.int8), np.zeros(50), Options(), groups=groups)
    assert all(len(np.unique(splits[groups == group])) == 1 for group in range(10))


def test_fewer_than_three_sequences_cannot_be_split():
    with pytest.raises(DataError, match="there are 2 sequences or groups of them, but three splits need at least 3"):
        draw_splits(np.array([0, 1]), Options())


def test_one_training_sequence_cannot_be_divided():
    with pytest.raises(DataError, match="there is 1 training sequence or group, but at least 2 are needed"):
        draw_validation(np.array([TRAIN, TEST], np.int8), np.array([0, 1]), Options())


def test_no_sequence_is_in_two_splits_and_none_is_lost():
    values, targets = walks(count=97)
    values[:, 0, 0] = np.arange(97)
    dataset = load_data(values, targets, standardize="none")
    seen = np.concatenate([dataset.split(name).values[:, 0, 0] for name in ("train", "validation", "test")])
    np.testing.assert_array_equal(np.sort(seen), np.arange(97))
