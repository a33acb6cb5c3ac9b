"""Random small training problems, for tests of the engine."""

from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st

from lengthwise.engine.protocol import Optimizer, State, data_of
from lengthwise.engine.simd.engine import SimdEngine
from lengthwise.networks.network import Network
from lengthwise.windows import Windows
from tests import naive

CELLS = ("rnn", "rnn_relu", "gru", "gru_reset_before", "lstm")
SEED = 123456789012345

RELATIVE = 1e-5


def assert_close(actual, expected, relative=RELATIVE, terms=1e-3):
    """Agree to `relative` of the largest value, or of `terms` where all are less.

    A float32 sum whose terms cancel is no nearer than its terms.
    """
    expected = np.asarray(expected, dtype=np.float64)
    np.testing.assert_allclose(actual, expected, rtol=relative, atol=relative * max(np.abs(expected).max(), terms))


@dataclass(frozen=True)
class Problem:
    """A network with random parameters, data, and some steps' windows."""

    network: Network
    seq_len: int
    parameters: np.ndarray = field(repr=False)
    values: np.ndarray = field(repr=False)
    targets: np.ndarray = field(repr=False)
    lengths: np.ndarray = field(repr=False)
    windows: Windows = field(repr=False)
    weights: np.ndarray | None = field(repr=False, default=None)

    @property
    def data(self):
        return data_of(self.values, self.targets, self.lengths, self.weights)

    @property
    def named(self):
        return self.network.named(self.parameters)

    @property
    def batch_size(self):
        return self.windows.sequences.shape[1]

    def engine(self, threads=1):
        sizes = self.network.sizes(self.seq_len)
        return SimdEngine(self.network.engine_cell, sizes, self.batch_size, threads, seed=SEED, loss=self.network.loss)

    def state(self):
        """The parameters, and no update made."""
        return State(self.parameters.copy(), *(np.zeros_like(self.parameters) for _ in range(2)))

    def train(self, engine, state):
        """Make the windows' updates."""
        return engine.train(state, 0, self.data, self.windows, Optimizer(lr=0.01))

    def inputs(self, step=0):
        """The step's windows as the network sees them, (batch, s, F), float64."""
        sequences, starts = self.windows.sequences[step], self.windows.starts[step]
        steps = starts[:, None] + np.arange(self.seq_len)
        scale = 255 if self.values.dtype == np.uint8 else 1
        return self.values[sequences[:, None], steps].astype(np.float64) / scale

    def window_lengths(self, step=0):
        """The valid steps of the step's windows, (batch,)."""
        sequences, starts = self.windows.sequences[step], self.windows.starts[step]
        return np.minimum(self.seq_len, self.lengths[sequences] - starts)

    def labels(self, step=0):
        """The targets of the step's windows: (batch, ...)."""
        sequences, starts = self.windows.sequences[step], self.windows.starts[step]
        if self.network.task in naive.STEPWISE:
            return self.targets[sequences[:, None], starts[:, None] + np.arange(self.seq_len)]
        return self.targets[sequences]

    def is_smooth(self, margin=2e-6):
        """Whether the gradient does not depend on a rounding.

        It jumps where two steps are the largest, and where a rectified unit is at zero.
        """
        network, lengths, x, masks = self.network, self.window_lengths(), self.inputs(), self._masks(0)
        if network.pooling != "max" and network.cell != "rnn_relu":
            return True
        for length in np.unique(lengths):
            here = lengths == length
            part = masks and [mask[here, :length] for mask in masks]
            _, outputs, tapes, _ = naive.forward(network, self.named, x[here, :length], part)
            if network.pooling == "max" and naive.least_lead(outputs[-1]) < margin:
                return False
            if network.cell == "rnn_relu" and min(np.abs(z).min() for tape in tapes for z in tape) < margin:
                return False
        return True

    def _masks(self, update):
        if self.network.dropout == 0:
            return None
        return naive.dropout_masks(self.network, SEED, update, self.seq_len, self.batch_size)

    def expected(self, update=0):
        """The naive network's mean loss of the first step, and its gradient as a flat vector."""
        masks = self._masks(update)
        loss, gradients = naive.loss_and_gradients(
            self.network, self.named, self.inputs(), self.labels(), self.window_lengths(), masks,
            None if self.weights is None else self.weights[self.windows.sequences[0]],
        )  # fmt: skip
        return loss, self.network.flat(gradients)


