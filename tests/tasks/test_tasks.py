"""Tasks and their metrics."""

import numpy as np
import pytest

import lengthwise
from lengthwise.data import SUPPORTED_TASKS
from lengthwise.engine.simd.losses import LOSSES
from lengthwise.errors import UsageError
from lengthwise.networks.network import Network
from lengthwise.tasks.baselines import Baseline, baseline_of
from lengthwise.tasks.metrics import METRICS
from lengthwise.tasks.tasks import TASKS
from lengthwise.training.loop import network_for, weights_for
from lengthwise.training.settings import Settings


def test_every_task_that_data_may_have_can_be_trained():
    assert set(SUPPORTED_TASKS) == set(TASKS)
    assert {kind.loss for kind in TASKS.values()} == set(LOSSES)
    assert {kind.metric.name for kind in TASKS.values()} <= set(METRICS)


def test_one_number_is_enough_to_say_but_one_class_is_not():
    assert Network(input_size=1, num_outputs=1, task="regression").num_parameters > 0
    with pytest.raises(UsageError, match="num_outputs is 1, but must be 2 or more"):
        Network(input_size=1, num_outputs=1)


def test_a_head_that_pools_says_nothing_of_steps():
    with pytest.raises(UsageError, match="pooling is 'mean', but tagging says something at every step"):
        Network(input_size=1, num_outputs=2, task="tagging", pooling="mean")


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


def test_the_baseline_of_forecasts_is_the_seasonal_naive_one():
    series = np.random.default_rng(0).normal(size=80).cumsum()
    dataset = lengthwise.load_data(series, task="forecasting", horizon=2, lookback=5, season=3, test=0.25)
    scale = np.abs(series[3:48] - series[:45]).mean()  # 48 = 80 - 12 - 20
    errors = [abs(series[o + k] - series[o + k - 3]) for o in range(59, 78) for k in (1, 2)]
    assert baseline_of(dataset).test == pytest.approx(np.mean(errors) / scale, rel=1e-5)


def test_balanced_weights_give_every_class_the_same_part():
    y = np.repeat([0, 1, 2], [60, 30, 10])
    dataset = lengthwise.load_data(np.random.default_rng(0).normal(size=(100, 4, 1)), y)
    weights = weights_for(Settings(class_weights="balanced"), dataset)
    parts = [weights[dataset.train.targets == label].sum() for label in range(3)]
    np.testing.assert_allclose(parts, len(dataset.train) / 3, rtol=1e-5)
    assert weights_for(Settings(), dataset) is None


def test_weights_of_classes_go_with_classification_only():
    with pytest.raises(UsageError, match=r"class_weights is 'balanced', but .* is a task of regression"):
        network_for(Settings(class_weights="balanced"), numbers())


def test_the_baseline_of_tagging_counts_every_sequence_alike_and_no_padding():
    lengths = np.tile([1, 8], 50)
    targets = (np.arange(8) >= 6).astype(int) * np.ones((100, 1), int)
    dataset = lengthwise.load_data(np.ones((100, 8, 1)), targets, lengths=lengths, task="tagging", standardize="none")
    shares = np.where(dataset.test.lengths == 1, 1, 6 / 8)
    assert baseline_of(dataset).test == pytest.approx(shares.mean())
