"""Addresses in compiled functions, and what is drawn in them."""

from typing import Any, NamedTuple

import numba
import numpy as np
import pytest

from lengthwise.engine.simd.vectors import LANES, dropout_mask, pointer, pointers, store, store_scalar


class Record(NamedTuple):
    floats: Any
    count: int
    integers: Any


@numba.njit
def write(record):
    addresses = pointers(record)
    for i in range(addresses.count):
        store_scalar(addresses.integers[i] + 0.5, addresses.floats, i)
        store_scalar(addresses.floats[i] * 4, addresses.integers, i)


def test_a_tuple_of_addresses_reads_and_writes_the_arrays_that_it_is_of():
    record = Record(np.zeros(4, np.float32), 3, np.arange(4))
    write(record)
    np.testing.assert_array_equal(record.floats, [0.5, 1.5, 2.5, 0])
    np.testing.assert_array_equal(record.integers, [2, 6, 10, 3])


def test_an_array_whose_numbers_are_not_side_by_side_has_no_address():
    with pytest.raises(numba.TypingError, match="C-contiguous"):
        write(Record(np.zeros(8, np.float32)[::2], 3, np.arange(4)))


@numba.njit
def masks(keys, rate, out):
    for i in range(len(keys)):
        store(dropout_mask(keys[i], 0, rate), pointer(out), i * LANES)


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.9])
def test_a_mask_drops_its_share_and_keeps_the_mean(rate):
    keys = np.random.default_rng(0).integers(1 << 32, size=20_000, dtype=np.uint32)
    out = np.full((len(keys), LANES), np.nan, np.float32)
    masks(keys, np.float32(rate), out)
    dropped = out == 0
    assert np.unique(out[~dropped]).tolist() == [np.float32(1) / (np.float32(1) - np.float32(rate))]
    # Five standard deviations of a share of so many independent draws.
    assert abs(dropped.mean() - rate) <= 5 * np.sqrt(rate * (1 - rate) / out.size)
    assert np.abs(np.corrcoef(dropped.T) - np.eye(LANES)).max() < 0.05 if rate > 0 else not dropped.any()
