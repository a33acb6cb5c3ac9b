"""Folds of a data set: what each network sees, and what it is judged on."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lengthwise
from lengthwise.data import Dataset
from lengthwise.data.folds import check_folds, fold_of, pool, smallest_fold, usual_folds
from lengthwise.data.splitting import draw_folds
from lengthwise.errors import UsageError

MANY = 300


def numbered(count, *, groups=None, standardize="none", **options):
    """Sequences whose values are all their number in the file, in three classes."""
    values = np.repeat(np.arange(count, dtype=np.float32), 8).reshape(count, 4, 2)
    return lengthwise.load_data(values, np.arange(count) % 3, groups=groups, standardize=standardize, **options)


def numbers(split):
    return split.values[:, 0, 0].astype(int).tolist()


@given(
    st.lists(st.integers(0, 4), min_size=2, max_size=60).flatmap(
        lambda classes: st.tuples(st.just(np.array(classes)), st.integers(2, len(classes)), st.integers(0, 2**63 - 1))
    )
)
def test_folds_have_the_same_share_of_each_class_to_within_one_sequence(drawn):
    classes, folds, seed = drawn
    found = draw_folds(classes, folds, seed)
    sizes = np.bincount(found, minlength=folds)
    assert sizes.min() >= 1
    assert np.ptp(sizes) <= 1
    for label in np.unique(classes):
        assert np.ptp(np.bincount(found[classes == label], minlength=folds)) <= 1


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), min_size=2, max_size=60), st.data(), st.integers(0, 99)
)
def test_groups_are_never_divided_and_no_fold_is_empty(pairs, data, seed):
    groups, classes = np.array(pairs).T
    count = len(np.unique(groups))
    if count < 2:
        return
    folds = data.draw(st.integers(2, count))
    found = draw_folds(classes, folds, seed, groups=groups)
    assert np.bincount(found, minlength=folds).min() >= 1
    for group in np.unique(groups):
        assert len(np.unique(found[groups == group])) == 1
    if folds == count:
        assert len(np.unique(found)) == count


def test_a_class_that_two_of_many_people_have_is_in_two_folds():
    people = np.repeat(np.arange(40), 5)
    falls = np.isin(people, (7, 23)) & (np.arange(200) % 5 < 2)
    for seed in range(20):
        found = draw_folds(falls.astype(int), 5, seed, groups=people)
        assert len(np.unique(found[falls])) == 2
        assert np.bincount(found).tolist() == [40] * 5


def test_folds_depend_on_the_seed_but_for_one_fold_a_group():
    classes, people = np.arange(30) % 3, np.arange(30) // 3
    assert draw_folds(classes, 5, 0).tolist() != draw_folds(classes, 5, 1).tolist()
    assert draw_folds(classes, 5, 0, groups=people).tolist() != draw_folds(classes, 5, 1, groups=people).tolist()
    assert draw_folds(classes, 10, 0, groups=people).tolist() == people.tolist()


def test_every_sequence_of_the_pool_is_judged_once_and_never_seen_by_its_network():
    dataset = numbered(50)
    whole = numbers(pool(dataset))
    assert whole == numbers(dataset.train) + numbers(dataset.validation)
    judged = []
    for fold in range(5):
        found, places = fold_of(dataset, 5, fold, seed=3)
        assert sorted(numbers(found.train) + numbers(found.validation)) == sorted(whole)
        assert numbers(found.validation) == [whole[place] for place in places]
        assert found.validation.targets.tolist() == [number % 3 for number in numbers(found.validation)]
        assert numbers(found.test) == numbers(dataset.test)
        judged += numbers(found.validation)
    assert sorted(judged) == sorted(whole)


def test_lengths_weights_and_groups_go_with_their_sequences():
    dataset = lengthwise.load_data([np.full(1 + n % 5, n) for n in range(40)], np.arange(40) % 2,
                                   groups=np.arange(40) // 2, standardize="none")  # fmt: skip
    train = replace(dataset.train, weights=dataset.train.values[:, 0, 0])
    found, _ = fold_of(replace(dataset, train=train), 4, 1, seed=0)
    for split in (found.train, found.validation):
        own = numbers(split)
        assert split.lengths.tolist() == [1 + n % 5 for n in own]
        assert [found.group_names[group] for group in split.groups] == [str(n // 2) for n in own]
        known = set(numbers(dataset.train))
        assert split.weights.tolist() == [n if n in known else 1 for n in own]
    assert not set(found.train.groups) & set(found.validation.groups)


def test_a_fold_is_standardised_by_its_own_training_sequences_alone():
    values = np.random.default_rng(0).normal(5, 3, size=(60, 4, 2))
    targets = 100 + 20 * values[:, :, 0].mean(axis=1)
    raw = lengthwise.load_data(values, targets, standardize="none")
    found, places = fold_of(lengthwise.load_data(values, targets), 5, 2, seed=1)
    others = np.setdiff1d(np.arange(len(pool(raw))), places)
    mean, deviation = (getattr(pool(raw).values[others], name)(axis=(0, 1)) for name in ("mean", "std"))
    np.testing.assert_allclose(found.scaling.mean, mean, rtol=1e-5)
    np.testing.assert_allclose(found.scaling.deviation, deviation, rtol=1e-5)
    for split, own in ((found.validation, pool(raw).values[places]), (found.test, raw.test.values)):
        np.testing.assert_allclose(split.values, (own - mean) / deviation, atol=1e-5)
    np.testing.assert_allclose(found.validation.numbers[:, 0], pool(raw).targets[places], rtol=1e-6)
    assert abs(found.train.targets.mean()) < 1e-6
    assert found.train.targets.std() == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize(
    ("dataset", "folds"),
    [
        (numbered(50), 5),
        (numbered(5), 4),
        (numbered(50, groups=np.arange(50) // 5), 8),  # ten people, of whom two are in the test split
        (numbered(MANY, groups=np.arange(MANY) // 2), 5),
        (numbered(50, split=["train"] * 40 + ["test"] * 10), 5),
        (numbered(50, split=["train"] * 30 + ["validation"] * 10 + ["test"] * 10), 0),
        (numbered(6660), 5),
        (numbered(6700), 0),
        (numbered(6700, groups=np.arange(6700) // 670), 8),
    ],
)
def test_how_many_folds_are_usual(dataset, folds):
    assert usual_folds(dataset) == folds


def test_series_and_splits_that_were_made_by_hand_have_no_folds(small):
    series = lengthwise.load_data(np.arange(200.0) % 7, task="forecasting", horizon=2)
    assert usual_folds(series) == usual_folds(small) == 0
    dataset = numbered(50)
    by_hand = Dataset("x", dataset.train, dataset.validation, dataset.test, 3)
    assert usual_folds(by_hand) == 0
    assert check_folds(by_hand, 4) == 4


@pytest.mark.parametrize(
    ("dataset", "folds", "sentence"),
    [
        (numbered(10), 9, "folds is 9, but must be 2 to 8, as the .* have 8 sequences together; or 0 for none"),
        (numbered(10), 1, "folds is 1, but must be 2 to 8"),
        (numbered(50, groups=np.arange(50) // 5), 9, "must be 2 to 8, as the .* have 8 groups together"),
        (lengthwise.load_data(np.arange(200.0) % 7, task="forecasting", horizon=2), 5, "is divided by time"),
    ],
)
def test_folds_that_cannot_be_are_refused(dataset, folds, sentence):
    with pytest.raises(UsageError, match=sentence):
        check_folds(dataset, folds)


def test_the_smallest_fold_leaves_the_fewest_sequences_for_training():
    dataset = numbered(40, groups=[0] * 20 + list(range(1, 21)), test=0.1)
    held_out = "0" in {dataset.group_names[group] for group in dataset.test.groups}
    assert not held_out
    folds = len({*dataset.train.groups, *dataset.validation.groups})
    assert len(smallest_fold(dataset, folds, 0).train) == len(pool(dataset)) - 20


def test_a_fold_of_few_data_is_kept_for_the_next_length(monkeypatch):
    data = numbered(20)
    kept = fold_of(data, 5, 0, 0)
    assert fold_of(data, 5, 0, 0) is kept
    assert fold_of(data, 5, 1, 0) is not kept
    monkeypatch.setattr("lengthwise.data.folds.KEPT_BYTES", 0)
    anew = fold_of(data, 5, 0, 0)
    assert anew is not kept
    assert numbers(anew.dataset.train) == numbers(kept.dataset.train)
    np.testing.assert_array_equal(anew.sequences, kept.sequences)
