import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lengthwise.analysis.moderation import judge_single_runs, moderate, prior_df
from lengthwise.analysis.variance import differences, moments_of_runs
from tests.analysis import naive


def moderated(scores, margin=0.5):
    return moderate(differences(moments_of_runs(scores)), margin)


@given(seed=st.integers(0, 2**32), num_lengths=st.integers(2, 5), num_seeds=st.integers(2, 6))
def test_the_variance_is_the_naive_one(seed, num_lengths, num_seeds):
    random = np.random.default_rng(seed)
    scores = random.normal(size=(num_lengths, num_seeds)) * random.uniform(0.1, 2, (num_lengths, 1))
    found = moderated(scores)
    for s in range(num_lengths):
        for t in range(num_lengths):
            if s != t:
                variance, df = naive.moderated(scores, s, t, 0.5)
                assert found.seeds[s, t] == pytest.approx(variance)
                assert found.seed_df[s, t] == pytest.approx(df)


def test_two_lengths_have_nothing_to_borrow_from():
    scores = np.random.default_rng(0).normal(size=(2, 4))
    found = moderated(scores)
    reference = stats.ttest_rel(*scores)
    assert found.difference[0, 1] / found.standard_error[0, 1] == pytest.approx(reference.statistic)
    assert found.df[0, 1] == 3


def test_less_is_borrowed_the_more_seeds_there_are():
    borrowed = prior_df(np.arange(2, 40), 28)
    assert np.all(np.diff(borrowed[1:]) < 0)
    assert borrowed[-1] < 0.05
    assert prior_df(3, 8) == 12


@given(seed=st.integers(0, 2**32), shift=st.floats(-3, 3), factor=st.sampled_from([0.01, 100.0]))
def test_what_a_seed_adds_everywhere_and_the_unit_do_not_matter(seed, shift, factor):
    random = np.random.default_rng(seed)
    scores = random.normal(size=(4, 3))
    moved = factor * (scores + shift * random.normal(size=3))
    plain, other = moderated(scores), moderated(moved, 0.5 * factor)
    np.testing.assert_allclose(other.seeds, factor**2 * plain.seeds, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(other.seed_df, plain.seed_df)


def test_noisier_lengths_keep_a_larger_variance():
    random = np.random.default_rng(1)
    noise = np.ones((8, 1))
    noise[2] = 10
    found = moderate(differences(moments_of_runs(noise * random.normal(size=(500, 8, 3)))), 0.5).seeds.mean(axis=0)
    quiet, noisy = found[4, 5], found[2, 5]
    assert noisy > 2 * quiet
    assert 0.75 * 101 / 3 < noisy < 101 / 3


def test_single_runs_are_judged_with_caution():
    once = differences(moments_of_runs(np.array([[0.1], [0.9]])))
    found = judge_single_runs(once, np.array([0.01, 0.03]), 6)
    assert found.seeds[0, 1] == pytest.approx(0.2)
    assert found.df[0, 1] == 4
    assert judge_single_runs(once, np.array([0.01]), 1).df[0, 1] == 1
