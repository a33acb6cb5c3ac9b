import numpy as np
import pytest

from lengthwise.analysis import LengthScores
from lengthwise.errors import UsageError


def test_rows_are_sorted_by_length_and_seed():
    scores = LengthScores([20, 10, 10], [0, 1, 0], [0.3, 0.2, 0.1], [[0.3, 0.3], [0.1, 0.3], [0.0, 0.2]])
    assert scores.lengths == (10, 20)
    assert scores.num_seeds == (2, 1)
    assert scores.first(10, 1) == [0.1]
    assert scores.first_by_sequence(10, 2).tolist() == [[0.0, 0.2], [0.1, 0.3]]


def test_arrays_are_read_only_and_not_the_callers():
    given = np.array([0.1, 0.2])
    scores = LengthScores([10, 20], [0, 0], given)
    given[0] = 5
    assert scores.first(10, 1) == [0.1]
    with pytest.raises(ValueError, match="read-only"):
        scores.scores[0] = 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], [], []), "at least one run"),
        (([10, 20], [0], [0.1, 0.2]), r"shapes \(2,\), \(1,\) and \(2,\)"),
        (([10, 10], [0, 0], [0.1, 0.2]), "length 10 with seed 0 is there twice"),
        (([10, 20], [0, 3], [0.1, np.nan]), "length 20 with seed 3 is nan"),
        (([10, 20], [0, 0], [0.1, 0.2], [[0.1], [0.2]]), "at least 2 sequences"),
        (([10, 20], [0, 0], [0.1, 0.2], [[0.1, 0.1]]), r"shape \(1, 2\)"),
        (([10, 20], [0, 0], [0.1, 0.2], [[0.1, 0.1], [0.1, 0.1]]), "mean of a run's scores per sequence"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(arguments, message):
    with pytest.raises(UsageError, match=message):
        LengthScores(*arguments)
