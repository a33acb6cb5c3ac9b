import math

import numpy as np
import pytest

from lengthwise.analysis import LengthScores, Metric, recommend
from tests.analysis.test_decision import study, table_of


def said(worth, deviation=0.0005, num_seeds=6, costs=None, **options):
    found = recommend(study(table_of(worth, num_seeds, deviation), **options))
    return found, found.sentence(costs)


def test_a_shorter_length_is_enough():
    found, sentence = said([0.90, 0.9595, 0.96], costs={1: 1.0, 2: 1.5, 3: 3.0})
    assert (found.seq_len, found.decided, found.open_seq_len, found.seeds_needed) == (2, True, None, 0)
    assert sentence == (
        "2 of 3 steps are enough: with 95 % confidence, the accuracy is less than 0.5 percentage points worse than "
        "with any other length tried (seen: 0.05 percentage points worse than 3, the best); 3 would cost 2 × the time "
        "a step."
    )
    assert found.difference == pytest.approx(-0.0005)
    assert -0.005 < found.lower_bound < found.difference


def test_the_longest_is_needed():
    found, sentence = said([0.90, 0.93, 0.96])
    assert (found.seq_len, found.decided) == (3, True)
    assert sentence == (
        "All 3 steps are needed: 2 steps are worse (3 percentage points below 3). "
        "The curve still rises at its end, so longer sequences might do better still."
    )


def test_the_longest_seems_to_be_needed():
    _, sentence = said([0.90, 0.9545, 0.96], deviation=0.003)
    assert sentence.startswith("All 3 steps seem to be needed: 2 steps did worse by 0.55 percentage points.")


def test_all_lengths_are_equally_good():
    found, sentence = said([0.9601, 0.96, 0.96])
    assert found.seq_len == 1
    assert sentence == (
        "1 step is enough: with 95 % confidence, even the shortest length tried is less than 0.5 percentage points "
        "worse than any other (it is the best one seen)."
    )


def test_nothing_is_decided_and_more_seeds_would_tell():
    found, sentence = said([0.958, 0.9595, 0.96], deviation=0.004, num_seeds=3)
    assert (found.seq_len, found.decided, found.open_seq_len) == (None, False, 3)
    assert found.seeds_needed > 0
    assert math.isnan(found.difference)
    assert f"about {found.seeds_needed} more seeds would tell" in sentence
    assert sentence.startswith(
        "Not decided: after 3 seeds it is not yet shown that 3 steps, the longest in question, are"
    )


def test_a_length_is_enough_and_a_shorter_one_is_open():
    found, sentence = said([0.90, 0.957, 0.96], deviation=0.0025)
    assert (found.seq_len, found.decided, found.open_seq_len) == (3, False, 2)
    assert sentence.startswith("All 3 steps are enough: with 95 % confidence")
    assert sentence.endswith(f"Whether 2 would do is not decided: about {found.seeds_needed} more seeds would tell.")


def test_a_single_seed_decides_nothing():
    found, sentence = said([0.90, 0.95], num_seeds=1)
    assert (found.seq_len, found.num_seeds, found.seeds_needed) == (None, 1, None)
    assert sentence == (
        "Not decided: there are too few seeds to tell the length from chance; every length needs at least 2 to "
        "compare, better 3."
    )


def test_windows_can_be_too_long():
    found, sentence = said([0.90, 0.96, 0.95, 0.94], costs={2: 1, 4: 2.2})
    assert (found.seq_len, found.decided) == (2, True)
    assert (
        "4 would cost 2.2 × the time a step. Longer is not better here: 3 and 4 are worse by more than that."
        in sentence
    )


def test_when_sequences_are_too_few_more_seeds_would_not_tell():
    random = np.random.default_rng(0)
    values = 0.9 + 0.1 * random.normal(size=(2, 1, 30)) + 0.0001 * random.normal(size=(2, 4, 30))
    values += 0.9 - values.mean(axis=(1, 2), keepdims=True)
    flat = values.reshape(8, 30)
    found = recommend(LengthScores([1] * 4 + [2] * 4, [0, 1, 2, 3] * 2, flat.mean(1), flat))
    assert found.sequences_limit
    assert "more seeds alone would not tell, but judging by more sequences would" in found.sentence()


def test_a_loss_is_given_as_a_number():
    _, sentence = said([0.9, 0.0412, 0.0409], metric=Metric("loss", higher_is_better=False))
    assert "the loss is less than 0.005 worse" in sentence
    assert "seen: 0.0003 worse than 3" in sentence
