"""Scores of classes, against scikit-learn's and against sums by hand."""

import warnings

import numpy as np
import pytest

from lengthwise.data import Split
from lengthwise.tasks.classification import ClassScorer


def test_balanced_accuracy_and_macro_f1_are_scikit_learn_s():
    metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.default_rng(0)
    targets, predicted = random.integers(3, size=200), random.integers(4, size=200)  # one class is never there
    scorer = ClassScorer(Split(np.zeros((200, 1, 1), np.float32), targets), num_classes=5)
    scorer.add(np.arange(200), np.zeros(200, np.int64), predicted, np.zeros(200, np.float32))
    with warnings.catch_warnings(action="ignore"):
        expected = {
            "balanced_accuracy": metrics.balanced_accuracy_score(targets, predicted),
            "macro_f1": metrics.f1_score(targets, predicted, average="macro"),
        }
    assert scorer.metrics() == pytest.approx(expected)


def test_a_window_of_tags_scores_the_fraction_of_its_steps_that_is_right():
    targets = np.array([[0, 1, 1, 0], [1, 1, 0, 0]])
    scorer = ClassScorer(Split(np.zeros((2, 4, 1), np.float32), targets), 2)
    predicted = np.array([[1, 1, 1], [1, 0, -1]])  # of steps 1 to 3; the second sequence ends before step 3
    scores = scorer.add(np.arange(2), np.ones(2, np.int64), predicted, np.zeros(2, np.float32))
    np.testing.assert_allclose(scores, [2 / 3, 1])
    assert scorer.metrics()["balanced_accuracy"] == pytest.approx((1 / 2 + 3 / 3) / 2)
