import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from lengthwise.analysis import Looks
from lengthwise.analysis.procedure import Stage, against_all, compare, stages, walk
from lengthwise.analysis.variance import differences, moments_of_runs
from tests.analysis import naive


@given(verdicts=arrays(np.int8, (4, 6), elements=st.integers(0, 2)))
def test_the_walk_is_the_naive_walk(verdicts):
    enough, poor = verdicts == 1, verdicts == 2
    end = walk(enough, poor)
    expected = [naive.walk(*study) for study in zip(enough, poor, strict=True)]
    assert list(zip(end.recommended.tolist(), end.stopped_at.tolist(), strict=True)) == expected


@given(verdicts=arrays(np.int8, 6, elements=st.integers(0, 2)))
def test_all_lengths_between_the_first_that_passes_and_the_recommended_one_pass(verdicts):
    enough, poor = verdicts == 1, verdicts == 2
    recommended = int(walk(enough, poor).recommended)
    if recommended >= 0:
        passed = enough[recommended:]
        first = np.flatnonzero(passed)[-1]
        assert passed[: first + 1].all()
        assert poor[recommended + first + 1 :].all()


def test_a_comparison_is_a_one_sided_test_of_non_inferiority():
    random = np.random.default_rng(0)
    scores, margin, level = random.normal(size=(2, 5)), 0.7, 0.04
    found = compare(differences(moments_of_runs(scores)), margin, Stage(5, level, level), 1)
    test = stats.ttest_ind(scores[0] + margin, scores[1], equal_var=False, alternative="greater")
    assert found.p_value[0, 1] == pytest.approx(test.pvalue)
    bounds = stats.ttest_ind(scores[0], scores[1], equal_var=False).confidence_interval(1 - 2 * level)
    assert (found.lower[0, 1], found.upper[0, 1]) == pytest.approx((bounds.low, bounds.high))


@given(seed=st.integers(0, 2**32))
def test_a_length_passes_exactly_if_its_bound_clears_the_margin(seed):
    scores = np.random.default_rng(seed).normal(size=(4, 3))
    found = compare(differences(moments_of_runs(scores)), 1.0, Stage(3, 0.05, 0.05), 3)
    apart = ~np.eye(4, dtype=bool)
    np.testing.assert_array_equal(found.enough[apart], (found.lower > -1.0)[apart])
    np.testing.assert_array_equal(found.poor[apart], (found.upper < -1.0)[apart])
    enough, poor = against_all(found)
    assert not np.any(enough & poor)


def test_runs_without_any_chance_are_compared_by_their_difference():
    scores = np.array([[0.5, 0.5], [0.5, 0.5], [0.3, 0.3]])
    enough, poor = against_all(compare(differences(moments_of_runs(scores)), 0.1, Stage(2, 0.05, 0.05), 2))
    assert enough.tolist() == [True, True, False]
    assert poor.tolist() == [False, False, True]


def test_stages_are_the_numbers_of_seeds_that_are_there():
    assert [stage.num_seeds for stage in stages((3, 1, 5, 3), 0.95, None)] == [3, 5]
    assert [stage.num_seeds for stage in stages((3, 6), 0.95, Looks((3, 5, 9)))] == [3, 5]
    assert stages((3,), 0.95, None)[0].enough == pytest.approx(0.0475)
