"""Between a batch's arrays and the rows of a chunk: what the kernels of `lengthwise.engine.simd.stack` read and write.

Letters as there; B is the sequences of a batch.
"""

from typing import Any, NamedTuple

import numpy as np

from lengthwise.engine.simd.cells.cell import rows_from, sizes_of
from lengthwise.engine.simd.chunk import gather, step_of_window
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.layout import Chunk, column_floats, step_floats, window_floats
from lengthwise.engine.simd.products import Rows, transpose_rows
from lengthwise.engine.simd.vectors import CHUNK, LANES, at, load, store, store_scalar

f32 = np.float32


class Window(NamedTuple):
    """The sizes that `lengthwise.engine.simd.chunk.gather` asks for: values of a step, and steps."""

    F: Any
    s: Any


class Gathered(NamedTuple):
    """What `lengthwise.engine.simd.chunk.gather` writes to."""

    x: Any
    x_columns: Any
    offsets: Any
    lengths: Any
    shares: Any


@kernel
def locate_chunk(index, B, lengths, sizes, buffers):
    """Write which sequences a chunk has, and how long they are.

    Parameters
    ----------
    index : int
        The number of the chunk in the batch.

    Returns
    -------
    Chunk
    """
    first = index * CHUNK
    count = min(CHUNK, B - first)
    shortest = sizes.s if count == CHUNK else 0
    for j in range(CHUNK):
        is_filled = j < count
        store_scalar(first + j if is_filled else first, buffers.rows, j)
        length = lengths[first + j] if is_filled else 0
        store_scalar(length, buffers.lengths, j)
        shortest = min(shortest, length)
    return Chunk(first, count, shortest, sizes.s, True, np.uint64(0))


@kernel
def gather_values(values, F, out, columns, sizes, chunk, buffers):
    """Write the chunk's values (B, s, F) to rows and columns, zero beyond a sequence's length."""
    for j in range(CHUNK):
        store_scalar(buffers.rows[j] * sizes.s * F, buffers.offsets, j)
    of_values = Window(F, sizes.s)
    whole = Chunk(chunk.first, CHUNK, chunk.shortest, chunk.steps, True, chunk.key)
    gather(values, of_values, whole, f32(1), Gathered(out, columns, buffers.offsets, buffers.lengths, buffers.shares))


@kernel
def read_states(states, H, chunk, out):
    """Write a layer's states (B, H) to rows (H, C), zero beyond the chunk's sequences."""
    for j in range(CHUNK):
        for row in range(H):
            state = states[(chunk.first + j) * H + row] if j < chunk.examples else f32(0)
            store_scalar(state, out, row * CHUNK + j)


@kernel
def write_states(p, H, chunk, states):
    """Write rows (H, C) to a layer's states (B, H)."""
    for j in range(chunk.examples):
        for row in range(H):
            store_scalar(p[row * CHUNK + j], states, (chunk.first + j) * H + row)


@kernel
def _copy(count, p, out):
    """Copy `count` numbers."""
    whole = count // LANES * LANES
    for i in range(0, whole, LANES):
        store(load(p, i), out, i)
    for i in range(whole, count):
        store_scalar(p[i], out, i)


@kernel
def write_outputs(cell, sizes, chunk, kept, buffers, y):
    """Write the top layer's outputs to y (B, s, D * H)."""
    H, D, s = sizes.H, sizes.D, sizes.s
    states = Rows(kept, step_floats(sizes_of(cell).kept * H))
    columns, width = buffers.out_columns, column_floats(H)
    for t in range(s):
        for d in range(D):
            place = (sizes.L - 1) * D + d
            h = rows_from(states, 0, place * (s + 1) + 1 + step_of_window(d, t, s)).p
            transpose_rows(H, h, columns, width)
            for j in range(chunk.examples):
                out = at(y, (((chunk.first + j) * s + t) * D + d) * H)
                if t < buffers.lengths[j]:
                    _copy(H, at(columns, j * width), out)
                else:
                    for row in range(H):
                        store_scalar(f32(0), out, row)


@kernel
def write_input_gradient(sizes, chunk, buffers, dx):
    """Write the gradient at the inputs to dx (B, s, F)."""
    length = sizes.s * sizes.F
    # The inputs themselves are not needed any more, and their columns have room for whole squares.
    columns, width = buffers.x_columns, window_floats(length)
    transpose_rows(length, buffers.dinputs, columns, width)
    for j in range(chunk.examples):
        _copy(length, at(columns, j * width), at(dx, (chunk.first + j) * length))
