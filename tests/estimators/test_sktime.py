"""sktime's own checks of what an estimator must do, and its tools."""

import numpy as np
import pandas as pd
import pytest
from sktime.classification.model_selection import TSCGridSearchCV
from sktime.transformations.exponent import ExponentTransformer
from sktime.utils.estimator_checks import check_estimator, parametrize_with_checks

from lengthwise.errors import UsageError
from lengthwise.estimators import SequenceClassifier, SequenceRegressor, SktimeClassifier, SktimeRegressor
from tests.data.made import walks

SMALL = {"hidden_size": 5, "num_layers": 1, "steps": 20, "batch_size": 16, "random_state": 3}

X, NUMBERS = walks(count=60, num_steps=8, features=2)
SERIES = X.transpose(0, 2, 1)
Y = np.array(["run", "sit", "walk"])[NUMBERS]
UNEQUAL = [sequence[: 4 + place % 5] for place, sequence in enumerate(X)]


@parametrize_with_checks([SktimeClassifier, SktimeRegressor])
@pytest.mark.filterwarnings("ignore")  # of sktime's own
def test_sktime_finds_no_fault(obj, test_name):
    assert set(check_estimator(obj, tests_to_run=test_name, verbose=False).values()) <= {"PASSED"}


def test_it_is_the_classifier_of_the_same_sequences():
    ours, theirs = SktimeClassifier(**SMALL, seq_len=5).fit(SERIES, Y), SequenceClassifier(**SMALL, seq_len=5).fit(X, Y)
    np.testing.assert_array_equal(ours.predict_proba(SERIES), theirs.predict_proba(X))
    np.testing.assert_array_equal(ours.predict(SERIES), theirs.predict(X))
    assert ours.score(SERIES, Y) == theirs.score(X, Y)


def test_it_is_the_regressor_of_the_same_sequences():
    numbers = X.mean(axis=(1, 2))
    ours, theirs = SktimeRegressor(**SMALL).fit(SERIES, numbers), SequenceRegressor(**SMALL).fit(X, numbers)
    np.testing.assert_array_equal(ours.predict(SERIES), theirs.predict(X))


def test_series_may_differ_in_length():
    frames = [pd.DataFrame(sequence) for sequence in UNEQUAL]
    theirs = SequenceClassifier(**SMALL, seq_len=4).fit(UNEQUAL, Y).predict_proba(UNEQUAL)
    np.testing.assert_array_equal(SktimeClassifier(**SMALL, seq_len=4).fit(frames, Y).predict_proba(frames), theirs)
    panel = pd.concat(frames, keys=range(len(frames)), names=["series", "step"])
    np.testing.assert_array_equal(SktimeClassifier(**SMALL, seq_len=4).fit(panel, Y).predict_proba(panel), theirs)


def test_it_works_in_sktime_s_pipelines_and_in_a_grid_search():
    pipeline = (ExponentTransformer(3, offset=0) * SktimeClassifier(**SMALL)).fit(SERIES, Y)
    cubes = SERIES**3
    np.testing.assert_array_equal(pipeline.predict(SERIES), SktimeClassifier(**SMALL).fit(cubes, Y).predict(cubes))
    search = TSCGridSearchCV(SktimeClassifier(**SMALL), {"seq_len": [2, 8]}, cv=2).fit(SERIES, Y)
    assert search.best_params_["seq_len"] in (2, 8)


def test_a_parameter_that_is_none_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match="there is no setting 'warm_start'"):
        SktimeClassifier(warm_start=True)
    with pytest.raises(UsageError, match="did you mean 'seq_len'"):
        SktimeRegressor(seqlen=3)
