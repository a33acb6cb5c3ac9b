"""One chunk of sequences, forward and backward: the kernels that a training step consists of.

A chunk is C = ``CHUNK`` sequences side by side, the vector axis. Everything about it lives in a workspace that is
reused for the next chunk, so that memory does not grow with the batch. Letters:

    s   steps of the window            F   inputs of a layer         O   classes
    L   layers                         H   units                     C   sequences of the chunk

Buffers, float32, in rows of a chunk (row-major, the last axis C):

    x (s, F, C)        the gathered window
    kept (L, s + 1, kept * H, C)  what forward keeps of each step; index 0 is the zero state before the first
    z (O + 2, C)       logits, then probabilities, then their gradient
    dz (s, gates * H, C)          gradient at the pre-activations of one layer
    dh (s, H, C)       gradient that reaches a layer's outputs from above

and sequence by sequence, as the weight gradients read them:

    x_columns (C, s, F)            the gathered window
    h_columns (L, s, C, H)         the layers' outputs, H rounded up to whole vectors
"""

from typing import Any, NamedTuple

import numpy as np

from lengthwise.engine.cells.cell import Layer, backward, forward, gates, kept
from lengthwise.engine.head import logits
from lengthwise.engine.kernel import inlined_kernel, kernel
from lengthwise.engine.simd import (
    CHUNK,
    LANES,
    VECTORS,
    at,
    gather_square,
    pointer,
    splat,
    store,
    store_scalar,
)
from lengthwise.engine.tiles import (
    Columns,
    Rows,
    add_bias_gradient,
    add_weight_gradient,
    pack,
    product,
    transpose_rows,
)

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
    x, kept, z, dz, dh, x_columns, h_columns : ndarray of shape (size,), float32
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
    x_columns: Any
    h_columns: Any
    offsets: Any
    targets: Any
    losses: Any
    predicted: Any


def step_floats(rows: int) -> int:
    """Return the floats from one step's rows to the next's: an odd number of vectors.

    With a power of two, the same row of all steps would fall into one set of the first-level cache.
    """
    return (rows * VECTORS | 1) * LANES


