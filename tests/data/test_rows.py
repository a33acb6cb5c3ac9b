"""Rows of an array on disk behave as a copy of them would."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data.rows import Rows, is_mapped
from lengthwise.data.split import Split

STORED = np.arange(10 * 4 * 3, dtype=np.float32).reshape(10, 4, 3)
KEYS = [2, -1, slice(1, 3), slice(None, None, -1), np.array([1, 0, 1]), (1, 2), (slice(0, 2), slice(1, 3)),
        (slice(None), 0, 1), (0, slice(2)), (np.array([0, 2]), slice(0, 2))]  # fmt: skip


@given(st.permutations(range(10)).map(lambda order: np.array(order[:5])), st.sampled_from(KEYS))
def test_indexing_gives_what_a_copy_gives(index, key):
    np.testing.assert_array_equal(Rows(STORED, index)[key], STORED[index][key])


def test_it_has_the_shape_type_and_size_of_a_copy():
    index = np.array([7, 2])
    rows, copy = Rows(STORED, index), STORED[index]
    for name in ("shape", "ndim", "dtype", "nbytes"):
        assert getattr(rows, name) == getattr(copy, name)
    assert len(rows) == len(copy)
    np.testing.assert_array_equal(np.asarray(rows), copy)


def test_no_array_without_a_copy():
    with pytest.raises(ValueError, match="without a copy"):
        np.asarray(Rows(STORED, np.array([1])), copy=False)


def test_a_split_finds_its_sequences_in_the_whole():
    index = np.array([7, 2, 5])
    split = Split(Rows(STORED, index), np.array([1, 0, 1]), np.array([4, 3, 2]))
    whole = split.whole
    for sequence in range(3):
        row = split.rows(np.array([sequence]))[0]
        np.testing.assert_array_equal(whole.values[row], split.values[sequence])
        assert whole.targets[row] == split.targets[sequence]
        assert whole.lengths[row] == split.lengths[sequence]


def test_a_split_in_memory_is_its_own_whole():
    split = Split(STORED, np.arange(10))
    assert split.whole.values is split.values
    assert split.rows(np.array([3])).tolist() == [3]


def test_only_arrays_on_disk_are_mapped(tmp_path):
    np.save(tmp_path / "a.npy", STORED)
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    assert is_mapped(mapped)
    assert is_mapped(np.asarray(mapped)[2:5])
    assert is_mapped(Rows(np.asarray(mapped), np.array([1])))
    assert not is_mapped(STORED)
    assert not is_mapped(mapped[1:3].copy())
    assert not is_mapped(mapped[np.array([1, 2])].copy())
