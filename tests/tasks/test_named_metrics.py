"""What a metric's name says."""

import pytest

from lengthwise.errors import UsageError
from lengthwise.tasks.metrics import ACCURACY, MAE
from lengthwise.tasks.named_metrics import as_seen, named_metric


@pytest.mark.parametrize("name", ["accuracy", "val_acc", "valAcc", "f1", "test/auroc", "Precision", "R2", "reward"])
def test_more_of_it_is_better(name):
    assert named_metric(name).higher_is_better


@pytest.mark.parametrize("name", ["mae", "val_loss", "valLoss", "RMSE", "test/crps", "word error", "perplexity"])
def test_less_of_it_is_better(name):
    assert not named_metric(name).higher_is_better


def test_metrics_of_ours_are_known_by_their_names():
    assert named_metric("accuracy") == ACCURACY
    assert named_metric("mae", "minimize") == MAE


def test_shares_are_written_in_percent_and_other_gains_are_not():
    assert named_metric("val_acc").percent
    assert not named_metric("r2").percent
    assert named_metric("r2").usual_margin(0.5) == 0.01


@pytest.mark.parametrize("name", [None, "score", "m", "accuracy_loss"])
def test_what_a_name_does_not_say_must_be_given(name):
    with pytest.raises(UsageError, match=r"give direction, maximize or minimize"):
        named_metric(name)
    assert named_metric(name, "minimize").name == (name or "score")


def test_a_direction_that_is_not_the_names_is_refused():
    with pytest.raises(UsageError, match="direction is maximize, but the metric is mae, of which less is better"):
        named_metric("mae", "maximize")
    with pytest.raises(UsageError, match="direction is 'up', but must be maximize or minimize"):
        named_metric("mae", "up")


def test_a_share_is_what_its_scores_show_it_to_be():
    share = named_metric("val_acc")
    assert as_seen(share, 0.2, 1.0) == share
    hundred = as_seen(share, 20.0, 97.5)
    assert (hundred.percent, hundred.usual_margin(97.5), hundred.higher_is_better) == (False, 0.5, True)
    neither = as_seen(share, -3.0, 400.0)
    assert (neither.percent, neither.usual_margin(400.0)) == (False, 8.0)
    assert as_seen(MAE, 20.0, 97.5) == MAE


def test_a_root_that_is_told_by_case_is_the_mean_of_its_cases():
    assert not named_metric("rmse").root
    assert named_metric("rmse").title == "root mean squared error"
