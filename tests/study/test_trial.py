"""What code of the user's returns, and what is read in it."""

import numpy as np
import pandas as pd
import pytest

from lengthwise.errors import UsageError
from lengthwise.study.trial import Scores, Trial, TrialOutcome
from lengthwise.tasks.metrics import MAE


@pytest.mark.parametrize("returned", [0.5, np.float32(0.5), np.array(0.5), {"score": 0.5}])
def test_a_number_is_a_score_without_cases(returned):
    found = Scores.read(returned)
    assert found.score == 0.5
    assert found.cases.size == 0


@pytest.mark.parametrize(
    "returned", [[1, 0, 1, 1], (True, False, True, True), np.array([1.0, 0, 1, 1]), pd.Series([1, 0, 1, 1])]
)
def test_a_column_has_a_score_for_each_case(returned):
    found = Scores.read(returned)
    assert found.score == 0.75
    assert found.cases.tolist() == [1, 0, 1, 1]
    assert Scores.read({"cases": returned}).score == 0.75


def test_a_column_of_one_has_one_case():
    assert Scores.read([0.5]).cases.tolist() == [0.5]


def test_a_tensor_is_read_with_its_gradient():
    torch = pytest.importorskip("torch")
    assert Scores.read(torch.tensor([1.0, 0.0], requires_grad=True)).cases.tolist() == [1, 0]


def test_a_mapping_has_its_seconds_and_anything_more():
    found = Scores.read({"score": 2, "seconds": 3, "epochs": np.int64(7), "curve": np.arange(2), "model": Trial})
    assert (found.score, found.seconds) == (2, 3)
    assert found.more == {"epochs": 7, "curve": [0, 1], "model": str(Trial)}


@pytest.mark.parametrize(
    ("returned", "sentence"),
    [
        (None, "what was returned is None, but must be a score"),
        ("0.5", "what was returned is '0.5', but must be a score"),
        ([[1, 2]], r"an array of shape \(1, 2\), but must be a score, or an array of one dimension"),
        ([], "what was returned is \\[\\], but must be"),
        (float("nan"), "what was returned is nan, but must be a finite number"),
        ([0.0, np.inf], "what was returned of case 1 is inf, but must be a finite number"),
        ({"val_loss": 1, "epoch": 2}, "neither score nor cases, but val_loss, epoch"),
        ({"score": 0.5, "cases": [1, 1]}, "score is 0.5, but the mean of cases is 1"),
        ({"score": 0.5, "seconds": -1}, "seconds is -1, but must not be negative"),
        ({}, "neither score nor cases, but nothing"),
    ],
)
def test_anything_else_is_refused_with_what_would_be_right(returned, sentence):
    with pytest.raises(UsageError, match=sentence):
        Scores.read(returned)


def test_an_outcome_has_the_time_that_was_told_else_that_of_everything():
    told = TrialOutcome(Trial(3, 0), MAE, scores=Scores(0.5, seconds=2.0), wall_seconds=3.0)
    assert (told.seconds, told.metrics()) == (2.0, {"mae": 0.5, "seconds": 2.0})
    assert TrialOutcome(Trial(3, 0), MAE, scores=Scores(0.5), wall_seconds=3.0).seconds == 3.0


def test_numbers_that_were_told_beside_the_score_are_metrics_of_the_run():
    outcome = TrialOutcome(Trial(3, 0), MAE, scores=Scores(0.5, more={"epochs": 7, "name": "x", "early": True}))
    assert outcome.metrics() == {"epochs": 7.0, "mae": 0.5, "seconds": 0.0}


def test_a_mapping_may_have_the_score_under_the_metric_s_name():
    assert Scores.read({"mae": 0.5, "epochs": 3}, "mae").more == {"epochs": 3}
    assert Scores.read({"mae": 0.5}, "mae").score == 0.5
    assert Scores.read({"mae": [0.25, 0.75]}, "mae").cases.tolist() == [0.25, 0.75]
    assert Scores.read({"mae": 0.5, "score": 1}, "mae").score == 1
    with pytest.raises(UsageError, match="neither score nor cases nor mae, but mse: name one of them so"):
        Scores.read({"mse": 0.5}, "mae")


def test_a_score_and_a_loss_are_not_taken_for_two_cases():
    with pytest.raises(
        UsageError, match=r"is \(0.9, 0.3\), but which of it is the score is not known: return one number"
    ):
        Scores.read((0.9, 0.3))
