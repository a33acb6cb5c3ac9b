import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lengthwise.analysis.variance import differences, moments_of_cases, moments_of_runs
from tests.analysis import naive


@given(seed=st.integers(0, 2**32), num_seeds=st.integers(2, 6), num_lengths=st.integers(2, 4))
def test_without_cases_it_is_the_paired_test_over_seeds(seed, num_seeds, num_lengths):
    random = np.random.default_rng(seed)
    scores = random.normal(size=(num_lengths, num_seeds)) * random.uniform(0.1, 3, (num_lengths, 1))
    found = differences(moments_of_runs(scores))
    for s in range(num_lengths):
        for t in range(num_lengths):
            if s != t:
                reference = stats.ttest_rel(scores[s], scores[t])
                statistic = found.difference[s, t] / found.standard_error[s, t]
                assert statistic == pytest.approx(reference.statistic)
                assert found.df[s, t] == pytest.approx(reference.df)


@given(seed=st.integers(0, 2**32), num_seeds=st.integers(2, 5), num_cases=st.integers(2, 9), weighted=st.booleans())
def test_the_two_parts_equal_those_of_the_naive_formula(seed, num_seeds, num_cases, weighted):
    random = np.random.default_rng(seed)
    values = random.normal(size=(3, num_seeds, num_cases)) + 5
    weights = random.uniform(1, 9, num_cases) if weighted else None
    found = differences(moments_of_cases(values, weights))
    share = np.ones(num_cases) if weights is None else weights
    share = share / share.sum()
    for s, t in ((0, 1), (0, 2), (2, 1)):
        seeds, cases = naive.variance_parts(values[s], values[t], weights)
        assert found.seeds[s, t] == pytest.approx(seeds)
        assert found.cases[s, t] == pytest.approx(cases, abs=1e-12)
        assert found.case_df[s, t] == pytest.approx(naive.weighted(share)[1])
        assert found.difference[s, t] == pytest.approx(((values[s] - values[t]) @ share).mean())


def test_equal_weights_are_no_weights():
    values = np.random.default_rng(0).normal(size=(3, 4, 6))
    for weighed, plain in zip(moments_of_cases(values, np.full(6, 7.0)), moments_of_cases(values), strict=True):
        np.testing.assert_allclose(weighed, plain, atol=1e-14)
    assert moments_of_cases(values).case_df == pytest.approx(5)


def test_many_studies_are_computed_as_each_alone():
    values = np.random.default_rng(0).normal(size=(2, 3, 4, 5, 6))
    together = differences(moments_of_cases(values))
    for place in np.ndindex(2, 3):
        alone = differences(moments_of_cases(values[place]))
        for all_of_them, one in zip(together, alone, strict=True):
            np.testing.assert_allclose(all_of_them[place], one, atol=1e-12)


@pytest.mark.parametrize("sizes", [None, np.array([2, 4, 6, 8, 10, 12, 14, 16, 18, 20.0])])
def test_the_variance_is_that_of_repeated_studies(sizes):
    # Each study draws seeds and cases anew: what it estimates on average is what the differences really vary by.
    random = np.random.default_rng(1)
    number = 25 if sizes is None else len(sizes)
    share = np.full(number, 1 / number) if sizes is None else sizes / sizes.sum()
    studies = [
        np.stack([naive.two_way_values(random, (4, number), luck, 0.8, 0.5) for luck in (0.1, 0.3)])
        for _ in range(4000)
    ]
    found = differences(moments_of_cases(np.array(studies), sizes))
    variance = (found.seeds + found.cases)[:, 0, 1].mean()
    assert variance == pytest.approx(found.difference[:, 0, 1].var(), rel=0.1)
    per_case = np.sum(share**2)
    expected = (0.1**2 + 0.3**2) / 4 + 2 * 0.8**2 * per_case + 2 * 0.5**2 * per_case / 4
    assert variance == pytest.approx(expected, rel=0.05)


def test_what_a_seed_does_at_every_length_cancels():
    random = np.random.default_rng(2)
    of_seed = random.normal(size=5)
    scores = of_seed + 0.01 * random.normal(size=(3, 5))
    assert differences(moments_of_runs(scores)).standard_error[0, 1] < 0.02


def test_cases_that_are_hard_for_all_lengths_cancel():
    random = np.random.default_rng(2)
    hardness = 10 * random.normal(size=50)
    values = hardness + 0.01 * random.normal(size=(2, 3, 50))
    assert differences(moments_of_cases(values)).standard_error[0, 1] < 0.02


def test_one_seed_has_no_variance_over_seeds():
    assert np.isnan(moments_of_runs(np.zeros((2, 1))).seeds).all()
    assert np.isnan(moments_of_cases(np.zeros((2, 1, 4))).seeds).all()
    assert np.isfinite(differences(moments_of_cases(np.ones((2, 1, 4)))).cases).all()
