"""One chunk of sequences, forward and backward: the kernels that a training step consists of.

A chunk is C = ``CHUNK`` sequences side by side, the vector axis. Everything about it lives in a workspace that is
reused for the next chunk, so that memory does not grow with the batch. Letters:

    s   steps of the window            F   inputs of a layer         O   classes
    L   layers                         H   units                     C   sequences of the chunk

Buffers, float32, all in rows of a chunk (row-major, the last axis C):

    x (s, F, C)        the gathered window
    kept (L, s + 1, kept * H, C)  what forward keeps of each step; index 0 is the zero state before the first
    z (O + 2, C)       logits, then probabilities, then their gradient
    dz (s + 1, gates * H, C)       gradient at the pre-activations of one layer; index s is zero
    dh (s, H, C)       gradient that reaches a layer's outputs from above
"""

from typing import Any, NamedTuple

import numpy as np

from lengthwise.engine.cells.cell import Layer, backward, forward, gates, kept
from lengthwise.engine.head import logits
from lengthwise.engine.kernel import kernel
from lengthwise.engine.simd import (
    CHUNK,
    LANES,
    VECTORS,
    at,
    gather_transposed,
    pointer,
    splat,
    store,
    store_scalar,
)
from lengthwise.engine.tiles import add_weight_gradient, product

f32 = np.float32

GRADIENT_STEPS = 32
"""Steps whose weight gradients are summed at once, so that their activations are still in the cache."""


class Sizes(NamedTuple):
    """The sizes that a network and its windows have.

    Attributes
    ----------
    F, H, L, O : int
        Inputs of the first layer, units, layers, classes.
    s : int
        Steps of the window.
    """

    F: int
    H: int
    L: int
    O: int
    s: int


class Workspace(NamedTuple):
    """The buffers of one thread; see the head of this file.

    Attributes
    ----------
    x, kept, z, dz, dh : ndarray of shape (size,), float32
    ones : ndarray of shape (C,), float32
        The input that the bias has.
    offsets, targets : ndarray of shape (C,), int64
        Where each sequence's window begins in the data, in values; and its class.
    losses : ndarray of shape (C,), float32
    predicted : ndarray of shape (C,), int64
        What the head says of each sequence.
    """

    x: Any
    kept: Any
    z: Any
    dz: Any
    dh: Any
    ones: Any
    offsets: Any
    targets: Any
    losses: Any
    predicted: Any


def step_floats(rows: int) -> int:
    """Return the floats from one step's rows to the next's: an odd number of vectors.

    With a power of two, the same row of all steps would fall into one set of the first-level cache.
    """
    return (rows * VECTORS | 1) * LANES


step_stride = kernel(step_floats)


@kernel
def gather(values, sizes, count, scale, workspace):
    """Write the windows of the chunk's sequences to x as float32, feature by feature.

    A window is s * F consecutive values of its sequence, so it is transposed in squares without regard to its steps;
    the last square overlaps the one before. Sequences beyond `count` repeat the first.
    """
    length = sizes.s * sizes.F
    for j in range(count, CHUNK):
        workspace.offsets[j] = workspace.offsets[0]
    x = pointer(workspace.x)
    flat = pointer(values)
    if length < LANES:
        for i in range(length):
            for j in range(CHUNK):
                store_scalar(f32(flat[workspace.offsets[j] + i]) * scale, x, i * CHUNK + j)
        return
    for v in range(VECTORS):
        offsets = at(pointer(workspace.offsets), v * LANES)
        for first in range(0, length, LANES):
            i = min(first, length - LANES)
            gather_transposed(at(flat, i), offsets, scale, at(x, i * CHUNK + v * LANES))


@kernel
def clear(p, rows):
    """Write zeros to rows of a chunk buffer."""
    for i in range(rows * VECTORS):
        store(splat(f32(0)), p, i * LANES)


@kernel
def layer_at(cell, parameters, sizes, index):
    """Return a layer's place in the flat vector of parameters (or of gradients), and its inputs and units."""
    G = gates(cell) * sizes.H
    F = sizes.F if index == 0 else sizes.H
    start = 0 if index == 0 else G * (sizes.F + sizes.H + 1) + (index - 1) * G * (2 * sizes.H + 1)
    p = at(pointer(parameters), start)
    return Layer(p, at(p, G * F), at(p, G * (F + sizes.H)), F, sizes.H)


