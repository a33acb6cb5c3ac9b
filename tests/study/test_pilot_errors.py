"""Pilots are judged by the metric that lengths are compared by."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

import lengthwise
from lengthwise.study.pilot_errors import error_to_beat, error_without_network
from lengthwise.study.pilots import judge
from lengthwise.tasks.baselines import baseline_of
from lengthwise.training.loop import Training
from lengthwise.training.settings import Settings


def rare():
    random = np.random.default_rng(0)
    y = (random.random(600) < 0.1).astype(int)
    return lengthwise.load_data(random.normal(size=(600, 4, 1)) + 2 * y[:, None, None], y, name="rare")


def numbers():
    X = np.random.default_rng(0).normal(size=(200, 4, 1))
    return lengthwise.load_data(X, 100 + 20 * X[:, -1, 0], name="numbers")


def series():
    months = np.arange(120)
    values = 50 + 9 * np.sin(months * np.pi / 3) + np.random.default_rng(0).normal(size=120)
    return lengthwise.load_data(values, task="forecasting", horizon=2, season=6, lookback=6, name="series")


def trained(data, metric):
    settings = Settings(
        data=data.name, metric=metric, seq_len=4, steps=60, batch_size=16, cell="gru", hidden_size=8, num_layers=1,
        lr=0.02, placement="end", sampling="crops",
    )  # fmt: skip
    training = Training.begin(settings, data, phases=("train",))
    training.fit()
    return training


@pytest.mark.parametrize(("data", "metric"), [(numbers, "mae"), (series, "mae"), (series, "mse"), (rare, "log_loss")])
def test_an_error_is_that_of_the_evaluation(data, metric):
    training = trained(data(), metric)
    assert judge(training) == pytest.approx(training.evaluate("validation", training.progress.weights).score, rel=1e-5)


def test_a_root_is_judged_by_the_squares():
    training = trained(numbers(), "rmse")
    assert judge(training) == pytest.approx(
        training.evaluate("validation", training.progress.weights).score ** 2, rel=1e-5
    )


def test_of_balanced_accuracy_a_rare_class_counts_as_much_as_the_other():
    data = rare()
    assert error_without_network(data) < 0.3
    assert error_without_network(data, "balanced_accuracy") == pytest.approx(0.5, abs=0.02)
    found = judge(trained(data, "balanced_accuracy"))
    labels = data.validation.targets
    never = 1 - balanced_accuracy_score(labels, np.zeros_like(labels))
    assert 0 < found < never == 0.5
    assert judge(trained(data, None)) < found


@pytest.mark.parametrize("metric", ["mae", "mse"])
def test_what_is_to_beat_is_the_better_of_the_baselines(metric):
    data = series()
    naive = baseline_of(data, metric).validation
    assert error_to_beat(data, metric) == pytest.approx(min(naive, error_without_network(data, metric)))
    assert naive < error_without_network(data, metric)
