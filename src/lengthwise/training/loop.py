"""The training loop: epochs of training steps and test steps, as events."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lengthwise._internal.extras import required
from lengthwise._internal.interrupts import interruptible
from lengthwise.data.dataset import Dataset
from lengthwise.engine.protocol import NO_AVERAGE, Data, Engine, State, data_of
from lengthwise.errors import RunError, UsageError
from lengthwise.networks.backend import initial_states, make_engine
from lengthwise.networks.module_network import AnyNetwork, ModuleNetwork, check_module, describe
from lengthwise.networks.network import Network
from lengthwise.tasks.tasks import TASKS
from lengthwise.training.evaluation import evaluate_exactly
from lengthwise.training.events import Callback, Compiling, EpochEnded, Interrupted, Started, Stepped, Validated
from lengthwise.training.progress import History, Progress, Schedule
from lengthwise.training.selection import Selection, Validation, check_validation
from lengthwise.training.settings import BUILT_IN, Settings
from lengthwise.windows import Phase, Sampler, Windows

if TYPE_CHECKING:
    from torch import nn

SECONDS_A_CALL = 0.1
"""How long the engine may run before observers hear of it and a request to stop is heard."""

Samplers = dict[Phase, Sampler]


def settings_of_module(module: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that go with a module of the user's: those given, the engine, and its name.

    Raises
    ------
    UsageError
        If it cannot be trained, or settings of the built-in networks were given.
    """
    required("torch", "module", "torch")
    for name in BUILT_IN:
        if name in given:
            raise UsageError(f"{name} is a setting of the built-in networks: leave it out where module is given.")
    return {"engine": "torch"} | given | {"module_name": describe(check_module(module))}


def check_task(settings: Settings, dataset: Dataset) -> None:
    """Raise `UsageError` if networks cannot be trained for the data's task, or a setting does not go with it."""
    check_validation(settings, dataset)
    if settings.class_weights != "none" and not dataset.targets.class_of_sequence:
        raise UsageError(
            f"class_weights is {settings.class_weights!r}, but {dataset.name} is a task of {dataset.task}: weights of "
            f"classes go with classification."
        )


def network_or_module(settings: Settings, dataset: Dataset, module: "nn.Module | None") -> AnyNetwork:
    """Return what is trained: the network that settings and data ask for, or a module of the user's.

    Raises
    ------
    UsageError
        If it does not go with the settings or the data.
    """
    if settings.module_name is None:
        if module is not None:
            raise UsageError("module is given, but what was trained is a built-in network: leave module out.")
        return network_for(settings, dataset)
    if module is None:
        raise UsageError(
            f"what is trained is the PyTorch module {settings.module_name}: give it in Python, as module=…."
        )
    check_task(settings, dataset)
    network = ModuleNetwork.of(module, dataset, settings.seq_len)
    if network.name != settings.module_name:
        raise UsageError(f"module is {network.name}, but what was trained is {settings.module_name}.")
    return network


def network_for(settings: Settings, dataset: Dataset) -> Network:
    """Return the built-in network that settings and data ask for.

    Raises
    ------
    UsageError
        If networks cannot be trained for the data's task, or a setting does not go with it.
    """
    check_task(settings, dataset)
    return Network(
        input_size=dataset.input_size,
        num_outputs=dataset.num_outputs,
        task=dataset.task,
        cell=settings.cell,
        hidden_size=settings.hidden_size,
        num_layers=settings.num_layers,
        bidirectional=settings.bidirectional,
        dropout=settings.dropout,
        pooling=settings.pooling,
        gru_variant=settings.gru_variant,
        forget_bias=settings.forget_bias,
        carry_state=settings.carry_state,
    )


def samplers_for(settings: Settings, dataset: Dataset, phases: tuple[Phase, ...] = ("train", "test")) -> Samplers:
    """Return how the windows of each phase are drawn.

    Raises
    ------
    UsageError
        If a window is longer than the sequences, or a batch larger than a split.
    """
    return {
        phase: Sampler(
            num_sequences=len(dataset.split(phase)),
            num_steps=dataset.num_steps,
            seq_len=settings.seq_len,
            batch_size=settings.batch_size,
            sampling=settings.sampling,
            seed=settings.seed,
            phase=phase,
            at_end=TASKS[dataset.task].at_end,
            lengths=dataset.split(phase).lengths,
            in_turn=settings.carry_state and phase == "train",
        )
        for phase in phases
    }


def schedule_for(settings: Settings, samplers: Samplers) -> Schedule:
    """Return the steps of each phase in an epoch, none of a phase without windows, and the updates in all."""
    train_steps = samplers["train"].steps_per_epoch
    test_steps = samplers["test"].steps_per_epoch if "test" in samplers else 0
    updates = settings.epochs * train_steps if settings.steps is None else settings.steps
    return Schedule(train_steps, test_steps, updates)


def weights_for(settings: Settings, dataset: Dataset) -> NDArray[np.float32] | None:
    """Return what each training sequence's part of the loss is multiplied by; None if all count the same.

    That is the sequence's own weight, and with balanced class weights n / (classes * n of the class), whose mean over
    the sequences is 1.
    """
    train = dataset.train
    weights = train.weights
    if settings.class_weights != "none":
        counts = np.bincount(train.targets, minlength=dataset.num_classes)
        by_class = len(train) / (np.count_nonzero(counts) * np.maximum(counts, 1))
        balanced = by_class.astype(np.float32)[train.targets]
        weights = balanced if weights is None else weights * balanced
    if weights is None:
        return None
    whole = np.ones(len(train.whole.values), np.float32)
    whole[train.rows(np.arange(len(train)))] = weights
    return whole


