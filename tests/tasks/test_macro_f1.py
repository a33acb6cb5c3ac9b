"""Macro F1 as a mean over cases, held against scikit-learn's, and its variance against resampling."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

import lengthwise
from lengthwise.tasks.baselines import baseline_of
from lengthwise.tasks.macro_f1 import by_influence

SMALL = {"cell": "gru", "hidden_size": 8, "num_layers": 1, "batch_size": 64, "lr": 0.01, "quiet": True}


def drawn(random, count, classes=3):
    targets = random.choice(classes, size=count, p=[0.7, 0.2, 0.1])
    predicted = np.where(random.random(count) < 0.7, targets, random.integers(0, classes, count))
    return targets, predicted


def f1(targets, predicted):
    count = len(targets)
    return by_influence(np.arange(count), targets, predicted, np.ones(count), count)


def test_the_mean_over_the_cases_is_scikit_learn_s():
    for seed in range(20):
        targets, predicted = drawn(np.random.default_rng(seed), 50)
        assert f1(targets, predicted).mean() == pytest.approx(f1_score(targets, predicted, average="macro"))


def test_the_cases_vary_as_it_would_if_more_of_them_were_drawn():
    random = np.random.default_rng(0)
    draws = [drawn(random, 400) for _ in range(2000)]
    found = np.array([f1(*draw).mean() for draw in draws])
    estimated = np.array([f1(*draw).std(ddof=1) / np.sqrt(400) for draw in draws])
    assert estimated.mean() == pytest.approx(found.std(), rel=0.05)


@pytest.fixture(scope="module")
def rare():
    random = np.random.default_rng(0)
    y = (random.random(1000) < 0.15).astype(int)
    X = random.normal(size=(1000, 6, 1)) + 0.9 * y[:, None, None]
    return lengthwise.load_data(X, y, name="rare")


def test_a_network_is_evaluated_by_it(rare):
    given = {"class_weights": "balanced", "metric": "macro_f1", **SMALL}
    evaluation = lengthwise.train(rare, seq_len=6, steps=100, **given).evaluation
    assert (evaluation.metric.name, evaluation.score_by_start) == ("macro_f1", ())
    assert evaluation.score == pytest.approx(evaluation.metrics["macro_f1"])
    assert 0.55 < evaluation.score < 0.95
    assert evaluation.per_sequence.mean() == pytest.approx(evaluation.score)


def test_every_sequence_counts_alike_however_many_windows_it_has(rare):
    result = lengthwise.train(rare, seq_len=3, steps=50, placement="any", metric="macro_f1", **SMALL)
    assert result.evaluation.num_windows == 4 * len(rare.test)
    assert result.evaluation.score == pytest.approx(result.evaluation.metrics["macro_f1"])


def test_labels_of_steps_are_judged_by_it_too():
    random = np.random.default_rng(1)
    X = random.normal(size=(60, 12, 1))
    y = (X[..., 0] > 0.8).astype(int)
    data = lengthwise.load_data(X, y, name="steps")
    evaluation = lengthwise.train(data, seq_len=4, steps=60, metric="macro_f1", **SMALL).evaluation
    assert evaluation.score == pytest.approx(evaluation.metrics["macro_f1"], abs=0.02)
    assert 0 < baseline_of(data, "macro_f1").test < 0.5


def test_the_baseline_is_that_of_the_commonest_class(rare):
    expected = f1_score(rare.test.targets, np.zeros(len(rare.test.targets), int), average="macro")
    assert baseline_of(rare, "macro_f1").test == pytest.approx(expected)


def test_a_study_is_answered_by_it(rare):
    small = {name: value for name, value in SMALL.items() if name != "quiet"}
    study = lengthwise.Study(
        rare, metric="macro_f1", seq_lens=[1, 6], seeds=3, budget="steps=100", recipe="notebook", folds=3,
        class_weights="balanced", **small,
    ).run()  # fmt: skip
    (answer,) = study.answers()
    assert (answer.metric.title, answer.recommendation.margin) == ("macro F1", 0.005)
    short, long = answer.validation
    assert short.mean < long.mean < 1
    assert answer.recommendation.seq_len == 6
