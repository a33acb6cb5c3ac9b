"""Tasks by another metric: the mean over cases is the metric."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, log_loss, mean_absolute_error

import lengthwise
from lengthwise.data.folds import fold_of
from lengthwise.errors import UsageError
from lengthwise.tasks.baselines import baseline_of
from lengthwise.tasks.judged_by import class_weights_of, task_judged_by

RANDOM = np.random.default_rng(0)
SMALL = {"cell": "gru", "hidden_size": 8, "num_layers": 1, "batch_size": 64, "lr": 0.01, "quiet": True}


@pytest.fixture(scope="module")
def rare():
    """Sequences of which one in ten is of the rare class, hard to see."""
    random = np.random.default_rng(0)
    y = (random.random(2000) < 0.1).astype(int)
    X = random.normal(size=(2000, 6, 1)) + 0.7 * y[:, None, None]
    return lengthwise.load_data(X, y, name="rare")


def test_balanced_accuracy_is_a_mean_over_cases(rare):
    result = lengthwise.train(rare, seq_len=6, steps=150, class_weights="balanced", metric="balanced_accuracy", **SMALL)
    evaluation = result.evaluation
    assert evaluation.metric.name == "balanced_accuracy"
    assert 0.55 < evaluation.score < 0.95
    assert abs(evaluation.score - evaluation.metrics["balanced_accuracy"]) < 1e-12
    right = evaluation.per_sequence > 0
    predicted = np.where(right, rare.test.targets, 1 - rare.test.targets)
    assert abs(evaluation.score - balanced_accuracy_score(rare.test.targets, predicted)) < 1e-12
    assert np.isnan(evaluation.accuracy)


def test_log_loss_is_the_loss(rare):
    evaluation = lengthwise.train(rare, seq_len=6, steps=50, metric="log_loss", **SMALL).evaluation
    assert evaluation.score == evaluation.loss


def test_mae_is_in_the_datas_own_units():
    X = RANDOM.normal(size=(200, 5, 1))
    data = lengthwise.load_data(X, 100 + 20 * X[:, -1, 0])
    evaluation = lengthwise.train(data, seq_len=2, steps=50, metric="mae", **SMALL).evaluation
    assert evaluation.metric.name == "mae"
    assert abs(evaluation.score - evaluation.metrics["mae"]) < 1e-9


def numbers():
    """Sequences whose last value tells the number, with errors of very different sizes."""
    random = np.random.default_rng(1)
    X = random.normal(size=(200, 5, 1))
    return lengthwise.load_data(X, 100 + 20 * X[:, -1, 0] + random.standard_t(4, 200))


def waves():
    months = np.arange(120)
    return lengthwise.load_data(
        50 + np.sin(months * np.pi / 3) + RANDOM.normal(size=120), task="forecasting", horizon=2, season=6, lookback=6
    )


@pytest.mark.parametrize("data", [numbers, waves])
def test_rmse_is_the_root_in_the_datas_own_units_and_its_baseline_too(data):
    data = data()
    by = {
        name: lengthwise.train(data, seq_len=2, steps=50, metric=name, **SMALL).evaluation for name in ("mse", "rmse")
    }
    assert by["rmse"].score == pytest.approx(by["mse"].score ** 0.5) == pytest.approx(by["mse"].metrics["rmse"])
    baselines = {name: baseline_of(data, name).validation for name in by}
    assert baselines["rmse"] == pytest.approx(baselines["mse"] ** 0.5)


def test_the_cases_of_a_root_vary_as_it_would_if_more_of_them_were_drawn():
    random = np.random.default_rng(0)
    draws = random.exponential(size=(2000, 400))
    roots = np.sqrt(draws.mean(axis=1))
    cases = task_judged_by("regression", "rmse").metric.by_case(draws)
    np.testing.assert_allclose(cases.mean(axis=1), roots)
    estimated = cases.std(axis=1, ddof=1) / np.sqrt(400)
    assert estimated.mean() == pytest.approx(roots.std(), rel=0.05)


def test_a_study_by_rmse_has_the_margin_of_a_root():
    given = {"seq_lens": [1, 5], "seeds": 2, "budget": "steps=60", "recipe": "notebook", "folds": 3}
    small = {name: value for name, value in SMALL.items() if name != "quiet"}
    studies = {name: lengthwise.Study(numbers(), metric=name, **given, **small).run() for name in ("mse", "rmse")}
    by = {name: study.answers()[0] for name, study in studies.items()}
    for squared, root in zip(by["mse"].validation, by["rmse"].validation, strict=True):
        assert root.mean == pytest.approx(squared.mean**0.5, rel=0.02)
    assert by["rmse"].baseline.validation == pytest.approx(by["mse"].baseline.validation ** 0.5)
    assert by["rmse"].recommendation.margin == pytest.approx(0.02 * by["rmse"].baseline.validation)
    (wide,) = studies["rmse"].answers(margin=2.0)
    assert wide.recommendation.seq_len == by["mse"].recommendation.seq_len == 1


def test_baselines_follow_the_metric(rare):
    y = rare.test.targets
    assert baseline_of(rare, "balanced_accuracy").test == pytest.approx(0.5)
    found = baseline_of(rare, "log_loss")
    assert found.title == "each class as often as in the training split"
    counts = np.bincount(rare.train.targets) + 1
    assert found.test == pytest.approx(log_loss(y, np.tile(counts / counts.sum(), (len(y), 1))))
    X = RANDOM.normal(size=(100, 4, 1))
    numbers = lengthwise.load_data(X, np.exp(X[:, -1, 0]))
    median = np.median(numbers.train.numbers)
    expected = mean_absolute_error(numbers.test.numbers, np.full((len(numbers.test), 1), median))
    assert baseline_of(numbers, "mae").test == pytest.approx(expected)


def test_of_folds_the_classes_count_as_in_all_that_is_judged(rare):
    weights = [class_weights_of(fold_of(rare, 5, fold, seed=0).dataset.validation, 2) for fold in range(5)]
    for other in weights[1:]:
        np.testing.assert_array_equal(weights[0], other)
    labels = np.concatenate([rare.train.targets, rare.validation.targets])
    np.testing.assert_allclose(weights[0], len(labels) / (2 * np.bincount(labels)))


@pytest.mark.parametrize(
    ("task", "metric", "sentence"),
    [
        ("regression", "macro_f1", "metric is 'macro_f1', but regression is compared by mse, rmse, mae"),
        ("regression", "log_loss", "metric is 'log_loss', but regression is compared by mse, rmse, mae"),
        (
            "classification",
            "mae",
            "metric is 'mae', but classification is compared by accuracy",
        ),
        ("forecasting", "log_loss", "metric is 'log_loss', but forecasting is compared by mase, mae, mse, rmse"),
        ("classification", "auc", "metric is 'auc', but must be one of accuracy, balanced_accuracy"),
    ],
)
def test_a_metric_that_cannot_be_is_refused_in_a_sentence(task, metric, sentence):
    with pytest.raises(UsageError, match=sentence):
        task_judged_by(task, metric)


def test_a_study_compares_lengths_by_the_metric(rare, tmp_path):
    given = {"seq_lens": [2, 6], "seeds": 2, "budget": "steps=60", "recipe": "notebook", "folds": 0}
    small = {name: value for name, value in SMALL.items() if name != "quiet"}
    study = lengthwise.Study(rare, metric="balanced_accuracy", out=tmp_path / "s", **given, **small).run()
    (answer,) = study.answers()
    assert answer.metric.name == study.metric.name == "balanced_accuracy"
    assert answer.recommendation.metric == answer.metric
    assert answer.baseline.validation == pytest.approx(0.5)
    assert "val_balanced_accuracy" in answer.table().columns
    assert lengthwise.Study.load(tmp_path / "s", data=rare).pending() == []
    with pytest.raises(UsageError, match="lengths are compared by one: give one metric"):
        lengthwise.Study(rare, metric=["accuracy", "log_loss"], **given, **small)
