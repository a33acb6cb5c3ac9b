"""Exact evaluation: every window of every sequence, and not a sample of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.dataset import Split
from lengthwise.engine.engine import Engine, data_of
from lengthwise.network import Network
from lengthwise.windows import check_seq_len, every_window


@dataclass(frozen=True)
class Evaluation:
    """How well a network does on all windows of a split.

    Attributes
    ----------
    seq_len : int
        Steps of the windows.
    num_windows : int
        Windows judged, n (T - s + 1).
    accuracy : float
        Share of windows whose class was predicted.
    accuracy_by_start : tuple of float
        The same for the windows that begin at step 0, 1, … T - s.
    loss : float
        Mean cross-entropy of a window.
    """

    seq_len: int
    num_windows: int
    accuracy: float
    accuracy_by_start: tuple[float, ...]
    loss: float


def evaluate_exactly(
    network: Network,
    parameters: NDArray[np.float32],
    split: Split,
    seq_len: int,
    *,
    threads: int = 1,
    on_compile: Callable[[], None] = lambda: None,
    stop: Callable[[], bool] = lambda: False,
) -> Evaluation | None:
    """Judge every window of a split.

    Parameters
    ----------
    network : Network
    parameters : ndarray of shape (num_parameters,), float32
    split : Split
    seq_len : int
        Steps of the windows, 1 to T; it need not be the length that the network was trained on.
    threads : int
        Threads to use.
    on_compile : callable
        Called if machine code has to be compiled first.
    stop : callable
        Asked now and then whether to give up.

    Returns
    -------
    Evaluation or None
        None if `stop` said so.

    Raises
    ------
    UsageError
        If `seq_len` is longer than the sequences.
    """
    num_sequences, num_steps, _ = split.values.shape
    check_seq_len(seq_len, num_steps)
    num_starts = num_steps - seq_len + 1
    correct = np.zeros(num_starts, np.int64)
    loss = 0.0
    data = data_of(split.values, split.targets)
    with Engine(network.engine_cell, network.sizes(seq_len), 1, threads) as engine:
        engine.prepare(data, on_compile=on_compile)
        for windows in every_window(num_sequences, num_steps, seq_len):
            if stop():
                return None
            losses, predicted = engine.evaluate(parameters, data, windows)
            correct[windows.starts[0, 0]] += np.count_nonzero(predicted == split.targets[windows.sequences])
            loss += float(losses.sum(dtype=np.float64))
    num_windows = num_sequences * num_starts
    return Evaluation(
        seq_len=seq_len,
        num_windows=num_windows,
        accuracy=int(correct.sum()) / num_windows,
        accuracy_by_start=tuple((correct / num_sequences).tolist()),
        loss=loss / num_windows,
    )
