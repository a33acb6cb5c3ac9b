import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lengthwise.analysis import LengthScores, Looks, lengths_to_extend, recommend
from lengthwise.analysis.ceiling import Losses, below_perfect
from lengthwise.tasks.metrics import STEP_ACCURACY

LOOKS = Looks((1, 2, 3, 5, 8, 12))


def scores_of(answers, **options):
    """Return scores from answers of shape (cases,) or (seeds, cases) by length."""
    runs = [(length, seed, row) for length, rows in answers.items() for seed, row in enumerate(np.atleast_2d(rows))]
    values = np.array([row for *_, row in runs], float)
    means = np.average(values, axis=1, weights=options.get("case_weights"))
    return LengthScores([length for length, *_ in runs], [seed for _, seed, _ in runs], means, values, **options)


def losses(wrong, answers, num_seeds=3):
    """Return losses with no variance: so many wrong answers of so many, in all."""
    return Losses(*np.array([[wrong / answers], [0.0], [0.0], [1.0], [float(num_seeds)], [answers / num_seeds]]))


def test_right_answers_alone_have_the_chance_that_all_of_them_are_right():
    chance = 0.995**600
    (p_value,) = losses(0, 600).p_values(0.005)
    likelier = 1 / chance, ((1 - 0.0005) / 0.995) ** 600
    assert p_value == pytest.approx(2 / sum(likelier))
    assert chance < p_value < 1.3 * chance


@given(wrong=st.integers(0, 4), answers=st.integers(300, 3000))
def test_the_evidence_is_the_mean_of_two_likelihood_ratios(wrong, answers):
    (p_value,) = losses(wrong, answers).p_values(0.005)
    of_rate = [stats.binom.pmf(wrong, answers, rate) / stats.binom.pmf(wrong, answers, 0.005) for rate in (0.0, 0.0005)]
    expected = min(1, 2 / sum(of_rate)) if wrong / answers < 0.005 else 1
    assert p_value == pytest.approx(expected)


@given(rate=st.floats(0.005, 0.05), seed=st.integers(0, 1000))
def test_looking_at_every_number_of_seeds_is_wrong_no_more_often(rate, seed):
    random = np.random.default_rng(seed)
    right = random.random((200, 12, 100)) >= rate
    passed = np.zeros(200, bool)
    for number in range(1, 13):
        wrong = (~right[:, :number]).sum(axis=(1, 2)).astype(float)
        size = np.full(200, 100.0)
        found = Losses(wrong / (100 * number), *np.zeros((2, 200)), np.ones(200), size * 0 + number, size)
        passed |= found.p_values(0.005) <= 0.05
    assert stats.binomtest(int(passed.sum()), 200, 0.05, "greater").pvalue > 1e-4


def test_a_length_whose_runs_fail_together_needs_a_variance_that_allows_it():
    answers = np.ones((3, 1000))
    answers[0, :6] = 0
    ceiling = below_perfect(scores_of({5: answers, 9: np.ones((3, 1000))}), 0.005, 0.95)
    by_run = np.array([0.006, 0, 0])
    expected = stats.t.cdf((0.002 - 0.005) / math.sqrt(ceiling.losses.seeds[0] + ceiling.losses.cases[0]), 3)
    assert ceiling.losses.loss == pytest.approx([0.002, 0])
    assert ceiling.losses.seeds[0] == pytest.approx(by_run.var(ddof=1) / 3)
    assert ceiling.p_value[0] >= 0.1 > expected * 0
    assert ceiling.p_value[1] < 1e-5


@pytest.mark.parametrize("level", [0.05, 0.007])
def test_a_bound_is_the_least_margin_that_is_shown(level):
    found = losses(2, 1800)
    (bound,) = found.bounds(level)
    assert found.p_values(bound + 1e-9) <= level < found.p_values(bound - 1e-9)


def test_nothing_is_known_of_single_runs_and_of_other_scores():
    once = below_perfect(scores_of({5: np.ones((1, 900)), 9: np.ones((2, 900))}), 0.005, 0.95)
    assert once.p_value[0] == 1
    assert once.bounds(1)[0] == pytest.approx(1)
    assert once.p_value[1] < 0.001
    assert below_perfect(LengthScores([5, 9], [0, 0], [1.0, 1.0]), 0.005, 0.95) is None
    assert below_perfect(scores_of({5: np.ones(9), 9: np.ones(9)}, metric=STEP_ACCURACY), 0.005, 0.95) is None
    assert below_perfect(scores_of({5: np.full(9, 1.2), 9: np.ones(9)}), 0.005, 0.95) is None


def test_groups_count_as_many_answers_as_they_have_sequences():
    weights = np.array([20.0, 30.0, 50.0])
    assert scores_of({5: np.ones(3), 9: np.ones(3)}, case_weights=weights).num_answers == 100
    assert scores_of({5: np.ones(3), 9: np.ones(3)}, case_weights=weights / 100).num_answers == 3


def test_a_noisy_length_stands_in_nobodys_way_where_all_is_right():
    random = np.random.default_rng(0)
    noisy = np.ones((8, 200))
    noisy[:2] = random.random((2, 200)) > 0.05
    study = {5: random.random((8, 200)) > 0.3, 10: np.ones((8, 200)), 20: noisy}
    found = recommend(scores_of(study))
    assert (found.seq_len, found.decided) == (10, True)
    assert found.test(10).p_value < found.test(10).level
    assert found.bounds[10] == found.margin
    few = {length: answers[:, :20] for length, answers in study.items()}
    assert recommend(scores_of(few)).seq_len is None


def test_few_right_answers_are_no_evidence_of_half_a_point():
    found = recommend(scores_of({5: np.zeros((2, 85)), 10: np.ones((2, 85)), 20: np.ones((2, 85))}))
    assert (found.seq_len, found.chance) == (None, "shown")
    assert found.bounds[10] > 0.01
    many = recommend(scores_of({5: np.zeros((12, 85)), 10: np.ones((12, 85)), 20: np.ones((12, 85))}))
    assert many.seq_len == 10


def test_the_length_alone_gets_the_seeds_that_it_needs():
    random = np.random.default_rng(0)
    study = scores_of({5: np.zeros((2, 150)), 10: np.ones((2, 150)), 20: random.random((2, 150)) > [[0.0], [0.3]]})
    found = recommend(study, looks=LOOKS)
    assert (found.seq_len, found.open_seq_len, found.unresolved) == (None, 10, ())
    assert found.is_against_perfect
    assert lengths_to_extend(study, found, LOOKS) == {10: 2 + found.seeds_needed}
    after = scores_of({5: np.zeros((2, 150)), 10: np.ones((2 + found.seeds_needed, 150)), 20: study.per_case[-2:]})
    assert recommend(after, looks=LOOKS).seq_len == 10
    before = scores_of({5: np.zeros((2, 150)), 10: np.ones((1 + found.seeds_needed, 150)), 20: study.per_case[-2:]})
    assert recommend(before, looks=LOOKS).seq_len is None


def test_it_gets_no_more_than_three_times_what_the_last_look_has():
    looks = Looks((1, 2, 3))
    study = scores_of({5: np.zeros((2, 85)), 10: np.ones((2, 85)), 20: np.ones((2, 85)) * [[1], [0.7]]})
    assert lengths_to_extend(study, recommend(study, looks=looks), looks) == {10: 3}
    looks = Looks((1, 2, 3, 4))
    assert lengths_to_extend(study, recommend(study, looks=looks), looks) == {10: 10}