def start(settings: Settings, network: AnyNetwork, schedule: Schedule) -> Progress:
    """Return the progress of a training that has not begun: the first parameters, and no history."""
    return Progress(
        schedule,
        new_state(settings, network.initial(settings.seed, settings.initializer)),
        History.empty(schedule.total),
        carried=initial_states(network, settings.seq_len, settings.batch_size),
        selection=Selection.of(settings, network.task, schedule.train_steps, schedule.updates),
    )


def new_state(settings: Settings, parameters: NDArray[np.float32]) -> State:
    """Return parameters as a training begins with them: no moments, and room for their average if one is kept."""
    average = NO_AVERAGE if settings.ema_decay is None else parameters.copy()
    return State(parameters, np.zeros_like(parameters), np.zeros_like(parameters), average)


def fit(
    settings: Settings,
    dataset: Dataset,
    network: AnyNetwork,
    progress: Progress,
    *,
    threads: int,
    emit: Callback,
    stop: Callable[[], bool] = lambda: False,
    until: int | None = None,
) -> bool:
    """Make the steps that `progress` has not made yet, or as many as Ctrl-C and the validations allow.

    Parameters
    ----------
    settings : Settings
    dataset : Dataset
    network : Network or ModuleNetwork
    progress : Progress
        Where to go on; changed in place.
    threads : int
        Threads to use; they change no bit of what the SIMD engine gives.
    emit : callable
        Takes the events.
    stop : callable
        Asked after every call of the engine, a tenth of a second, whether to stop.
    until : int, optional
        The global step to go to; the last one by default.

    Returns
    -------
    bool
        Whether all steps were made, or those that patience allows; False after Ctrl-C, SIGTERM, or if `stop` said so.

    Raises
    ------
    RunError
        If a loss is not finite.
    """
    schedule = progress.schedule
    phases: tuple[Phase, ...] = ("train", "test") if schedule.test_steps else ("train",)
    samplers = samplers_for(settings, dataset, phases)
    splits = {phase: dataset.split(phase) for phase in samplers}
    weights = weights_for(settings, dataset)
    data = {
        phase: data_of(*split.whole, weights=weights if phase == "train" else None) for phase, split in splits.items()
    }
    last = schedule.total if until is None else until
    steps_a_call = 1
    with (
        make_engine(
            network, settings.seq_len, settings.batch_size, threads, settings.seed, settings.backend, progress.carried
        ) as engine,
        progress.settled_by(engine.settle),
    ):
        engine.prepare(data["train"], on_compile=lambda: emit(Compiling()))
        emit(Started(settings, network, progress))
        with interruptible() as interrupted:
            asked: Callable[[], bool] = lambda: interrupted() or stop()  # noqa: E731
            while True:
                if asked() or (
                    progress.awaits_validation
                    and not validate(settings, dataset, network, progress, threads=threads, emit=emit, stop=asked)
                ):
                    emit(Interrupted(progress))
                    return False
                if progress.global_step >= last or progress.finished:
                    return True
                first = progress.global_step
                epoch, phase, step = schedule.position(first)
                most = min(steps_a_call, last - first, progress.steps_before_validation)
                windows = samplers[phase].draw(epoch, step, most)
                windows = windows._replace(sequences=splits[phase].rows(windows.sequences))
                seconds = _make_steps(engine, settings, progress, data[phase], phase, windows)
                steps_a_call = max(1, min(2 * steps_a_call, int(SECONDS_A_CALL / seconds)))
                emit(Stepped(epoch, phase, first, progress.global_step, progress))
                if progress.global_step % schedule.epoch_steps == 0:
                    emit(EpochEnded(epoch, progress))


def validate(
    settings: Settings,
    dataset: Dataset,
    network: AnyNetwork,
    progress: Progress,
    *,
    threads: int,
    emit: Callback,
    stop: Callable[[], bool],
) -> bool:
    """Judge the network on every window of the validation split, and note how it did.

    Returns
    -------
    bool
        False if `stop` said so; nothing is noted then.
    """
    evaluation = evaluate_exactly(
        network,
        progress.weights,
        dataset.validation,
        settings.seq_len,
        threads=threads,
        backend=settings.backend,
        stop=stop,
    )
    if evaluation is None or progress.selection is None:
        return False
    progress.selection.add(Validation(progress.made, evaluation.score, evaluation.loss), progress.weights)
    emit(Validated(progress, evaluation))
    return True


def validate_the_end(
    settings: Settings,
    dataset: Dataset,
    network: AnyNetwork,
    progress: Progress,
    *,
    threads: int,
    emit: Callback,
    stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Judge what a training has ended with, where parameters are chosen and it was not judged by its last step.

    This validation is no part of a checkpoint: a training that goes on for more steps would not have had it.

    Returns
    -------
    bool
        False if `stop` said so.
    """
    selection = progress.selection
    if selection is None or (selection.validations and selection.validations[-1].update == progress.made):
        return True
    return validate(settings, dataset, network, progress, threads=threads, emit=emit, stop=stop)


def _make_steps(
    engine: Engine, settings: Settings, progress: Progress, data: Data, phase: Phase, windows: Windows
) -> float:
    """Make the steps of `windows`, note what they gave, and return the seconds that each took."""
    began = time.perf_counter()
    if phase == "train":
        updates = progress.updates
        rates = settings.rates(progress.schedule.updates).at(updates, updates + len(windows.starts))
        losses, scores = engine.train(progress.held, updates, data, windows, settings.engine_optimizer, rates)
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
