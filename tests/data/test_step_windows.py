"""Windows that end at steps: the same steps for every length, each with exactly so many behind it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data import load_data
from lengthwise.data.dataset import Dataset
from lengthwise.data.split import Split
from lengthwise.data.step_windows import at_steps, ending_steps, majority, pure
from lengthwise.data.targets import StepWindows
from lengthwise.errors import UsageError


def tagged(lengths, lookback, recordings=None, **how):
    """Sequences whose values count the steps of all of them, 1, 2, …, and whose class is the last digit."""
    longest = max(lengths)
    values = np.zeros((len(lengths), longest, 1), np.float32)
    inside = np.arange(longest) < np.array(lengths)[:, None]
    values[inside, 0] = np.arange(1, inside.sum() + 1)
    split = Split(
        values, (values[:, :, 0] % 10).astype(np.int64), np.array(lengths),
        recordings=None if recordings is None else np.array(recordings),
    )  # fmt: skip
    return Dataset("d", split, split, split, 10, "tagging", step_windows=StepWindows(lookback, **how))


@given(st.lists(st.integers(3, 9), min_size=1, max_size=6), st.integers(1, 3), st.integers(1, 3))
def test_a_window_has_the_steps_before_its_target_in_the_same_sequence(lengths, lookback, stride):
    data = tagged(lengths, lookback, stride=stride)
    ending = at_steps(data).train
    begin = np.cumsum([1, *lengths])
    expected = [
        list(range(last - lookback + 1, last + 1))
        for first, length in zip(begin, lengths, strict=False)
        for last in range(first + lookback - 1, first + length, stride)
    ]
    assert np.asarray(ending.values)[:, :, 0].tolist() == expected
    assert ending.targets.tolist() == [window[-1] % 10 for window in expected]
    assert ending.cases.tolist() == (np.searchsorted(begin, [window[-1] for window in expected], "right") - 1).tolist()


def test_windows_share_the_memory_of_their_sequences():
    data = tagged([9, 9], 3)
    ending = at_steps(data)
    assert np.shares_memory(ending.train.values.stored, data.train.values)
    assert ending.checksum == data.checksum
    assert at_steps(data) is ending


def test_windows_of_pieces_of_a_recording_go_on_into_the_piece_before():
    ending = at_steps(tagged([4, 4, 2, 4], 3, recordings=[0, 0, 0, 1])).train
    firsts = np.asarray(ending.values)[:, 0, 0].astype(int).tolist()
    assert firsts == [1, 2, 3, 4, 5, 6, 7, 8, 11, 12]
    assert ending.cases.tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]


def test_a_sequence_without_room_for_the_longest_window_is_named():
    with pytest.raises(UsageError, match="the train split of d has a sequence of 2 steps, sequence 1, in which no win"):
        at_steps(tagged([4, 2], 3))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30), st.integers(1, 5))
def test_pure_and_majority_are_those_of_counting(labels, lookback):
    targets = np.array(labels)
    ends = np.arange(lookback - 1, len(targets))
    windows = [targets[end - lookback + 1 : end + 1].tolist() for end in ends]
    assert pure(targets, ends, lookback).tolist() == [len(set(window)) == 1 for window in windows]
    for window, found in zip(windows, majority(targets, ends, lookback).tolist(), strict=True):
        most = max(window.count(label) for label in window)
        assert window.count(found) == most
        assert window.count(window[-1]) < most or found == window[-1]


@given(st.lists(st.integers(1, 8), min_size=1, max_size=6), st.integers(1, 4))
def test_steps_are_those_that_the_longest_window_fits_behind(lengths, lookback):
    sequences, steps = ending_steps(np.array(lengths), None, StepWindows(lookback))
    expected = [(i, t) for i, length in enumerate(lengths) for t in range(lookback - 1, length)]
    assert list(zip(sequences.tolist(), steps.tolist(), strict=True)) == expected


def test_label_says_what_the_class_of_a_window_is():
    labels = np.tile(np.repeat(["a", "b"], [3, 2]), (20, 2))
    values = np.arange(20 * 10).reshape(20, 10, 1).astype(float)
    counts = {}
    for label in ("last", "majority", "pure"):
        ending = at_steps(load_data(values, labels, task="tagging", label=label, lookback=3)).train
        first = ending.targets[ending.cases == 0]
        counts[label] = "".join("ab"[code] for code in first)
    assert counts == {"last": "abbaaabb", "majority": "aabbaaab", "pure": "aa"}
