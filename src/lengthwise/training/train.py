"""Train a network, and go on with an interrupted run: what the commands do, from Python."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lengthwise._internal.interrupts import interruptible
from lengthwise._internal.threads import check_threads
from lengthwise.data import Dataset, load_data
from lengthwise.errors import RunError, UsageError
from lengthwise.networks.module_network import AnyNetwork
from lengthwise.tasks.baselines import baseline_of
from lengthwise.tasks.tasks import TASKS
from lengthwise.training.callbacks.checkpoint import Checkpoints, load_checkpoint
from lengthwise.training.callbacks.console import ConsoleLog
from lengthwise.training.callbacks.tensorboard import TensorBoard
from lengthwise.training.environment import describe_environment
from lengthwise.training.evaluation import Evaluation, evaluate_exactly, evaluation_record
from lengthwise.training.events import Callback, Evaluating, Event, Finished
from lengthwise.training.keyword_settings import separate_data_options, takes_settings_and_data_options
from lengthwise.training.loop import (
    fit,
    network_or_module,
    samplers_for,
    schedule_for,
    settings_of_module,
    start,
    validate_the_end,
)
from lengthwise.training.progress import History, Progress, Schedule
from lengthwise.training.run_folder import RunFolder
from lengthwise.training.selection import StopReason, Validation
from lengthwise.training.settings import Settings

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, eq=False)
class Result:
    """A finished training.

    Attributes
    ----------
    settings : Settings
    network : Network or ModuleNetwork
    parameters : dict of str to ndarray, float32
        The parameters that are kept, by name; see `Network.parameter_shapes`. They are those of the last training step;
        with `validate_every` or `patience` those of the best validation; with `ema_decay` their average.
    history : History
        What every step that was made gave.
    schedule : Schedule
        Which steps those are, and how many there were to be at most.
    evaluation : Evaluation
        Exact evaluation on the test split.
    epochs : list of dict
        The figures of each epoch, as run.json has them.
    train_steps_per_second : float
        Without compilation, evaluation and callbacks.
    out : Path or None
        The run's folder.
    train_steps : int
        Training steps that were made.
    best_step : int
        Training steps after which the parameters were those that are kept.
    stopped_by : {"steps", "patience"}
        Why training ended: all steps were made, or the validations did not get better.
    validations : list of Validation
        How the network did on the validation split on the way: ``update`` (training steps made), ``score``, ``loss``.
    """

    settings: Settings
    network: AnyNetwork
    parameters: dict[str, NDArray[np.float32]]
    history: History
    schedule: Schedule
    evaluation: Evaluation
    epochs: list[dict[str, Any]]
    train_steps_per_second: float
    out: Path | None
    train_steps: int
    best_step: int
    stopped_by: StopReason
    validations: list[Validation]


@takes_settings_and_data_options
def train(
    data: str | Path | Dataset = "mnist",
    *,
    module: "nn.Module | None" = None,
    threads: int | None = None,
    out: str | Path | None = None,
    quiet: bool = False,
    callbacks: Iterable[Callback] = (),
    **settings: Any,
) -> Result:
    """Train a network on windows of a data set, and evaluate it exactly. The defaults are the notebook's.

    Parameters
    ----------
    data : str, Path or Dataset
        Whatever `load_data` takes by one name, or data in memory that it returned.
    module : torch.nn.Module, optional
        A module to train in place of a built-in network, by PyTorch, from the values that it has; see
        docs/pytorch.md. It has the trained values afterwards.
    threads : int, optional
        Threads to use; all processors by default. They change no bit of the result.
    out : str or Path, optional
        Folder to write the run to: run.json, the model, checkpoints, TensorBoard files. Nothing is written without.
    quiet : bool
        Print nothing.
    callbacks : iterable of callable
        Each is called with every event, and closed at the end if it has a method `close`; see `lengthwise.events`,
        and `lengthwise.callbacks` for those of MLflow and Weights & Biases.
    **settings
        `seq_len`, `cell`, `hidden_size` and all other fields of `lengthwise.Settings`, by name; and what `data` are
        read with, such as `task`, `horizon` and `target`, as for `load_data`.

    Returns
    -------
    Result

    Raises
    ------
    UsageError
        If an argument is out of range or does not fit the data, or `out` exists already.
    DataError
        If the data cannot be read.
    RunError
        If the folder cannot be written, or the training diverges.
    KeyboardInterrupt
        After Ctrl-C, once the checkpoint is written.

    Examples
    --------
    ::

        result = lengthwise.train(seq_len=19, seed=1)
        print(result.evaluation.accuracy)
    """
    settings, options = separate_data_options(settings)
    dataset = load_data(data, **options)
    if module is not None:
        settings = settings_of_module(module, settings)
    chosen = Settings(data=dataset.name, **settings)
    trained = network_or_module(chosen, dataset, module)
    schedule = schedule_for(chosen, samplers_for(chosen, dataset))
    threads = check_threads(threads)
    progress = start(chosen, trained, schedule)
    folder = None if out is None else RunFolder.create(Path(out))
    job = _Job(chosen, dataset, trained, progress, folder, threads)
    return _complete(job, _listeners(job, quiet, callbacks))


def resume(
    run: str | Path,
    *,
    epochs: int | None = None,
    steps: int | None = None,
    data: Dataset | None = None,
    module: "nn.Module | None" = None,
    threads: int | None = None,
    quiet: bool = False,
    callbacks: Iterable[Callback] = (),
) -> Result:
    """Go on with an interrupted run, or with a finished one for more epochs, from its folder alone.

    What comes out is, bit for bit, what the run would have given had it never stopped.

    Parameters
    ----------
    run : str or Path
        The run's folder.
    epochs, steps : int, optional
        Epochs, or training steps, in all; at least as many as before.
    data : Dataset, optional
        The data, where the run was made with data in memory.
    module : torch.nn.Module, optional
        One like the module that the run trains, if it trains one. Its values are replaced by the checkpoint's; where
        the run was stopped before the first, it must have those that the run began with.
    threads, quiet, callbacks
        As for `train`.

    Raises
    ------
    UsageError
        If the folder is no run, or `epochs` or `steps` is less than what the run has.
    RunError
        If the folder's files cannot be read, or the data are not those of the run.
    """
    folder = RunFolder.open(Path(run))
    record = folder.read_record()
    settings = folder.read_settings()
    for name, wanted in (("epochs", epochs), ("steps", steps)):
        if wanted is not None:
            settings = _raised(settings, name, wanted)
    dataset = load_data(settings.data if data is None else data)
    known = record["environment"].get("data_checksum")
    if known != dataset.checksum:
        raise RunError(
            f"{settings.data} is not what {folder.path} was trained on: its checksum is {dataset.checksum}, but the "
            f"run's is {known}."
        )
    trained = network_or_module(settings, dataset, module)
    schedule = schedule_for(settings, samplers_for(settings, dataset))
    if folder.checkpoint_path.exists():
        progress = load_checkpoint(folder.checkpoint_path, settings, trained, schedule)
    else:
        progress = start(settings, trained, schedule)
    seconds = record.get("wall_seconds")
    before = float(seconds) if isinstance(seconds, int | float) else 0.0
    job = _Job(settings, dataset, trained, progress, folder, check_threads(threads), before, is_new=False)
    return _complete(job, _listeners(job, quiet, callbacks))


def _raised(settings: Settings, name: str, wanted: int) -> Settings:
    """Return the settings with more epochs or steps."""
    before = getattr(settings, name)
    if before is None or (name == "epochs" and settings.steps is not None):
        used = "steps" if name == "epochs" else "epochs"
        raise UsageError(f"{name} is {wanted}, but the run's length is given by {used}: raise {used}.")
    if wanted < before:
        raise UsageError(f"{name} is {wanted}, but the run has {before} already: choose {before} or more.")
    return Settings.from_dict(settings.to_dict() | {name: wanted})


@dataclass(frozen=True, eq=False)
class _Job:
    """A training to complete.

    Attributes
    ----------
    settings : Settings
    dataset : Dataset
    network : Network or ModuleNetwork
    progress : Progress
        Where it stands.
    folder : RunFolder or None
        Where it is written.
    threads : int
    seconds_before : float
        Time that it took before it was interrupted.
    is_new : bool
        Whether the folder must hold nothing yet.
    """

    settings: Settings
    dataset: Dataset
    network: AnyNetwork
    progress: Progress
    folder: RunFolder | None
    threads: int
    seconds_before: float = 0.0
    is_new: bool = True


def _listeners(job: _Job, quiet: bool, callbacks: Iterable[Callback]) -> list[Callback]:
    listeners: list[Callback] = [] if quiet else [ConsoleLog()]
    if job.folder is not None:
        listeners += [TensorBoard(job.folder.path), Checkpoints(job.folder.checkpoint_path, job.settings)]
    return [*listeners, *callbacks]


def _complete(job: _Job, listeners: list[Callback]) -> Result:
    """Make the steps that are left, evaluate, and write the folder's files; tell the listeners all along."""
    began = time.monotonic()

    def emit(event: Event) -> None:
        for listener in listeners:
            listener(event)

    def write_record(status: str, evaluation: Evaluation | None = None) -> None:
        if job.folder is not None:
            seconds = job.seconds_before + time.monotonic() - began
            job.folder.write_record(_record(job, status, evaluation, seconds))

    with ExitStack() as stack:
        if job.folder is not None:
            stack.enter_context(job.folder.locked(is_new=job.is_new))
        for listener in listeners:
            close = getattr(listener, "close", None)
            if callable(close):
                stack.callback(close)
        write_record("running")
        with _recorded_if_it_fails(write_record):
            evaluation = _train_and_evaluate(job, emit)
            if job.folder is not None:
                job.folder.write_model(job.network, job.progress.chosen)
        write_record("finished", evaluation)
        emit(Finished(job.progress, evaluation))
    progress = job.progress
    return Result(
        settings=job.settings,
        network=job.network,
        parameters=job.network.named(progress.chosen),
        history=progress.history.resized(progress.global_step),
        schedule=progress.schedule,
        evaluation=evaluation,
        epochs=progress.epoch_metrics(TASKS[job.network.task].step_metric.name),
        train_steps_per_second=progress.train_steps_per_second,
        out=None if job.folder is None else job.folder.path,
        train_steps=progress.made,
        best_step=progress.best_step,
        stopped_by=progress.stopped_by or "steps",
        validations=[] if progress.selection is None else progress.selection.validations,
    )


