"""The tanh RNN cell (Elman, Finding structure in time, Cognitive Science 14, 1990).

    z_t = W_x x_t + W_h h_{t-1} + b          h_t = tanh(z_t)

Backward, with dh_t the gradient that reaches h_t from above:

    dz_t = (dh_t + W_hᵀ dz_{t+1}) (1 - h_t²)
"""

from lengthwise.engine.cells.cell import Cell
from lengthwise.engine.functions import tanh, tanh_gradient
from lengthwise.engine.kernel import inlined_kernel, kernel
from lengthwise.engine.simd import CHUNK, apply, at, broadcast_rows, combine, load_rows, store_rows
from lengthwise.engine.tiles import add_product, over_rows


@kernel
def _forward_rows(size, m, _, layer, x, h_before, h, recurrent):
    z = broadcast_rows(size, at(layer.b, m))
    z = add_product(z, at(layer.W_x, m * layer.F), x, layer.F)
    z = add_product(z, at(layer.W_h, m * layer.H), h_before, recurrent)
    store_rows(apply(tanh, z), at(h, m * CHUNK))


@kernel
def _backward_rows(size, m, _, layer, dh, dz_next, h, dz, recurrent):
    d = load_rows(size, at(dh, m * CHUNK))
    d = add_product(d, at(layer.W_hT, m * layer.H), dz_next, recurrent)
    d = combine(tanh_gradient, d, load_rows(size, at(h, m * CHUNK)))
    store_rows(d, at(dz, m * CHUNK))


_forward_over_rows = over_rows(_forward_rows)
_backward_over_rows = over_rows(_backward_rows)


@inlined_kernel
def _forward(layer, x, before, now, recurrent):
    _forward_over_rows(layer.H, layer, x, before, now, recurrent)


@inlined_kernel
def _backward(layer, dh, dz_next, _before, now, dz, recurrent):
    _backward_over_rows(layer.H, layer, dh, dz_next, now, dz, recurrent)


RNN = Cell("rnn", gates=1, kept=1, forward=_forward, backward=_backward)
