"""The tanh RNN cell (Elman, Finding structure in time, Cognitive Science 14, 1990).

    z_t = W_x x_t + W_h h_{t-1} + b          h_t = tanh(z_t)

Backward, with dh_t the gradient that reaches h_t from above:

    dz_t = (dh_t + W_hᵀ dz_{t+1}) (1 - h_t²)
"""

from lengthwise.engine.cells.cell import Cell
from lengthwise.engine.functions import tanh, tanh_gradient
from lengthwise.engine.kernel import kernel
from lengthwise.engine.simd import CHUNK, apply, at, broadcast_rows, combine, load_rows, store_rows
from lengthwise.engine.tiles import add_product


@kernel
def _forward(rows, m, _, layer, x, h_before, h):
    z = broadcast_rows(rows, at(layer.b, m))
    z = add_product(z, at(layer.W_x, m * layer.F), layer.F, 1, x, layer.F)
    z = add_product(z, at(layer.W_h, m * layer.H), layer.H, 1, h_before, layer.H)
    store_rows(apply(tanh, z), at(h, m * CHUNK))


@kernel
def _backward(rows, m, _, layer, dh, dz_next, _h_before, h, dz):
    d = load_rows(rows, at(dh, m * CHUNK))
    d = add_product(d, at(layer.W_h, m), 1, layer.H, dz_next, layer.H)
    d = combine(tanh_gradient, d, load_rows(rows, at(h, m * CHUNK)))
    store_rows(d, at(dz, m * CHUNK))


RNN = Cell("rnn", gates=1, kept=1, forward_rows=_forward, backward_rows=_backward)
