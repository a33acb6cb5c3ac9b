"""The promise, kept: at most 5 % of studies recommend a length that is worse than the best by the margin or more.

A test fails if even the lower end of the rate's 99 % interval lies above 5 %. `benchmarks/error_rate.py` prints the
same rates, from more studies, for `docs/recommendation.md`.
"""

import numpy as np
import pytest

from benchmarks.synthetic_studies import (
    CONFIDENCE,
    CURVES,
    FLAT,
    MARGIN,
    SEED_DEVIATION,
    Curve,
    decide,
    errors_at_any_look,
    is_error,
    rate_and_bounds,
    values_by_sequence,
)
from lengthwise.analysis import LengthScores, Looks, lengths_to_extend, recommend
from lengthwise.analysis.procedure import Stage, compare
from lengthwise.analysis.variance import differences, moments_of_sequences

ALLOWED = 1 - CONFIDENCE
NUM_STUDIES = 4000


def random_of(*key):
    return np.random.default_rng(np.random.SeedSequence(20240619, spawn_key=key))


@pytest.mark.parametrize("num_seeds", [3, 5, 20])
@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_a_poor_length_is_rarely_recommended(curve, num_seeds):
    scores = curve.scores(random_of(CURVES.index(curve), num_seeds), NUM_STUDIES, num_seeds)
    rate, low, _ = rate_and_bounds(is_error(curve, decide(scores).recommended))
    assert low <= ALLOWED, f"{rate:.3f} of the studies recommend a length that is too poor"


def test_the_allowed_error_is_used_where_it_can_be():
    # Otherwise the tests above would pass for a procedure that never recommends anything.
    curve = CURVES[0]
    rate, _, high = rate_and_bounds(is_error(curve, decide(curve.scores(random_of(99), NUM_STUDIES, 20)).recommended))
    assert rate > 0.03
    assert high < 0.07


@pytest.mark.parametrize(
    ("curve", "num_seeds", "least_any", "least_right"),
    [
        (CURVES[0], 5, 0.95, 0.90),
        (CURVES[5], 5, 0.60, 0.01),
        (CURVES[5], 20, 0.99, 0.50),
        (CURVES[6], 5, 0.95, 0.90),
        (CURVES[9], 20, 0.90, 0.85),
        (FLAT, 20, 0.90, 0.70),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_good_lengths_are_found(curve, num_seeds, least_any, least_right):
    recommended = decide(curve.scores(random_of(7, num_seeds), 1000, num_seeds)).recommended
    assert np.mean(recommended >= 0) > least_any
    assert np.mean(recommended == curve.shortest) > least_right


def test_testing_every_length_at_once_without_the_walk_would_break_the_promise():
    # Why the order matters: the shortest length that passes, wherever it stands, is an error far too often.
    curve = Curve("many at the margin", (-1,) * 12 + (0,))
    scores = curve.scores(random_of(1), 1000, 20)
    passes = (scores[:, :-1].mean(-1) - scores[:, -1:].mean(-1) + MARGIN) > 1.686 * np.sqrt(2 / 20) * SEED_DEVIATION
    assert np.mean(passes.any(axis=1)) > 0.15
    assert rate_and_bounds(is_error(curve, decide(scores).recommended))[1] <= ALLOWED


class TestWithSequences:
    """Networks and sequences both drawn anew, the sequences the same for both lengths."""

    def moments(self):
        curve = Curve("the shorter worse by exactly the margin", (-1, 0))
        parts = [
            moments_of_sequences(values_by_sequence(curve, random_of(3, part), 250, 5, 300, base=0.7, spread=0.12))
            for part in range(8)
        ]
        return [differences(part) for part in parts]

    def rate_of_errors(self, parts):
        stage = Stage(5, ALLOWED * (1 - ALLOWED), ALLOWED)
        return rate_and_bounds(np.concatenate([compare(part, MARGIN, stage, 1).enough[:, 0, 1] for part in parts]))

    def test_both_kinds_of_chance_are_covered(self):
        rate, low, high = self.rate_of_errors(self.moments())
        assert low <= ALLOWED
        assert rate > 0.02, "the variance is overestimated"
        assert high < 0.10

    def test_seeds_alone_would_promise_too_much(self):
        parts = [part._replace(sequences=np.zeros_like(part.sequences)) for part in self.moments()]
        assert self.rate_of_errors(parts)[1] > ALLOWED


LOOKS = (Looks.every(2, first=3, last=15), Looks((3, 4, 5)), Looks((2, 4, 8, 16)))


@pytest.mark.parametrize("looks", LOOKS, ids=lambda looks: str(looks.seeds))
@pytest.mark.parametrize("curve", [CURVES[0], CURVES[1], CURVES[3], CURVES[5], CURVES[7]], ids=lambda curve: curve.name)
def test_looking_repeatedly_keeps_the_promise(curve, looks):
    scores = curve.scores(random_of(5, LOOKS.index(looks)), NUM_STUDIES, looks.seeds[-1])
    wrong, _ = errors_at_any_look(curve, scores, looks)
    assert rate_and_bounds(wrong)[1] <= ALLOWED


def test_looking_repeatedly_without_stricter_levels_would_break_it():
    curve, looks = CURVES[0], LOOKS[0]
    scores = curve.scores(random_of(6), NUM_STUDIES, looks.seeds[-1])
    wrong = np.any([is_error(curve, decide(scores[..., :number]).recommended) for number in looks.seeds], axis=0)
    assert rate_and_bounds(wrong)[1] > ALLOWED


def until_decided(scores, looks):
    """Play a study that adds seeds where they help; `scores` (L, R) are what each run would give."""
    have = dict.fromkeys(range(1, len(scores) + 1), looks.seeds[0])
    while True:
        rows = [(length, seed) for length, number in have.items() for seed in range(number)]
        seq_lens, seeds = np.array(rows).T
        study = LengthScores(seq_lens, seeds, scores[seq_lens - 1, seeds])
        found = recommend(study, margin=MARGIN, confidence=CONFIDENCE, looks=looks)
        more = lengths_to_extend(study, found, looks)
        if not more:
            return found, sum(have.values())
        have |= more


def test_adding_seeds_where_they_help_keeps_the_promise_and_saves_runs():
    curve, looks = Curve("saturating", (-8, -2, -1, 0, 0)), Looks((3, 6, 10, 16))
    scores = curve.scores(random_of(8), 400, looks.seeds[-1])
    ends = [until_decided(study, looks) for study in scores]
    places = np.array([-1 if found.seq_len is None else found.seq_len - 1 for found, _ in ends])
    assert rate_and_bounds(is_error(curve, places))[1] <= ALLOWED
    assert np.mean(places == curve.shortest) > 0.7
    assert np.mean([runs for _, runs in ends]) < 0.8 * scores[0].size