@kernel
def head_at(cell, parameters, sizes):
    """Return where the output layer's weights (O, H) and bias (O,) begin."""
    G = gates(cell) * sizes.H
    start = G * (sizes.F + sizes.H + 1) + (sizes.L - 1) * G * (2 * sizes.H + 1)
    W = at(pointer(parameters), start)
    return W, at(W, sizes.O * sizes.H)


@kernel
def forward_chunk(cell, parameters, sizes, workspace):
    """Run all layers over all steps of the gathered windows, and write the logits to z."""
    H = sizes.H
    stride = step_stride(kept(cell) * H)
    x = pointer(workspace.x)
    x_stride = sizes.F * CHUNK
    for index in range(sizes.L):
        layer = layer_at(cell, parameters, sizes, index)
        states = at(pointer(workspace.kept), index * (sizes.s + 1) * stride)
        clear(states, kept(cell) * H)
        for t in range(sizes.s):
            before = at(states, t * stride)
            forward(cell, H, layer, at(x, t * x_stride), before, at(before, stride))
        x = at(states, stride)
        x_stride = stride
    W, b = head_at(cell, parameters, sizes)
    logits(sizes.O, pointer(workspace.z), W, b, at(x, (sizes.s - 1) * stride), H)


@kernel
def backward_chunk(cell, parameters, gradients, sizes, workspace):
    """Add the gradients of the chunk's share of the loss, whose gradient at the logits z holds."""
    H, s = sizes.H, sizes.s
    stride = step_stride(kept(cell) * H)
    dh = pointer(workspace.dh)
    dh_stride = step_stride(H)
    dz = pointer(workspace.dz)
    dz_stride = step_stride(gates(cell) * H)
    G = gates(cell) * H
    ones = pointer(workspace.ones)

    top = at(pointer(workspace.kept), ((sizes.L - 1) * (s + 1) + s) * stride)
    z = pointer(workspace.z)
    W, _ = head_at(cell, parameters, sizes)
    dW, db = head_at(cell, gradients, sizes)
    add_weight_gradient(sizes.O, H, dW, H, z, 0, top, 0, 1)
    add_weight_gradient(sizes.O, 1, db, 1, z, 0, ones, 0, 1)
    for t in range(s - 1):
        clear(at(dh, t * dh_stride), H)
    product(H, at(dh, (s - 1) * dh_stride), W, 1, H, z, sizes.O)

    clear(at(dz, s * dz_stride), G)
    for index in range(sizes.L - 1, -1, -1):
        layer = layer_at(cell, parameters, sizes, index)
        gradient = layer_at(cell, gradients, sizes, index)
        states = at(pointer(workspace.kept), index * (s + 1) * stride)
        if index == 0:
            x, x_stride = pointer(workspace.x), layer.F * CHUNK
        else:
            x, x_stride = at(pointer(workspace.kept), ((index - 1) * (s + 1) + 1) * stride), stride
        stop = s
        while stop > 0:
            start = max(0, stop - GRADIENT_STEPS)
            for t in range(stop - 1, start - 1, -1):
                before = at(states, t * stride)
                dz_t = at(dz, t * dz_stride)
                dh_t = at(dh, t * dh_stride)
                backward(cell, H, layer, dh_t, at(dz_t, dz_stride), before, at(before, stride), dz_t)
                if index > 0:
                    product(layer.F, dh_t, layer.W_x, 1, layer.F, dz_t, G)
            first = at(dz, start * dz_stride)
            steps = stop - start
            add_weight_gradient(
                G, layer.F, gradient.W_x, layer.F, first, dz_stride, at(x, start * x_stride), x_stride, steps
            )
            add_weight_gradient(G, H, gradient.W_h, H, first, dz_stride, at(states, start * stride), stride, steps)
            add_weight_gradient(G, 1, gradient.b, 1, first, dz_stride, ones, 0, steps)
            stop = start
