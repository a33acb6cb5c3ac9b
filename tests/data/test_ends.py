"""Where a sequence ends."""

import numpy as np
import pytest

from lengthwise.data import load_data
from lengthwise.data.ends import find_ends, padding_notes
from lengthwise.errors import DataError

NAN = np.nan


def values(*rows):
    return np.array(rows, np.float32)[:, :, None]


def test_missing_steps_at_the_end_are_no_steps_and_others_are():
    found = find_ends(values([1, NAN, 3, NAN], [1, 2, 3, 4], [1, NAN, NAN, NAN]), None, None, "the data")
    assert found.tolist() == [3, 4, 1]
    assert find_ends(values([NAN, 2], [3, 4]), None, None, "the data") is None


def test_padding_at_the_end_is_left_out_if_it_is_named():
    padded = values([1, 0, 3, 0], [1, 2, 0, 0], [1, 2, 3, 4])
    assert find_ends(padded, None, None, "the data") is None
    assert find_ends(padded, None, 0.0, "the data").tolist() == [3, 2, 4]


def test_lengths_that_are_known_are_only_shortened():
    found = find_ends(values([1, 2, 9, 9], [1, NAN, 9, 9]), np.array([2, 2]), None, "the data")
    assert found.tolist() == [2, 1]


def test_a_sequence_without_any_value_is_refused():
    with pytest.raises(DataError, match="the data: sequence 1 has no values: leave it out"):
        find_ends(values([1, 2], [NAN, NAN]), None, None, "the data")


def test_what_looks_like_padding_is_said_with_the_option():
    random = np.random.default_rng(0)
    noise = random.normal(size=(40, 20, 2)).astype(np.float32)
    assert not list(padding_notes(noise, None))
    for row, end in zip(noise, random.integers(5, 20, 40), strict=True):
        row[end:] = 0
    (note,) = padding_notes(noise, None)
    assert note.endswith("sequences end with 3 or more steps of 0, which looks like padding: padding=0 leaves them out")
    dataset = load_data(noise, np.arange(40) % 2)
    assert dataset.reading.notes == (note,)
    assert (
        load_data(noise, np.arange(40) % 2, padding=0)
        .reading.notes[0]
        .startswith("40 sequences end where all that follows is")
    )


def test_a_table_s_sequences_end_where_their_values_end(tmp_path):
    lines = ["id,t,x,label"]
    lines += [f"{i},{t},{'' if t >= 5 + i % 3 else t * i % 7},{'ab'[i % 2]}" for i in range(12) for t in range(8)]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    dataset = load_data(tmp_path / "a.csv", features="x")
    lengths = np.concatenate([dataset.split(name).lengths for name in ("train", "validation", "test")])
    assert sorted(lengths.tolist()) == [5] * 4 + [6] * 4 + [7] * 4
    assert "12 sequences end where all that follows is missing, or padding" in dataset.reading.notes
