"""Sequences that are given one by one, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import cross_val_score

from lengthwise.errors import UsageError
from lengthwise.estimators import LengthSearch, SequenceClassifier, SequenceRegressor
from lengthwise.estimators.inputs import as_one_array
from tests.data.made import walks

SMALL = {"hidden_size": 5, "num_layers": 1, "steps": 20, "batch_size": 16, "random_state": 3}

X, Y = walks(count=60, num_steps=8, features=2)
LENGTHS = np.arange(60) % 5 + 4
SEQUENCES = [sequence[:length] for sequence, length in zip(X, LENGTHS, strict=True)]


def objects(sequences):
    array = np.empty(len(sequences), object)
    array[:] = sequences
    return array


KINDS = {
    "list": list,
    "tuple": tuple,
    "array of objects": objects,
    "series of objects": pd.Series,
    "frames": lambda sequences: [pd.DataFrame(sequence) for sequence in sequences],
    "lists": lambda sequences: [sequence.tolist() for sequence in sequences],
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_sequences_one_by_one_are_one_padded_array_and_their_lengths(kind):
    for sequences, features in ((SEQUENCES, 2), ([sequence[:, 0] for sequence in SEQUENCES], 1)):
        values, lengths = as_one_array(kind(sequences), None)
        np.testing.assert_array_equal(lengths, LENGTHS)
        there = np.arange(8) < LENGTHS[:, None]
        np.testing.assert_array_equal(values, np.where(there[:, :, None], X[:, :, :features], 0))


@pytest.mark.parametrize("kind", [KINDS["array of objects"], KINDS["series of objects"], list], ids=["a", "s", "l"])
def test_sequences_of_equal_length_are_stacked(kind):
    values, lengths = as_one_array(kind(list(X)), None)
    np.testing.assert_array_equal(values, X)
    assert lengths is None
    assert as_one_array(kind(list(X[:, :, 0])), None)[0].shape == (60, 8, 1)


def test_an_array_and_lists_of_numbers_are_left_as_they_are():
    for given in (
        X,
        X[:, :, 0],
        X[:, :, 0].tolist(),
        [1.0, 2.0],
        pd.DataFrame(X[:, :, 0]),
        np.array(["a"], object),
        [],
    ):
        assert as_one_array(given, None)[0] is given


@pytest.mark.parametrize(("estimator", "y"), [(SequenceClassifier, Y), (SequenceRegressor, X.mean(axis=(1, 2)))])
def test_sequences_one_by_one_are_fitted_and_predicted_as_their_padded_array(estimator, y):
    one = estimator(**SMALL, seq_len=5).fit(SEQUENCES, y)
    other = estimator(**SMALL, seq_len=5).fit(X, y, lengths=LENGTHS)
    np.testing.assert_array_equal(one.predict(SEQUENCES), other.predict(X, lengths=LENGTHS))
    np.testing.assert_allclose(one.predict(SEQUENCES[:1]), one.predict(SEQUENCES)[:1])
    assert one.score(SEQUENCES, y) == other.score(X, y, lengths=LENGTHS)


def test_sequences_of_one_feature_may_be_predicted_as_a_matrix():
    one = SequenceClassifier(**SMALL).fit([sequence[:, 0] for sequence in SEQUENCES], Y)
    np.testing.assert_array_equal(one.predict_proba(X[:, :, 0]), one.predict_proba(list(X[:, :, 0])))


def test_they_work_in_cross_validation_and_in_a_search():
    assert np.isfinite(cross_val_score(SequenceClassifier(**SMALL, seq_len=4), SEQUENCES, Y, cv=3)).all()
    search = LengthSearch(SequenceClassifier(**SMALL), seq_lens="2,4", seeds=1, workers=1)
    assert search.fit(SEQUENCES, Y).predict(SEQUENCES).shape == (60,)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (
            [*SEQUENCES[:3], SEQUENCES[3][:, :1], *SEQUENCES[4:]],
            r"X: sequence 3 has shape \(7, 1\), but must have steps",
        ),
        ([*SEQUENCES[:3], SEQUENCES[3][:0], *SEQUENCES[4:]], r"X: sequence 3 has shape \(0, 2\)"),
        ([sequence.T for sequence in SEQUENCES], r"X has sequences of shape \(2, steps\), such as \(2, 4\), .* AeonCl"),
        ([[[1, 2], [3]], *SEQUENCES[1:]], r"X has a sequence whose steps differ in their numbers of features"),
    ],
    ids=["features", "no steps", "channels first", "ragged steps"],
)
def test_sequences_of_other_shapes_are_refused_in_a_sentence(wrong, sentence):
    with pytest.raises(UsageError, match=sentence):
        SequenceClassifier(**SMALL).fit(wrong, Y)


def test_lengths_are_not_given_twice():
    with pytest.raises(UsageError, match="lengths are given, but the sequences of X have different numbers of steps"):
        SequenceClassifier(**SMALL).fit(SEQUENCES, Y, lengths=LENGTHS)


def test_the_first_missing_value_is_named():
    missing = X.copy()
    missing[[4, 9], [2, 0], 1] = np.nan
    with pytest.raises(UsageError, match=r"X contains NaN, first in sequence 4 at step 2: .* lengths"):
        SequenceClassifier(**SMALL).fit(missing, Y)
    with pytest.raises(UsageError, match="X contains NaN, first in sequence 4 at step 2"):
        SequenceClassifier(**SMALL).fit(X, Y).predict(missing)


@pytest.mark.parametrize(
    "missing",
    [
        lambda labels: [*labels[:3], None, *labels[4:]],
        lambda labels: np.array([*labels[:3], np.nan, *labels[4:]], object),
        lambda labels: pd.Series(labels, dtype="string").where(np.arange(len(labels)) != 3),
        lambda labels: pd.Series(labels).where(np.arange(len(labels)) != 3).astype("category"),
        lambda labels: np.where(np.arange(len(labels)) == 3, np.nan, 1.0),
    ],
)
@pytest.mark.parametrize(
    "estimator",
    [
        SequenceClassifier(steps=1),
        SequenceClassifier(steps=1, class_weight="balanced"),
        SequenceRegressor(steps=1),
        LengthSearch(SequenceClassifier(steps=1)),
    ],
)
def test_a_missing_target_is_named(missing, estimator):
    labels = ["run", "sit"] * 10
    with pytest.raises(UsageError, match=r"y is (None|nan|<NA>) for sequence 3: leave sequences without a target out"):
        estimator.fit(np.zeros((20, 4)), missing(labels))


def test_a_search_goes_into_a_regressor_of_transformed_targets():
    drifts = np.random.default_rng(0).normal(size=(60, 6)).cumsum(axis=1)
    search = LengthSearch(SequenceRegressor(steps=5, hidden_size=3, num_layers=1), seq_lens=[2, 4], seeds=2)
    outer = TransformedTargetRegressor(search, func=np.log1p, inverse_func=np.expm1)
    assert outer.fit(drifts, abs(drifts[:, -1])).predict(drifts).shape == (60,)
    assert outer.regressor_.best_params_["seq_len"] in (2, 4)
    with pytest.raises(UsageError, match="in other units than its network's: put the search into it, as Transformed"):
        LengthSearch(TransformedTargetRegressor(SequenceRegressor())).fit(drifts, drifts[:, -1])
