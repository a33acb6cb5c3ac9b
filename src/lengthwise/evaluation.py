"""Exact evaluation: every window of every sequence, and not a sample of them."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lengthwise.backend import SIMD, Backend, make_engine
from lengthwise.data.dataset import Split
from lengthwise.engine.engine import data_of
from lengthwise.errors import UsageError
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
        Windows judged, n (T - s + 1) if all sequences have T steps.
    accuracy : float
        Share of a sequence's windows whose class was predicted, the mean over sequences.
    accuracy_by_start : tuple of float
        The share of the windows that begin at step 0, 1, … T - s.
    loss : float
        Cross-entropy of a sequence's windows, the mean over sequences.
    correct, windows : ndarray of shape (n,), int64
        How many of each sequence's windows were right, and how many it has: with them the same sequences can be
        compared between networks.
    """

    seq_len: int
    num_windows: int
    accuracy: float
    accuracy_by_start: tuple[float, ...]
    loss: float
    correct: NDArray[np.int64] = field(repr=False, compare=False)
    windows: NDArray[np.int64] = field(repr=False, compare=False)


def evaluate_exactly(
    network: Network,
    parameters: NDArray[np.float32],
    split: Split,
    seq_len: int,
    *,
    window_len: int | None = None,
    threads: int = 1,
    backend: Backend = SIMD,
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
    window_len : int, optional
        Judge windows of this length, `seq_len` or more, by their first `seq_len` steps; `seq_len` by default.
    threads : int
        Threads to use.
    backend : Backend
        What computes.
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
        If `seq_len` is longer than the sequences, or than `window_len`.
    """
    num_sequences, num_steps, _ = split.values.shape
    window_len = seq_len if window_len is None else window_len
    for length in (seq_len, window_len):
        check_seq_len(length, num_steps)
    if window_len < seq_len:
        raise UsageError(f"window_len is {window_len}, but must be {seq_len} to {num_steps}.")
    num_starts = num_steps - window_len + 1
    right_by_start, judged_by_start = np.zeros(num_starts, np.int64), np.zeros(num_starts, np.int64)
    right, judged = np.zeros(num_sequences, np.int64), np.zeros(num_sequences, np.int64)
    losses_of = np.zeros(num_sequences)
    data = data_of(*split.whole)
    with make_engine(network, seq_len, batch_size=1, threads=threads, backend=backend) as engine:
        engine.prepare(data, on_compile=on_compile)
        for windows in every_window(num_sequences, num_steps, window_len, lengths=split.lengths):
            if stop():
                return None
            sequences, start = windows.sequences[0], windows.starts[0, 0]
            losses, predicted = engine.evaluate(
                parameters, data, windows._replace(sequences=split.rows(windows.sequences))
            )
            correct = predicted[0] == split.targets[sequences]
            right_by_start[start] += np.count_nonzero(correct)
            judged_by_start[start] += len(sequences)
            right[sequences] += correct
            judged[sequences] += 1
            losses_of[sequences] += losses[0]
    reached = judged_by_start > 0  # no sequence may be long enough for the latest starts
    return Evaluation(
        seq_len=seq_len,
        num_windows=int(judged.sum()),
        accuracy=float((right / judged).mean()),
        accuracy_by_start=tuple((right_by_start[reached] / judged_by_start[reached]).tolist()),
        loss=float((losses_of / judged).mean()),
        correct=right,
        windows=judged,
    )
