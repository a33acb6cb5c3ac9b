"""The recurrent cells in JAX, each in the two layouts that the arrangements of `peers.jax_xla` need.

A cell's state is a tuple of arrays whose first is its output h. A layer's weights W_x and W_h have G blocks of rows, in
PyTorch's order: one of a tanh cell; r, z, n of a GRU; i, f, g, o of an LSTM. The products are split into those blocks
along the last axis where the batch is the first, and along the first where the batch is the last.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

State = tuple[Array, ...]


class Cell(NamedTuple):
    """What a cell makes of its pre-activations.

    Attributes
    ----------
    states : int
        Arrays of its state: 2 of an LSTM, h and c.
    joins : bool
        Whether the sum of the two products is all it needs; a GRU's reset gate acts on one of them.
    apply : callable
        ``apply(a_x, a_h, b_hn, state, axis)`` returns the next state. a_x is the product with the inputs and the bias,
        a_h that with h, and their blocks lie along `axis`; a_h is zero where the two are joined. b_hn is a GRU's bias
        inside the reset gate's product.
    """

    states: int
    joins: bool
    apply: Callable[[Array, Array | float, Array | None, State, int], State]


def _rnn(a_x: Array, a_h: Array | float, _b_hn: None, _state: State, _axis: int) -> State:
    return (jnp.tanh(a_x + a_h),)


def _gru(a_x: Array, a_h: Array, b_hn: Array, state: State, axis: int) -> State:
    (h,) = state
    r_x, z_x, n_x = jnp.split(a_x, 3, axis)
    r_h, z_h, n_h = jnp.split(a_h, 3, axis)
    r = jax.nn.sigmoid(r_x + r_h)
    z = jax.nn.sigmoid(z_x + z_h)
    n = jnp.tanh(n_x + r * (n_h + b_hn))
    return ((1 - z) * n + z * h,)


def _lstm(a_x: Array, a_h: Array | float, _b_hn: None, state: State, axis: int) -> State:
    _, c = state
    i, f, g, o = jnp.split(a_x + a_h, 4, axis)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


CELLS = {
    "rnn": Cell(1, joins=True, apply=_rnn),
    "gru": Cell(1, joins=False, apply=_gru),
    "lstm": Cell(2, joins=True, apply=_lstm),
}
