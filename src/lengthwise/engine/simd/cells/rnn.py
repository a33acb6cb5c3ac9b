"""The tanh RNN cell (Elman, Finding structure in time, Cognitive Science 14, 1990).

    z_t = W_x x_t + W_h h_{t-1} + b          h_t = tanh(z_t)

Backward, with dh_t the gradient that reaches h_t from above:

    dz_t = (dh_t + W_hᵀ dz_{t+1}) (1 - h_t²)
"""

import numpy as np

from lengthwise.engine.simd.cells.cell import Cell
from lengthwise.engine.simd.elementary import tanh
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.products import add_matrix_product, affine
from lengthwise.engine.simd.vectors import CHUNK, LANES, load, splat, store


@kernel
def _forward(layer, x, before, now, terms):
    F, H = layer.F, layer.H
    affine(H, now, layer.b, layer.W_x, F, x, layer.W_h, H, before, terms)
    for i in range(0, H * CHUNK, LANES):
        store(tanh(load(now, i)), now, i)


@kernel
def _backward(layer, dh, dz_next, carry, before, now, dz, terms):
    H = layer.H
    one = splat(np.float32(1))
    add_matrix_product(H, dh, layer.W_hT, H, dz_next, terms)
    for i in range(0, H * CHUNK, LANES):
        h = load(now, i)
        store(load(dh, i) * (one - h * h), dz, i)


RNN = Cell("rnn", forward=_forward, backward=_backward)
