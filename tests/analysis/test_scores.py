import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.analysis import LengthScores
from lengthwise.errors import UsageError


def test_rows_are_sorted_by_length_and_seed():
    scores = LengthScores([20, 10, 10], [0, 1, 0], [0.3, 0.2, 0.1], [[0.3, 0.3], [0.1, 0.3], [0.0, 0.2]])
    assert scores.lengths == (10, 20)
    assert scores.num_seeds == (2, 1)
    assert scores.block([10], 1).tolist() == [[0.1]]
    assert scores.block_by_case([10], 2).tolist() == [[[0.0, 0.2], [0.1, 0.3]]]


def test_a_column_of_a_block_is_one_seed_where_enough_are_shared():
    scores = LengthScores([10, 10, 10, 20, 20, 20], [0, 1, 3, 1, 2, 3], [0.10, 0.11, 0.13, 0.21, 0.22, 0.23])
    assert scores.block([10, 20], 2).tolist() == [[0.11, 0.13], [0.21, 0.23]]
    assert scores.block([10, 20], 3).tolist() == [[0.11, 0.13, 0.10], [0.21, 0.23, 0.22]]
    assert scores.block_by_case([10, 20], 2) is None


def test_seeds_that_most_lengths_have_are_taken_and_stand_in_one_column():
    has = {10: [0, 1, 2, 3], 20: [5, 2, 3], 30: [3, 4, 2], 40: [7, 8]}
    rows = [(length, seed, length + seed / 10) for length, seeds in has.items() for seed in seeds]
    scores = LengthScores(*zip(*rows, strict=True))
    assert scores.block([10, 20, 30], 3).tolist() == [[10.2, 10.3, 10.0], [20.2, 20.3, 20.5], [30.2, 30.3, 30.4]]
    assert scores.paired([10, 20, 30], 3).all()
    assert scores.paired([10, 20, 40], 2).tolist() == [[True, True, False], [True, True, False], [False, False, True]]


@given(data=st.data())
def test_a_block_has_runs_of_its_lengths_each_at_most_once(data):
    seeds = st.sets(st.integers(0, 9), min_size=2)
    has = data.draw(st.lists(seeds, min_size=2, max_size=6))
    rows = [(length, seed, 100.0 * length + seed) for length, own in enumerate(has) for seed in own]
    scores = LengthScores(*zip(*rows, strict=True))
    for num_seeds in range(1, min(map(len, has)) + 1):
        block = scores.block(range(len(has)), num_seeds)
        for length, row in enumerate(block):
            found = set((row - 100 * length).tolist())
            assert len(found) == num_seeds
            assert found <= has[length]


def test_a_score_is_the_weighted_mean_of_its_cases():
    scores = LengthScores([10, 20], [0, 0], [0.4, 0.2], [[0.1, 0.5], [0.5, 0.1]], [1, 3])
    assert scores.case_weights.tolist() == [1, 3]


@pytest.mark.parametrize(
    ("more", "message"),
    [({"overlap": -1}, "overlap is -1, but must be 0 or more"), ({"overlap": np.nan}, "overlap is nan"),
     ({"overlap": 0.25, "per_case": [[0.1, 0.3], [0.3, 0.5]]}, "scores per case too")],
)  # fmt: skip
def test_an_overlap_that_cannot_be_is_refused(more, message):
    with pytest.raises(UsageError, match=message):
        LengthScores([10, 20], [0, 0], [0.2, 0.4], **more)


def test_arrays_are_read_only_and_not_the_callers():
    given = np.array([0.1, 0.2])
    scores = LengthScores([10, 20], [0, 0], given)
    given[0] = 5
    assert scores.scores.tolist() == [0.1, 0.2]
    with pytest.raises(ValueError, match="read-only"):
        scores.scores[0] = 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], [], []), "at least one run"),
        (([10, 20], [0], [0.1, 0.2]), r"shapes \(2,\), \(1,\) and \(2,\)"),
        (([10, 10], [0, 0], [0.1, 0.2]), "length 10 with seed 0 is there twice"),
        (([10, 20], [0, 3], [0.1, np.nan]), "length 20 with seed 3 is nan"),
        (([10, 20], [0, 0], [0.1, 0.2], [[0.1], [0.2]]), "at least 2 cases"),
        (([10, 20], [0, 0], [0.1, 0.2], [[0.1, 0.1]]), r"shape \(1, 2\)"),
        (([10, 20], [0, 0], [0.1, 0.2], [[0.1, 0.1], [0.1, 0.1]]), "mean of a run's scores per case"),
        (([10, 20], [0, 0], [0.4, 0.1], [[0.1, 0.5], [0.5, 0.1]], [1, 3]), "mean of a run's scores per case"),
        (([10, 20], [0, 0], [0.3, 0.1], [[0.1, 0.5], [0.1, 0.1]], [1, 0]), "must be 2 positive numbers"),
        (([10, 20], [0, 0], [0.3, 0.1], [[0.1, 0.5], [0.1, 0.1]], [1, 1, 1]), r"has the shape \(3,\)"),
        (([10, 20], [0, 0], [0.3, 0.1], None, [1, 1]), "give per_case too"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(arguments, message):
    with pytest.raises(UsageError, match=message):
        LengthScores(*arguments)
