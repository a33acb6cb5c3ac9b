"""Predictions of a trained network for whole sequences: means over the windows of each sequence."""

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.dataset import Split
from lengthwise.engine.protocol import data_of
from lengthwise.networks.backend import Backend, make_engine
from lengthwise.networks.network import Network
from lengthwise.windows import every_window


def mean_probabilities(
    network: Network, parameters: NDArray[np.float32], split: Split, seq_len: int, threads: int, backend: Backend
) -> NDArray[np.float64]:
    """Return each sequence's class probabilities, the mean over its windows.

    Parameters
    ----------
    network : Network
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
    ndarray of shape (n, classes), float64
    """
    num_sequences, num_steps, _ = split.values.shape
    placement = network.windows
    classes = range(network.num_outputs)
    totals = np.zeros((num_sequences, network.num_outputs))
    # An engine returns the loss of a target, -log p: evaluating it for every class gives all probabilities.
    of_class = [data_of(np.asarray(split.values), np.full(num_sequences, number), split.lengths) for number in classes]
    with make_engine(network, seq_len, batch_size=1, threads=threads, backend=backend) as engine:
        engine.prepare(of_class[0])
        for windows in every_window(num_sequences, num_steps, seq_len, lengths=split.lengths, placement=placement):
            sequences = windows.sequences[0]
            for number in classes:
                losses, _ = engine.evaluate(parameters, of_class[number], windows)
                totals[sequences, number] += np.exp(-losses[0].astype(np.float64))
    probabilities: NDArray[np.float64] = totals / totals.sum(axis=1, keepdims=True)
    return probabilities


def mean_numbers(
    network: Network, parameters: NDArray[np.float32], split: Split, seq_len: int, threads: int, backend: Backend
) -> NDArray[np.float64]:
    """Return the numbers predicted for each sequence, the mean over its windows.

    Parameters
    ----------
    network, parameters, split, seq_len, threads, backend
        As for `mean_probabilities`.

    Returns
    -------
    ndarray of shape (n, numbers), float64
    """
    num_sequences, num_steps, _ = split.values.shape
    placement = network.windows
    totals, counts = np.zeros((num_sequences, network.num_outputs)), np.zeros((num_sequences, 1))
    data = data_of(np.asarray(split.values), np.zeros(totals.shape, np.float32), split.lengths)
    with make_engine(network, seq_len, batch_size=1, threads=threads, backend=backend) as engine:
        engine.prepare(data)
        for windows in every_window(num_sequences, num_steps, seq_len, lengths=split.lengths, placement=placement):
            sequences = windows.sequences[0]
            _, predictions = engine.evaluate(parameters, data, windows)
            totals[sequences] += predictions[0]
            counts[sequences] += 1
    return totals / counts
