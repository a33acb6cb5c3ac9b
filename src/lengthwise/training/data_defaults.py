"""Defaults that depend on the data: where the notebook's batch or window is more than the data have, one that fits."""

from collections.abc import Mapping
from typing import Any

from lengthwise.data.dataset import Dataset
from lengthwise.training.keyword_settings import DEFAULTS

SMALLEST_BATCH, LARGEST_BATCH = 8, 128
"""Between these is the usual batch size, where there are as many sequences."""

BATCHES_A_PASS = 8
"""A pass over the training split has at least so many batches, where the smallest batch allows it."""


def usual_batch_size(num_sequences: int) -> int:
    """Return the batch size for so many training sequences: a power of two, at most an eighth of them, 8 to 128.

    >>> [usual_batch_size(count) for count in (5, 14, 42, 230, 1257, 55000)]
    [5, 8, 8, 16, 128, 128]
    """
    power = 1 << max(0, (num_sequences // BATCHES_A_PASS).bit_length() - 1)
    return min(max(SMALLEST_BATCH, min(power, LARGEST_BATCH)), num_sequences)


def defaults_for(dataset: Dataset) -> dict[str, Any]:
    """Return the defaults of `seq_len` and `batch_size` for a data set: the notebook's, if the data have as much.

    Otherwise the window is the whole sequence, and the batch `usual_batch_size`.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    dict of str to int
    """
    count = len(dataset.train)
    batch_size = DEFAULTS["batch_size"]
    return {
        "seq_len": min(DEFAULTS["seq_len"], dataset.num_steps),
        "batch_size": batch_size if count >= batch_size else usual_batch_size(count),
    }


def with_defaults_for(dataset: Dataset, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that were given, completed by `defaults_for`."""
    return defaults_for(dataset) | dict(given)
