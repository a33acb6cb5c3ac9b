"""Metrics: which score is better, and how scores are written."""

import math

import pytest

from lengthwise.tasks.metrics import ACCURACY, METRICS, MSE, Metric


def test_a_metric_needs_a_name_and_a_direction_only():
    loss = Metric("loss", higher_is_better=False)
    assert (loss.title, loss.label, loss.text(0.123456), loss.usual_margin(0.5)) == ("loss", "loss", "0.1235", 0.01)
    with pytest.raises(TypeError, match="higher_is_better"):
        Metric("loss")


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_better_is_higher_or_lower_and_never_equal_or_unknown(metric):
    better, worse = (0.9, 0.1) if metric.higher_is_better else (0.1, 0.9)
    assert metric.is_better(better, than=worse)
    assert metric.sign * better > metric.sign * worse
    assert not metric.is_better(worse, than=better)
    assert not metric.is_better(better, than=better)
    assert not metric.is_better(math.nan, than=worse)


def test_differences_of_accuracies_are_percentage_points():
    written = [ACCURACY.difference_text(difference) for difference in (0.005, 0.01, 0.1, 0.01234)]
    assert written == ["0.5 percentage points", "1 percentage point", "10 percentage points", "1.23 percentage points"]
    assert MSE.difference_text(0.01234) == "0.0123"
