"""Scouting: which lengths are tried, from coarse to fine."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.analysis import LengthScores, Looks, recommend
from lengthwise.study.scouting import (
    COARSE,
    finer_lengths,
    first_lengths,
    in_question,
    is_out_of_reach,
    next_seeds,
)
from lengthwise.tasks.metrics import Metric

MARGIN = 0.005
CANDIDATES = st.lists(st.integers(1, 500), min_size=2, max_size=40, unique=True).map(sorted)


def scores_of(curve, lengths):
    lengths = sorted(lengths)
    return LengthScores(lengths, [0] * len(lengths), [curve(length) for length in lengths])


def scouted(curve, candidates):
    """All lengths that are tried, one seed each, of a curve without noise."""
    tried = set(first_lengths(candidates))
    while finer := finer_lengths(candidates, scores_of(curve, tried), MARGIN):
        assert not tried & set(finer)
        tried |= set(finer)
    return sorted(tried)


@given(CANDIDATES)
def test_the_first_lengths_are_few_candidates_with_both_ends(candidates):
    first = first_lengths(candidates)
    assert first[0] == candidates[0]
    assert first[-1] == candidates[-1]
    assert set(first) <= set(candidates)
    assert len(first) == min(COARSE, len(candidates))


@given(CANDIDATES, st.data())
def test_at_a_step_the_lengths_on_both_sides_are_tried(candidates, data):
    step = data.draw(st.sampled_from(candidates))
    tried = scouted(lambda length: 0.9 if length >= step else 0.8, candidates)
    place = candidates.index(step)
    assert set(candidates[max(0, place - 1) : place + 1]) <= set(tried)


@given(CANDIDATES, st.data())
def test_a_peak_before_the_last_two_of_the_first_lengths_is_found(candidates, data):
    top = data.draw(st.sampled_from([one for one in candidates if one <= first_lengths(candidates)[-2]]))
    tried = scouted(lambda length: 0.9 - 0.02 * abs(candidates.index(length) - candidates.index(top)), candidates)
    assert top in tried


def test_of_28_lengths_that_saturate_few_are_tried():
    assert scouted(lambda length: 0.97 - 0.6 * np.exp(-length / 5), range(1, 29)) == [1, 6, 12, 17, 19, 21, 22, 23, 28]


def test_of_a_flat_curve_no_more_than_the_first_lengths_are_tried():
    assert scouted(lambda _length: 0.9, range(1, 29)) == list(first_lengths(range(1, 29)))


@pytest.mark.parametrize(("higher", "expected"), [(True, (10, 20)), (False, (5,))])
def test_in_question_are_the_lengths_within_two_margins_of_the_best(higher, expected):
    scores = LengthScores(
        [5, 10, 20], [0, 0, 0], [0.90, 0.952, 0.96], metric=Metric("score", higher_is_better=higher, percent=True)
    )
    assert in_question(scores, MARGIN) == expected


LOOKS = Looks((3, 5))
"""Of the studies below, which have one seed of each length, or three."""


def step_of(lengths, num_seeds, *, best):
    """Scores of which those from `best` on are as good as one another, and others far from good."""
    noise = np.random.default_rng(0).normal(scale=0.0003, size=(len(lengths), num_seeds))
    rows = [(length, seed) for length in lengths for seed in range(num_seeds)]
    scores = [0.9 - 0.02 * max(0, best - length) + noise[lengths.index(length), seed] for length, seed in rows]
    seq_lens, seeds = zip(*rows, strict=True)
    return LengthScores(seq_lens, seeds, scores)


def next_of(scores, candidates=(), **options):
    found = recommend(scores, margin=0.005, confidence=0.95, looks=LOOKS)
    return next_seeds(scores, found, LOOKS, 0.005, candidates, **options)


def test_first_come_lengths_where_the_curve_bends_then_seeds_then_lengths_below_the_recommended():
    candidates = range(1, 13)
    assert next_of(step_of((1, 6, 12), 1, best=6), candidates) == {3: 1, 4: 1}
    assert next_of(step_of((1, 5, 6, 12), 1, best=6), candidates) == {5: 3, 6: 3, 12: 3}  # 5, for a third
    assert next_of(step_of((5, 12), 3, best=5), candidates) == {2: 3, 3: 3}
    assert next_of(step_of((1, 2, 12), 3, best=12), candidates) == {5: 3, 9: 3}


def test_the_middle_between_the_recommended_length_and_the_next_shorter_is_tried():
    scores = step_of((4, 5, 12), 3, best=5)
    open_five = LengthScores(
        scores.seq_lens, scores.seeds, scores.scores - np.where(scores.seq_lens == 5, [0.006, 0, 0.006] * 3, 0)
    )
    assert next_of(open_five, range(4, 13)) == {9: 3}


def test_a_length_gets_more_seeds_if_its_single_run_does_not_put_it_out_of_the_question():
    seq_lens, seeds = np.array([(1, 0), (4, 0), *((length, seed) for length in (5, 12) for seed in range(3))]).T
    noise = np.random.default_rng(0).normal(scale=0.0003, size=len(seq_lens))
    worth = {1: 0.5, 4: 0.897, 5: 0.9, 12: 0.9}
    scores = LengthScores(seq_lens, seeds, [worth[length] for length in seq_lens] + noise)
    looks = Looks((1, 3, 5))
    found = recommend(scores, margin=0.002, confidence=0.95, looks=looks)
    assert found.test(1).verdict == "too poor"
    assert found.test(4).verdict == "open"
    assert next_seeds(scores, found, looks, 0.002) == {4: 3}


def test_the_next_shorter_length_gets_more_than_a_single_run_once_one_is_recommended():
    seq_lens, seeds = np.array([(3, 0), (4, 0), *((length, seed) for length in (5, 12) for seed in range(3))]).T
    noise = np.random.default_rng(1).normal(scale=0.0001, size=len(seq_lens))
    worth = {3: 0.88, 4: 0.889, 5: 0.9, 12: 0.9}
    scores = LengthScores(seq_lens, seeds, [worth[length] for length in seq_lens] + noise)
    looks = Looks((1, 3, 5))
    found = recommend(scores, margin=0.005, looks=looks)
    assert (found.seq_len, found.test(4).verdict) == (5, "open")
    assert next_seeds(scores, found, looks, 0.005) == {4: 3}


@pytest.mark.parametrize(("noise", "expected"), [(0.002, {22: 3, 23: 3, 28: 3}), (0.004, {17: 2})])
def test_a_single_run_that_is_far_off_waits_until_others_have_three_seeds(noise, expected):
    seq_lens, seeds = [12, 17, 22, 22, 23, 23, 28, 28], [0, 0, 0, 1, 0, 1, 0, 1]
    means = np.array([0.80, 0.95, 0.970, 0.970, 0.975, 0.975, 0.977, 0.977])
    scores = LengthScores(seq_lens, seeds, means + noise * np.array([0, 0, 1, -1, -1, 1, 1, -1]))
    looks = Looks((1, 2, 3, 4, 5))
    found = recommend(scores, margin=MARGIN, confidence=0.95, looks=looks)
    assert found.unresolved == (12, 17, 22, 23)  # by the levels of single runs, with a noise that is hardly known
    assert next_seeds(scores, found, looks, MARGIN) == expected


def few_cases(num_seeds, num_cases):
    """Scores on cases that differ from length to length far more than the lengths do."""
    lengths, seeds = np.indices((3, num_seeds)).reshape(2, -1)
    hard = np.random.default_rng(1).normal(scale=0.1, size=(3, num_cases))
    noise = np.random.default_rng(2).normal(scale=0.0003, size=(len(lengths), 1))
    per_case = 0.9 + hard[lengths] - hard.mean(axis=1)[lengths, None] + noise + 0.0001 * lengths[:, None]
    return LengthScores(4 * lengths + 4, seeds, per_case.mean(axis=1), per_case)


def test_where_cases_are_too_few_for_any_number_of_seeds_the_study_ends_after_the_second_look():
    assert next_of(few_cases(3, 40), patience=0.25) == {4: 5, 8: 5, 12: 5}
    assert next_of(few_cases(5, 40), patience=0.25) == {}
    looks = Looks((3, 5, 8))
    scores = few_cases(5, 40)
    found = recommend(scores, margin=0.05, confidence=0.95, looks=looks)
    assert not is_out_of_reach(scores, found, looks)  # the bound is useful, or the answer there


SPREAD = np.array([[-1, 0, 1], [1, -1, 0], [0, 1, -1]])
"""Three seeds of three lengths, of variance 1 and mean 0."""


def noisy(*deviations):
    """Scores of three lengths with the same mean, and these standard deviations over three seeds."""
    lengths, seeds = np.indices(SPREAD.shape).reshape(2, -1)
    return LengthScores(lengths + 1, seeds, (0.9 + np.array(deviations)[:, None] * SPREAD).ravel())


@pytest.mark.parametrize(
    ("deviations", "expected"),
    # 3 seeds forecast 2 (4 d / 0.005)² of them, and 12² / 3 = 48 are the most that is worth going on for: d = 0.0061.
    [((0.0060,) * 3, False), ((0.0063,) * 3, True), ((0.0060, 0.0060, 0.05), False), ((0.01, 0.0063, 0.01), True)],
)
def test_what_would_take_far_more_seeds_than_the_last_look_has_is_given_up(deviations, expected):
    scores, looks = noisy(*deviations), Looks((2, 3, 5, 8, 12))
    found = recommend(scores, margin=MARGIN, confidence=0.95, looks=looks)
    assert (found.seq_len, found.num_seeds, found.cases_limit) == (None, 3, False)
    assert is_out_of_reach(scores, found, looks) == expected
    assert (next_seeds(scores, found, looks, MARGIN, patience=0.25) == {}) == expected
    assert not is_out_of_reach(scores, found, Looks((3, 5, 8, 12)))  # more seeds than the first look's are needed
    assert next_seeds(scores, found, looks, MARGIN) != {}


def test_a_bend_that_few_cases_may_have_made_is_not_looked_into():
    lengths = np.array([1, 6, 12])
    hard = np.random.default_rng(4).normal(scale=0.1, size=(3, 30))
    per_case = 0.9 + hard - hard.mean(axis=1)[:, None] + np.array([[-0.3], [-0.01], [0]])
    scores = LengthScores(lengths, [0] * 3, per_case.mean(axis=1), per_case)
    assert finer_lengths(range(1, 13), scores, MARGIN) == (3, 4)
    assert finer_lengths(range(1, 13), LengthScores(lengths, [0] * 3, scores.scores), MARGIN) == (8, 10)


def test_what_is_decided_needs_nothing_more():
    assert next_of(step_of((4, 5), 3, best=5)) == {}


def test_an_answer_that_is_known_is_not_bettered_at_any_price():
    scores = with_ten_open(0.002)
    assert next_of(scores) == {10: 5, 11: 5, 12: 5}
    assert next_of(scores, patience=0.0) == {}


def test_the_more_a_shorter_length_would_save_the_more_may_be_trained_to_show_it():
    needed = recommend(with_ten_open(0.002), margin=0.005, confidence=0.95, looks=LOOKS).seeds_needed
    patience = needed / 3 * 2  # as many steps of each length were trained as three seeds have
    assert next_of(with_ten_open(0.002), patience=patience) == {}
    assert next_of(with_ten_open(0.002, 1), patience=patience) == {1: 5, 11: 5, 12: 5}
    assert next_of(with_ten_open(0.002, 1), patience=patience / 2) == {}


def with_ten_open(deviation, ten=10):
    """Three seeds of 10, 11 and 12, of which the first differ by so much, and 11 is enough; 10 may be shorter."""
    rows = np.array([[0.8975, 0.8975 - deviation, 0.8975 + deviation], [0.9, 0.9004, 0.8997], [0.8999, 0.9005, 0.8998]])
    seq_lens, seeds = np.indices(rows.shape).reshape(2, -1)
    scores = LengthScores(np.array([ten, 11, 12])[seq_lens], seeds, rows.ravel())
    found = recommend(scores, margin=0.005, confidence=0.95, looks=LOOKS)
    assert (found.seq_len, found.open_seq_len) == (11, ten)
    return scores


def test_what_the_next_look_is_forecast_to_tell_is_worth_its_price():
    one_more, three_more = with_ten_open(0.0014), with_ten_open(0.0015)
    assert next_of(one_more, patience=0.0) == next_of(one_more) != {}
    assert next_of(three_more, patience=0.0) == {}
