"""What the weights of sequences do."""

import numpy as np
import pytest

from lengthwise.estimators import SequenceClassifier, SequenceRegressor
from tests.data.made import walks

X, NUMBERS = walks(count=40, num_steps=6, features=2)
SMALL = {"hidden_size": 5, "num_layers": 1, "steps": 20, "random_state": 3, "standardize": "none"}
WEIGHTS = np.arange(40) % 4

FITTED = {
    SequenceClassifier: (NUMBERS, "predict_proba"),
    SequenceRegressor: (X.mean(axis=(1, 2)), "predict"),
}


@pytest.mark.parametrize("estimator", FITTED)
def test_equal_weights_change_no_bit(estimator):
    y, method = FITTED[estimator]
    plain, weighted = estimator(**SMALL).fit(X, y), estimator(**SMALL).fit(X, y, sample_weight=np.full(40, 7.0))
    np.testing.assert_array_equal(getattr(plain, method)(X), getattr(weighted, method)(X))


@pytest.mark.parametrize("estimator", FITTED)
def test_a_weight_of_zero_takes_a_sequence_out(estimator):
    y, method = FITTED[estimator]
    there = WEIGHTS > 0
    one = estimator(**SMALL).fit(X, y, sample_weight=there)
    other = estimator(**SMALL).fit(X[there], y[there])
    np.testing.assert_array_equal(getattr(one, method)(X), getattr(other, method)(X))


@pytest.mark.parametrize("estimator", FITTED)
def test_where_a_batch_is_all_sequences_weights_are_repetitions(estimator):
    """With batches of everything, the order of sums apart, nothing is left that is drawn."""
    y, method = FITTED[estimator]
    full = SMALL | {"batch_size": 1000, "sampling": "ordered", "optimizer": "sgd", "lr": 0.1}
    one = estimator(**full).fit(X, y, sample_weight=WEIGHTS)
    other = estimator(**full).fit(np.repeat(X, WEIGHTS, axis=0), np.repeat(y, WEIGHTS))
    np.testing.assert_allclose(getattr(one, method)(X), getattr(other, method)(X), atol=1e-5)
    assert np.abs(getattr(one, method)(X) - getattr(estimator(**full).fit(X, y), method)(X)).max() > 1e-3


@pytest.mark.parametrize("weights", [np.zeros(40), np.full(40, -1.0), np.ones(39)], ids=["zero", "negative", "too few"])
def test_weights_that_make_no_sense_are_refused(weights):
    with pytest.raises(ValueError, match="weight"):
        SequenceClassifier(**SMALL).fit(X, NUMBERS, sample_weight=weights)
