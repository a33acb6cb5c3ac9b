"""Pilot trainings: short ones, by which a recipe chooses what a study trains.

Pilots are judged on the validation split alone, on at most `WINDOWS` windows; of a study with folds, on some of them,
as one small split may suit a network that fails on others. What counts is in `lengthwise.study.pilot_errors`.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from lengthwise._internal.interrupts import StopRequest
from lengthwise.data.dataset import Dataset
from lengthwise.data.split import Split
from lengthwise.engine.protocol import data_of
from lengthwise.errors import RunError
from lengthwise.networks.backend import make_engine
from lengthwise.study.execution import shared_threads
from lengthwise.study.pilot_errors import error_of, window_errors
from lengthwise.tasks.tasks import TASKS
from lengthwise.training.events import Compiling, Event, Started
from lengthwise.training.loop import Training
from lengthwise.training.settings import Settings
from lengthwise.training.setup import network_for, placed_for
from lengthwise.windows import Placement, Windows, first_and_count

WINDOWS = 2048
"""Most windows that a pilot is judged on."""

STARTS = 8
"""Most windows of a sequence that a pilot is judged on."""


SHARED_FROM = 64
"""Sequences of a batch from which on threads share a training well."""


@dataclass(frozen=True)
class Pilot:
    """A pilot that has ended: a training, or one for each of some folds.

    Attributes
    ----------
    settings : Settings
        With `steps`, the updates that were made.
    loss : float
        What it came to on the validation split; infinite if the training diverged.
    seconds : float, default 0
        How long a training and its judging would have taken one thread, about, without compiling machine code.
    """

    settings: Settings
    loss: float
    seconds: float = 0.0

    @property
    def updates(self) -> int:
        """Updates that were made."""
        return self.settings.steps or 0


def prepare_to_train(runs: Sequence[Settings], dataset: Dataset, on_compile: Callable[[], None]) -> None:
    """Have machine code ready to train pilots; `on_compile` is called when some has to be compiled first."""
    for settings in runs:
        network, data = network_for(settings, dataset), placed_for(settings, dataset)
        with make_engine(network, settings.seq_len, settings.batch_size, backend=settings.backend) as engine:
            engine.prepare(data_of(*data.train.whole), phases=("train",), on_compile=on_compile)


def train_pilots(
    runs: Sequence[Settings],
    dataset: Dataset,
    *,
    folds: Sequence[Dataset] = (),
    workers: int,
    stop: StopRequest,
    on_compile: Callable[[], None] = lambda: None,
) -> list[Pilot]:
    """Return pilots in the order of `runs`, of which `workers` are trained at a time; the last share idle threads.

    Where there are `folds`, each is trained and judged on each of them, from other initial weights, and its loss is the
    mean. `on_compile` is called, perhaps by several threads, when machine code has to be compiled first.

    Raises
    ------
    Stopped
        If a stop was asked for.
    """
    jobs = [
        (replace(settings, seed=settings.seed + place), data)
        for settings in runs
        for place, data in enumerate(folds or [dataset])
    ]
    # Of PyTorch's engine, sums may depend on the number of threads.
    may_share = all(run.backend.engine == "simd" and run.batch_size >= SHARED_FROM for run in runs)
    threads = shared_threads([settings.timesteps for settings, _ in jobs], workers if may_share else 1)
    with ThreadPoolExecutor(workers, thread_name_prefix="pilot") as pool:
        trained = list(pool.map(lambda job, count: train_pilot(job[0], job[1], stop, on_compile, count), jobs, threads))
    figures = [(pilot.loss, pilot.seconds) for pilot in trained]
    means = np.reshape(figures, (len(runs), -1, 2)).mean(axis=1)
    return [Pilot(settings, *mean) for settings, mean in zip(runs, means.tolist(), strict=True)]


def train_pilot(
    settings: Settings,
    dataset: Dataset,
    stop: StopRequest | None = None,
    on_compile: Callable[[], None] = lambda: None,
    threads: int = 1,
) -> Pilot:
    """Train one network, and judge it."""
    training = Training.begin(settings, dataset, phases=("train",))
    began = time.monotonic()

    def listen(event: Event) -> None:
        nonlocal began
        if isinstance(event, Compiling):
            on_compile()
        if isinstance(event, Started):
            began = time.monotonic()

    try:
        training.fit(threads=threads, emit=listen, stop=stop)
        began += _seconds_to_prepare(training, on_compile)
        loss = judge(training)
    except RunError:
        loss = float("inf")
    return Pilot(settings, loss, threads * (time.monotonic() - began))


def _seconds_to_prepare(training: Training, on_compile: Callable[[], None]) -> float:
    """Have machine code ready to judge a network, and return how long that took."""
    began = time.monotonic()
    settings = training.settings
    with make_engine(training.network, settings.seq_len, batch_size=1, backend=settings.backend) as engine:
        engine.prepare(data_of(*training.dataset.validation.whole), phases=("test",), on_compile=on_compile)
    return time.monotonic() - began


def judge(training: Training) -> float:
    """Return what a network comes to on windows of the validation split."""
    settings, dataset, weights = training.settings, training.dataset, training.progress.weights
    split, task = dataset.validation, TASKS[dataset.task]
    if task.tiled or settings.carry_state:
        return error_of(training.evaluate("validation", weights), dataset.task, settings.metric)
    data = data_of(*split.whole)
    error_of_windows = window_errors(dataset, settings.metric, training.network.num_outputs)
    errors = []
    with make_engine(training.network, settings.seq_len, batch_size=1, backend=settings.backend) as engine:
        engine.prepare(data, phases=("test",))
        for windows in judged_windows(split, settings.seq_len, training.network.windows):
            there = windows._replace(sequences=split.rows(windows.sequences))
            losses, predicted = engine.evaluate(weights, data, there)
            errors.append(error_of_windows(windows.sequences[0], windows.starts[0], losses[0], predicted[0]))
    return float(np.concatenate(errors).mean())


def judged_windows(split: Split, seq_len: int, placement: Placement) -> list[Windows]:
    """Return the windows that pilots are judged on: starts spread evenly over each sequence, sequences over the split.

    Parameters
    ----------
    split : Split
    seq_len : int
    placement : {"any", "end", "start"}
        Which windows of a sequence there are.

    Returns
    -------
    list of Windows
        Each of shape (1, sequences).
    """
    count, num_steps, _ = split.values.shape
    lengths = np.full(count, num_steps) if split.lengths is None else split.lengths
    first, number = first_and_count(lengths, seq_len, placement)
    room = number - 1
    starts = min(STARTS, 1 + int(room.max()))
    sequences = np.unique(np.linspace(0, count - 1, min(count, WINDOWS // starts)).astype(np.int64))
    shares = np.linspace(0, 1, starts) if starts > 1 else np.zeros(1)
    return [
        Windows(sequences[None], (first + np.rint(share * room).astype(np.int64))[sequences][None]) for share in shares
    ]
