"""Sequences in memory: kernels do not check them, so invalid ones must be refused."""

import numpy as np
import pytest

from lengthwise.data import Split
from lengthwise.errors import UsageError

VALUES = np.zeros((4, 3, 2), np.uint8)
TARGETS = np.array([0, 1, 2, 0])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (VALUES.astype(np.float64), "of type float64, but must be a NumPy array of uint8 or float32"),
        (VALUES.tolist(), "of type list"),
        (VALUES[0], r"have shape \(3, 2\), but must have \(sequences, time, features\)"),
        (VALUES[:, :0], r"have shape \(4, 0, 2\)"),
        (np.full((4, 3, 2), np.nan, np.float32), "must be finite"),
    ],
    ids=["float64", "a list", "rank 2", "no steps", "NaN"],
)
def test_values_that_the_engine_cannot_take_are_refused(values, message):
    with pytest.raises(UsageError, match=f"^values .*{message}"):
        Split(values, TARGETS)


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (TARGETS[:3], "must be 4 integers"),
        (TARGETS[:, None], "must be 4 integers"),
        (TARGETS / 2, "must be 4 integers"),
        (TARGETS - 1, "contain -1, but must be 0 or more"),
    ],
    ids=["too few", "rank 2", "float64", "negative"],
)
def test_invalid_targets_are_refused(targets, message):
    with pytest.raises(UsageError, match=f"^targets .*{message}"):
        Split(VALUES, targets)


def test_values_in_another_order_of_memory_are_laid_out_for_the_engine():
    values = np.arange(24, dtype=np.float32).reshape(2, 3, 4).transpose(2, 1, 0)
    split = Split(values, [0, 1, 1, 0])
    assert split.values.flags.c_contiguous
    np.testing.assert_array_equal(split.values, values)
    assert split.targets.dtype == np.int64


def test_contiguous_values_are_not_copied():
    assert np.shares_memory(Split(VALUES, TARGETS).values, VALUES)
