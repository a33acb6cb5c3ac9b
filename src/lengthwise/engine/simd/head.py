"""The head: z = W top + b, with top made of the top layer's outputs.

It is computed either once a window, from the outputs pooled over the steps (`lengthwise.engine.simd.pooling`), or once
a step, from its outputs; the buffers are the same. Backward, with dz the gradient at z:

    dW = dz topᵀ,   db = dz,   dtop = Wᵀ dz
"""

import numpy as np

from lengthwise.engine.simd.cells.cell import rows_from
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.layout import column_floats, step_floats
from lengthwise.engine.simd.panels import head_at, kept_rows
from lengthwise.engine.simd.pooling import pool, unpool
from lengthwise.engine.simd.products import (
    Columns,
    Rows,
    add_bias_gradient,
    add_weight_gradient,
    affine,
    transpose_rows,
)
from lengthwise.engine.simd.vectors import CHUNK, LANES, at, load, store

i64 = np.int64


@kernel
def _logits(cell, panels, sizes, workspace):
    """Write z (O, C) from top (D * H, C)."""
    K = sizes.D * sizes.H
    W, b = head_at(cell, panels.forward, sizes)
    top = workspace.top
    affine(sizes.O, workspace.z, b, W, K, top, W, K, top, i64(0))


@kernel
def _backward(cell, panels, gradients, sizes, workspace, dtop):
    """Add dW (O, D * H) and db (O,), and write dtop (D * H, C), from the gradient in z."""
    K, O = sizes.D * sizes.H, sizes.O
    z = Rows(workspace.z, 0)
    top = Columns(workspace.top_columns, 0, column_floats(K))
    dW, db = head_at(cell, gradients, sizes)
    add_weight_gradient(O, K, dW, z, top, i64(1))
    add_bias_gradient(O, db, z, i64(1))
    W_T, _ = head_at(cell, panels.backward, sizes)
    affine(K, dtop, workspace.zeros, W_T, O, z.p, W_T, O, z.p, i64(0))


@kernel
def head_forward(cell, panels, sizes, chunk, workspace):
    """Write z, the outputs for each window, from those of the layers."""
    pool(cell, sizes, chunk, workspace)
    _logits(cell, panels, sizes, workspace)


@kernel
def head_backward(cell, panels, gradients, sizes, chunk, workspace, dh):
    """Add the head's gradients, and write dh (s, D * H, C), the gradient at the top layer's outputs."""
    _backward(cell, panels, gradients, sizes, workspace, workspace.top)
    unpool(sizes, chunk, workspace, dh)


@kernel
def step_forward(cell, panels, sizes, chunk, workspace, t):
    """Write z, the outputs for step t of each window."""
    H, D, s = sizes.H, sizes.D, sizes.s
    N = H * CHUNK
    top = workspace.top
    kept = Rows(workspace.kept, step_floats(kept_rows(cell, sizes, chunk.training)))
    for d in range(D):
        j = t if d == 0 else s - 1 - t
        h_t = rows_from(kept, 0, ((sizes.L - 1) * D + d) * (s + 1) + 1 + j).p
        for i in range(0, N, LANES):
            store(load(h_t, i), top, d * N + i)
    if chunk.training:
        transpose_rows(D * H, top, workspace.top_columns, column_floats(D * H))
    _logits(cell, panels, sizes, workspace)


@kernel
def step_backward(cell, panels, gradients, sizes, workspace, t, dh):
    """Add the head's gradients of step t, and write dh at that step."""
    _backward(cell, panels, gradients, sizes, workspace, at(dh.p, t * dh.step))
