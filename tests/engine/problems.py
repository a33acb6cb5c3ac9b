"""Random small training problems, for tests of the engine."""

from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st

from lengthwise.engine.engine import Engine, data_of
from lengthwise.network import Network
from lengthwise.windows import Windows


@dataclass(frozen=True)
class Problem:
    """A network with random parameters, data, and one step's windows."""

    network: Network
    seq_len: int
    parameters: np.ndarray = field(repr=False)
    values: np.ndarray = field(repr=False)
    targets: np.ndarray = field(repr=False)
    windows: Windows = field(repr=False)

    @property
    def data(self):
        return data_of(self.values, self.targets)

    @property
    def batch_size(self):
        return self.windows.sequences.shape[1]

    def engine(self, threads=1):
        return Engine(self.network.cell, self.network.sizes(self.seq_len), self.batch_size, threads)

    def inputs(self, step=0):
        """The step's windows as the network sees them, (batch, s, F), float64."""
        sequences, starts = self.windows.sequences[step], self.windows.starts[step]
        steps = starts[:, None] + np.arange(self.seq_len)
        scale = 255 if self.values.dtype == np.uint8 else 1
        return self.values[sequences[:, None], steps].astype(np.float64) / scale

    def labels(self, step=0):
        return self.targets[self.windows.sequences[step]]


def make_problem(
    *, input_size=3, hidden_size=5, num_layers=2, num_classes=4, seq_len=4, num_steps=6, batch_size=7, steps=1,
    dtype=np.uint8, seed=0,
):  # fmt: skip
    random = np.random.default_rng(seed)
    network = Network(input_size, num_classes, "rnn", hidden_size, num_layers)
    num_sequences = batch_size + 3
    shape = (num_sequences, num_steps, input_size)
    values = random.integers(0, 256, shape, dtype=np.uint8) if dtype == np.uint8 else random.normal(size=shape)
    windows = Windows(
        random.integers(num_sequences, size=(steps, batch_size)),
        random.integers(num_steps - seq_len + 1, size=(steps, batch_size)),
    )
    parameters = network.initial(seed) + random.normal(scale=0.05, size=network.num_parameters).astype(np.float32)
    for name, weight in network.named(parameters).items():
        # A recurrence that contracts: another one may double every rounding error in each step, in any float32 code.
        if "weight_hh" in name:
            weight[:] = weight / max(1, np.abs(weight).sum(axis=1).max())
    targets = random.integers(num_classes, size=num_sequences)
    return Problem(network, seq_len, parameters, np.ascontiguousarray(values, dtype), targets, windows)


@st.composite
def problems(draw, **fixed):
    """Problems of every small size, about the sizes at which tiles and vectors end."""
    sizes = {
        "input_size": st.integers(1, 20) | st.sampled_from([28, 31, 32, 33]),
        "hidden_size": st.integers(1, 20) | st.sampled_from([31, 32, 33, 64]),
        "num_layers": st.integers(1, 4),
        "num_classes": st.integers(2, 12),
        "seq_len": st.integers(1, 8) | st.sampled_from([31, 32, 33, 70]),
        "batch_size": st.integers(1, 40) | st.sampled_from([63, 64, 65, 128, 700]),
        "dtype": st.sampled_from([np.uint8, np.float32]),
        "seed": st.integers(0, 2**32 - 1),
    }
    chosen = {name: draw(strategy) for name, strategy in sizes.items()} | fixed
    return make_problem(num_steps=chosen["seq_len"] + draw(st.integers(0, 3)), **chosen)
