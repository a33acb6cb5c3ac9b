"""The windows of exact evaluations."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lengthwise.evaluation_windows import every_window

LENGTHS = np.array([9, 4, 6, 2, 9, 7, 5, 9, 1, 8])


@settings(deadline=None)
@given(num_sequences=st.integers(1, 50), num_steps=st.integers(1, 9), data=st.data())
def test_every_window_is_evaluated_once(num_sequences, num_steps, data):
    seq_len = data.draw(st.integers(1, num_steps))
    at_once = data.draw(st.integers(1, 60))
    seen = Counter()
    for windows in every_window(num_sequences, num_steps, seq_len, at_once=at_once):
        assert windows.sequences.shape == windows.starts.shape
        assert windows.sequences.shape[0] == 1
        assert windows.sequences.shape[1] <= at_once
        assert len(set(windows.starts[0].tolist())) == 1
        seen.update(zip(windows.sequences[0].tolist(), windows.starts[0].tolist(), strict=True))
    assert seen == Counter(np.ndindex(num_sequences, num_steps - seq_len + 1))


@given(st.lists(st.integers(1, 9), min_size=1, max_size=40), st.integers(1, 9), st.integers(1, 60))
def test_of_sequences_of_other_lengths_every_window_is_evaluated_once(lengths, seq_len, at_once):
    seen = Counter()
    for windows in every_window(len(lengths), 9, seq_len, at_once, np.array(lengths)):
        seen.update(zip(windows.sequences[0].tolist(), windows.starts[0].tolist(), strict=True))
    whole = {(i, 0) for i, length in enumerate(lengths) if length < seq_len}
    fitting = {(i, start) for i, length in enumerate(lengths) for start in range(length - seq_len + 1)}
    assert seen == Counter(whole | fitting)


@pytest.mark.parametrize("placement", ["end", "start"])
@pytest.mark.parametrize("seq_len", [1, 4, 9])
def test_the_only_windows_of_sequences_of_different_lengths_come_together(seq_len, placement):
    at_once = list(every_window(len(LENGTHS), 9, seq_len, 4, LENGTHS, placement=placement))
    assert [windows.sequences.shape for windows in at_once] == [(1, 4), (1, 4), (1, 2)]
    sequences, starts = (np.concatenate(arrays, axis=1)[0] for arrays in zip(*at_once, strict=True))
    first = np.maximum(LENGTHS - seq_len, 0) if placement == "end" else np.zeros_like(LENGTHS)
    assert sorted(sequences.tolist()) == list(range(len(LENGTHS)))
    assert starts.tolist() == first[sequences].tolist() == sorted(first.tolist())
