"""Where everything lies: the flat vector of parameters, its panels, and a thread's buffers.

A chunk is C = ``CHUNK`` sequences side by side, the vector axis. Everything about it lives in a workspace that is
reused for the next chunk, so that memory does not grow with the batch. Letters:

    s   steps of the window            F   inputs of a layer         O   classes, or numbers
    L   layers                         H   units                     C   sequences of the chunk
    D   directions, 1 or 2

Buffers, float32, in rows of a chunk (row-major, the last axis C):

    x (s, F, C)                       the gathered window
    kept (L * D, s + 1, kept * H, C)  what forward keeps of each step, in the order of computation; index 0 is the state
                                      before the first: zero, or what the window before ended with; in evaluation
                                      only the states stay, see `kept_rows`
    y (L, s, D * H, C)                a layer's outputs as the layer above sees them, in the order of time: of both
                                      directions, after dropout; of use only where that is not `kept` itself
    top (2 * D * H, C)                what the head sees of the steps, and where the maximum was found
    z (O + 2, C)                      logits, then probabilities, then their gradient
    dz (s, gradients * H, C)          gradient at the pre-activations of one layer, in the order of computation
    dh, dx (s, D * H, C)              gradient that reaches a layer's outputs from above, and what it hands down
    carry (H, C)                      what a step leaves for the step before, see `cells.cell.Cell`

and sequence by sequence, as the weight gradients read them (the last axis rounded up to whole vectors):

    x_columns (C, s, F)               the gathered window
    h_columns (L * D, s + 1, C, H)    the outputs of each step, in the order of computation; index 0 is the state before
    y_columns (L, s, C, D * H)        the outputs as the layer above sees them
    top_columns (C, D * H)            what the head sees
    scratch (GRADIENT_STEPS, C, H)    room for a cell
"""

from typing import Any, NamedTuple

import numpy as np

from lengthwise.engine.simd.cells.cell import Gradient, Layer, sizes_of
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.products import pack
from lengthwise.engine.simd.vectors import LANES, VECTORS, at

i64 = np.int64

GRADIENT_STEPS = 32
"""Steps whose weight gradients are summed at once, so that their activations are still in the cache."""


class Panels(NamedTuple):
    """The parameters in the order in which the tiles read them; see `pack_layer`.

    Attributes
    ----------
    forward : pointer to float32, shape (P,)
        The matrices and biases in the order of the parameters.
    backward : pointer to float32, shape (P,)
        The matrices' transposes.
    """

    forward: Any
    backward: Any


class Workspace(NamedTuple):
    """The buffers of one thread; see the head of this file. The kernels are handed their addresses.

    Attributes
    ----------
    x, kept, y, top, z, dz, dh, dx, carry, zeros : ndarray of shape (size,), float32
    x_columns, h_columns, y_columns, top_columns, scratch : ndarray of shape (size,), float32
    offsets, targets : ndarray of shape (C,), int64
        Where each sequence's window begins in the data, in values; and its class.
    sequences, starts : ndarray of shape (C,), int64
        Which sequence each one is, and its window's first step, where every step is judged.
    numbers : ndarray of shape (O * C,), float32
        What is to be said of each sequence, (O, C), where that is numbers.
    lengths, shares : ndarray of shape (C,), float32
        Steps of each sequence's window, at most s, and 1 divided by it.
    factors, step_factors : ndarray of shape (C,), float32
        What each sequence's loss is multiplied by in the batch's; the same of a step.
    losses, step_losses : ndarray of shape (C,), float32
        Of a window, and of one step.
    scores : ndarray of shape (C,), float32
        How well each window is done: what the loss says that is.
    predicted : ndarray of shape (C,), int64
        What class the head says of each sequence.
    """

    x: Any
    kept: Any
    y: Any
    top: Any
    z: Any
    dz: Any
    dh: Any
    dx: Any
    carry: Any
    zeros: Any
    x_columns: Any
    h_columns: Any
    y_columns: Any
    top_columns: Any
    scratch: Any
    offsets: Any
    targets: Any
    sequences: Any
    starts: Any
    numbers: Any
    lengths: Any
    shares: Any
    factors: Any
    step_factors: Any
    losses: Any
    step_losses: Any
    scores: Any
    predicted: Any


