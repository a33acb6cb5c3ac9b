"""Which columns tell labelled sequences apart, where no name says it."""

import numpy as np
import pandas as pd
import pytest

from lengthwise.data.columns import find_columns
from lengthwise.data.options import Options
from lengthwise.data.sequence_keys import sequence_keys

RANDOM = np.random.default_rng(0)
ROWS = 96


def table(**columns):
    return pd.DataFrame({"x": RANDOM.normal(size=ROWS), **columns})


def counted(each):
    return np.tile(np.arange(each), ROWS // each)


def blocks(each, names=None):
    numbers = np.repeat(np.arange(ROWS // each), each)
    return numbers if names is None else np.array(names)[numbers]


FOUND = {
    "a count that begins again": (
        table(piece=blocks(12), step=counted(12), mood=RANDOM.integers(2, size=ROWS)),
        "piece",
    ),
    "numbers of people and of their nights": (
        table(who=blocks(48), night=(blocks(24) % 2), epoch=counted(24), mood=RANDOM.integers(2, size=ROWS)),
        "who,night",
    ),
    "words, and a target each": (
        table(probe=blocks(16, ["b", "a", "f", "c", "e", "d"]), mood=blocks(16) % 2),
        "probe",
    ),
    "numbers of runs with as many rows": (table(versuch=blocks(8), mood=RANDOM.integers(2, size=ROWS)), "versuch"),
    "numbers of patients, with a target each": (
        table(patient=blocks(8, [17, 4, 99, 3, 52, 8, 1, 30, 2, 77, 41, 5]), mood=blocks(8) % 2),
        "patient",
    ),
    "the finest of two": (table(batch=blocks(32), lauf=blocks(8), mood=blocks(8) % 2), "lauf"),
}

ONE_RECORDING = {
    "hours of days": table(day=blocks(24), hour=counted(24), mood=RANDOM.integers(2, size=ROWS)),
    "a number that changes slowly": table(rain=np.repeat([0, 3, 4, 9], 24), mood=RANDOM.integers(2, size=ROWS)),
    "few modes, by which rows are sorted": table(mode=blocks(32, list("cab")), mood=blocks(32) % 2),
    "weeks of different lengths": table(part=np.repeat([0, 1, 2], [30, 31, 35]), mood=RANDOM.integers(2, size=ROWS)),
}


@pytest.mark.parametrize("kind", FOUND)
def test_the_columns_that_name_sequences_are_found_and_said(kind):
    frame, keys = FOUND[kind]
    columns = find_columns(frame, Options(target="mood"), "the table")
    assert ",".join(columns.sequence) == keys
    assert any(f"sequences apart: sequence={keys}" in note for note in columns.notes)


@pytest.mark.parametrize("kind", ONE_RECORDING)
def test_what_may_be_one_recording_is_not_cut(kind):
    frame = ONE_RECORDING[kind]
    assert sequence_keys(frame, [name for name in frame if name != "mood"], (), "mood") == ()


def test_equal_blocks_of_a_recording_with_times_are_not_sequences():
    frame = table(time=np.arange(ROWS), part=blocks(12), mood=RANDOM.integers(2, size=ROWS))
    assert sequence_keys(frame, ["x", "part"], ("time",), "mood") == ()
    assert sequence_keys(frame.assign(mood=blocks(12) % 2), ["x", "part"], ("time",), "mood") == ("part",)
