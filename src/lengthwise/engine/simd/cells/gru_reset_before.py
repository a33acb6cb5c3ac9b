"""The GRU cell whose reset gate acts before the recurrent product.

Cho et al., Learning phrase representations using RNN encoder-decoder for statistical machine translation, 2014.

    r_t = σ(W_xr x_t + W_hr h_{t-1} + b_r)          q_t = r_t h_{t-1}
    z_t = σ(W_xz x_t + W_hz h_{t-1} + b_z)          n_t = tanh(W_xn x_t + W_hn q_t + b_n)
    h_t = (1 - z_t) n_t + z_t h_{t-1}

The rows of W_x, W_h and b are those of r, z, n, in this order. Backward, with dh_t the gradient that reaches h_t from
above, and dz_r, dz_z, dz_n those at the arguments of σ, σ, tanh:

    dh_t += W_hrᵀ dz_r,t+1 + W_hzᵀ dz_z,t+1 + z_{t+1} dh_{t+1} + r_{t+1} dq_{t+1}
    dz_n = dh_t (1 - z_t) (1 - n_t²)                dq = W_hnᵀ dz_n
    dz_z = dh_t (h_{t-1} - n_t) z_t (1 - z_t)       dz_r = dq h_{t-1} r_t (1 - r_t)

Kept of a step, in blocks of H rows: h, r, z, n, q; of dz: r, z, n.
"""

import numpy as np

from lengthwise.engine.simd.cells.cell import Cell, columns_from, rows_from
from lengthwise.engine.simd.elementary import sigmoid, tanh
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.products import (
    add_bias_gradient,
    add_matrix_product,
    add_weight_gradient,
    affine,
    transpose_rows,
)
from lengthwise.engine.simd.vectors import CHUNK, LANES, at, load, splat, store

i64 = np.int64


@kernel
def _forward(layer, x, before, now, terms):
    F, H = layer.F, layer.H
    N = H * CHUNK
    W_xn, W_hn, b_n = at(layer.W_x, 2 * H * F), at(layer.W_h, 2 * H * H), at(layer.b, 2 * H)
    r_, z_, n_, q_ = at(now, N), at(now, 2 * N), at(now, 3 * N), at(now, 4 * N)
    one = splat(np.float32(1))
    affine(2 * H, r_, layer.b, layer.W_x, F, x, layer.W_h, H, before, terms)
    for i in range(0, N, LANES):
        r = sigmoid(load(r_, i))
        store(r, r_, i)
        store(r * load(before, i), q_, i)
    affine(H, n_, b_n, W_xn, F, x, W_hn, H, q_, terms)
    for i in range(0, N, LANES):
        z = sigmoid(load(z_, i))
        n = tanh(load(n_, i))
        store(z, z_, i)
        store(n, n_, i)
        store((one - z) * n + z * load(before, i), now, i)


@kernel
def _backward(layer, dh_, dz_next, carry, before, now, dz, terms):
    H = layer.H
    N = H * CHUNK
    one = splat(np.float32(1))
    dq_, dz_n_ = dz, at(dz, 2 * N)
    add_matrix_product(H, dh_, layer.W_hT, 2 * H, dz_next, 2 * terms)
    for i in range(0, N, LANES):
        z, n = load(now, 2 * N + i), load(now, 3 * N + i)
        dh = load(dh_, i) + load(carry, i)
        store(dh * (one - z) * (one - n * n), dz_n_, i)
        store(dh * (load(before, i) - n) * z * (one - z), dz, N + i)
        store(dh * z, carry, i)
    W_hnT = at(layer.W_hT, 2 * H * H)
    affine(H, dq_, layer.zeros, W_hnT, H, dz_n_, W_hnT, H, dz_n_, i64(0))
    for i in range(0, N, LANES):
        r, dq = load(now, N + i), load(dq_, i)
        store(dq * load(before, i) * r * (one - r), dz, i)
        store(load(carry, i) + dq * r, carry, i)


@kernel
def _add_gradients(layer, gradient, block):
    F, H = layer.F, layer.H
    dz, q, first, steps = block.dz, block.scratch, block.first, block.steps
    for t in range(steps):
        transpose_rows(H, rows_from(block.kept, 4 * H, t).p, columns_from(q, t).p, q.sequence)
    h = columns_from(block.h, first)
    add_weight_gradient(3 * H, F, gradient.W_x, dz, block.x, steps)
    add_weight_gradient(2 * H, H, gradient.W_h, rows_from(dz, 0, first), h, steps - first)
    add_weight_gradient(H, H, at(gradient.W_h, 2 * H * H), rows_from(dz, 2 * H, 0), q, steps)
    add_bias_gradient(3 * H, gradient.b, dz, steps)


GRU_RESET_BEFORE = Cell("gru_reset_before", forward=_forward, backward=_backward, add_gradients=_add_gradients)
