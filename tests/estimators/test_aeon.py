"""aeon's own checks of what an estimator must do, and its tools."""

import numpy as np
import pytest
from aeon.benchmarking.resampling import stratified_resample_data
from aeon.classification.compose import ClassifierPipeline
from aeon.testing.estimator_checking import parametrize_with_checks
from aeon.transformations.collection import Normalizer
from sklearn.model_selection import GridSearchCV

from lengthwise.errors import UsageError
from lengthwise.estimators import AeonClassifier, AeonRegressor, SequenceClassifier, SequenceRegressor
from tests.data.made import walks

SMALL = {"hidden_size": 5, "num_layers": 1, "steps": 20, "batch_size": 16, "random_state": 3}

X, NUMBERS = walks(count=60, num_steps=8, features=2)
SERIES = X.transpose(0, 2, 1)
Y = np.array(["run", "sit", "walk"])[NUMBERS]
UNEQUAL = [series[:, : 4 + place % 5] for place, series in enumerate(SERIES)]


@parametrize_with_checks([AeonClassifier, AeonRegressor])
@pytest.mark.filterwarnings("ignore")  # of aeon's own
def test_aeon_finds_no_fault(check):
    check()


def test_it_is_the_classifier_of_the_same_sequences():
    ours, theirs = AeonClassifier(**SMALL, seq_len=5).fit(SERIES, Y), SequenceClassifier(**SMALL, seq_len=5).fit(X, Y)
    np.testing.assert_array_equal(ours.predict_proba(SERIES), theirs.predict_proba(X))
    np.testing.assert_array_equal(ours.predict(SERIES), theirs.predict(X))
    assert ours.score(SERIES, Y) == theirs.score(X, Y)


def test_it_is_the_regressor_of_the_same_sequences():
    numbers = X.mean(axis=(1, 2))
    ours, theirs = AeonRegressor(**SMALL).fit(SERIES, numbers), SequenceRegressor(**SMALL).fit(X, numbers)
    np.testing.assert_array_equal(ours.predict(SERIES), theirs.predict(X))


def test_series_may_differ_in_length():
    ours = AeonClassifier(**SMALL, seq_len=4).fit(UNEQUAL, Y)
    theirs = SequenceClassifier(**SMALL, seq_len=4).fit([series.T for series in UNEQUAL], Y)
    np.testing.assert_array_equal(ours.predict_proba(UNEQUAL), theirs.predict_proba([series.T for series in UNEQUAL]))


def test_a_matrix_is_one_channel():
    ours = AeonClassifier(**SMALL).fit(X[:, :, 0], Y)
    np.testing.assert_array_equal(
        ours.predict(X[:, :, 0]), SequenceClassifier(**SMALL).fit(X[:, :, 0], Y).predict(X[:, :, 0])
    )


def test_it_works_in_aeon_s_pipelines_and_resampling_and_in_a_grid_search():
    pipeline = ClassifierPipeline(transformers=Normalizer(), classifier=AeonClassifier(**SMALL)).fit(SERIES, Y)
    assert pipeline.predict(SERIES).shape == (60,)
    train, labels, test, expected = stratified_resample_data(SERIES[:40], Y[:40], SERIES[40:], Y[40:], random_state=1)
    assert 0 <= AeonClassifier(**SMALL).fit(train, labels).score(test, expected) <= 1
    search = GridSearchCV(AeonClassifier(**SMALL), {"seq_len": [2, 8]}, cv=2).fit(SERIES, Y)
    assert search.best_params_["seq_len"] in (2, 8)


def test_a_parameter_that_is_none_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match="there is no setting 'warm_start'"):
        AeonClassifier(warm_start=True)
    with pytest.raises(UsageError, match="did you mean 'seq_len'"):
        AeonRegressor(seqlen=3)
