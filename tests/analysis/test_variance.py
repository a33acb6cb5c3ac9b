import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lengthwise.analysis.variance import differences, moments_of_runs, moments_of_sequences
from tests.analysis import naive


@given(seed=st.integers(0, 2**32), num_seeds=st.integers(2, 6), num_lengths=st.integers(2, 4))
def test_without_sequences_it_is_welchs_test(seed, num_seeds, num_lengths):
    random = np.random.default_rng(seed)
    scores = random.normal(size=(num_lengths, num_seeds)) * random.uniform(0.1, 3, (num_lengths, 1))
    found = differences(moments_of_runs(scores))
    for s in range(num_lengths):
        for t in range(num_lengths):
            if s != t:
                reference = stats.ttest_ind(scores[s], scores[t], equal_var=False)
                statistic = found.difference[s, t] / found.standard_error[s, t]
                assert statistic == pytest.approx(reference.statistic)
                assert found.df[s, t] == pytest.approx(reference.df)


@given(seed=st.integers(0, 2**32), num_seeds=st.integers(2, 5), num_sequences=st.integers(2, 9))
def test_the_two_parts_equal_those_of_the_naive_formula(seed, num_seeds, num_sequences):
    values = np.random.default_rng(seed).normal(size=(3, num_seeds, num_sequences)) + 5
    found = differences(moments_of_sequences(values))
    for s, t in ((0, 1), (0, 2), (2, 1)):
        seeds, sequences = naive.variance_parts(values[s], values[t])
        assert found.seeds[s, t] == pytest.approx(seeds)
        assert found.sequences[s, t] == pytest.approx(sequences, abs=1e-12)
        assert found.difference[s, t] == pytest.approx(values[s].mean() - values[t].mean())


def test_many_studies_are_computed_as_each_alone():
    values = np.random.default_rng(0).normal(size=(2, 3, 4, 5, 6))
    together = differences(moments_of_sequences(values))
    for place in np.ndindex(2, 3):
        alone = differences(moments_of_sequences(values[place]))
        for all_of_them, one in zip(together, alone, strict=True):
            np.testing.assert_allclose(all_of_them[place], one, atol=1e-12)


def test_the_variance_is_that_of_repeated_studies():
    # Each study draws seeds and sequences anew: what it says on average is what the differences really vary by.
    random = np.random.default_rng(1)
    studies = [
        np.stack([naive.two_way_values(random, (4, 25), luck, 0.8, 0.5) for luck in (0.1, 0.3)]) for _ in range(4000)
    ]
    found = differences(moments_of_sequences(np.array(studies)))
    variance = (found.seeds + found.sequences)[:, 0, 1].mean()
    assert variance == pytest.approx(found.difference[:, 0, 1].var(), rel=0.1)
    expected = (0.1**2 + 0.3**2) / 4 + 2 * 0.8**2 / 25 + 2 * 0.5**2 / (4 * 25)
    assert variance == pytest.approx(expected, rel=0.05)


def test_sequences_that_are_hard_for_all_lengths_cancel():
    random = np.random.default_rng(2)
    hardness = 10 * random.normal(size=50)
    values = hardness + 0.01 * random.normal(size=(2, 3, 50))
    assert differences(moments_of_sequences(values)).standard_error[0, 1] < 0.02


def test_one_seed_has_no_variance_over_seeds():
    assert np.isnan(moments_of_runs(np.zeros((2, 1))).seed_variance).all()
    assert np.isnan(moments_of_sequences(np.zeros((2, 1, 4))).seed_variance).all()
