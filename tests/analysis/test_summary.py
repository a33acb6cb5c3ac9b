import math

import numpy as np
import pytest
from scipy import stats

from lengthwise.analysis import LengthScores, summarize
from lengthwise.errors import UsageError
from lengthwise.tasks.metrics import Metric
from tests.analysis import naive

ANY = Metric("score", higher_is_better=True)
"""A metric without limits."""


def values_of(num_seeds, num_sequences=40, seed=0):
    return naive.two_way_values(np.random.default_rng(seed), (num_seeds, num_sequences), 0.1, 0.5, 0.3)


def test_the_interval_over_seeds_is_students():
    runs = np.array([0.94, 0.95, 0.947, 0.951])
    summary = summarize(LengthScores([19] * 4, range(4), runs), 0.9)[0]
    expected = stats.ttest_1samp(runs, 0).confidence_interval(0.9)
    assert summary.over_seeds == pytest.approx((expected.low, expected.high))
    assert summary.seed_deviation == pytest.approx(runs.std(ddof=1))
    assert all(map(math.isnan, (*summary.over_sequences, *summary.over_both)))


def test_the_interval_over_sequences_is_that_of_the_networks_mean():
    values = values_of(3)
    summary = summarize(LengthScores([19] * 3, range(3), values.mean(1), values, metric=ANY))[0]
    expected = stats.ttest_1samp(values.mean(0), 0).confidence_interval(0.95)
    assert summary.over_sequences == pytest.approx((expected.low, expected.high))


def test_one_seed_says_that_its_chance_is_unknown():
    values = values_of(1)
    summary = summarize(LengthScores([19], [0], values.mean(1), values))[0]
    assert summary.num_seeds == 1
    assert all(map(math.isnan, (*summary.over_seeds, *summary.over_both, summary.seed_deviation)))
    assert summary.over_sequences.lower < summary.mean < summary.over_sequences.upper


def test_the_interval_over_both_covers_the_truth_as_often_as_it_says():
    random = np.random.default_rng(3)
    covered = []
    for _ in range(600):
        values = naive.two_way_values(random, (4, 30), 0.1, 0.5, 0.3)
        lower, upper = summarize(LengthScores([19] * 4, range(4), values.mean(1), values, metric=ANY))[0].over_both
        covered.append(lower < 0 < upper)
    assert 0.92 < np.mean(covered) < 0.98


def test_groups_weigh_as_much_as_they_have_sequences():
    values = values_of(3, 6)
    sizes = np.array([1, 2, 3, 4, 5, 9])
    share = sizes / sizes.sum()
    scores = values @ share
    summary = summarize(LengthScores([19] * 3, range(3), scores, values, sizes, metric=ANY))[0]
    assert summary.mean == pytest.approx(scores.mean())
    factor, df = naive.weighted(share)
    error = np.sqrt(factor * np.sum((share * (values.mean(0) - scores.mean())) ** 2))
    half = stats.t.ppf(0.975, df) * error
    assert summary.over_sequences == pytest.approx((summary.mean - half, summary.mean + half))


def test_the_interval_of_an_accuracy_stays_within_what_an_accuracy_can_be():
    scores, of_case = [0.97, 0.99], [[1, 1, 0.91], [1, 1, 0.97]]
    summary = summarize(LengthScores([19, 19], [0, 1], scores, of_case))[0]
    free = summarize(LengthScores([19, 19], [0, 1], scores, of_case, metric=ANY))[0]
    for source in ("over_seeds", "over_sequences"):
        clipped, whole = getattr(summary, source), getattr(free, source)
        assert whole.upper > 1
        assert clipped == (whole.lower, 1)


def test_runs_that_are_all_the_same_have_an_interval_of_no_width():
    summary = summarize(LengthScores([5, 5], [0, 1], [0.5, 0.5]))[0]
    assert summary.over_seeds == (0.5, 0.5)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_a_confidence_out_of_range_is_refused(confidence):
    with pytest.raises(UsageError, match="must lie between 0 and 1"):
        summarize(LengthScores([5], [0], [0.5]), confidence)


def test_the_interval_of_folds_is_wider_by_what_they_share():
    runs = np.array([0.94, 0.95, 0.947, 0.951, 0.938])
    summary = summarize(LengthScores([19] * 5, range(5), runs, metric=ANY, overlap=0.25))[0]
    half = stats.t.ppf(0.975, 4) * np.sqrt((1 / 5 + 0.25) * runs.var(ddof=1))
    assert summary.over_both == pytest.approx((runs.mean() - half, runs.mean() + half))
    assert all(map(math.isnan, (*summary.over_seeds, *summary.over_sequences)))