@contextmanager
def _recorded_if_it_fails(write_record: Callable[[str], None]) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        write_record("interrupted")
        raise
    except RunError:
        with suppress(RunError):  # what went wrong first is what to say
            write_record("failed")
        raise


def _train_and_evaluate(job: _Job, emit: Callback) -> Evaluation:
    """Return the exact evaluation on the test split; after Ctrl-C, raise `KeyboardInterrupt`."""
    trained = job.settings, job.dataset, job.network, job.progress
    if not fit(*trained, threads=job.threads, emit=emit):
        raise KeyboardInterrupt
    emit(Evaluating(job.progress))
    with interruptible() as interrupted:
        if not validate_the_end(*trained, threads=job.threads, emit=emit, stop=interrupted):
            raise KeyboardInterrupt
        evaluation = evaluate_exactly(
            job.network,
            job.progress.chosen,
            job.dataset.test,
            job.settings.seq_len,
            threads=job.threads,
            backend=job.settings.backend,
            stop=interrupted,
        )
    if evaluation is None:
        raise KeyboardInterrupt
    return evaluation


def _record(job: _Job, status: str, evaluation: Evaluation | None, wall_seconds: float) -> dict[str, Any]:
    """Return what run.json says; what is not known yet is None."""
    progress = job.progress
    return {
        "status": status,
        "config": job.settings.to_dict() | {"threads": job.threads},
        "network": job.network.record(),
        "environment": describe_environment(job.settings.backend.packages) | {"data_checksum": job.dataset.checksum},
        "steps": progress.global_step,
        "train_steps": progress.made,
        "best_step": progress.best_step if progress.finished else None,
        "stopped_by": progress.stopped_by,
        "validations": [
            {"train_steps": validation.update, "score": validation.score, "loss": validation.loss}
            for validation in ([] if progress.selection is None else progress.selection.validations)
        ],
        "epochs": progress.epoch_metrics(TASKS[job.network.task].step_metric.name),
        **evaluation_record(evaluation),
        "baseline": baseline_of(job.dataset).to_dict(),
        "train_steps_per_second": progress.train_steps_per_second if progress.updates else None,
        "wall_seconds": wall_seconds,
    }
