"""Exact evaluation: on every window of every sequence, not on a sample of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lengthwise._internal.interrupts import StopRequest
from lengthwise.data.split import Split
from lengthwise.engine.protocol import data_of
from lengthwise.errors import UsageError
from lengthwise.evaluation_windows import every_window, tiles
from lengthwise.networks.backend import SIMD, Backend, make_engine, one_pass_for_all_lengths
from lengthwise.networks.module_network import AnyNetwork
from lengthwise.tasks.judged_by import MetricName, task_judged_by
from lengthwise.tasks.metrics import Metric
from lengthwise.tasks.tasks import TASKS
from lengthwise.windows import Windows, check_seq_len, first_and_count


@dataclass(frozen=True)
class Evaluation:
    """The scores of a network on all windows of a split.

    Attributes
    ----------
    seq_len : int
        Steps of the windows.
    num_windows : int
        Windows evaluated: n (T - s + 1) if windows may lie anywhere and all sequences have T steps; n if they lie at
        the end or at the start.
    metric : Metric
        The metric of the scores: accuracy for classes, mean squared error for numbers; see `lengthwise.tasks.tasks`.
    score : float
        The mean over a sequence's windows, and over the sequences; of a root, its root.
    score_by_start : tuple of float
        The mean over the windows that begin at step 0, 1, … T - s; over all of them where a sequence has only one.
    loss : float
        The loss that the network minimises, averaged like the score.
    metrics : dict of str to float
        Other metrics by name, such as ``macro_f1`` or ``r2``, with equal weight for all windows.
    per_sequence : ndarray of shape (n,), float64
        The mean score over each sequence's windows, or over each case's, with which networks can be compared case by
        case; where the metric is a root, before it is taken.
    """

    seq_len: int
    num_windows: int
    metric: Metric
    score: float
    score_by_start: tuple[float, ...]
    loss: float
    metrics: dict[str, float] = field(default_factory=dict)
    per_sequence: NDArray[np.float64] = field(repr=False, compare=False, default_factory=lambda: np.zeros(0))

    @property
    def accuracy(self) -> float:
        """The score if it is an accuracy; otherwise NaN."""
        return self.score if self.metric.is_accuracy else float("nan")

    @property
    def accuracy_by_start(self) -> tuple[float, ...]:
        """The scores by start if they are accuracies; otherwise empty."""
        return self.score_by_start if self.metric.is_accuracy else ()


LENGTHS_AT_ONCE = 64
"""Maximum number of lengths evaluated in one pass: each needs some memory for every sequence."""


class Prefix(NamedTuple):
    """The input of an evaluation: the first `seq_len` steps of windows of `window_len` steps."""

    seq_len: int
    window_len: int


def evaluate_exactly(
    network: AnyNetwork,
    parameters: NDArray[np.float32],
    split: Split,
    seq_len: int,
    *,
    window_len: int | None = None,
    threads: int = 1,
    backend: Backend = SIMD,
    metric: MetricName | None = None,
    on_compile: Callable[[], None] = lambda: None,
    stop: StopRequest | None = None,
) -> Evaluation:
    """Evaluate a network on every window of a split.

    Parameters
    ----------
    network : Network or ModuleNetwork
    parameters : ndarray of shape (num_parameters,), float32
    split : Split
    seq_len : int
        Steps of the windows, 1 to T; it need not be the length that the network was trained on.
    window_len : int, optional
        Take windows of this length, `seq_len` or more, but use only their first `seq_len` steps; `seq_len` by default.
    threads : int
        Threads to use.
    backend : Backend
        The engine and the device.
    metric : str, optional
        What the score is; that of the task by default.
    on_compile : callable
        Called if machine code has to be compiled first.
    stop : StopRequest, optional
        Checked regularly.

    Raises
    ------
    UsageError
        If `seq_len` is longer than the sequences, or than `window_len`.
    Stopped
        If a stop was requested.
    """
    prefix = Prefix(seq_len, seq_len if window_len is None else window_len)
    (evaluation,) = evaluate_prefixes(
        network,
        parameters,
        split,
        [prefix],
        threads=threads,
        backend=backend,
        metric=metric,
        on_compile=on_compile,
        stop=stop,
    )
    return evaluation


def evaluate_prefixes(
    network: AnyNetwork,
    parameters: NDArray[np.float32],
    split: Split,
    prefixes: Sequence[Prefix],
    *,
    threads: int = 1,
    backend: Backend = SIMD,
    metric: MetricName | None = None,
    on_compile: Callable[[], None] = lambda: None,
    stop: StopRequest | None = None,
) -> list[Evaluation]:
    """Evaluate a network on every window of a split at several lengths.

    The engine ``simd`` reads each window only once for all lengths, if the network reads in one direction.

    Parameters
    ----------
    network, parameters, split, threads, backend, metric, on_compile, stop
        As for `evaluate_exactly`.
    prefixes : sequence of Prefix

    Returns
    -------
    list of Evaluation
        For each of `prefixes` what `evaluate_exactly` returns; where sequences differ in length, floating-point numbers
        may be summed in another order.

    Raises
    ------
    UsageError
        If a length is longer than the sequences, or a `seq_len` than its `window_len`.
    Stopped
        If a stop was requested.
    """
    num_steps = split.values.shape[1]
    for prefix in prefixes:
        _check(prefix, num_steps)
    at_once = (
        LENGTHS_AT_ONCE
        if one_pass_for_all_lengths(network, backend) and TASKS[network.task].anytime(network.windows)
        else 1
    )
    ordered = sorted(set(prefixes))
    data = data_of(*split.whole)
    evaluations: dict[Prefix, Evaluation] = {}
    for first in range(0, len(ordered), at_once):
        tallies = [_Tally(network, split, prefix, metric) for prefix in ordered[first : first + at_once]]
        most = max(tally.shown for tally in tallies)
        with make_engine(network, most, batch_size=1, threads=threads, backend=backend) as engine:
            engine.prepare(data, phases=("test",), on_compile=on_compile)
            for windows in _windows_to_evaluate(network, split, min(tally.prefix.window_len for tally in tallies)):
                if stop is not None:
                    stop.check()
                for part, concerned in _parts(tallies, windows):
                    there = part._replace(sequences=split.rows(part.sequences))
                    # The last of consecutive windows may have fewer steps than the others.
                    left = num_steps - int(part.starts.max())
                    steps = {tally: min(tally.shown, left) for tally in concerned}
                    lengths = sorted(set(steps.values()))
                    outputs = dict(
                        zip(lengths, engine.evaluate_prefixes(parameters, data, there, lengths), strict=True)
                    )
                    for tally, length in steps.items():
                        losses, predicted = outputs[length]
                        tally.add(part, length, losses[0], predicted[0])
        evaluations |= {tally.prefix: tally.evaluation() for tally in tallies}
    return [evaluations[prefix] for prefix in prefixes]


def _check(prefix: Prefix, num_steps: int) -> None:
    """Raise `UsageError` if sequences of `num_steps` have no such windows."""
    for length in prefix:
        check_seq_len(length, num_steps)
    if prefix.window_len < prefix.seq_len:
        raise UsageError(f"window_len is {prefix.window_len}, but must be {prefix.seq_len} to {num_steps}.")


class _Tally:
    """Adds up the scores of a network at one length.

    Parameters
    ----------
    network : Network or ModuleNetwork
    split : Split
    prefix : Prefix
    metric : str, optional
    """

    def __init__(self, network: AnyNetwork, split: Split, prefix: Prefix, metric: MetricName | None = None) -> None:
        num_sequences, num_steps, _ = split.values.shape
        kind = task_judged_by(network.task, metric)
        lengths = np.full(num_sequences, num_steps) if split.lengths is None else split.lengths
        self._has_starts = network.windows == "any"
        self._first, self._count = first_and_count(lengths, prefix.window_len, network.windows)
        self._is_tiled = kind.tiled and network.windows == "any"
        if self._is_tiled:  # consecutive windows can start at every step
            self._count = lengths
        starts = int(self._count.max()) if self._has_starts else 1
        self._kind = kind
        self._scorer = kind.scorer(split, network.num_outputs)
        self._by_start, self._count_by_start = np.zeros(starts), np.zeros(starts, np.int64)
        self._scores, self._losses, self._weights = (np.zeros(num_sequences) for _ in range(3))
        self._split = split
        self.prefix = prefix
        self.shown = num_steps if network.carry_state else prefix.seq_len

    def has(self, windows: Windows) -> NDArray[np.bool_]:
        """Return which of these windows there are of this length, of shape (1, windows)."""
        first, count = self._first[windows.sequences], self._count[windows.sequences]
        there: NDArray[np.bool_] = (first <= windows.starts) & (windows.starts < first + count)
        return there

    def add(self, windows: Windows, steps: int, losses: NDArray[np.float32], predicted: NDArray[Any]) -> None:
        """Add what the network predicts from `steps` steps of windows, as `every_window` or `tiles` yield them."""
        (sequences,), (starts,) = windows
        weight = steps if self._is_tiled else 1
        scores = self._scorer.add(sequences, starts, predicted, losses)
        place = int(starts[0]) if self._has_starts else 0
        self._by_start[place] += scores.sum()
        self._count_by_start[place] += len(sequences)
        self._scores[sequences] += weight * scores
        self._losses[sequences] += weight * losses
        self._weights[sequences] += weight

    def evaluation(self) -> Evaluation:
        """Return the mean scores."""
        reached = self._count_by_start > 0  # consecutive windows start at few of the steps
        metric = self._kind.metric
        by_start = self._by_start[reached] / self._count_by_start[reached]
        scores = self._scorer.by_sequence(self._scores / self._weights)
        per_sequence, losses = (self._split.by_case(each) for each in (scores, self._losses / self._weights))
        return Evaluation(
            seq_len=self.prefix.seq_len,
            num_windows=int(self._count_by_start.sum()),
            metric=metric,
            score=metric.of_mean(float(per_sequence.mean())),
            score_by_start=() if metric.joint else tuple(map(metric.of_mean, by_start.tolist())),
            loss=float(losses.mean()),
            metrics=self._scorer.metrics(),
            per_sequence=per_sequence,
        )


def _parts(tallies: Sequence[_Tally], windows: Windows) -> Iterator[tuple[Windows, list[_Tally]]]:
    """Group windows by the tallies that have them, so that none is longer than needed."""
    there = np.concatenate([tally.has(windows) for tally in tallies])
    # A sequence that has a longer window has the shorter ones too, so their number determines which.
    numbers = there.sum(axis=0)
    for number in np.unique(numbers[numbers > 0]):
        chosen = numbers == number
        part = Windows(*(array[:, chosen] for array in windows))
        yield part, [tally for tally, have in zip(tallies, there[:, chosen], strict=True) if have[0]]


def _windows_to_evaluate(network: AnyNetwork, split: Split, window_len: int) -> Iterator[Windows]:
    """Yield the windows on which a network is evaluated: all of them, or consecutive ones.

    With carried states, the windows of a sequence together give the same outputs as the whole sequence at once.
    """
    num_sequences, num_steps, _ = split.values.shape
    if network.carry_state:
        return tiles(num_sequences, num_steps, num_steps)
    if TASKS[network.task].tiled and network.windows == "any":
        return tiles(num_sequences, num_steps, window_len)
    return every_window(num_sequences, num_steps, window_len, lengths=split.lengths, placement=network.windows)


def evaluation_record(evaluation: Evaluation | None, split: str = "test") -> dict[str, Any]:
    """Return an evaluation in the form of run.json; None for each value if there is no evaluation."""
    names = ("accuracy", "accuracy_by_start", "metric", "score", "score_by_start", "loss", "metrics")
    if evaluation is None:
        return {f"{split}_{name}": None for name in names}
    values = {name: getattr(evaluation, name) for name in names} | {"metric": evaluation.metric.name}
    if not evaluation.metric.is_accuracy:
        values |= {"accuracy": None, "accuracy_by_start": None}
    return {f"{split}_{name}": values[name] for name in names}
