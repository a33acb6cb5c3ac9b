"""The RNN cell of rectified linear units.

Le, Jaitly and Hinton, A simple way to initialize recurrent networks of rectified linear units, 2015.

    z_t = W_x x_t + W_h h_{t-1} + b          h_t = max(z_t, 0)

Backward, with dh_t the gradient that reaches h_t from above:

    dz_t = dh_t + W_hᵀ dz_{t+1} where h_t > 0, else 0
"""

import numpy as np

from lengthwise.engine.simd.cells.cell import Cell
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.products import add_matrix_product, affine
from lengthwise.engine.simd.vectors import CHUNK, LANES, load, maximum, splat, store, where_less


@kernel
def _forward(layer, x, before, now, terms):
    F, H = layer.F, layer.H
    zero = splat(np.float32(0))
    affine(H, now, layer.b, layer.W_x, F, x, layer.W_h, H, before, terms)
    for i in range(0, H * CHUNK, LANES):
        store(maximum(zero, load(now, i)), now, i)


@kernel
def _backward(layer, dh, dz_next, carry, before, now, dz, terms):
    H = layer.H
    zero = splat(np.float32(0))
    add_matrix_product(H, dh, layer.W_hT, H, dz_next, terms)
    for i in range(0, H * CHUNK, LANES):
        store(where_less(zero, load(now, i), load(dh, i), zero), dz, i)


RNN_RELU = Cell("rnn_relu", forward=_forward, backward=_backward)
