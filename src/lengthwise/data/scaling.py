"""Standardisation of each feature by its mean and standard deviation in the training split."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.dataset import Scaling
from lengthwise.data.lookbacks import Lookbacks
from lengthwise.data.missing import within
from lengthwise.data.rows import Rows
from lengthwise.data.split import Split, Units, blocks


def measure(split: Split) -> Scaling:
    """Return the mean and the standard deviation of each feature over all steps of a split.

    The deviation of a constant feature is set to one.
    """
    values = split.values
    num_steps, features = values.shape[1:]
    count = 0
    mean, squares = np.zeros(features), np.zeros(features)
    for first, block in blocks(values):
        steps = within(split.lengths, num_steps, first, len(block))
        rows = (block.reshape(-1, features) if steps is None else block[steps]).astype(np.float64)
        added = len(rows)
        block_mean = rows.mean(axis=0)
        delta = block_mean - mean  # Chan, Golub and LeVeque 1979: merge the means and squares of two parts
        squares += ((rows - block_mean) ** 2).sum(axis=0) + delta**2 * count * added / (count + added)
        mean += delta * added / (count + added)
        count += added
    deviation = np.sqrt(squares / count)
    deviation[deviation <= 1e-12 * np.abs(mean)] = 1  # constant, except for rounding
    return Scaling(mean, deviation)


def standardize(split: Split, scaling: Scaling) -> Split:
    """Return a split with standardised values, float32, in memory."""
    return replace(split, values=_standardized(split.values, split.lengths, scaling))


def standardize_numbers(parts: Sequence[Split]) -> list[Split]:
    """Return splits whose numeric targets are standardised by the first split's mean and deviation."""
    train = parts[0].numbers
    deviation = train.std(axis=0, keepdims=True)
    deviation[deviation <= 1e-12 * np.abs(train).max()] = 1
    units = Units(deviation, train.mean(axis=0, keepdims=True))
    return [
        replace(part, targets=((part.numbers - units.origin) / units.unit).astype(np.float32), units=units)
        for part in parts
    ]


def standardize_step_numbers(parts: Sequence[Split]) -> list[Split]:
    """Return splits whose numbers, one for each step, are standardised by all steps of the first split."""
    train = parts[0]
    own = train.own_steps
    numbers = train.numbers if own is None else train.numbers[own]
    deviation = numbers.std()
    units = Units(
        np.array([[deviation if deviation > 1e-12 * np.abs(numbers).max() else 1.0]]), np.array([[numbers.mean()]])
    )
    return [
        replace(part, targets=((part.numbers - units.origin) / units.unit).astype(np.float32), units=units)
        for part in parts
    ]


def _standardized(
    values: NDArray[Any] | Rows | Lookbacks, lengths: NDArray[np.int64] | None, scaling: Scaling
) -> NDArray[np.float32]:
    scaled = np.empty(values.shape, np.float32)
    for first, block in blocks(values):
        part = scaled[first : first + len(block)]
        part[:] = (block - scaling.mean) / scaling.deviation
        steps = within(lengths, values.shape[1], first, len(block))
        if steps is not None:
            part[~steps] = 0
    return scaled
