"""Baselines of each task, against sums by hand."""

import numpy as np
import pytest

import lengthwise
from lengthwise.tasks.baselines import Baseline, baseline_of


def numbers():
    random = np.random.default_rng(0)
    return lengthwise.load_data(random.normal(size=(40, 5, 1)), random.normal(7, 3, size=40), standardize="none")


def test_the_baseline_of_numbers_is_the_training_mean():
    dataset = numbers()
    mean = dataset.train.numbers.mean()
    expected = [float(((part.numbers - mean) ** 2).mean()) for part in (dataset.validation, dataset.test)]
    assert baseline_of(dataset) == Baseline("always the mean of the training split", *map(pytest.approx, expected))


def test_the_baseline_of_classes_is_the_commonest_of_the_training_split(small):
    commonest = np.bincount(small.train.targets).argmax()
    assert baseline_of(small).test == (small.test.targets == commonest).mean()


@pytest.mark.parametrize("seasonal", [0, 9])
def test_the_baseline_of_forecasts_is_the_better_of_the_last_value_and_the_season_before(seasonal):
    series = np.random.default_rng(0).normal(size=80).cumsum() + seasonal * np.tile([0, 1, 2, 3], 20)
    dataset = lengthwise.load_data(series, task="forecasting", horizon=2, lookback=5, season=4, test=0.25)
    scale = np.abs(series[4:48] - series[:44]).mean()  # 48 = 80 - 12 - 20
    errors = [abs(series[o + k] - series[o + k - 4 if seasonal else o]) for o in range(59, 78) for k in (1, 2)]
    baseline = baseline_of(dataset)
    assert baseline.test == pytest.approx(np.mean(errors) / scale, rel=1e-5)
    assert baseline.title.startswith("the seasonal naive forecast" if seasonal else "the naive forecast")


def test_the_baseline_of_tagging_counts_every_sequence_alike_and_no_padding():
    lengths = np.tile([1, 8], 50)
    targets = (np.arange(8) >= 6).astype(int) * np.ones((100, 1), int)
    dataset = lengthwise.load_data(np.ones((100, 8, 1)), targets, lengths=lengths, task="tagging", standardize="none")
    shares = np.where(dataset.test.lengths == 1, 1, 6 / 8)
    assert baseline_of(dataset).test == pytest.approx(shares.mean())