class Chunk(NamedTuple):
    """Which sequences a chunk has.

    Attributes
    ----------
    first, examples : int
        Its first example of the batch, and how many there are.
    shortest : int
        Steps of its shortest window: s, or less where sequences are shorter than the window.
    shown : int
        Steps that the head sees: s, or less where windows are judged by their first steps.
    training : bool
        Whether there will be a backward pass.
    key : uint64
        What dropout is drawn from.
    """

    first: int
    examples: int
    shortest: int
    shown: int
    training: bool
    key: Any


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
def kept_rows(cell, sizes, training):
    """Return how many rows of each step stay: what backward reads, or without one what the next step does.

    Without a backward pass a step writes its other rows where the next step's will be, so that they never leave the
    cache.
    """
    size = sizes_of(cell)
    return (size.kept if training else size.states) * sizes.H


@kernel
def mixes(sizes):
    """Return whether the layers above the first see something else than what the layer below has kept."""
    return sizes.D > 1 or sizes.dropout > 0


@kernel
def inputs_of(sizes, place):
    """Return the inputs of the layer at `place`, F; places are counted layer by layer, direction by direction."""
    return sizes.F if place < sizes.D else sizes.D * sizes.H


@kernel
def matrices_at(cell, p, sizes, place):
    """Return where the matrices of the layer at `place` begin in a flat vector of parameters."""
    H, D = sizes.H, sizes.D
    size = sizes_of(cell)
    G = size.gates * H
    first = G * (sizes.F + H) + size.biases * H
    other = G * (D * H + H) + size.biases * H
    W_x = at(p, min(place, D) * first + max(place - D, 0) * other)
    F = inputs_of(sizes, place)
    return Gradient(W_x, at(W_x, G * F), at(W_x, G * (F + H)))


@kernel
def head_at(cell, p, sizes):
    """Return where the output layer's W (O, D * H) and b (O,) begin in a flat vector of parameters."""
    W = matrices_at(cell, p, sizes, sizes.L * sizes.D).W_x
    return W, at(W, sizes.O * sizes.D * sizes.H)


@kernel
def layer_at(cell, panels, zeros, sizes, place):
    """Return the layer at `place` as the cell's functions take it."""
    W = matrices_at(cell, panels.forward, sizes, place)
    W_T = matrices_at(cell, panels.backward, sizes, place)
    return Layer(W.W_x, W.W_h, W.b, W_T.W_x, W_T.W_h, zeros, inputs_of(sizes, place), sizes.H)


@kernel
def pack_layer(cell, parameters, panels, sizes, place):
    """Write the panels of the layer at `place`.

    Parameters
    ----------
    parameters : pointer to float32, shape (P,)
    panels : Panels
        Written.
    """
    H = sizes.H
    size = sizes_of(cell)
    F = inputs_of(sizes, place)
    G, J, one = size.gates * H, size.joint * H, i64(1)
    W = matrices_at(cell, parameters, sizes, place)
    out = matrices_at(cell, panels.forward, sizes, place)
    out_T = matrices_at(cell, panels.backward, sizes, place)
    # The first J rows, and the others.
    pack(J, F, out.W_x, W.W_x, F, one)
    pack(J, H, out.W_h, W.W_h, H, one)
    pack(G - J, F, at(out.W_x, J * F), at(W.W_x, J * F), F, one)
    pack(G - J, H, at(out.W_h, J * H), at(W.W_h, J * H), H, one)
    pack(F, G, out_T.W_x, W.W_x, one, F)
    pack(H, J, out_T.W_h, W.W_h, one, H)
    pack(H, G - J, at(out_T.W_h, J * H), at(W.W_h, J * H), one, H)
    pack(size.biases * H, one, out.b, W.b, one, one)


@kernel
def pack_head(cell, parameters, panels, sizes):
    """Write the panels of the head, as `pack_layer` does those of a layer."""
    K, O, one = sizes.D * sizes.H, sizes.O, i64(1)
    W, b = head_at(cell, parameters, sizes)
    out, out_b = head_at(cell, panels.forward, sizes)
    out_T, _ = head_at(cell, panels.backward, sizes)
    pack(O, K, out, W, K, one)
    pack(K, O, out_T, W, one, K)
    pack(O, one, out_b, b, one, one)
