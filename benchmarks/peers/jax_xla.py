"""JAX: the recurrence in `lax.scan`, the whole training step in one `jit` whose state is donated.

Variants: ``scan``, the loop as it is; and ``unrolled``, the loop laid out in full, or of long windows
(`UNROLLED_STEPS`) in pieces. How the products are best arranged differs between machines and shapes, so each variant
times its arrangements and keeps the fastest:

``plain``
    One scan a layer; both products in it.
``hoisted``
    One scan a layer; the product with the layer's inputs is made before it, for all time steps at once.
``joint``
    One scan for all layers; the two products of a layer are one, of the joined weights (G * H, F + H) and the joined
    inputs and states (F + H, B), with the batch as the last axis; a GRU's stay two, as its reset gate stands between.
    Only tried unrolled: it is no longer as it is.

Adam is written out, in the epsilon-hat form; JAX has none of its own.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import cycle, islice
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

from benchmarks.peers.jax_cells import CELLS, Cell
from benchmarks.peers.peer import BETA1, BETA2, EPSILON, PIECE, UNROLLED_STEPS, Case

PACKAGES = ("jax", "jaxlib")

ENOUGH_SECONDS = 2
"""After which an arrangement is not timed once more."""


class Layer(NamedTuple):
    """Weights W_x (G * H, F) and W_h (G * H, H), bias b (G * H,), and a GRU's b_hn (H,); see `peers.peer.Layer`."""

    W_x: Array
    W_h: Array
    b: Array
    b_hn: Array | None


class Parameters(NamedTuple):
    """The layers, and the head's W (O, H) and b (O,)."""

    layers: tuple[Layer, ...]
    W: Array
    b: Array


class State(NamedTuple):
    """What an update changes: the parameters, Adam's moments, and how many updates there were."""

    parameters: Parameters
    m: Parameters
    v: Parameters
    updates: Array


def zero_state(cell: Cell, *shape: int) -> tuple[Array, ...]:
    """Return the state before the first step."""
    return tuple(jnp.zeros(shape) for _ in range(cell.states))


def plain(cell: Cell, parameters: Parameters, x: Array, unroll: int) -> Array:
    """Return the logits (B, O) of windows x (B, s, F): one scan a layer."""
    x = jnp.swapaxes(x, 0, 1)
    for layer in parameters.layers:

        def step(state: tuple[Array, ...], x: Array, layer: Layer = layer) -> tuple[tuple[Array, ...], Array]:
            state = cell.apply(x @ layer.W_x.T + layer.b, state[0] @ layer.W_h.T, layer.b_hn, state, -1)
            return state, state[0]

        state, x = lax.scan(step, zero_state(cell, x.shape[1], layer.W_h.shape[1]), x, unroll=unroll)
    return state[0] @ parameters.W.T + parameters.b


def hoisted(cell: Cell, parameters: Parameters, x: Array, unroll: int) -> Array:
    """Return the logits as `plain` does, with the inputs' product before the scan."""
    x = jnp.swapaxes(x, 0, 1)
    for layer in parameters.layers:

        def step(state: tuple[Array, ...], a: Array, layer: Layer = layer) -> tuple[tuple[Array, ...], Array]:
            state = cell.apply(a, state[0] @ layer.W_h.T, layer.b_hn, state, -1)
            return state, state[0]

        state = zero_state(cell, x.shape[1], layer.W_h.shape[1])
        state, x = lax.scan(step, state, x @ layer.W_x.T + layer.b, unroll=unroll)
    return state[0] @ parameters.W.T + parameters.b


def joint(cell: Cell, parameters: Parameters, x: Array, unroll: int) -> Array:
    """Return the logits as `plain` does, with one scan for all layers, one product each, and the batch last."""
    joined = [jnp.concatenate([layer.W_x, layer.W_h], 1) for layer in parameters.layers]

    def of_layer(layer: Layer, W: Array, state: tuple[Array, ...], x: Array) -> tuple[Array, ...]:
        b = layer.b[:, None]
        if cell.joins:
            return cell.apply(W @ jnp.concatenate([x, state[0]]) + b, 0.0, None, state, 0)
        assert layer.b_hn is not None  # as every cell has it whose products are not joined
        return cell.apply(layer.W_x @ x + b, layer.W_h @ state[0], layer.b_hn[:, None], state, 0)

    def step(states: list[tuple[Array, ...]], x: Array) -> tuple[list[tuple[Array, ...]], None]:
        new = []
        for layer, W, state in zip(parameters.layers, joined, states, strict=True):
            new.append(of_layer(layer, W, state, x))
            x = new[-1][0]
        return new, None

    states = [zero_state(cell, layer.W_h.shape[1], x.shape[0]) for layer in parameters.layers]
    states, _ = lax.scan(step, states, jnp.transpose(x, (1, 2, 0)), unroll=unroll)
    return (parameters.W @ states[-1][0]).T + parameters.b


