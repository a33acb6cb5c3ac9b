"""The search for a length as an estimator."""

import pickle
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin, clone, is_classifier, is_regressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import lengthwise
from lengthwise.errors import UsageError
from lengthwise.estimators import LengthSearch, SequenceClassifier, SequenceRegressor
from lengthwise.study.execution import RunEnded
from tests.data.made import walks

SMALL = {"hidden_size": 5, "num_layers": 1, "steps": 20, "batch_size": 16, "random_state": 3}
SEARCH = {"seq_lens": "2,5,8", "seeds": 2, "folds": 0, "workers": 1}

X, NUMBERS = walks(count=80, num_steps=8, features=2)
Y = np.array(["run", "sit", "walk"])[NUMBERS]


@pytest.fixture(scope="module")
def search():
    return LengthSearch(SequenceClassifier(**SMALL), **SEARCH).fit(X, Y)


def test_it_is_the_study_of_the_same_settings(search):
    study = lengthwise.Study(
        lengthwise.load_data(X, Y), seq_lens="2,5,8", seeds=2, budget="steps=20", hidden_size=5, num_layers=1,
        batch_size=16, sampling="shuffle", folds=0, recipe="notebook"
    ).run()  # fmt: skip
    ours, theirs = (
        one.results.set_index(["seq_len", "seed"]).sort_index()[["val_score", "test_score"]]
        for one in (search.study_, study)
    )
    assert ours.equals(theirs)


def test_the_best_estimator_is_that_of_the_recommended_length_or_else_of_the_best_mean(search):
    assert search.recommended_seq_len_ == search.answer_.recommendation.seq_len
    chosen = search.recommended_seq_len_ or search.results_.val_accuracy.idxmax()
    assert search.best_params_ == {"seq_len": chosen}
    again = SequenceClassifier(**SMALL | {"seq_len": chosen}).fit(X, Y)
    np.testing.assert_array_equal(search.predict_proba(X), again.predict_proba(X))
    assert search.score(X, Y) == again.score(X, Y)
    np.testing.assert_array_equal(search.classes_, ["run", "sit", "walk"])


def test_the_attributes_of_a_search_agree_as_in_scikit_learn(search):
    ours = search.cv_results_
    theirs = GridSearchCV(SequenceClassifier(**SMALL), {"seq_len": [2, 5, 8]}, cv=2).fit(X, Y)
    assert set(ours) == {name for name in theirs.cv_results_ if "score_time" not in name}
    assert ours["params"] == theirs.cv_results_["params"]
    assert ours["params"][search.best_index_] == search.best_params_
    assert ours["mean_test_score"][search.best_index_] == search.best_score_
    for name, values in theirs.cv_results_.items():
        if name in ours and name != "params":
            assert ours[name].shape == values.shape, name
            assert ours[name].dtype.kind == values.dtype.kind, name
    assert pd.DataFrame(ours).shape == (3, len(ours))


def test_the_scores_of_a_search_are_those_of_its_study_on_the_validation_split(search):
    scores = search.study_.results.pivot(index="seq_len", columns="seed", values="val_score")
    ours = search.cv_results_
    for seed in (0, 1):
        np.testing.assert_array_equal(ours[f"split{seed}_test_score"], scores[seed])
    np.testing.assert_allclose(ours["mean_test_score"], scores.to_numpy().mean(axis=1))
    np.testing.assert_allclose(ours["std_test_score"], scores.to_numpy().std(axis=1))
    np.testing.assert_allclose(ours["mean_test_score"], search.results_.val_accuracy)
    order = np.argsort(-ours["mean_test_score"], kind="stable")
    assert (np.diff(ours["rank_test_score"][order]) >= 0).all()
    assert ours["rank_test_score"].min() == 1


@pytest.fixture(scope="module")
def folded():
    """A search that is told nothing of folds."""
    return LengthSearch(SequenceClassifier(**SMALL), seq_lens="2,8", seeds=2, workers=1, refit=False).fit(X, Y)


def test_few_sequences_are_judged_in_folds_as_in_a_study(folded):
    study = lengthwise.Study(
        lengthwise.load_data(X, Y), seq_lens="2,8", seeds=2, budget="steps=20", hidden_size=5, num_layers=1,
        batch_size=16, sampling="shuffle", recipe="notebook"
    ).run()  # fmt: skip
    ours, theirs = (
        one.results.set_index(["seq_len", "seed", "fold"]).sort_index()[["val_score", "test_score"]]
        for one in (folded.study_, study)
    )
    assert (folded.study_.design.folds, len(ours)) == (5, 20)
    pd.testing.assert_frame_equal(ours, theirs)
    assert folded.answer_.sentence == study.answers()[0].sentence


