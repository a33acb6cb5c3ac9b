"""The verdict on each length, in one or two words."""

import numpy as np

from lengthwise.analysis import recommend
from lengthwise.report.verdicts import verdict_of
from tests.analysis.test_decision import study, table_of


def verdicts(table):
    found = recommend(study(np.array(table)))
    return {test.seq_len: verdict_of(found, test.seq_len) for test in reversed(found.tests)}


def test_a_poor_length_is_too_short_where_all_shorter_ones_are_poor_and_worse_where_one_may_do():
    table = table_of([0.90, 0.91, 0.96, 0.93, 0.96], deviation=0.0004)
    assert verdicts(table) == {1: "too short", 2: "too short", 3: "recommended", 4: "worse", 5: "enough"}


def test_a_poor_length_after_one_that_is_open_is_worse():
    table = table_of([0.90, 0.957, 0.93, 0.96], deviation=0.0004)
    table[1] += [0.006, -0.006, 0.004, -0.004, 0.002, -0.002]
    assert verdicts(table) == {1: "too short", 2: "not decided", 3: "worse", 4: "recommended"}
