"""Train a network, go on with an interrupted run, evaluate a saved one: what the commands do, from Python."""

import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data import Dataset, load
from lengthwise.engine.engine import available_threads
from lengthwise.environment import describe_environment
from lengthwise.errors import RunError, UsageError
from lengthwise.evaluation import Evaluation, evaluate_exactly
from lengthwise.events import Compiling, Evaluating, Event, Finished, Observer
from lengthwise.interrupts import interruptible
from lengthwise.network import Initializer, Network
from lengthwise.observers.checkpoint import Checkpoints, load_checkpoint
from lengthwise.observers.console import ConsoleLog
from lengthwise.observers.tensorboard import TensorBoard
from lengthwise.progress import History, Progress, Schedule
from lengthwise.run_folder import RunFolder
from lengthwise.settings import EngineName, Optimizer, Settings
from lengthwise.training import fit, network_for, samplers_for, schedule_for, start
from lengthwise.windows import Sampling


@dataclass(frozen=True, eq=False)
class Result:
    """A finished training.

    Attributes
    ----------
    settings : Settings
    network : Network
    parameters : dict of str to ndarray, float32
        The trained parameters by name; see `Network.parameter_shapes`.
    history : History
        What every step gave.
    schedule : Schedule
        Which steps those are.
    evaluation : Evaluation
        Exact evaluation on the test split.
    epochs : list of dict
        The figures of each epoch, as run.json has them.
    train_steps_per_second : float
        Without compilation, evaluation and observers.
    out : Path or None
        The run's folder.
    """

    settings: Settings
    network: Network
    parameters: dict[str, NDArray[np.float32]]
    history: History
    schedule: Schedule
    evaluation: Evaluation
    epochs: list[dict[str, Any]]
    train_steps_per_second: float
    out: Path | None


