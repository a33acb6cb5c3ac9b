"""The pooling of the top layer's outputs over the steps, for the head, and its gradient.

    LAST   each direction's output at the last step that it computes: the last valid one, or read backwards the first
    MEAN   the mean of the outputs over the valid steps
    MAX    the largest output over the valid steps, unit by unit; the first of equals

A step is valid for a sequence if it is below the length of the sequence's window.
"""

import numpy as np

from lengthwise.engine.protocol import MAX, MEAN
from lengthwise.engine.simd.cells.cell import rows_from
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.layout import column_floats, step_floats
from lengthwise.engine.simd.panels import kept_rows
from lengthwise.engine.simd.products import Rows, transpose_rows
from lengthwise.engine.simd.vectors import CHUNK, LANES, at, load, maximum, splat, store, where_less

f32 = np.float32


@kernel
def where_equal(a, b, x, y):
    """Return `x` in the lanes where ``a == b``, and `y` in the others."""
    return where_less(a, b, y, where_less(b, a, y, x))


@kernel
def _last(N, top, h, d, chunk, lengths):
    s = chunk.steps
    for i in range(0, N, LANES):
        store(load(h.p, (s - 1) * h.step + i), top, i)
    if d == 1:
        return
    for t in range(s - 2, chunk.shortest - 2, -1):
        # For windows that end by step t: each step overwrites what a later one wrote, until the last valid one.
        end = splat(f32(t + 1.5))
        for i in range(0, N, LANES):
            length = load(lengths, i % CHUNK)
            store(where_less(length, end, load(h.p, t * h.step + i), load(top, i)), top, i)


@kernel
def _mean(N, top, h, chunk, shares):
    for i in range(0, N, LANES):
        total = load(h.p, i)
        for t in range(1, chunk.steps):
            total = total + load(h.p, t * h.step + i)
        store(total * load(shares, i % CHUNK), top, i)


@kernel
def _max(N, top, where, h, d, chunk, lengths):
    s = chunk.steps
    lowest = splat(f32(-np.inf))
    for i in range(0, N, LANES):
        length = load(lengths, i % CHUNK)
        best, step = lowest, splat(f32(0))
        for t in range(s):
            now = splat(f32(t))
            j = t if d == 0 else s - 1 - t
            value = where_less(now, length, load(h.p, j * h.step + i), lowest)
            step = where_less(best, value, now, step)
            best = maximum(best, value)
        store(best, top, i)
        store(step, where, i)


@kernel
def pool(cell, sizes, chunk, workspace):
    """Write top (D * H, C), the head's inputs, and top_columns."""
    H, D, s = sizes.H, sizes.D, sizes.s
    N = H * CHUNK
    lengths = workspace.lengths
    kept = Rows(workspace.kept, step_floats(kept_rows(cell, sizes, chunk.training)))
    for d in range(D):
        h = rows_from(kept, 0, ((sizes.L - 1) * D + d) * (s + 1) + 1)
        top = at(workspace.top, d * N)
        if sizes.pooling == MEAN:
            # A state beyond its window's length is zero.
            _mean(N, top, h, chunk, workspace.shares)
        elif sizes.pooling == MAX:
            _max(N, top, at(top, D * N), h, d, chunk, lengths)
        else:
            _last(N, top, h, d, chunk, lengths)
    if chunk.training:
        transpose_rows(D * H, workspace.top, workspace.top_columns, column_floats(D * H))


@kernel
def unpool(sizes, chunk, workspace, dh):
    """Write dh (s, D * H, C), the gradient at the top layer's outputs, from that at the head's inputs, in top."""
    H, D, s = sizes.H, sizes.D, sizes.s
    N = H * CHUNK
    zero = splat(f32(0))
    top = workspace.top
    where = at(top, D * N)
    lengths, shares = workspace.lengths, workspace.shares
    for t in range(s):
        now, end = splat(f32(t)), splat(f32(t + 1))
        dh_t = at(dh.p, t * dh.step)
        for i in range(0, D * N, LANES):
            d = zero
            if sizes.pooling == MEAN:
                d = where_less(now, load(lengths, i % CHUNK), load(top, i) * load(shares, i % CHUNK), zero)
            elif sizes.pooling == MAX:
                d = where_equal(now, load(where, i), load(top, i), zero)
            elif i >= N:
                d = load(top, i) if t == 0 else zero
            elif t >= chunk.shortest - 1:
                d = where_equal(end, load(lengths, i % CHUNK), load(top, i), zero)
            store(d, dh_t, i)
