"""Predictions of a trained network for whole sequences: means over the windows of each sequence."""

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.split import Split
from lengthwise.engine.protocol import data_of
from lengthwise.evaluation_windows import every_window
from lengthwise.networks.backend import Backend, make_engine
from lengthwise.networks.network import Network


def mean_outputs(
    network: Network, parameters: NDArray[np.float32], split: Split, seq_len: int, threads: int, backend: Backend
) -> NDArray[np.float64]:
    """Return the network's outputs for each sequence, the mean over its windows.

    Parameters
    ----------
    network : Network
        Of a task that predicts something of a whole window.
    parameters : ndarray of shape (num_parameters,), float32
    split : Split
        The sequences; their targets are ignored.
    seq_len : int
        Steps of a window, 1 to T.
    threads : int
    backend : Backend
        The engine and device that compute.

    Returns
    -------
    ndarray of shape (n, outputs), float64
        The probability of each class, or the numbers that are predicted.
    """
    num_sequences, num_steps, _ = split.values.shape
    totals, counts = np.zeros((num_sequences, network.num_outputs)), np.zeros((num_sequences, 1))
    targets = np.zeros(totals.shape, np.float32) if network.task == "regression" else np.zeros(num_sequences, np.int64)
    data = data_of(np.asarray(split.values), targets, split.lengths)
    every = every_window(num_sequences, num_steps, seq_len, lengths=split.lengths, placement=network.windows)
    with make_engine(network, seq_len, batch_size=1, threads=threads, backend=backend) as engine:
        engine.prepare(data, phases=("test",))
        for windows in every:
            sequences = windows.sequences[0]
            totals[sequences] += engine.outputs(parameters, data, windows)[0]
            counts[sequences] += 1
    return totals / counts
