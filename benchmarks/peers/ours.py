"""lengthwise's own engine. Alone among the contestants it cuts its windows out of the data while the clock runs."""

from collections.abc import Sequence

import numpy as np

from benchmarks.peers.peer import BETA1, BETA2, EPSILON, Case
from lengthwise.engine.protocol import ADAM_EPSILON_HAT, Optimizer, State, data_of
from lengthwise.engine.simd.engine import SimdEngine
from lengthwise.networks.network import Network
from lengthwise.windows import Windows

PACKAGES = ("lengthwise", "numba", "llvmlite")


class Peer:
    """The engine with its state and the sequences in memory; see `peers.peer.Peer`. It has no variants."""

    choice = ""

    def __init__(self, case: Case, _variant: str, threads: int) -> None:
        network = Network(case.input_size, case.num_classes, case.cell, case.hidden_size, case.num_layers)
        self._data = data_of(case.values, case.labels)
        self._windows = Windows(case.sequences, case.starts)
        self._adam = Optimizer(ADAM_EPSILON_HAT, case.lr, BETA1, BETA2, EPSILON)
        parameters = network.flat(case.parameters)
        self._state = State(parameters, np.zeros_like(parameters), np.zeros_like(parameters))
        self._updates = 0
        self._engine = SimdEngine(network.engine_cell, network.sizes(case.seq_len), case.batch_size, threads)
        self._engine.prepare(self._data)

    def train(self, steps: int) -> Sequence[float]:
        """Make `steps` updates in one call of the engine."""
        losses, _accuracies = self._engine.train(self._state, self._updates, self._data, self._cycle(steps), self._adam)
        self._updates += steps
        return list(losses)

    def evaluate(self, steps: int) -> Sequence[float]:
        """Judge `steps` batches in one call of the engine."""
        losses, _predicted = self._engine.evaluate(self._state.parameters, self._data, self._cycle(steps))
        return list(losses.mean(axis=1))

    def _cycle(self, steps: int) -> Windows:
        batch = np.arange(steps) % len(self._windows.sequences)
        return Windows(self._windows.sequences[batch], self._windows.starts[batch])
