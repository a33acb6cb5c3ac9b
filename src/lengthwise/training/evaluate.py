"""Evaluate a trained network: on any split, on other data, at any lengths."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, overload, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from lengthwise._internal.threads import check_threads
from lengthwise.data import Dataset, load_data
from lengthwise.errors import UsageError
from lengthwise.lengths import choose_lengths
from lengthwise.networks.backend import SIMD, Backend
from lengthwise.networks.module_network import AnyNetwork
from lengthwise.tasks.judged_by import MetricName
from lengthwise.tasks.tasks import TASKS
from lengthwise.training.callbacks.console import ConsoleLog
from lengthwise.training.data_defaults import placed
from lengthwise.training.evaluation import Evaluation, Prefix, evaluate_prefixes
from lengthwise.training.events import Compiling
from lengthwise.training.run_folder import RunFolder
from lengthwise.training.settings import Settings
from lengthwise.training.setup import network_or_module
from lengthwise.training.train import Result

if TYPE_CHECKING:
    from torch import nn


@runtime_checkable
class TrainedNetwork(Protocol):
    """A trained network in memory, such as a `Result` or a `lengthwise.Model`."""

    @property
    def network(self) -> AnyNetwork:
        """Its description."""
        ...

    @property
    def parameters(self) -> dict[str, NDArray[np.float32]]:
        """Its parameters by name."""
        ...


@overload
def evaluate(
    run: str | Path | TrainedNetwork,
    *,
    seq_len: int | None = None,
    data: str | Path | Dataset | None = None,
    split: str = "test",
    module: "nn.Module | None" = None,
    threads: int | None = None,
    quiet: bool = False,
) -> Evaluation: ...


@overload
def evaluate(
    run: str | Path | TrainedNetwork,
    *,
    seq_len: str | Iterable[int],
    data: str | Path | Dataset | None = None,
    split: str = "test",
    module: "nn.Module | None" = None,
    threads: int | None = None,
    quiet: bool = False,
) -> dict[int, Evaluation]: ...


def evaluate(
    run: str | Path | TrainedNetwork,
    *,
    seq_len: int | str | Iterable[int] | None = None,
    data: str | Path | Dataset | None = None,
    split: str = "test",
    module: "nn.Module | None" = None,
    threads: int | None = None,
    quiet: bool = False,
) -> Evaluation | dict[int, Evaluation]:
    """Evaluate a trained network on every window of a split, at one length or at several.

    At several lengths, a network that reads in one direction reads each window only once.

    Parameters
    ----------
    run : str, Path, Result or Model
        A run's folder, or a network in memory that `lengthwise.train` or `lengthwise.load_torch` returned.
    seq_len : int, str or iterable of int, optional
        Steps of the windows: a number, or several lengths as ``"1:28"``, ``"1:28:3"``, ``"4,8,16"``, ``"all"`` or
        numbers. The length of the training by default; required for a `Model`, which does not have it.
    data : str, Path or Dataset, optional
        The data for the evaluation; those of the training by default, required for a `Model`, which does not have them.
    split : {"train", "validation", "test"}
        Which part of the data.
    module : torch.nn.Module, optional
        A module like the one that the run trained, if it trained one; the trained values are copied to it.
    threads : int, optional
        Threads to use; all processors by default.
    quiet : bool
        Print nothing, not even a notice that the engine is being compiled; False by default.

    Returns
    -------
    Evaluation or dict of int to Evaluation
        One for a number; by length, in ascending order, for several lengths.

    Raises
    ------
    UsageError
        If the folder is not a run, or the data or a length do not match the network.
    RunError
        If the folder's files cannot be read.

    Examples
    --------
    ::

        lengthwise.evaluate("runs/twelve", seq_len=20).accuracy
        lengthwise.evaluate(result, seq_len="1:28")[12].accuracy
    """
    subject = _opened(run, data, module)
    dataset = subject.dataset
    if not _fits(subject.network, dataset):
        raise UsageError(
            f"{dataset.name} is {dataset.task} with {dataset.input_size} features a step and {dataset.num_outputs} "
            f"{TASKS[subject.network.task].outputs}, but {subject.name} was made for {subject.network.task} with "
            f"{subject.network.input_size} and {subject.network.num_outputs}."
        )
    dataset = placed(dataset, subject.network.windows)
    wanted = subject.seq_len if seq_len is None else int(seq_len) if isinstance(seq_len, np.integer) else seq_len
    if wanted is None:
        raise UsageError("seq_len is not given, but a model does not have the length of its training: give seq_len.")
    lengths = choose_lengths([wanted] if isinstance(wanted, int) else wanted, dataset.num_steps, "seq_len")
    if not lengths:
        raise UsageError(f"seq_len contains no length: choose from 1 to {dataset.num_steps}.")
    console = None if quiet else ConsoleLog()
    evaluations = evaluate_prefixes(
        subject.network,
        subject.parameters,
        dataset.split(split),
        [Prefix(length, length) for length in lengths],
        threads=check_threads(threads),
        backend=subject.backend,
        metric=subject.metric,
        on_compile=lambda: None if console is None else console(Compiling()),
    )
    return evaluations[0] if isinstance(wanted, int) else dict(zip(lengths, evaluations, strict=True))


@dataclass(frozen=True, eq=False)
class _Subject:
    """A network and the data of its evaluation.

    Attributes
    ----------
    name : str
        How errors name the network.
    network : Network or ModuleNetwork
    parameters : ndarray of shape (P,), float32
    dataset : Dataset
    seq_len : int or None
        The length of the training, if known.
    backend : Backend
    metric : str or None
        What the training was judged by, if it is not the metric of the task.
    """

    name: str
    network: AnyNetwork
    parameters: NDArray[np.float32]
    dataset: Dataset
    seq_len: int | None
    backend: Backend
    metric: MetricName | None = None


def _opened(
    run: str | Path | TrainedNetwork, data: str | Path | Dataset | None, module: "nn.Module | None"
) -> _Subject:
    """Return a network, from its folder or from memory, and the data to evaluate it on."""
    if isinstance(run, str | Path):
        folder = RunFolder.open(Path(run))
        settings = folder.read_settings()
        dataset = folder.load_data(data)
        network = _network_of(folder, settings, dataset, module)
        parameters = folder.read_model(network)
        return _Subject(
            f"the network of {folder.path}", network, parameters, dataset, settings.seq_len, settings.backend,
            settings.metric,
        )  # fmt: skip
    if not isinstance(run, TrainedNetwork):
        raise UsageError(f"run is {run!r}, but must be the folder of a run, a Result or a Model.")
    if module is not None:
        raise UsageError("module is given, but it is only used with a run's folder: a network in memory has its own.")
    flat = run.network.flat(run.parameters)
    if isinstance(run, Result):
        dataset = load_data(run.settings.data if data is None else data)
        settings = run.settings
        return _Subject("the network", run.network, flat, dataset, settings.seq_len, settings.backend, settings.metric)
    if data is None:
        raise UsageError("data is not given, but a model does not have the data of its training: give data.")
    return _Subject("the network", run.network, flat, load_data(data), None, SIMD)


def _network_of(folder: RunFolder, settings: Settings, dataset: Dataset, module: "nn.Module | None") -> AnyNetwork:
    """Return the network that a run trained, or the user's module in its place."""
    if settings.module_name is None and module is None:
        return folder.read_network()
    return network_or_module(replace(settings, patience=None, validate_every=None), dataset, module)


def _fits(network: AnyNetwork, dataset: Dataset) -> bool:
    """Return whether a network can be evaluated on some data; it may have classes that the data do not have."""
    if (dataset.task, dataset.input_size) != (network.task, network.input_size):
        return False
    if network.numeric:
        return network.num_outputs == dataset.num_outputs
    return network.num_outputs >= dataset.num_outputs
