"""The shapes that are timed, and the arithmetic that each of them needs."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.peer import Case, CellName
from lengthwise.data import load_data
from lengthwise.engine.protocol import CELL_SIZES
from lengthwise.networks.costs import forward_flops, training_flops
from lengthwise.networks.network import Network
from lengthwise.windows import Sampler

BATCHES = 32
"""Batches of a case, at most; every measurement goes through all of them equally often."""

MAX_INPUT_BYTES = 64 << 20
"""Of a case's batches together: where they are large, a case has fewer."""

PIXELS = 784
"""Of an MNIST image, which is read as T steps of 784 / T features."""


@dataclass(frozen=True)
class Shape:
    """A network on windows of MNIST.

    Attributes
    ----------
    name : str
    title : str
        What it is, for people.
    batch_size, seq_len, hidden_size, num_layers : int
    num_steps : int
        T, of the sequences that the windows are cut from.
    cell : {"rnn", "gru", "lstm"}
    """

    name: str
    title: str
    batch_size: int = 128
    seq_len: int = 19
    hidden_size: int = 31
    num_layers: int = 3
    num_steps: int = 28
    cell: CellName = "rnn"

    @property
    def input_size(self) -> int:
        """Features of a step."""
        return PIXELS // self.num_steps

    @property
    def network(self) -> Network:
        """The network that is trained."""
        return Network(self.input_size, 10, self.cell, self.hidden_size, self.num_layers)

    @property
    def batches(self) -> int:
        """Batches of the case: `BATCHES`, or fewer where they are large, but two."""
        batch_bytes = 4 * self.batch_size * self.seq_len * self.input_size
        return min(BATCHES, max(2, MAX_INPUT_BYTES // batch_bytes))

    @property
    def needed_flops(self) -> int:
        """Floating-point operations that a training step cannot do without.

        Those that `training_flops` counts, but for what may be left out: the first layer's input gradient, which
        nobody needs, and the recurrent products of the first step, whose state is zero, forward and backward.
        """
        input_gradient = self.seq_len * self._gate_rows * self.input_size
        zero_state = 3 * self.num_layers * self._gate_rows * self.hidden_size
        return training_flops(self.network, self.seq_len, self.batch_size) - 2 * self.batch_size * (
            input_gradient + zero_state
        )

    @property
    def needed_forward_flops(self) -> int:
        """Floating-point operations that an evaluation step cannot do without, counted as `needed_flops`."""
        zero_state = self.num_layers * self._gate_rows * self.hidden_size
        return self.batch_size * (forward_flops(self.network, self.seq_len) - 2 * zero_state)

    @property
    def _gate_rows(self) -> int:
        return CELL_SIZES[self.network.engine_cell].gates * self.hidden_size

    def sequences(self, seed: int) -> tuple[NDArray[Any], NDArray[np.int64]]:  # noqa: ARG002 - of those that draw
        """Return the sequences (n, T, F), bytes or float32, and their classes (n,)."""
        split = load_data("mnist").train
        return np.asarray(split.values).reshape(-1, self.num_steps, self.input_size), split.targets

    def case(self, seed: int = 0) -> Case:
        """Return the first parameters and the batches.

        The biases are drawn too, small: with zeros, a peer that drops them would agree.
        """
        network = self.network
        values, labels = self.sequences(seed)
        sampler = Sampler(len(values), self.num_steps, self.seq_len, self.batch_size, seed=seed)
        sequences, starts = sampler.draw(0, 0, self.batches)
        steps = starts[..., None] + np.arange(self.seq_len)
        noise = np.random.default_rng(seed).normal(scale=0.01, size=network.num_parameters)
        parameters = network.initial(seed) + noise.astype(np.float32)
        inputs = values[sequences[..., None], steps].astype(np.float32)
        return Case(
            cell=self.cell, batch_size=self.batch_size, seq_len=self.seq_len, input_size=network.input_size,
            hidden_size=self.hidden_size, num_layers=self.num_layers, num_classes=network.num_outputs,
            lr=0.001, parameters=network.named(parameters),
            inputs=inputs / np.float32(255) if values.dtype == np.uint8 else inputs,
            targets=labels[sequences], values=values, labels=labels, sequences=sequences, starts=starts,
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Return the sizes by name, with the operations."""
        flops = training_flops(self.network, self.seq_len, self.batch_size)
        return asdict(self) | {"flops": flops, "needed_flops": self.needed_flops}


NOTEBOOK = Shape("notebook", "the notebook's: batch 128, 19 steps of 28 inputs, 3 layers of 31")

SHAPES = (
    NOTEBOOK,
    Shape("whole", "whole images: 28 steps", seq_len=28),
    Shape("wide", "wide layers: 2 of 128", hidden_size=128, num_layers=2),
    Shape("long", "long windows: 56 steps of 14 inputs, 1 layer", seq_len=56, num_layers=1, num_steps=56),
    Shape("small", "small batches: 16", batch_size=16),
)
