"""Scouting: which lengths are tried, from coarse to fine."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.analysis import LengthScores
from lengthwise.study.scouting import COARSE, finer_lengths, first_lengths, in_question
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
    assert scouted(lambda length: 0.97 - 0.6 * np.exp(-length / 5), range(1, 29)) == [1, 6, 12, 17, 19, 20, 21, 23, 28]


def test_of_a_flat_curve_no_more_than_the_first_lengths_are_tried():
    assert scouted(lambda _length: 0.9, range(1, 29)) == list(first_lengths(range(1, 29)))


@pytest.mark.parametrize(("higher", "expected"), [(True, (10, 20)), (False, (5,))])
def test_in_question_are_the_lengths_within_two_margins_of_the_best(higher, expected):
    scores = LengthScores(
        [5, 10, 20], [0, 0, 0], [0.90, 0.952, 0.96], metric=Metric("score", higher_is_better=higher, percent=True)
    )
    assert in_question(scores, MARGIN) == expected
