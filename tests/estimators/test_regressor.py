"""Networks as scikit-learn's regressors."""

import pickle

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from lengthwise.errors import UsageError
from lengthwise.estimators import SequenceRegressor
from tests.data.made import walks

SMALL = {"hidden_size": 5, "num_layers": 1, "steps": 20, "batch_size": 16, "random_state": 3}

X, _ = walks(count=60, num_steps=8, features=2)
ONE = X.mean(axis=(1, 2))
TWO = X.mean(axis=1)


def regressor(**parameters):
    return SequenceRegressor(**SMALL | parameters)


@pytest.mark.parametrize("y", [ONE, TWO, ONE[:, None]], ids=["one", "two", "column"])
def test_what_is_predicted_has_the_shape_of_y(y):
    assert regressor().fit(X, y).predict(X).shape == y.shape


def test_it_learns():
    fitted = regressor(steps=300, lr=0.02).fit(X, TWO)
    assert fitted.score(X, TWO) > 0.9


def test_numbers_are_standardised_so_that_their_unit_does_not_matter():
    metres, millimetres = regressor().fit(X, ONE), regressor().fit(X, 1000 * ONE + 5)
    np.testing.assert_allclose(1000 * metres.predict(X) + 5, millimetres.predict(X), rtol=1e-3, atol=1e-2)


def test_what_is_said_of_a_sequence_is_the_mean_over_its_windows():
    fitted = regressor(seq_len=5, placement="any").fit(X, ONE)
    windows = [fitted.predict(X[:, start : start + 5]) for start in range(4)]
    np.testing.assert_allclose(fitted.predict(X), np.mean(windows, axis=0), atol=1e-5)


def test_what_is_said_of_a_sequence_is_of_its_last_window_by_default():
    fitted = regressor(seq_len=5).fit(X, ONE)
    assert fitted.network_.windows == "end"
    np.testing.assert_allclose(fitted.predict(X), fitted.predict(X[:, -5:]), atol=1e-6)


def test_what_follows_a_sequences_length_does_not_count():
    lengths = np.arange(60) % 6 + 3
    rubbish = np.where(np.arange(8)[None, :, None] < lengths[:, None, None], X, np.nan)
    one, other = regressor().fit(X, ONE, lengths=lengths), regressor().fit(rubbish, ONE, lengths=lengths)
    np.testing.assert_array_equal(one.predict(X, lengths=lengths), other.predict(rubbish, lengths=lengths))
    assert one.score(X, ONE, lengths=lengths) == other.score(rubbish, ONE, lengths=lengths)


def test_the_first_partial_fit_is_a_fit_of_one_epoch_and_a_pickled_one_goes_on():
    one, other = regressor(steps=None, epochs=1).fit(X, ONE), regressor().partial_fit(X, ONE)
    np.testing.assert_array_equal(one.predict(X), other.predict(X))
    copy = pickle.loads(pickle.dumps(other))
    np.testing.assert_array_equal(copy.partial_fit(X, ONE).predict(X), other.partial_fit(X, ONE).predict(X))
    with pytest.raises(UsageError, match=r"y has shape \(60, 2\), but SequenceRegressor was fitted to 1 number"):
        other.partial_fit(X, TWO)


def test_a_grid_search_compares_lengths():
    search = GridSearchCV(regressor(), {"seq_len": [2, 8]}, cv=2).fit(X, ONE)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_the_lowest_error_on_the_sequences_held_out_is_kept_in_the_units_of_y():
    estimator = regressor(steps=300, lr=0.02, patience=3, validate_every=10, validation_fraction=0.5)
    estimator.fit(X, 100 * ONE)
    scores = estimator.validation_scores_
    best = int(np.argmin(scores))
    assert (estimator.best_step_, estimator.n_steps_) == (10 * (best + 1), 10 * len(scores))
    assert (estimator.n_steps_ == 300) or (len(scores) - 1 - best == 3)
    plain = regressor(steps=300, lr=0.02, patience=3, validate_every=10, validation_fraction=0.5).fit(X, ONE)
    np.testing.assert_allclose(scores[0], 1e4 * plain.validation_scores_[0], rtol=1e-3)


def test_one_sequence_cannot_be_divided():
    with pytest.raises(UsageError, match="there is one sequence, but at least 2 are needed"):
        regressor(patience=1).fit(X[:1], ONE[:1])
