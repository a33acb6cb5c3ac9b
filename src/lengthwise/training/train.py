"""Train a network, and resume an interrupted run: what ``lengthwise train`` does, from Python."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lengthwise._internal.interrupts import Stopped, interruptible
from lengthwise._internal.threads import check_threads
from lengthwise.data import Dataset, load_data
from lengthwise.errors import RunError, UsageError
from lengthwise.networks.module_network import AnyNetwork
from lengthwise.tasks.baselines import baseline_of
from lengthwise.tasks.tasks import TASKS
from lengthwise.training.callbacks.checkpoint import Checkpoints, load_checkpoint
from lengthwise.training.callbacks.console import ConsoleLog
from lengthwise.training.data_defaults import with_defaults_for
from lengthwise.training.environment import describe_environment
from lengthwise.training.evaluation import Evaluation, evaluation_record
from lengthwise.training.events import Callback, Evaluating, Event, Finished
from lengthwise.training.keyword_settings import separate_data_options, takes_settings_and_data_options
from lengthwise.training.loop import Training
from lengthwise.training.progress import History, Schedule
from lengthwise.training.run_folder import RunFolder
from lengthwise.training.selection import StopReason, Validation
from lengthwise.training.settings import Settings
from lengthwise.training.setup import settings_of_module

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
        Loss, score and time of every step that was made.
    schedule : Schedule
        The phase of each step, and the number of steps planned.
    evaluation : Evaluation
        Exact evaluation on the test split.
    epochs : list of dict
        The metrics of each epoch, as in run.json.
    train_steps_per_second : float
        Without compilation, evaluation and callbacks.
    out : Path or None
        The run's folder.
    train_steps : int
        Number of training steps that were made.
    best_step : int
        The training step whose parameters are kept.
    stopped_by : {"steps", "patience"}
        Why training ended: all steps were made, or the validations did not improve.
    validations : list of Validation
        The evaluations on the validation split during training: ``update`` (training steps made), ``score``, ``loss``.
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
        A name that `load_data` accepts, or a `Dataset`.
    module : torch.nn.Module, optional
        A module to train with PyTorch in place of a built-in network, starting from its current values; see
        docs/pytorch.md. Afterwards it has the trained values.
    threads : int, optional
        Threads to use; all processors by default. Their number does not change the result, not even its last bit.
    out : str or Path, optional
        Folder for the run's files: run.json, the model, checkpoints, TensorBoard files. By default none is written.
    quiet : bool
        Print nothing; False by default, as in every function that has it.
    callbacks : iterable of callable
        Each is called with every event; if it has a method `close`, that is called at the end. See
        `lengthwise.events`, and `lengthwise.callbacks` for those of MLflow and Weights & Biases.
    **settings
        `seq_len`, `cell`, `hidden_size` and all other fields of `lengthwise.Settings`, by name; and the options with
        which `data` are read, such as `task`, `horizon` and `target`, as for `load_data`.

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
    chosen = Settings(data=dataset.name, **with_defaults_for(dataset, settings))
    training = Training.begin(chosen, dataset, module)
    threads = check_threads(threads)
    folder = None if out is None else RunFolder.create(Path(out))
    return _complete(_Job(training, folder, threads), quiet, callbacks)


def resume(
    run: str | Path,
    *,
    epochs: int | None = None,
    steps: int | None = None,
    data: str | Path | Dataset | None = None,
    module: "nn.Module | None" = None,
    threads: int | None = None,
    quiet: bool = False,
    callbacks: Iterable[Callback] = (),
) -> Result:
    """Resume an interrupted run, or train a finished one for more epochs, from its folder alone.

    The result is, bit for bit, that of a run that was never interrupted.

    Parameters
    ----------
    run : str or Path
        The run's folder.
    epochs, steps : int, optional
        Total number of epochs, or of training steps; at least as many as before.
    data : str, Path or Dataset, optional
        The same data, if they are elsewhere now or the run was made with data in memory.
    module : torch.nn.Module, optional
        A module like the one that the run trains, if it trains one. Its values are replaced by the checkpoint's; if the
        run was stopped before its first checkpoint, they must be those with which the run began.
    threads, quiet, callbacks
        As for `train`.

    Raises
    ------
    UsageError
        If the folder is not a run, or `epochs` or `steps` is less than the run's.
    RunError
        If the folder's files cannot be read, or the data are not those of the run.
    """
    folder = RunFolder.open(Path(run))
    record = folder.read_record()
    settings = folder.read_settings()
    for name, wanted in (("epochs", epochs), ("steps", steps)):
        if wanted is not None:
            settings = _raised(settings, name, wanted)
    dataset = folder.load_data(data)
    known = record["environment"].get("data_checksum")
    if known != dataset.checksum:
        raise RunError(
            f"{dataset.name} is not the data on which {folder.path} was trained: its checksum is {dataset.checksum}, "
            f"but the run's is {known}."
        )
    training = Training.begin(replace(settings, data=dataset.name), dataset, module)
    if folder.checkpoint_path.exists():
        training = load_checkpoint(folder.checkpoint_path, training)
    seconds = record.get("wall_seconds")
    before = float(seconds) if isinstance(seconds, int | float) else 0.0
    return _complete(_Job(training, folder, check_threads(threads), before, is_new=False), quiet, callbacks)


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
    training : Training
    folder : RunFolder or None
        The folder for its files.
    threads : int
    seconds_before : float
        Time taken before it was interrupted.
    is_new : bool
        Whether the folder must be empty.
    """

    training: Training
    folder: RunFolder | None
    threads: int
    seconds_before: float = 0.0
    is_new: bool = True