ARRANGEMENTS = {"scan": (plain, hoisted), "unrolled": (plain, hoisted, joint)}


def adam(state: State, gradients: Parameters, lr: float) -> State:
    """Return the state after one update."""
    updates = state.updates + 1
    step = lr * jnp.sqrt(1 - BETA2**updates) / (1 - BETA1**updates)
    m = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, state.m, gradients)
    v = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, state.v, gradients)
    parameters = jax.tree.map(lambda p, m, v: p - step * m / (jnp.sqrt(v) + EPSILON), state.parameters, m, v)
    return State(parameters, m, v, updates)


def first_state(case: Case) -> State:
    """Return the case's first parameters, with moments of zero."""
    layers = tuple(Layer(*jax.tree.map(jnp.asarray, tuple(case.layer(index)))) for index in range(case.num_layers))
    head = (jnp.asarray(case.parameters[name]) for name in ("head.weight", "head.bias"))
    parameters = Parameters(layers, *head)
    m, v = (jax.tree.map(jnp.zeros_like, parameters) for _ in range(2))
    return State(parameters, m, v, jnp.float32(0))


class Program:
    """One arrangement of the network, compiled to train and to evaluate."""

    def __init__(self, case: Case, logits: Callable[[Cell, Parameters, Array, int], Array], unroll: int) -> None:
        cell = CELLS[case.cell]

        def judge(parameters: Parameters, x: Array, y: Array) -> tuple[Array, Array]:
            z = logits(cell, parameters, x, unroll)
            log_probabilities = jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], 1)
            return -log_probabilities.mean(), z.argmax(1)

        @partial(jax.jit, donate_argnums=0)
        def update(state: State, x: Array, y: Array) -> tuple[State, Array]:
            (loss, _), gradients = jax.value_and_grad(judge, has_aux=True)(state.parameters, x, y)
            return adam(state, gradients, case.lr), loss

        self._judge, self._update = jax.jit(judge), update
        self._case = case
        self.restart()
        self._batches = [(jnp.asarray(x), jnp.asarray(y, jnp.int32)) for x, y in case.batches]

    def restart(self) -> None:
        """Go back to the first parameters."""
        self._state = first_state(self._case)

    def train(self, steps: int) -> Sequence[Array]:
        """Make `steps` updates."""
        losses = []
        for x, y in islice(cycle(self._batches), steps):
            self._state, loss = self._update(self._state, x, y)
            losses.append(loss)
        ready: list[Array] = jax.block_until_ready(losses)
        return ready

    def evaluate(self, steps: int) -> Sequence[Array]:
        """Compute loss and predicted classes of `steps` batches."""
        judged = [self._judge(self._state.parameters, x, y) for x, y in islice(cycle(self._batches), steps)]
        return [loss for loss, _ in jax.block_until_ready(judged)]


class Peer:
    """The fastest arrangement for each kind of step; see `peers.peer.Peer`.

    Evaluation uses the arrangement that trains fastest, as it has to share the parameters with it.
    """

    def __init__(self, case: Case, variant: str, _threads: int) -> None:
        jax.clear_caches()  # what was compiled for the case before
        unroll = 1
        if variant == "unrolled":
            unroll = case.seq_len if case.seq_len <= UNROLLED_STEPS else PIECE
        programs = {arrangement.__name__: Program(case, arrangement, unroll) for arrangement in ARRANGEMENTS[variant]}
        seconds = {name: self._seconds(program, len(case.inputs)) for name, program in programs.items()}
        self.choice = min(seconds, key=lambda name: seconds[name])
        best = programs[self.choice]
        best.restart()
        self.train: Callable[[int], Sequence[Any]] = best.train
        self.evaluate: Callable[[int], Sequence[Any]] = best.evaluate

    @staticmethod
    def _seconds(program: Program, steps: int) -> float:
        """Return the least time of a few attempts to make so many steps."""
        program.train(1)
        attempts: list[float] = []
        while len(attempts) < 3 and sum(attempts) < ENOUGH_SECONDS:
            start = time.perf_counter()
            program.train(steps)
            attempts.append(time.perf_counter() - start)
        return min(attempts)