def train(
    data: str | Path | Dataset = "mnist",
    *,
    seq_len: int = 19,
    cell: str = "rnn",
    hidden_size: int = 31,
    num_layers: int = 3,
    batch_size: int = 128,
    lr: float = 0.001,
    epochs: int = 2,
    sampling: Sampling = "blocks",
    seed: int = 0,
    optimizer: Optimizer = "adam",
    initializer: Initializer = "glorot",
    engine: EngineName = "simd",
    threads: int | None = None,
    out: str | Path | None = None,
    quiet: bool = False,
    observers: Iterable[Observer] = (),
) -> Result:
    """Train a network on windows of a data set, and evaluate it exactly. The defaults are the notebook's.

    Parameters
    ----------
    data : str, Path or Dataset
        ``"mnist"``, a folder of idx files, or data in memory.
    seq_len, cell, hidden_size, num_layers, batch_size, lr, epochs, sampling, seed, optimizer, initializer, engine
        See `lengthwise.Settings`.
    threads : int, optional
        Threads to use; all processors by default. They change no bit of the result.
    out : str or Path, optional
        Folder to write the run to: run.json, the model, checkpoints, TensorBoard files. Nothing is written without.
    quiet : bool
        Print nothing.
    observers : iterable of callable
        Each is called with every event; see `lengthwise.events`.

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
    dataset = load(data)
    settings = Settings(
        data=dataset.name,
        seq_len=seq_len,
        cell=cell,
        hidden_size=hidden_size,
        num_layers=num_layers,
        batch_size=batch_size,
        lr=lr,
        epochs=epochs,
        sampling=sampling,
        seed=seed,
        optimizer=optimizer,
        initializer=initializer,
        engine=engine,
    )
    network = network_for(settings, dataset)
    schedule = schedule_for(settings, samplers_for(settings, dataset))
    threads = _check_threads(threads)
    folder = None if out is None else RunFolder.create(Path(out))
    progress = start(settings, network, schedule)
    return _complete(
        settings, dataset, network, progress, folder, threads, _listeners(folder, settings, quiet, observers)
    )


def resume(
    run: str | Path,
    *,
    epochs: int | None = None,
    data: Dataset | None = None,
    threads: int | None = None,
    quiet: bool = False,
    observers: Iterable[Observer] = (),
) -> Result:
    """Go on with an interrupted run, or with a finished one for more epochs, from its folder alone.

    What comes out is, bit for bit, what the run would have given had it never stopped.

    Parameters
    ----------
    run : str or Path
        The run's folder.
    epochs : int, optional
        Epochs in all, at least as many as before.
    data : Dataset, optional
        The data, where the run was made with data in memory.
    threads, quiet, observers
        As for `train`.

    Raises
    ------
    UsageError
        If the folder is no run, or `epochs` is less than what the run has.
    RunError
        If the folder's files cannot be read, or the data are not those of the run.
    """
    folder = RunFolder.open(Path(run))
    record = folder.read_record()
    settings = folder.read_settings()
    if epochs is not None:
        if epochs < settings.epochs:
            raise UsageError(
                f"epochs is {epochs}, but the run has {settings.epochs} already: choose {settings.epochs} or more."
            )
        settings = replace(settings, epochs=epochs)
    dataset = load(settings.data if data is None else data)
    known = record.get("environment", {}).get("data_checksum")
    if known != dataset.checksum:
        raise RunError(
            f"{settings.data} is not what {folder.path} was trained on: its checksum is {dataset.checksum}, but the "
            f"run's is {known}."
        )
    network = network_for(settings, dataset)
    schedule = schedule_for(settings, samplers_for(settings, dataset))
    if folder.checkpoint_path.exists():
        progress = load_checkpoint(folder.checkpoint_path, settings, network, schedule)
    else:
        progress = start(settings, network, schedule)
    return _complete(
        settings,
        dataset,
        network,
        progress,
        folder,
        _check_threads(threads),
        _listeners(folder, settings, quiet, observers),
        seconds_before=float(record.get("wall_seconds") or 0.0),
    )


def evaluate(
    run: str | Path,
    *,
    seq_len: int | None = None,
    data: str | Path | Dataset | None = None,
    split: str = "test",
    threads: int | None = None,
    quiet: bool = True,
) -> Evaluation:
    """Evaluate a saved network on every window of a split.

    Parameters
    ----------
    run : str or Path
        The run's folder.
    seq_len : int, optional
        Steps of the windows; those of the training by default.
    data : str, Path or Dataset, optional
        The data to judge it on; those of the training by default.
    split : {"train", "validation", "test"}
        Which part of the data.
    threads : int, optional
        Threads to use; all processors by default.
    quiet : bool
        Do not even say that the engine is being compiled.

    Raises
    ------
    UsageError
        If the folder is no run, or the data or the length do not fit the network.
    """
    folder = RunFolder.open(Path(run))
    settings = folder.read_settings()
    network = folder.read_network()
    dataset = load(settings.data if data is None else data)
    if dataset.input_size != network.input_size or dataset.num_classes > network.num_classes:
        raise UsageError(
            f"{dataset.name} has {dataset.input_size} features a step and {dataset.num_classes} classes, but the "
            f"network of {folder.path} was made for {network.input_size} and {network.num_classes}."
        )
    console = None if quiet else ConsoleLog()
    evaluation = evaluate_exactly(
        network,
        folder.read_model(network),
        dataset.split(split),
        settings.seq_len if seq_len is None else seq_len,
        threads=_check_threads(threads),
        on_compile=lambda: None if console is None else console(Compiling()),
    )
    if evaluation is None:
        raise AssertionError("an evaluation that nothing stops has a result")
    return evaluation


def _check_threads(threads: int | None) -> int:
    if threads is None:
        return available_threads()
    if threads < 1:
        raise UsageError(f"threads is {threads}, but must be 1 or more.")
    return threads


def _listeners(
    folder: RunFolder | None, settings: Settings, quiet: bool, observers: Iterable[Observer]
) -> list[Observer]:
    listeners: list[Observer] = [] if quiet else [ConsoleLog()]
    if folder is not None:
        listeners += [TensorBoard(folder.path), Checkpoints(folder.checkpoint_path, settings)]
    return [*listeners, *observers]


def _complete(
    settings: Settings,
    dataset: Dataset,
    network: Network,
    progress: Progress,
    folder: RunFolder | None,
    threads: int,
    listeners: list[Observer],
    *,
    seconds_before: float = 0.0,
) -> Result:
    """Make the steps that are left, evaluate, and write the folder's files; tell the listeners all along."""
    began = time.monotonic()

    def emit(event: Event) -> None:
        for listener in listeners:
            listener(event)

    def write_record(status: str, evaluation: Evaluation | None = None) -> None:
        if folder is not None:
            seconds = seconds_before + time.monotonic() - began
            folder.write_record(_record(status, settings, dataset, network, progress, threads, evaluation, seconds))

    with ExitStack() as stack:
        for listener in listeners:
            if isinstance(listener, ConsoleLog | TensorBoard):
                stack.callback(listener.close)
        if folder is not None:
            stack.enter_context(folder.locked())
        write_record("running")
        evaluation = None
        if fit(settings, dataset, network, progress, threads=threads, emit=emit):
            emit(Evaluating())
            with interruptible() as interrupted:
                evaluation = evaluate_exactly(
                    network,
                    progress.state.parameters,
                    dataset.test,
                    settings.seq_len,
                    threads=threads,
                    stop=interrupted,
                )
        if evaluation is None:
            write_record("interrupted")
            raise KeyboardInterrupt
        if folder is not None:
            folder.write_model(network, progress.state.parameters)
        write_record("finished", evaluation)
        emit(Finished(progress, evaluation))
    return Result(
        settings=settings,
        network=network,
        parameters=network.named(progress.state.parameters),
        history=progress.history,
        schedule=progress.schedule,
        evaluation=evaluation,
        epochs=progress.epoch_figures(),
        train_steps_per_second=progress.train_steps_per_second,
        out=None if folder is None else folder.path,
    )


def _record(
    status: str,
    settings: Settings,
    dataset: Dataset,
    network: Network,
    progress: Progress,
    threads: int,
    evaluation: Evaluation | None,
    wall_seconds: float,
) -> dict[str, Any]:
    """Return what run.json says; what is not known yet is None."""
    return {
        "status": status,
        "config": settings.to_dict() | {"threads": threads},
        "network": asdict(network) | {"num_parameters": network.num_parameters},
        "environment": describe_environment() | {"data_checksum": dataset.checksum},
        "steps": progress.global_step,
        "epochs": progress.epoch_figures(),
        "test_accuracy": evaluation and evaluation.accuracy,
        "test_accuracy_by_start": evaluation and evaluation.accuracy_by_start,
        "test_loss": evaluation and evaluation.loss,
        "train_steps_per_second": progress.train_steps_per_second if progress.updates else None,
        "wall_seconds": wall_seconds,
    }