def test_a_split_of_a_folded_search_is_a_fold_of_a_seed(folded):
    runs = folded.study_.results.set_index(["seq_len", "seed", "fold"]).val_score
    ours = folded.cv_results_
    splits = np.array([ours[f"split{place}_test_score"] for place in range(10)])
    expected = [[runs[length, seed, fold] for length in (2, 8)] for seed in (0, 1) for fold in range(5)]
    np.testing.assert_array_equal(splits, expected)
    np.testing.assert_allclose(ours["mean_test_score"], splits.mean(axis=0))
    assert "split10_test_score" not in ours


def test_groups_are_left_out_one_at_a_time():
    groups = np.arange(80) // 8
    search = LengthSearch(SequenceClassifier(**SMALL), seq_lens="2", seeds=1, workers=1, refit=False)
    search.fit(X, Y, groups=groups)
    pooled = {*search.study_.dataset.train.groups, *search.study_.dataset.validation.groups}
    assert search.study_.design.folds == len(pooled) == 8


@pytest.mark.parametrize(
    ("estimator", "folds", "found"),
    [
        (SequenceClassifier(**SMALL), 3, 3),
        (SequenceClassifier(**SMALL), 0, 0),
        (SequenceClassifier(**SMALL, patience=2), None, 0),
        (make_pipeline(FunctionTransformer(), SequenceClassifier(**SMALL)), None, 0),
        (make_pipeline(SequenceClassifier(**SMALL)), None, 5),
    ],
)
def test_folds_that_are_given_are_kept_and_what_is_fitted_once_has_none(estimator, folds, found):
    search = LengthSearch(estimator, seq_lens="2", seeds=1, folds=folds, workers=1, refit=False).fit(X, Y)
    assert search.study_.design.folds == found


def test_weights_are_of_all_sequences_that_folds_train_on():
    weights = np.arange(80) % 3 + 1.0
    estimator = SequenceClassifier(**SMALL, standardize="none")
    search = LengthSearch(estimator, seq_lens="2", seeds=1, workers=1, refit=False).fit(X, Y, sample_weight=weights)
    of_sequence = {sequence.tobytes(): weight for sequence, weight in zip(X, weights, strict=True)}
    parts = search.study_.dataset.train, search.study_.dataset.validation
    expected = np.array([of_sequence[sequence.tobytes()] for part in parts for sequence in part.values])
    np.testing.assert_allclose(np.concatenate([part.weights for part in parts]), expected / expected.mean(), rtol=1e-6)


def test_where_the_runs_decide_nothing_the_best_mean_is_taken():
    search = LengthSearch(SequenceClassifier(**SMALL), **SEARCH | {"margin": 1e-6}, refit=False).fit(X, Y)
    assert search.recommended_seq_len_ is None
    assert search.cv_results_["rank_test_score"][search.best_index_] == 1
    assert search.best_score_ == search.cv_results_["mean_test_score"].max()
    assert not hasattr(search, "best_estimator_")


@pytest.mark.parametrize("random_state", [5, np.int64(5)], ids=["int", "numpy"])
def test_the_division_is_drawn_from_the_random_state(random_state):
    search = LengthSearch(SequenceClassifier(**SMALL), **SEARCH | {"seeds": 1, "seq_lens": "2"}, refit=False)
    search.set_params(random_state=random_state).fit(X, Y)
    assert search.study_.dataset.checksum == lengthwise.load_data(X, Y, seed=5).checksum


@pytest.mark.parametrize("kind", [np.random.RandomState, np.random.default_rng])
def test_the_division_may_be_drawn_from_a_generator_or_anew(kind):
    search = LengthSearch(SequenceClassifier(**SMALL), **SEARCH | {"seeds": 1, "seq_lens": "2"}, refit=False)
    checksums = [
        search.set_params(random_state=state).fit(X, Y).study_.dataset.checksum for state in (kind(7), kind(7), kind(8))
    ]
    assert checksums[0] == checksums[1] != checksums[2]
    assert search.set_params(random_state=None).fit(X, Y).study_.dataset.checksum not in checksums


def test_the_report_is_that_of_a_study(search, tmp_path):
    written = search.report(tmp_path)
    assert {"report.html", "results.csv", "results.parquet"} <= {path.name for path in written}
    assert (tmp_path / "figures").is_dir()


def test_a_pickled_search_predicts_and_has_its_results(search, tmp_path):
    copy = pickle.loads(pickle.dumps(search))
    np.testing.assert_array_equal(copy.predict(X), search.predict(X))
    assert copy.results_.equals(search.results_)
    with pytest.raises(UsageError, match="a pickled search has no study to report: fit it again"):
        copy.report(tmp_path)