def window_floats(length: int) -> int:
    """Return the floats from one sequence's window of `length` values to the next's: an odd number of vectors."""
    return ((length + LANES - 1) // LANES | 1) * LANES


def column_floats(rows: int) -> int:
    """Return the floats from one sequence's column of `rows` values to the next's: whole vectors."""
    return (rows + LANES - 1) // LANES * LANES


step_stride = kernel(step_floats)
window_stride = kernel(window_floats)
column_stride = kernel(column_floats)


@kernel
def gather(values, sizes, count, scale, workspace):
    """Write the windows of the chunk's sequences to x, feature by feature, and to x_columns, sequence by sequence.

    A window is s * F consecutive values of its sequence, so it is transposed in squares without regard to its steps;
    the last square overlaps the one before. Sequences beyond `count` repeat the first.
    """
    length = sizes.s * sizes.F
    for j in range(count, CHUNK):
        workspace.offsets[j] = workspace.offsets[0]
    x = pointer(workspace.x)
    columns = pointer(workspace.x_columns)
    stride = window_stride(length)
    flat = pointer(values)
    if length < LANES:
        for i in range(length):
            for j in range(CHUNK):
                value = f32(flat[workspace.offsets[j] + i]) * scale
                store_scalar(value, x, i * CHUNK + j)
                store_scalar(value, columns, j * stride + i)
        return
    for j in range(0, CHUNK, LANES):
        offsets = at(pointer(workspace.offsets), j)
        for first in range(0, length, LANES):
            i = min(first, length - LANES)
            gather_square(at(flat, i), offsets, scale, at(x, i * CHUNK + j), at(columns, j * stride + i), stride)


@kernel
def clear(p, rows):
    """Write zeros to rows of a chunk buffer."""
    for i in range(rows * VECTORS):
        store(splat(f32(0)), p, i * LANES)


@kernel
def matrices_at(cell, p, sizes, index):
    """Return where a layer's W_x (G, F), W_h (G, H) and b (G,) begin in a flat vector of parameters, and its F."""
    G = gates(cell) * sizes.H
    F = sizes.F if index == 0 else sizes.H
    start = 0 if index == 0 else G * (sizes.F + sizes.H + 1) + (index - 1) * G * (2 * sizes.H + 1)
    W_x = at(p, start)
    return W_x, at(W_x, G * F), at(W_x, G * (F + sizes.H)), F


@kernel
def head_at(cell, p, sizes):
    """Return where the output layer's W (O, H) and b (O,) begin in a flat vector of parameters."""
    G = gates(cell) * sizes.H
    start = G * (sizes.F + sizes.H + 1) + (sizes.L - 1) * G * (2 * sizes.H + 1)
    W = at(p, start)
    return W, at(W, sizes.O * sizes.H)


@kernel
def layer_at(cell, panels, sizes, index):
    """Return a layer as the cell's functions take it."""
    P = len(panels) // 2
    W_x, W_h, b, F = matrices_at(cell, pointer(panels), sizes, index)
    W_xT, W_hT, _, _ = matrices_at(cell, at(pointer(panels), P), sizes, index)
    return Layer(W_x, W_h, b, W_xT, W_hT, F, sizes.H)


@kernel
def pack_layer(cell, parameters, panels, sizes, index):
    """Write the panels of layer number `index`, or of the head if it is L.

    Parameters
    ----------
    parameters : ndarray of shape (P,), float32
    panels : ndarray of shape (2 * P,), float32
        The matrices in the order of the parameters, packed for forward; then their transposes, for backward.
    """
    H, O = sizes.H, sizes.O
    p, q, qT = pointer(parameters), pointer(panels), at(pointer(panels), len(parameters))
    if index == sizes.L:
        W, b = head_at(cell, p, sizes)
        out, out_b = head_at(cell, q, sizes)
        out_T, _ = head_at(cell, qT, sizes)
        pack(O, 1, H, out, W, H, 1)
        pack(O, 1, 1, out_b, b, 1, 1)
        pack(H, 1, O, out_T, W, 1, H)
        return
    G = gates(cell) * H
    W_x, W_h, b, F = matrices_at(cell, p, sizes, index)
    layer = layer_at(cell, panels, sizes, index)
    pack(H, gates(cell), F, layer.W_x, W_x, F, 1)
    pack(H, gates(cell), H, layer.W_h, W_h, H, 1)
    pack(H, gates(cell), 1, layer.b, b, 1, 1)
    pack(F, 1, G, layer.W_xT, W_x, 1, F)
    pack(H, 1, G, layer.W_hT, W_h, 1, H)


@inlined_kernel
def forward_chunk(cell, panels, sizes, workspace, training):
    """Run all layers over all steps of the gathered windows, and write the logits to z."""
    H = sizes.H
    stride = step_stride(kept(cell) * H)
    columns = column_stride(H)
    x = Rows(pointer(workspace.x), sizes.F * CHUNK)
    for index in range(sizes.L):
        layer = layer_at(cell, panels, sizes, index)
        states = at(pointer(workspace.kept), index * (sizes.s + 1) * stride)
        h_columns = at(pointer(workspace.h_columns), index * sizes.s * CHUNK * columns)
        clear(states, kept(cell) * H)
        for t in range(sizes.s):
            before = at(states, t * stride)
            now = at(before, stride)
            forward(cell, layer, at(x.p, t * x.step), before, now, H if t > 0 else 0)
            if training:
                transpose_rows(H, now, at(h_columns, t * CHUNK * columns), columns)
        x = Rows(at(states, stride), stride)
    W, b = head_at(cell, pointer(panels), sizes)
    logits(sizes.O, pointer(workspace.z), W, b, at(x.p, (sizes.s - 1) * stride), H)


@inlined_kernel
def backward_chunk(cell, panels, gradients, sizes, workspace):
    """Add the gradients of the chunk's share of the loss, whose gradient at the logits z holds."""
    H, s = sizes.H, sizes.s
    G = gates(cell) * H
    stride = step_stride(kept(cell) * H)
    width = column_stride(H)
    dh = Rows(pointer(workspace.dh), step_stride(H))
    dz = Rows(pointer(workspace.dz), step_stride(G))
    h_columns = Columns(pointer(workspace.h_columns), CHUNK * width, width)
    head_backward(cell, panels, gradients, sizes, workspace, dh)
    for index in range(sizes.L - 1, -1, -1):
        layer = layer_at(cell, panels, sizes, index)
        dW_x, dW_h, db, F = matrices_at(cell, pointer(gradients), sizes, index)
        states = at(pointer(workspace.kept), index * (s + 1) * stride)
        h = steps_from(h_columns, index * s)
        if index == 0:
            x = Columns(pointer(workspace.x_columns), F, window_stride(s * F))
        else:
            x = steps_from(h_columns, (index - 1) * s)
        stop = s
        while stop > 0:
            start = max(0, stop - GRADIENT_STEPS)
            for t in range(stop - 1, start - 1, -1):
                before = at(states, t * stride)
                dz_t = at(dz.p, t * dz.step)
                dh_t = at(dh.p, t * dh.step)
                recurrent = G if t < s - 1 else 0
                backward(cell, layer, dh_t, at(dz_t, dz.step), before, at(before, stride), dz_t, recurrent)
                if index > 0:
                    product(F, dh_t, layer.W_xT, dz_t, G)
            steps = stop - start
            first = Rows(at(dz.p, start * dz.step), dz.step)
            add_weight_gradient(G, F, dW_x, first, steps_from(x, start), steps)
            add_bias_gradient(G, db, first, steps)
            # The state before step 0 is zero.
            skip = 1 if start == 0 else 0
            second = Rows(at(first.p, skip * dz.step), dz.step)
            add_weight_gradient(G, H, dW_h, second, steps_from(h, start + skip - 1), steps - skip)
            stop = start


@inlined_kernel
def steps_from(x, t):
    """Return Columns that begin at step t of x."""
    return Columns(at(x.p, t * x.step), x.step, x.sequence)


@inlined_kernel
def head_backward(cell, panels, gradients, sizes, workspace, dh):
    """Add the output layer's gradients, and write the gradient at the top layer's outputs."""
    H, O, s = sizes.H, sizes.O, sizes.s
    width = column_stride(H)
    top = Columns(at(pointer(workspace.h_columns), (sizes.L * s - 1) * CHUNK * width), 0, width)
    z = Rows(pointer(workspace.z), 0)
    dW, db = head_at(cell, pointer(gradients), sizes)
    add_weight_gradient(O, H, dW, z, top, 1)
    add_bias_gradient(O, db, z, 1)
    for t in range(s - 1):
        clear(at(dh.p, t * dh.step), H)
    W_T, _ = head_at(cell, at(pointer(panels), len(panels) // 2), sizes)
    product(H, at(dh.p, (s - 1) * dh.step), W_T, z.p, O)
