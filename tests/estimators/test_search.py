"""The search for a length as an estimator."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.exceptions import NotFittedError

import lengthwise
from lengthwise.errors import UsageError
from lengthwise.estimators import LengthSearchCV, SequenceClassifier, SequenceRegressor
from lengthwise.study.execution import RunEnded
from tests.data.made import walks

SMALL = {"hidden_size": 5, "num_layers": 1, "steps": 20, "batch_size": 16, "random_state": 3}
SEARCH = {"seq_lens": "2,5,8", "seeds": 2, "workers": 1}

X, NUMBERS = walks(count=80, num_steps=8, features=2)
Y = np.array(["run", "sit", "walk"])[NUMBERS]


@pytest.fixture(scope="module")
def search():
    return LengthSearchCV(SequenceClassifier(**SMALL), **SEARCH).fit(X, Y)


def test_it_is_the_study_of_the_same_settings(search):
    study = lengthwise.Study(
        lengthwise.load_data(X, Y), seq_lens="2,5,8", seeds=2, budget="steps=20", hidden_size=5, num_layers=1,
        batch_size=16, sampling="shuffle",
    ).run()  # fmt: skip
    ours, theirs = (
        one.results.set_index(["seq_len", "seed"]).sort_index()[["val_score", "test_score"]]
        for one in (search.study_, study)
    )
    assert ours.equals(theirs)


def test_the_best_length_is_that_of_the_best_mean_on_the_validation_split(search):
    means = search.results_.val_accuracy
    assert list(means.index) == [2, 5, 8]
    assert search.best_seq_len_ == means.idxmax()
    assert search.recommended_seq_len_ == search.answer_.recommendation.seq_len
    chosen = search.recommended_seq_len_ or search.best_seq_len_
    again = SequenceClassifier(**SMALL | {"seq_len": chosen}).fit(X, Y)
    np.testing.assert_array_equal(search.predict_proba(X), again.predict_proba(X))
    assert search.score(X, Y) == again.score(X, Y)
    np.testing.assert_array_equal(search.classes_, ["run", "sit", "walk"])


def test_the_report_is_that_of_a_study(search, tmp_path):
    written = search.report(tmp_path)
    assert {"report.html", "results.csv", "results.parquet"} <= {path.name for path in written}
    assert (tmp_path / "figures").is_dir()


def test_a_pickled_search_predicts_and_has_its_results(search, tmp_path):
    copy = pickle.loads(pickle.dumps(search))
    np.testing.assert_array_equal(copy.predict(X), search.predict(X))
    assert copy.results_.equals(search.results_)
    with pytest.raises(UsageError, match="the study is not there any more"):
        copy.report(tmp_path)


def test_it_searches_for_regressors_too():
    search = LengthSearchCV(SequenceRegressor(**SMALL), **SEARCH).fit(X, X.mean(axis=(1, 2)))
    assert search.best_seq_len_ == search.results_.val_mse.idxmin()
    assert search.predict(X).shape == (80,)
    assert not hasattr(search, "predict_proba")
    assert is_regressor(search)


def test_groups_are_not_divided():
    groups = np.arange(80) // 8
    search = LengthSearchCV(SequenceClassifier(**SMALL), **SEARCH | {"seeds": 1}, refit=False).fit(X, Y, groups=groups)
    dataset = search.study_.dataset
    assert len(dataset.train) % 8 == len(dataset.test) % 8 == 0
    with pytest.raises(NotFittedError):
        search.predict(X)


def test_a_clone_is_unfitted_and_parameters_reach_the_estimator(search):
    copy = clone(search)
    assert not hasattr(copy, "answer_")
    assert copy.set_params(estimator__hidden_size=7).estimator.hidden_size == 7
    assert is_classifier(copy)


def test_callbacks_hear_of_every_run():
    ended = []
    search = LengthSearchCV(
        SequenceClassifier(**SMALL), **SEARCH, refit=False,
        callbacks=(lambda event: ended.append(event) if isinstance(event, RunEnded) else None,),
    )  # fmt: skip
    search.fit(X, Y)
    assert len(ended) == 6


def test_another_estimator_is_refused():
    with pytest.raises(UsageError, match="estimator is a list, but must be a SequenceClassifier"):
        LengthSearchCV([]).fit(X, Y)
