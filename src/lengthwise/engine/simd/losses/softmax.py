"""Softmax and cross-entropy of a chunk's logits z.

    loss = log Σ exp(z) - z_target,   dz = (softmax(z) - onehot(target)) w

with w the example's weight in the batch's loss, 1 / B unless examples are weighted.

Sizes: O classes, C sequences a chunk. All buffers are rows of a chunk.
"""

import math

import numpy as np

from lengthwise.engine.simd.elementary import exp
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.vectors import (
    CHUNK,
    LANES,
    VECTORS,
    at,
    load,
    maximum,
    splat,
    store,
    store_scalar,
    where_less,
)

f32 = np.float32


@kernel
def predictions(O, z, count, predicted):
    """Write the class of the largest logit, the first of equals, of the first `count` sequences of the chunk.

    Parameters
    ----------
    z : pointer to float32, shape (O + 2, C)
        The row after the logits is overwritten.
    predicted : pointer to int64, shape (count,)
    """
    for v in range(VECTORS):
        column = at(z, v * LANES)
        largest, best = load(column, 0), splat(f32(0))
        for o in range(1, O):
            logit = load(column, o * CHUNK)
            best = where_less(largest, logit, splat(f32(o)), best)
            largest = maximum(logit, largest)
        store(best, column, O * CHUNK)
    for j in range(count):
        store_scalar(int(z[O * CHUNK + j]), predicted, j)


@kernel
def cross_entropy(O, z, targets, count, losses):
    """Turn the logits z into probabilities in place, and write the losses of the first `count` sequences.

    Parameters
    ----------
    z : pointer to float32, shape (O + 2, C)
        The two rows after the logits are overwritten.
    targets : pointer to int64, shape (C,)
    losses : pointer to float32, shape (C,)
    """
    for j in range(count):
        store_scalar(-z[targets[j] * CHUNK + j], losses, j)
    for v in range(VECTORS):
        column = at(z, v * LANES)
        largest = load(column, 0)
        for o in range(1, O):
            largest = maximum(load(column, o * CHUNK), largest)
        total = splat(f32(0))
        for o in range(O):
            e = exp(load(column, o * CHUNK) - largest)
            store(e, column, o * CHUNK)
            total = total + e
        store(largest, column, O * CHUNK)
        store(total, column, (O + 1) * CHUNK)
        scale = splat(f32(1)) / total
        for o in range(O):
            store(load(column, o * CHUNK) * scale, column, o * CHUNK)
    for j in range(count):
        store_scalar(losses[j] + (z[O * CHUNK + j] + f32(math.log(z[(O + 1) * CHUNK + j]))), losses, j)


@kernel
def loss_gradient(O, z, targets, count, factors):
    """Turn probabilities into the gradient of the batch's loss, zero for sequences beyond `count`.

    Parameters
    ----------
    factors : pointer to float32, shape (C,)
        Factor of each sequence's loss.
    """
    for o in range(O):
        for j in range(CHUNK):
            store_scalar(z[o * CHUNK + j] * factors[j] if j < count else f32(0), z, o * CHUNK + j)
    for j in range(count):
        position = targets[j] * CHUNK + j
        store_scalar(z[position] - factors[j], z, position)
