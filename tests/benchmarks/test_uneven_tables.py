import numpy as np
import pytest

from benchmarks.synthetic_studies import Curve
from benchmarks.uneven_tables import PATTERNS, scores_of

CURVE = Curve("flat", (0,) * 6)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_table_has_the_runs_that_its_name_says(pattern):
    scores = scores_of(CURVE, pattern, np.random.default_rng(0))
    counts = set(scores.num_seeds)
    shared = scores.paired(scores.lengths, min(counts))
    match pattern.split()[0]:
        case "three":
            assert counts == {3}
            assert shared.sum() == (18 if "one set" in pattern else 6)
        case "five":
            assert max(counts) <= 5
            assert (scores.overlap == 0.25) == ("folds" in pattern)
        case "two":
            assert scores.num_seeds == (1, 1, 1, 1, 2, 2)


def test_rows_in_the_order_of_their_scores_are():
    scores = scores_of(CURVE, "the same, rows in the order of their scores", np.random.default_rng(0))
    assert np.all(np.diff(scores.scores.reshape(6, 3), axis=1) >= 0)
    assert scores.paired(scores.lengths, 3).sum() == 6
