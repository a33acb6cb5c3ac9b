import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lengthwise.analysis import Looks
from lengthwise.analysis.looks import stages
from lengthwise.analysis.moderation import moderate
from lengthwise.analysis.procedure import bounds, compare, judge
from lengthwise.analysis.variance import differences, moments_of_runs
from tests.analysis import naive

MARGIN = 1.0


def compared(scores, margin=MARGIN, confidence=0.95):
    *_, num_lengths, num_seeds = scores.shape
    (stage,) = stages((num_seeds,) * num_lengths, confidence, None)
    return compare(moderate(differences(moments_of_runs(scores)), margin), margin, stage)


def judged(scores, margin=MARGIN, confidence=0.95):
    return judge(compared(scores, margin, confidence))


def bounds_of(scores, margin=MARGIN, confidence=0.95):
    comparisons = compared(scores, margin, confidence)
    return bounds(comparisons, judge(comparisons), margin)


@st.composite
def studies(draw):
    """(L, R) scores with differences of about the margin."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    num_lengths, num_seeds = draw(st.integers(2, 6)), draw(st.integers(2, 6))
    worth = random.choice([0, -0.3, -0.8, -1, -3, -8], size=num_lengths)
    return worth[:, None] + draw(st.sampled_from([0.05, 0.2, 0.6])) * random.normal(size=(num_lengths, num_seeds))


@given(scores=studies())
def test_the_verdicts_are_the_naive_ones(scores):
    found = judged(scores)
    enough, poor = naive.judged(scores, MARGIN)
    assert set(np.flatnonzero(found.enough).tolist()) == enough
    assert set(np.flatnonzero(found.poor).tolist()) == poor
    assert int(found.recommended) == min(enough, default=-1)


def test_many_studies_are_judged_as_each_alone():
    scores = np.random.default_rng(0).normal(size=(60, 5, 3)) * 0.4
    together = judged(scores)
    for place, study in enumerate(scores):
        for all_of_them, one in zip(together, judged(study), strict=True):
            np.testing.assert_array_equal(all_of_them[place], one)
    np.testing.assert_allclose(bounds_of(scores), [bounds_of(study) for study in scores])


def test_a_comparison_is_a_one_sided_paired_test_of_non_inferiority():
    scores = np.random.default_rng(0).normal(size=(2, 5))
    test = stats.ttest_rel(scores[0] + 0.7, scores[1], alternative="greater")
    assert compared(scores, 0.7).p_value[0, 1] == pytest.approx(test.pvalue)


def test_the_bounds_of_two_lengths_are_students():
    scores = np.array([[0.1, 0.4, 0.2, 0.5], [1.0, 1.2, 0.9, 1.4]])
    below = stats.ttest_rel(scores[1], scores[0]).confidence_interval(1 - 2 * 0.0475)
    assert bounds_of(scores, 0.5) == pytest.approx([below.high, 0.0])
    assert judged(scores, 0.5).recommended == 1


@given(scores=studies())
def test_a_length_is_enough_exactly_if_its_bound_does_not_exceed_the_margin(scores):
    found, bound = judged(scores), bounds_of(scores)
    left = ~found.poor
    np.testing.assert_array_equal(found.enough[left], (bound <= MARGIN)[left])
    assert not np.any(found.enough & found.poor)
    assert np.all(bound >= 0)


@given(scores=studies(), factor=st.floats(1.0, 4.0))
def test_a_wider_margin_never_takes_back_what_is_shown_of_the_same_lengths(scores, factor):
    narrow, wide = judged(scores, MARGIN), judged(scores, MARGIN * factor)
    if np.array_equal(narrow.poor, wide.poor) and np.ptp(scores.mean(axis=1)) < 2 * MARGIN:
        assert np.all(wide.enough >= narrow.enough)


@given(scores=studies())
def test_more_confidence_never_shows_more(scores):
    strict, lenient = judged(scores, confidence=0.99), judged(scores, confidence=0.9)
    if np.array_equal(strict.poor, lenient.poor):
        assert np.all(lenient.enough >= strict.enough)
        left = ~strict.enough
        assert np.all(bounds_of(scores, confidence=0.9)[left] <= bounds_of(scores, confidence=0.99)[left] + 1e-9)


@given(scores=studies(), data=st.data())
def test_the_order_of_lengths_and_of_seeds_does_not_matter(scores, data):
    lengths = data.draw(st.permutations(range(scores.shape[0])))
    seeds = data.draw(st.permutations(range(scores.shape[1])))
    plain, moved = judged(scores), judged(scores[lengths][:, seeds])
    np.testing.assert_array_equal(moved.enough, plain.enough[lengths])
    np.testing.assert_allclose(bounds_of(scores[lengths][:, seeds]), bounds_of(scores)[lengths], atol=1e-9)


def test_an_open_length_does_not_withhold_what_is_shown_of_others():
    noise = np.array([-1, 0, 1.0])
    scores = np.array([0.0 + 0.1 * noise, 0.05 - 0.1 * noise, 0.0 + 0.1 * noise[[1, 2, 0]], -0.9 + 0.1 * noise])
    found = judged(scores)
    assert not found.enough[3]
    assert not found.poor[3]
    assert found.recommended == 0


def test_the_allowed_error_is_shared_by_one_two_or_three_of_four_lengths():
    (stage,) = stages((3, 3, 3, 3), 0.95, None)
    assert stage.enough == pytest.approx((0.0475, 0.0475 / 2, 0.0475 / 3))
    assert stage.poor == pytest.approx(0.05 / 3)


def test_runs_without_any_noise_are_compared_by_their_difference():
    scores = np.array([[0.5, 0.5], [0.5, 0.5], [0.3, 0.3]])
    found = judged(scores, 0.1)
    assert found.enough.tolist() == [True, True, False]
    assert found.poor.tolist() == [False, False, True]
    assert bounds_of(scores, 0.1) == pytest.approx([0, 0, 0.2])


def test_stages_are_the_numbers_of_seeds_that_are_there():
    assert [stage.num_seeds for stage in stages((3, 1, 5, 3), 0.95, None)] == [1, 3, 5]
    assert [stage.num_seeds for stage in stages((3, 6), 0.95, Looks((3, 5, 9)))] == [3, 5]
    assert stages((3, 3), 0.95, None)[0].enough == pytest.approx((0.0475,))
    looks = Looks((3, 5, 9))
    first = stages((3, 9, 9), 0.95, looks)[0]
    assert first.enough == pytest.approx([looks.levels(0.0475 / sharing)[0] for sharing in (1, 2)])
    assert first.poor == pytest.approx(looks.levels(0.025)[0])