def test_it_searches_for_regressors_too():
    search = LengthSearch(SequenceRegressor(**SMALL), **SEARCH).fit(X, X.mean(axis=(1, 2)))
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], -search.results_.val_mse)
    assert search.cv_results_["param_seq_len"][search.cv_results_["rank_test_score"].argmin()] == (
        search.results_.val_mse.idxmin()
    )
    assert search.best_score_ == search.cv_results_["mean_test_score"][search.best_index_] < 0
    assert search.predict(X).shape == (80,)
    assert not hasattr(search, "predict_proba")
    assert is_regressor(search)


def test_groups_are_not_divided():
    groups = np.arange(80) // 8
    search = LengthSearch(SequenceClassifier(**SMALL), **SEARCH | {"seeds": 1}, refit=False).fit(X, Y, groups=groups)
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
    search = LengthSearch(
        SequenceClassifier(**SMALL), **SEARCH, refit=False,
        callbacks=(lambda event: ended.append(event) if isinstance(event, RunEnded) else None,),
    )  # fmt: skip
    search.fit(X, Y)
    assert len(ended) == 6


def test_another_estimator_is_refused():
    for estimator, name in (([], "list"), (make_pipeline(StandardScaler(), LogisticRegression()), "Pipeline")):
        with pytest.raises(
            UsageError, match=f"estimator is a {name}, but must be a SequenceClassifier, .* ends in one"
        ):
            LengthSearch(estimator).fit(X, Y)


# Pipelines.


class Recorded(TransformerMixin, BaseEstimator):
    """Subtracts the mean of the values that it was fitted to, and keeps them."""

    seen: ClassVar[list] = []

    def fit(self, X, y):
        assert len(X) == len(y)
        self.mean_ = X.mean()
        self.seen.append(X)
        return self

    def transform(self, X):
        return X - self.mean_


def test_the_steps_of_a_pipeline_are_fitted_to_the_training_split():
    Recorded.seen.clear()
    pipeline = Pipeline([("less", Recorded()), ("net", SequenceClassifier(**SMALL, standardize="none"))])
    search = LengthSearch(pipeline, **SEARCH).fit(X, Y)
    (training, everything), dataset = Recorded.seen, lengthwise.load_data(X, Y, standardize="none")
    np.testing.assert_array_equal(training, dataset.train.values)
    np.testing.assert_array_equal(everything, X)
    np.testing.assert_allclose(
        search.study_.dataset.validation.values, dataset.validation.values - training.mean(), atol=1e-6
    )


def test_a_search_of_a_pipeline_has_the_pipeline_s_names_and_predictions():
    matrix = X[:, :, 0]
    pipeline = make_pipeline(StandardScaler(), SequenceClassifier(**SMALL))
    search = LengthSearch(pipeline, **SEARCH).fit(matrix, Y)
    (name,) = search.best_params_
    assert name == "sequenceclassifier__seq_len"
    np.testing.assert_array_equal(search.cv_results_[f"param_{name}"], [2, 5, 8])
    again = clone(pipeline).set_params(**search.best_params_).fit(matrix, Y)
    np.testing.assert_array_equal(search.predict_proba(matrix), again.predict_proba(matrix))
    assert search.score(matrix, Y) == again.score(matrix, Y)
    assert is_classifier(search)
    assert clone(search).set_params(estimator__sequenceclassifier__cell="gru").estimator[-1].cell == "gru"


def test_a_pipeline_of_a_regressor_alone_is_the_regressor():
    y = X.mean(axis=(1, 2))
    alone = LengthSearch(SequenceRegressor(**SMALL), **SEARCH).fit(X, y)
    search = LengthSearch(make_pipeline(SequenceRegressor(**SMALL)), **SEARCH).fit(X, y)
    np.testing.assert_array_equal(search.predict(X), alone.predict(X))
    assert is_regressor(search)


def test_lengths_reach_the_network_of_a_pipeline():
    lengths = np.arange(80) % 4 + 5
    pipeline = make_pipeline(FunctionTransformer(), SequenceClassifier(**SMALL))
    search = LengthSearch(pipeline, **SEARCH | {"seq_lens": "2,5"}).fit(X, Y, lengths=lengths)
    alone = LengthSearch(SequenceClassifier(**SMALL), **SEARCH | {"seq_lens": "2,5"}).fit(X, Y, lengths=lengths)
    np.testing.assert_array_equal(search.predict(X, lengths=lengths), alone.predict(X, lengths=lengths))
    assert search.score(X, Y, lengths=lengths) == alone.score(X, Y, lengths=lengths)


def test_names_of_features_are_those_of_the_frame():
    frame = pd.DataFrame(X[:, :, 0], columns=[f"t{step}" for step in range(8)])
    search = LengthSearch(SequenceClassifier(**SMALL), **SEARCH).fit(frame, pd.Series(Y))
    assert search.feature_names_in_.tolist() == frame.columns.tolist()
    assert search.n_features_in_ == 8
    assert not hasattr(LengthSearch(SequenceClassifier()), "n_features_in_")
