"""The layout of the parameters in kernels: where those of a layer are in flat vectors, and how panels are written."""

import numpy as np

from lengthwise.engine.simd.cells.cell import Gradient, Layer, sizes_of
from lengthwise.engine.simd.kernel import also_kernel, kernel
from lengthwise.engine.simd.layout import (
    carried_floats,
    column_floats,
    first_parameter,
    layer_parameters,
    step_floats,
    window_floats,
)
from lengthwise.engine.simd.products import pack, pack_transposed
from lengthwise.engine.simd.vectors import at

i64 = np.int64

for function in (step_floats, window_floats, column_floats, layer_parameters, first_parameter, carried_floats):
    also_kernel(function)


@kernel
def kept_rows(cell, sizes, training):
    """Return how many rows of each step are kept: those that backward reads, or in evaluation those of the next step.

    In evaluation a step writes its other rows where those of the next step will be, so that they never leave the cache.
    """
    size = sizes_of(cell)
    return (size.kept if training else size.states) * sizes.H


@kernel
def uses_layer_outputs(sizes):
    """Return whether the inputs of the layers above the first are in `y`, and not as the layer below has kept them."""
    return sizes.D > 1 or sizes.dropout > 0


@kernel
def inputs_of(sizes, place):
    """Return how many inputs the layer at `place` has, F."""
    return sizes.F if place < sizes.D else sizes.D * sizes.H


@kernel
def matrices_at(cell, p, sizes, place):
    """Return where the matrices of the layer at `place` begin in a flat vector of parameters."""
    size = sizes_of(cell)
    F, H = inputs_of(sizes, place), sizes.H
    G = size.gates * H
    W_x = at(p, first_parameter(size, sizes, place))
    return Gradient(W_x, at(W_x, G * F), at(W_x, G * (F + H)))


@kernel
def head_at(cell, p, sizes):
    """Return where the output layer's W (O, D * H) and b (O,) begin in a flat vector of parameters."""
    W = at(p, first_parameter(sizes_of(cell), sizes, sizes.L * sizes.D))
    return W, at(W, sizes.O * sizes.D * sizes.H)


@kernel
def layer_at(cell, panels, zeros, sizes, place):
    """Return the layer at `place` as the cell's functions take it."""
    W = matrices_at(cell, panels.forward, sizes, place)
    W_T = matrices_at(cell, panels.backward, sizes, place)
    return Layer(W.W_x, W.W_h, W.b, W_T.W_x, W_T.W_h, zeros, inputs_of(sizes, place), sizes.H)


@kernel
def pack_layer(cell, parameters, panels, sizes, place, to_inputs, share, shares):
    """Write a share of the panels of the layer at `place`.

    Parameters
    ----------
    parameters : pointer to float32, shape (P,)
    panels : Panels
        Written.
    to_inputs : bool
        Whether backward goes on to the layer's inputs; if not, what it would take for that is left out.
    share, shares : int
        Which share, and of how many.
    """
    H = sizes.H
    size = sizes_of(cell)
    F = inputs_of(sizes, place)
    G, J = size.gates * H, size.joint * H
    W = matrices_at(cell, parameters, sizes, place)
    out = matrices_at(cell, panels.forward, sizes, place)
    out_T = matrices_at(cell, panels.backward, sizes, place)
    # The first J rows, and the others.
    pack(J, F, out.W_x, W.W_x, share, shares)
    pack(J, H, out.W_h, W.W_h, share, shares)
    pack(G - J, F, at(out.W_x, J * F), at(W.W_x, J * F), share, shares)
    pack(G - J, H, at(out.W_h, J * H), at(W.W_h, J * H), share, shares)
    if to_inputs:
        pack_transposed(F, G, out_T.W_x, W.W_x, share, shares)
    pack_transposed(H, J, out_T.W_h, W.W_h, share, shares)
    pack_transposed(H, G - J, at(out_T.W_h, J * H), at(W.W_h, J * H), share, shares)
    pack(size.biases * H, i64(1), out.b, W.b, share, shares)


@kernel
def pack_head(cell, parameters, panels, sizes, share, shares):
    """Write a share of the panels of the head, as `pack_layer` does those of a layer."""
    K, O = sizes.D * sizes.H, sizes.O
    W, b = head_at(cell, parameters, sizes)
    out, out_b = head_at(cell, panels.forward, sizes)
    out_T, _ = head_at(cell, panels.backward, sizes)
    pack(O, K, out, W, share, shares)
    pack_transposed(K, O, out_T, W, share, shares)
    pack(O, i64(1), out_b, b, share, shares)