def _all_callbacks(job: _Job, quiet: bool, callbacks: Iterable[Callback]) -> list[Callback]:
    """Return all callbacks: the package's own, then those that were given."""
    own: list[Callback] = [] if quiet else [ConsoleLog()]
    if job.folder is not None:
        from lengthwise.training.callbacks.tensorboard import TensorBoard  # noqa: PLC0415 - loads TensorBoard

        own += [TensorBoard(job.folder.path), Checkpoints(job.folder.checkpoint_path, job.training.settings)]
    return [*own, *callbacks]


def _complete(job: _Job, quiet: bool, callbacks: Iterable[Callback]) -> Result:
    """Make the remaining steps, evaluate, and write the folder's files; call the callbacks with each event."""
    began = time.monotonic()
    training, progress = job.training, job.training.progress
    called = _all_callbacks(job, quiet, callbacks)

    def emit(event: Event) -> None:
        for callback in called:
            callback(event)

    def write_record(status: str, evaluation: Evaluation | None = None, **more: str) -> None:
        if job.folder is not None:
            seconds = job.seconds_before + time.monotonic() - began
            job.folder.write_record(_record(job, status, evaluation, seconds) | more)

    with ExitStack() as stack:
        if job.folder is not None:
            stack.enter_context(job.folder.locked(is_new=job.is_new))
        for callback in called:
            close = getattr(callback, "close", None)
            if callable(close):
                stack.callback(close)
        write_record("running")
        with _recorded_if_it_ends_early(write_record):
            evaluation = _train_and_evaluate(training, job.threads, emit)
            model = {}
            if job.folder is not None:
                model["model_sha256"] = job.folder.write_model(training.network, progress.chosen)
        write_record("finished", evaluation, **model)
        emit(Finished(progress, evaluation))
    return _result(job, evaluation)


@contextmanager
def _recorded_if_it_ends_early(write_record: Callable[[str], None]) -> Iterator[None]:
    """Write run.json if the training does not finish, and raise `KeyboardInterrupt` if it was stopped."""
    try:
        yield
    except (Stopped, KeyboardInterrupt):
        write_record("interrupted")
        raise KeyboardInterrupt from None
    except RunError:
        with suppress(RunError):  # the first error is the one to report
            write_record("failed")
        raise


def _train_and_evaluate(training: Training, threads: int, emit: Callback) -> Evaluation:
    """Return the exact evaluation on the test split; after Ctrl-C, raise `Stopped`."""
    training.fit(threads=threads, emit=emit)
    emit(Evaluating(training.progress))
    with interruptible() as stop:
        training.finish(threads=threads, emit=emit, stop=stop)
        return training.evaluate("test", training.progress.chosen, threads=threads, stop=stop)


def _result(job: _Job, evaluation: Evaluation) -> Result:
    training, progress = job.training, job.training.progress
    return Result(
        settings=training.settings,
        network=training.network,
        parameters=training.network.named(progress.chosen),
        history=progress.history.resized(progress.global_step),
        schedule=progress.schedule,
        evaluation=evaluation,
        epochs=progress.epoch_metrics(TASKS[training.network.task].step_metric.name),
        train_steps_per_second=progress.train_steps_per_second,
        out=None if job.folder is None else job.folder.path,
        train_steps=progress.made,
        best_step=progress.best_step,
        stopped_by=progress.stopped_by or "steps",
        validations=[] if progress.selection is None else progress.selection.validations,
    )


def _record(job: _Job, status: str, evaluation: Evaluation | None, wall_seconds: float) -> dict[str, Any]:
    """Return the content of run.json; unknown values are None."""
    training, progress = job.training, job.training.progress
    settings, dataset = training.settings, training.dataset
    return {
        "status": status,
        "config": settings.to_dict() | {"threads": job.threads},
        "network": training.network.record(),
        "environment": describe_environment(settings.backend.packages) | {"data_checksum": dataset.checksum},
        "steps": progress.global_step,
        "train_steps": progress.made,
        "best_step": progress.best_step if progress.finished else None,
        "stopped_by": progress.stopped_by,
        "validations": [
            {"train_steps": validation.update, "score": validation.score, "loss": validation.loss}
            for validation in ([] if progress.selection is None else progress.selection.validations)
        ],
        "epochs": progress.epoch_metrics(TASKS[training.network.task].step_metric.name),
        **evaluation_record(evaluation),
        "baseline": baseline_of(dataset, settings.metric).to_dict(),
        "train_steps_per_second": progress.train_steps_per_second if progress.updates else None,
        "wall_seconds": wall_seconds,
    }
