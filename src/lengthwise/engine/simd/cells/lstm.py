"""The LSTM cell with a forget gate.

Hochreiter and Schmidhuber, Long short-term memory, Neural Computation 9, 1997; the forget gate is of Gers, Schmidhuber
and Cummins, Learning to forget: continual prediction with LSTM, Neural Computation 12, 2000.

    i_t = σ(W_xi x_t + W_hi h_{t-1} + b_i)          c_t = f_t c_{t-1} + i_t g_t
    f_t = σ(W_xf x_t + W_hf h_{t-1} + b_f)          h_t = o_t tanh(c_t)
    g_t = tanh(W_xg x_t + W_hg h_{t-1} + b_g)
    o_t = σ(W_xo x_t + W_ho h_{t-1} + b_o)

The rows of W_x, W_h and b are those of i, f, g, o, in this order. Backward, with dh_t the gradient that reaches h_t
from above, dz the gradients at the arguments of σ and tanh, and y_t = tanh(c_t):

    dh_t += W_hᵀ dz_{t+1}
    dc_t = f_{t+1} dc_{t+1} + dh_t o_t (1 - y_t²)
    dz_i = dc_t g_t i_t (1 - i_t)                   dz_g = dc_t i_t (1 - g_t²)
    dz_f = dc_t c_{t-1} f_t (1 - f_t)               dz_o = dh_t y_t o_t (1 - o_t)

Kept of a step, in blocks of H rows: h, c, i, f, g, o.
"""

import numpy as np

from lengthwise.engine.simd.cells.cell import Cell
from lengthwise.engine.simd.elementary import sigmoid, tanh
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.products import add_matrix_product, affine
from lengthwise.engine.simd.vectors import CHUNK, LANES, at, load, splat, store


@kernel
def _forward(layer, x, before, now, terms):
    F, H = layer.F, layer.H
    N = H * CHUNK
    h_, c_, i_, f_, g_, o_ = now, at(now, N), at(now, 2 * N), at(now, 3 * N), at(now, 4 * N), at(now, 5 * N)
    affine(4 * H, i_, layer.b, layer.W_x, F, x, layer.W_h, H, before, terms)
    for n in range(0, N, LANES):
        i = sigmoid(load(i_, n))
        f = sigmoid(load(f_, n))
        g = tanh(load(g_, n))
        o = sigmoid(load(o_, n))
        c = f * load(before, N + n) + i * g
        store(i, i_, n)
        store(f, f_, n)
        store(g, g_, n)
        store(o, o_, n)
        store(c, c_, n)
        store(o * tanh(c), h_, n)


@kernel
def _backward(layer, dh_, dz_next, carry, before, now, dz, terms):
    H = layer.H
    N = H * CHUNK
    one = splat(np.float32(1))
    add_matrix_product(H, dh_, layer.W_hT, 4 * H, dz_next, 4 * terms)
    for n in range(0, N, LANES):
        i, f, g, o = load(now, 2 * N + n), load(now, 3 * N + n), load(now, 4 * N + n), load(now, 5 * N + n)
        y = tanh(load(now, N + n))
        dh = load(dh_, n)
        dc = load(carry, n) + dh * o * (one - y * y)
        store(dc * g * i * (one - i), dz, n)
        store(dc * load(before, N + n) * f * (one - f), dz, N + n)
        store(dc * i * (one - g * g), dz, 2 * N + n)
        store(dh * y * o * (one - o), dz, 3 * N + n)
        store(dc * f, carry, n)


LSTM = Cell("lstm", forward=_forward, backward=_backward)
