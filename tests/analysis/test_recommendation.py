import numpy as np

from lengthwise.analysis import LengthScores, recommend, sentence_of
from tests.analysis.test_sentence import said


def test_of_bounds_that_are_about_alike_that_of_the_shorter_length_is_given():
    found, sentence = said([0.90, 0.955, 0.96, 0.961], deviation=0.02, num_seeds=3)
    lowest = min(found.bounds.values())
    assert found.bounds[4] == lowest > 0.01
    assert [length for length, bound in found.bounds.items() if bound <= 1.1 * lowest] == [2, 3, 4]
    assert found.best_bound.seq_len == 2
    assert "2 of 4 steps cost at most" in sentence


def test_a_bound_as_large_as_any_score_tells_nothing():
    scores = [[0.3, 0.5, 0.1], [0.2, 0.6, 0.4], [0.1, 0.1, 0.9], [0.4, 0.0, 0.7]]  # by case; two seeds a length
    found = recommend(LengthScores([1, 1, 2, 2], [0, 1, 0, 1], np.mean(scores, axis=1), np.array(scores)))
    assert (found.seq_len, found.best_bound) == (None, None)
    assert max(test.mean for test in found.tests) < min(found.bounds.values()) < np.inf
    assert sentence_of(found).startswith("Not decided: ")
    assert sentence_of(found).endswith(f" The best guess is {found.best_seq_len}, which did best so far.")


def test_one_run_that_differs_shows_chance():
    lengths, seeds = [8, 8, 16, 16, 32], [0, 1, 0, 1, 0]
    assert recommend(LengthScores(lengths, seeds, [0.9, 0.9, 0.95, 0.95, 0.951])).chance == "absent without cases"
    assert recommend(LengthScores(lengths, seeds, [0.9, 0.9, 0.95, 0.9501, 0.951])).chance == "shown"
