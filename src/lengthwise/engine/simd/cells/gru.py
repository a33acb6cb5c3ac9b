"""The GRU cell whose reset gate acts after the recurrent product, as in PyTorch, cuDNN and Keras.

Cho et al., Learning phrase representations using RNN encoder-decoder for statistical machine translation, in the form
of its first version, arXiv:1406.1078v1, 2014.

    r_t = σ(W_xr x_t + W_hr h_{t-1} + b_r)          a_t = W_hn h_{t-1} + b_hn
    z_t = σ(W_xz x_t + W_hz h_{t-1} + b_z)          n_t = tanh(W_xn x_t + b_n + r_t a_t)
    h_t = (1 - z_t) n_t + z_t h_{t-1}

The rows of W_x and W_h are those of r, z, n, in this order; b has b_r, b_z, b_n, b_hn. Backward, with dh_t the gradient
that reaches h_t from above, and dz_r, dz_z, dz_n, dz_a those at the arguments of σ, σ, tanh, and at a:

    dh_t += W_hrᵀ dz_r,t+1 + W_hzᵀ dz_z,t+1 + W_hnᵀ dz_a,t+1 + z_{t+1} dh_{t+1}
    dz_n = dh_t (1 - z_t) (1 - n_t²)                dz_a = dz_n r_t
    dz_r = dz_n a_t r_t (1 - r_t)                   dz_z = dh_t (h_{t-1} - n_t) z_t (1 - z_t)

Kept of a step, in blocks of H rows: h, r, z, n, a; of dz: r, z, n, a.
"""

import numpy as np

from lengthwise.engine.simd.cells.cell import Cell, columns_from, rows_from
from lengthwise.engine.simd.elementary import sigmoid, tanh
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.products import add_bias_gradient, add_matrix_product, add_weight_gradient, affine
from lengthwise.engine.simd.vectors import CHUNK, LANES, at, load, splat, store

i64 = np.int64


@kernel
def _forward(layer, x, before, now, terms):
    F, H = layer.F, layer.H
    N = H * CHUNK
    W_xn, W_hn = at(layer.W_x, 2 * H * F), at(layer.W_h, 2 * H * H)
    b_n, b_hn = at(layer.b, 2 * H), at(layer.b, 3 * H)
    r_, z_, n_, a_ = at(now, N), at(now, 2 * N), at(now, 3 * N), at(now, 4 * N)
    one = splat(np.float32(1))
    affine(2 * H, r_, layer.b, layer.W_x, F, x, layer.W_h, H, before, terms)
    affine(H, n_, b_n, W_xn, F, x, W_hn, H, before, i64(0))
    affine(H, a_, b_hn, W_xn, i64(0), x, W_hn, H, before, terms)
    for i in range(0, N, LANES):
        r = sigmoid(load(r_, i))
        z = sigmoid(load(z_, i))
        n = tanh(load(n_, i) + r * load(a_, i))
        store(r, r_, i)
        store(z, z_, i)
        store(n, n_, i)
        store((one - z) * n + z * load(before, i), now, i)


@kernel
def _backward(layer, dh_, dz_next, carry, before, now, dz, terms):
    H = layer.H
    N = H * CHUNK
    one = splat(np.float32(1))
    add_matrix_product(H, dh_, layer.W_hT, 2 * H, dz_next, 2 * terms)
    add_matrix_product(H, dh_, at(layer.W_hT, 2 * H * H), H, at(dz_next, 3 * N), terms)
    for i in range(0, N, LANES):
        r, z, n, a = load(now, N + i), load(now, 2 * N + i), load(now, 3 * N + i), load(now, 4 * N + i)
        dh = load(dh_, i) + load(carry, i)
        dz_n = dh * (one - z) * (one - n * n)
        store(dz_n * a * r * (one - r), dz, i)
        store(dh * (load(before, i) - n) * z * (one - z), dz, N + i)
        store(dz_n, dz, 2 * N + i)
        store(dz_n * r, dz, 3 * N + i)
        store(dh * z, carry, i)


@kernel
def _add_gradients(layer, gradient, block):
    F, H = layer.F, layer.H
    dz, first, steps = block.dz, block.first, block.steps
    h = columns_from(block.h, first)
    add_weight_gradient(3 * H, F, gradient.W_x, dz, block.x, steps)
    add_weight_gradient(2 * H, H, gradient.W_h, rows_from(dz, 0, first), h, steps - first)
    add_weight_gradient(H, H, at(gradient.W_h, 2 * H * H), rows_from(dz, 3 * H, first), h, steps - first)
    add_bias_gradient(4 * H, gradient.b, dz, steps)


GRU = Cell(
    "gru", forward=_forward, backward=_backward,
    add_gradients=_add_gradients,
)  # fmt: skip