def make_problem(
    *, input_size=3, hidden_size=5, num_layers=2, num_outputs=4, seq_len=4, num_steps=6, batch_size=7, steps=1,
    dtype=np.uint8, seed=0, cell="rnn", short=False, weighted=False, **options,
):  # fmt: skip
    random = np.random.default_rng(seed)
    if cell == "gru_reset_before":
        cell, options = "gru", options | {"gru_variant": "reset_before"}
    network = Network(input_size, num_outputs, cell, hidden_size, num_layers, **options)
    num_sequences = batch_size + 3
    shape = (num_sequences, num_steps, input_size)
    values = random.integers(0, 256, shape, dtype=np.uint8) if dtype == np.uint8 else random.normal(size=shape)
    lengths = random.integers(1, num_steps + 1, num_sequences) if short else np.full(num_sequences, num_steps)
    if dtype != np.uint8:
        # What is beyond a sequence's length must not be used.
        values[np.arange(num_steps) >= lengths[:, None]] = np.nan
    sequences = random.integers(num_sequences, size=(steps, batch_size))
    windows = Windows(sequences, random.integers(np.maximum(lengths[sequences] - seq_len, 0) + 1))
    parameters = network.initial(seed) + random.normal(scale=0.05, size=network.num_parameters).astype(np.float32)
    for name, weight in network.named(parameters).items():
        # A recurrence that contracts: another one may double every rounding error in each step, in any float32 code.
        if "weight_hh" in name:
            weight[:] /= max(1, np.abs(weight).sum(axis=1).max())
    targets = random.integers(num_outputs, size=num_sequences)
    if network.task == "regression":
        targets = random.normal(size=(num_sequences, num_outputs)).astype(np.float32)
    elif network.task in naive.STEPWISE:
        targets = random.integers(num_outputs, size=(num_sequences, num_steps))
    weights = random.uniform(0, 3, num_sequences).astype(np.float32) if weighted else None
    return Problem(
        network, seq_len, parameters, np.ascontiguousarray(values, dtype), targets, lengths, windows, weights
    )


@st.composite
def problems(draw, **fixed):
    """Problems of every small size, about the sizes at which tiles and vectors end, with every option."""
    sizes = {
        "input_size": st.integers(1, 20) | st.sampled_from([28, 31, 32, 33]),
        "hidden_size": st.integers(1, 20) | st.sampled_from([31, 32, 33, 64]),
        "num_layers": st.integers(1, 4),
        "num_outputs": st.integers(2, 12),
        "seq_len": st.integers(1, 8) | st.sampled_from([31, 32, 33, 70]),
        "batch_size": st.integers(1, 40) | st.sampled_from([63, 64, 65, 128, 700]),
        "dtype": st.sampled_from([np.uint8, np.float32]),
        "seed": st.integers(0, 2**32 - 1),
        "bidirectional": st.booleans(),
        "dropout": st.sampled_from([0.0, 0.0, 0.3]),
        "pooling": st.sampled_from(["last", "mean", "max"]),
        "short": st.booleans(),
    }
    fixed = {name: draw(value) if isinstance(value, st.SearchStrategy) else value for name, value in fixed.items()}
    chosen = {name: draw(strategy) for name, strategy in sizes.items() if name not in fixed} | fixed
    return make_problem(num_steps=chosen["seq_len"] + draw(st.integers(0, 3)), **chosen)


def new_state(problem):
    return State(problem.parameters.copy(), *(np.zeros_like(problem.parameters) for _ in range(2)))
