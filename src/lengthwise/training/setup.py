"""The parts of a training, made from its settings and its data: network, samplers, schedule, weights, progress."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lengthwise._internal.extras import required
from lengthwise.data.dataset import Dataset
from lengthwise.data.step_windows import longer_lookback_if_refused
from lengthwise.engine.protocol import NO_AVERAGE, State
from lengthwise.errors import UsageError
from lengthwise.networks.backend import initial_states
from lengthwise.networks.module_network import AnyNetwork, ModuleNetwork, check_module, describe
from lengthwise.networks.network import Network
from lengthwise.tasks.judged_by import task_judged_by
from lengthwise.training.data_defaults import chosen_placement, placed
from lengthwise.training.progress import History, Progress, Schedule
from lengthwise.training.selection import Selection, check_validation
from lengthwise.training.settings import BUILT_IN, Settings
from lengthwise.windows import Phase, Placement, Sampler, check_seq_len

if TYPE_CHECKING:
    from torch import nn

Samplers = dict[Phase, Sampler]
"""How the windows of each phase are drawn."""


def settings_of_module(module: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a training of the user's module: those given, the engine, and the module's name.

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
    """Raise `UsageError` if a setting does not apply to the data's task."""
    check_validation(settings, dataset)
    task_judged_by(dataset.task, settings.metric)
    if settings.class_weights != "none" and not dataset.targets.class_of_sequence:
        raise UsageError(
            f"class_weights is {settings.class_weights!r}, but {dataset.name} is a task of {dataset.task}: weights of "
            f"classes apply only to classification."
        )


def network_or_module(settings: Settings, dataset: Dataset, module: "nn.Module | None") -> AnyNetwork:
    """Return the network that is trained: a built-in one, defined by settings and data, or the user's module.

    Raises
    ------
    UsageError
        If it does not match the settings or the data.
    """
    if settings.module_name is None:
        if module is not None:
            raise UsageError("module is given, but the trained network is a built-in one: leave module out.")
        return network_for(settings, dataset)
    if module is None:
        raise UsageError(
            f"the trained network is the PyTorch module {settings.module_name}: give it in Python, as module=…."
        )
    dataset = placed_for(settings, dataset)
    check_task(settings, dataset)
    network = ModuleNetwork.of(module, dataset, settings.seq_len, placement_for(settings, dataset))
    if network.name != settings.module_name:
        raise UsageError(f"module is {network.name}, but the trained one is {settings.module_name}.")
    return network


def network_for(settings: Settings, dataset: Dataset) -> Network:
    """Return the built-in network that settings and data define.

    Raises
    ------
    UsageError
        If a setting does not apply to the data's task.
    """
    dataset = placed_for(settings, dataset)
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
        placement=placement_for(settings, dataset),
    )


def placement_for(settings: Settings, dataset: Dataset) -> Placement:
    """Return where in a sequence the windows of a training lie.

    Raises
    ------
    UsageError
        If the task does not have the placement that was asked for.
    """
    return chosen_placement(dataset, {"placement": settings.placement, "carry_state": settings.carry_state})


def placed_for(settings: Settings, dataset: Dataset) -> Dataset:
    """Return the sequences that a training's windows are of; see `lengthwise.training.data_defaults.placed`."""
    return placed(dataset, placement_for(settings, dataset))


def samplers_for(settings: Settings, dataset: Dataset, phases: tuple[Phase, ...] = ("train", "test")) -> Samplers:
    """Return how the windows of each phase are drawn; a test step has at most as many as the split has sequences.

    Raises
    ------
    UsageError
        If a window is longer than the sequences, or a batch larger than the training split.
    """
    placement = placement_for(settings, dataset)
    dataset = placed(dataset, placement)
    with longer_lookback_if_refused(dataset):
        check_seq_len(settings.seq_len, dataset.num_steps)
    return {
        phase: Sampler(
            num_sequences=len(dataset.split(phase)),
            num_steps=dataset.num_steps,
            seq_len=settings.seq_len,
            batch_size=settings.batch_size if phase == "train" else min(settings.batch_size, len(dataset.split(phase))),
            sampling=settings.sampling,
            seed=settings.seed,
            phase=phase,
            placement=placement,
            lengths=dataset.split(phase).lengths,
            in_turn=settings.carry_state and phase == "train",
        )
        for phase in phases
    }


def schedule_for(settings: Settings, samplers: Samplers) -> Schedule:
    """Return the steps of each phase in an epoch, 0 for a phase without windows, and the total number of updates."""
    train_steps = samplers["train"].steps_per_epoch
    test_steps = samplers["test"].steps_per_epoch if "test" in samplers else 0
    updates = settings.epochs * train_steps if settings.steps is None else settings.steps
    return Schedule(train_steps, test_steps, updates)


def weights_for(settings: Settings, dataset: Dataset) -> NDArray[np.float32] | None:
    """Return the factor by which each training sequence's loss is multiplied; None if all are 1.

    It is the sequence's own weight, times n / (classes * n of the class) with balanced class weights, whose mean
    over the sequences is 1.
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


def first_progress(settings: Settings, network: AnyNetwork, schedule: Schedule) -> Progress:
    """Return the progress of a training that has not begun: the initial parameters, and an empty history."""
    return Progress(
        schedule,
        new_state(settings, network.initial(settings.seed, settings.initializer)),
        History.empty(schedule.total),
        carried=initial_states(network, settings.seq_len, settings.batch_size),
        selection=Selection.of(settings, network.task, schedule.train_steps, schedule.updates),
    )


def new_state(settings: Settings, parameters: NDArray[np.float32]) -> State:
    """Return the initial state for some parameters: moments of zero, and their average if one is kept."""
    average = NO_AVERAGE if settings.ema_decay is None else parameters.copy()
    return State(parameters, np.zeros_like(parameters), np.zeros_like(parameters), average)
