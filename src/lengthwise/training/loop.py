"""The training loop: epochs of training steps and test steps, with validations on the way, as events."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from lengthwise._internal.interrupts import Stopped, StopRequest, interruptible
from lengthwise.data.dataset import Dataset
from lengthwise.engine.protocol import Data, Engine, data_of
from lengthwise.errors import RunError
from lengthwise.networks.backend import make_engine
from lengthwise.networks.module_network import AnyNetwork
from lengthwise.training.evaluation import Evaluation, evaluate_exactly
from lengthwise.training.events import (
    Callback,
    Compiling,
    EpochEnded,
    Event,
    Interrupted,
    Started,
    Stepped,
    Validated,
)
from lengthwise.training.progress import Progress
from lengthwise.training.selection import Validation
from lengthwise.training.settings import Settings
from lengthwise.training.setup import (
    Samplers,
    first_progress,
    network_or_module,
    placed_for,
    samplers_for,
    schedule_for,
    weights_for,
)
from lengthwise.windows import Phase, Windows

if TYPE_CHECKING:
    from torch import nn

SECONDS_A_CALL = 0.1
"""How long the engine may run before callbacks are told of its steps and a request to stop is heard."""

MORE_STEPS = 8
"""How many times as many steps a call may have as the one before it: the time of few steps says little of many."""


def ignore(_event: Event) -> None:
    """Do nothing with an event."""


@dataclass(frozen=True, eq=False)
class Training:
    """A network, the data that it is trained on, and how far its training has come.

    Attributes
    ----------
    settings : Settings
    dataset : Dataset
    network : Network or ModuleNetwork
    samplers : dict of {"train", "test"} to Sampler
        How the windows of each phase are drawn; without ``"test"`` there are no test steps.
    progress : Progress
        The parameters, and every step that was made; `fit`, `validate` and `finish` change it in place.
    """

    settings: Settings
    dataset: Dataset
    network: AnyNetwork
    samplers: Samplers
    progress: Progress

    @classmethod
    def begin(
        cls,
        settings: Settings,
        dataset: Dataset,
        module: "nn.Module | None" = None,
        *,
        phases: tuple[Phase, ...] = ("train", "test"),
    ) -> Self:
        """Return a training of which no step was made.

        Parameters
        ----------
        settings : Settings
        dataset : Dataset
        module : torch.nn.Module, optional
            The module to train, where the settings name one.
        phases : tuple of {"train", "test"}
            The phases of an epoch.

        Raises
        ------
        UsageError
            If the settings do not fit the data or the module.
        """
        dataset = placed_for(settings, dataset)
        network = network_or_module(settings, dataset, module)
        samplers = samplers_for(settings, dataset, phases)
        progress = first_progress(settings, network, schedule_for(settings, samplers))
        return cls(settings, dataset, network, samplers, progress)

    def fit(
        self,
        *,
        threads: int = 1,
        emit: Callback = ignore,
        stop: StopRequest | None = None,
        until: int | None = None,
    ) -> None:
        """Make the steps that were not made yet, as many as the validations allow.

        Parameters
        ----------
        threads : int
            Threads to use; they change no bit of what the SIMD engine computes.
        emit : callable
            Called with the events.
        stop : StopRequest, optional
            Looked at after every call of the engine, a tenth of a second. Ctrl-C and SIGTERM make the same request.
        until : int, optional
            The global step to go to; the last one by default.

        Raises
        ------
        Stopped
            If a stop was asked for; `fit` then goes on, when it is called again, to the same bits.
        RunError
            If a loss is not finite.
        """
        settings, progress = self.settings, self.progress
        data = self._data()
        last = progress.schedule.total if until is None else until
        with (
            make_engine(
                self.network,
                settings.seq_len,
                settings.batch_size,
                threads,
                settings.seed,
                settings.backend,
                progress.carried,
            ) as engine,
            progress.synchronized_by(engine.synchronize),
        ):
            engine.prepare(data["train"], phases=("train",), on_compile=lambda: emit(Compiling()))
            emit(Started(settings, self.network, progress))
            with interruptible(stop) as asked:
                try:
                    self._make_steps(engine, data, last, threads=threads, emit=emit, stop=asked)
                except Stopped:
                    emit(Interrupted(progress))
                    raise

    def validate(self, *, threads: int = 1, emit: Callback = ignore, stop: StopRequest | None = None) -> None:
        """Evaluate the network on every window of the validation split, and note the result in `progress`.

        Raises
        ------
        Stopped
            If a stop was asked for; nothing is noted then.
        """
        progress = self.progress
        if progress.selection is None:
            raise AssertionError("only a training that chooses its parameters has validations")
        evaluation = self.evaluate("validation", progress.weights, threads=threads, stop=stop)
        progress.selection.add(Validation(progress.made, evaluation.score, evaluation.loss), progress.weights)
        emit(Validated(progress, evaluation))

    def finish(self, *, threads: int = 1, emit: Callback = ignore, stop: StopRequest | None = None) -> None:
        """Validate the last parameters, where parameters are chosen and these were not validated yet.

        This validation is not part of a checkpoint: a training that goes on for more steps would not have had it.

        Raises
        ------
        Stopped
            If a stop was asked for.
        """
        selection = self.progress.selection
        if selection is None or (selection.validations and selection.validations[-1].update == self.progress.made):
            return
        self.validate(threads=threads, emit=emit, stop=stop)

    def evaluate(
        self, split: str, parameters: NDArray[np.float32], *, threads: int = 1, stop: StopRequest | None = None
    ) -> Evaluation:
        """Return the exact evaluation of some parameters at the length of the training.

        Parameters
        ----------
        split : {"train", "validation", "test"}
        parameters : ndarray of shape (P,), float32
        threads, stop
            As for `fit`.

        Raises
        ------
        Stopped
            If a stop was asked for.
        """
        return evaluate_exactly(
            self.network,
            parameters,
            self.dataset.split(split),
            self.settings.seq_len,
            threads=threads,
            backend=self.settings.backend,
            metric=self.settings.metric,
            stop=stop,
        )

    def _data(self) -> dict[Phase, Data]:
        """Return what the engine reads in each phase."""
        weights = {"train": weights_for(self.settings, self.dataset)}
        return {phase: data_of(*self.dataset.split(phase).whole, weights=weights.get(phase)) for phase in self.samplers}

    def _make_steps(
        self,
        engine: Engine,
        data: dict[Phase, Data],
        last: int,
        *,
        threads: int,
        emit: Callback,
        stop: StopRequest,
    ) -> None:
        """Make the steps up to global step `last`, some at a time, and the validations between them."""
        progress, schedule = self.progress, self.progress.schedule
        steps_a_call = 1
        while True:
            stop.check()
            if progress.awaits_validation:
                self.validate(threads=threads, emit=emit, stop=stop)
            if progress.global_step >= last or progress.finished:
                return
            first = progress.global_step
            epoch, phase, step = schedule.position(first)
            most = min(steps_a_call, last - first, progress.steps_before_validation)
            windows = self.samplers[phase].draw(epoch, step, most)
            windows = windows._replace(sequences=self.dataset.split(phase).rows(windows.sequences))
            if phase == "test":  # only now, so that the first step need not wait for it
                engine.prepare(data[phase], phases=(phase,))
            seconds = _make_some(engine, self.settings, progress, data[phase], phase, windows)
            steps_a_call = max(1, min(MORE_STEPS * steps_a_call, int(SECONDS_A_CALL / seconds)))
            emit(Stepped(epoch, phase, first, progress.global_step, progress))
            for ended in range(epoch, progress.global_step // schedule.epoch_steps):
                emit(EpochEnded(ended, progress))


def _make_some(
    engine: Engine, settings: Settings, progress: Progress, data: Data, phase: Phase, windows: Windows
) -> float:
    """Make the steps of `windows`, note what they gave, and return the seconds that each took."""
    began = time.perf_counter()
    if phase == "train":
        updates = progress.updates
        lrs = settings.rates(progress.schedule.updates).at(updates, updates + len(windows.starts))
        losses, scores = engine.train(progress.stored_state, updates, data, windows, settings.engine_optimizer, lrs)
    else:
        losses = np.full(len(windows.starts), np.nan)
        _, predicted = engine.evaluate(progress.weights, data, windows)
        scores = _batch_scores(data, windows, predicted)
    seconds = (time.perf_counter() - began) / len(scores)
    first = progress.global_step
    last = first + len(scores)
    if phase == "train":
        _check_finite(losses, first, settings)
    progress.history.losses[first:last] = losses
    progress.history.scores[first:last] = scores
    progress.history.seconds[first:last] = seconds
    progress.global_step = last
    return seconds


def _batch_scores(data: Data, windows: Windows, predicted: NDArray[Any]) -> NDArray[np.float64]:
    """Return the mean score of each step's windows, as the engine gives it in training."""
    targets = data.targets[windows.sequences]
    if targets.ndim == predicted.ndim and targets.dtype != np.float32 and targets.ndim > 2:
        steps = np.minimum(windows.starts[..., None] + np.arange(predicted.shape[-1]), targets.shape[-1] - 1)
        targets = np.take_along_axis(targets, steps, axis=-1)
        valid = predicted >= 0
        shares = (valid & (predicted == targets)).sum(axis=-1) / valid.sum(axis=-1)
        return np.asarray(shares.mean(axis=-1), np.float64)
    scores = np.abs(predicted - targets) if targets.dtype == np.float32 else predicted == targets
    means: NDArray[np.float64] = scores.mean(axis=tuple(range(1, scores.ndim)), dtype=np.float64)
    return means


def _check_finite(losses: NDArray[np.float64], first: int, settings: Settings) -> None:
    finite = np.isfinite(losses)
    if not finite.all():
        step = first + int(np.argmin(finite)) + 1
        raise RunError(
            f"the loss is not finite at step {step}: the training diverged; try an lr below {settings.lr:g}."
        )
