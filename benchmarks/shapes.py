"""The shapes that are timed, and the arithmetic that each of them needs."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lengthwise.costs import training_flops
from lengthwise.data import load
from lengthwise.network import Network
from lengthwise.windows import Sampler
from peers.peer import Case

BATCHES = 32
"""Batches of a case; every measurement goes through all of them equally often."""

PIXELS = 784
"""Of an MNIST image, which is read as T steps of 784 / T features."""


@dataclass(frozen=True)
class Shape:
    """A tanh network on windows of MNIST.

    Attributes
    ----------
    name : str
    title : str
        What it is, for people.
    """

    name: str
    title: str
    batch_size: int = 128
    seq_len: int = 19
    hidden_size: int = 31
    num_layers: int = 3
    num_steps: int = 28

    @property
    def network(self) -> Network:
        """The network that is trained."""
        return Network(PIXELS // self.num_steps, 10, "rnn", self.hidden_size, self.num_layers)

    @property
    def needed_flops(self) -> int:
        """Floating-point operations that a training step cannot do without.

        Those that `training_flops` counts, but for what may be left out: the first layer's input gradient, which
        nobody needs, and the recurrent products of the first step, whose state is zero, forward and backward.
        """
        H = self.hidden_size
        input_gradient = self.seq_len * H * self.network.input_size
        zero_state = 3 * self.num_layers * H * H
        return training_flops(self.network, self.seq_len, self.batch_size) - 2 * self.batch_size * (
            input_gradient + zero_state
        )

    def case(self, seed: int = 0) -> Case:
        """Return the first parameters and the batches.

        The biases are drawn too, small: with zeros, a peer that drops them would agree.
        """
        network = self.network
        split = load("mnist").train
        values = split.values.reshape(-1, self.num_steps, network.input_size)
        sampler = Sampler(len(values), self.num_steps, self.seq_len, self.batch_size, seed=seed)
        sequences, starts = sampler.draw(0, 0, BATCHES)
        steps = starts[..., None] + np.arange(self.seq_len)
        noise = np.random.default_rng(seed).normal(scale=0.01, size=network.num_parameters)
        parameters = network.initial(seed) + noise.astype(np.float32)
        return Case(
            batch_size=self.batch_size, seq_len=self.seq_len, input_size=network.input_size,
            hidden_size=self.hidden_size, num_layers=self.num_layers, num_classes=network.num_classes,
            num_steps=self.num_steps, lr=0.001, parameters=network.named(parameters),
            inputs=values[sequences[..., None], steps].astype(np.float32) / np.float32(255),
            targets=split.targets[sequences], sequences=sequences, starts=starts,
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
