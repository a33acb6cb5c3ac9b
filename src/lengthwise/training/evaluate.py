"""A saved network judged again: on any split, on other data, at any lengths."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lengthwise._internal.threads import check_threads
from lengthwise.data import Dataset, load_data
from lengthwise.errors import UsageError
from lengthwise.lengths import choose_lengths
from lengthwise.networks.module_network import AnyNetwork
from lengthwise.tasks.tasks import TASKS
from lengthwise.training.callbacks.console import ConsoleLog
from lengthwise.training.evaluation import Evaluation, Prefix, evaluate_prefixes
from lengthwise.training.events import Compiling
from lengthwise.training.loop import network_or_module
from lengthwise.training.run_folder import RunFolder

if TYPE_CHECKING:
    from torch import nn


def evaluate(
    run: str | Path,
    *,
    seq_len: int | None = None,
    data: str | Path | Dataset | None = None,
    split: str = "test",
    module: "nn.Module | None" = None,
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
    module : torch.nn.Module, optional
        One like the module that the run trained, if it trained one; it is given the trained values.
    threads : int, optional
        Threads to use; all processors by default.
    quiet : bool
        Do not even say that the engine is being compiled.

    Raises
    ------
    UsageError
        If the folder is no run, or the data or the length do not fit the network.
    """
    lengths = None if seq_len is None else [seq_len]
    (evaluation,) = _evaluate(run, lengths, data, split, module, threads, quiet=quiet)
    return evaluation


def evaluate_lengths(
    run: str | Path,
    seq_lens: str | Iterable[int],
    *,
    data: str | Path | Dataset | None = None,
    split: str = "test",
    module: "nn.Module | None" = None,
    threads: int | None = None,
    quiet: bool = True,
) -> list[Evaluation]:
    """Evaluate a saved network on every window of a split at several lengths.

    A network that reads in one direction is shown a window once for all the lengths.

    Parameters
    ----------
    run, data, split, module, threads, quiet
        As for `evaluate`.
    seq_lens : str or iterable of int
        Steps of the windows: ``"1:28"``, ``"1:28:3"``, ``"4,8,16"``, ``"all"``, or numbers.

    Returns
    -------
    list of Evaluation
        One for each length, in ascending order.

    Raises
    ------
    UsageError
        If the folder is no run, or the data or a length do not fit the network.
    """
    return _evaluate(run, seq_lens, data, split, module, threads, quiet=quiet)


def _evaluate(
    run: str | Path,
    seq_lens: str | Iterable[int] | None,
    data: str | Path | Dataset | None,
    split: str,
    module: "nn.Module | None",
    threads: int | None,
    *,
    quiet: bool,
) -> list[Evaluation]:
    folder = RunFolder.open(Path(run))
    settings = folder.read_settings()
    dataset = load_data(settings.data if data is None else data)
    judged: AnyNetwork
    if settings.module_name is None and module is None:
        judged = folder.read_network()
    else:
        judged = network_or_module(replace(settings, patience=None, validate_every=None), dataset, module)
    if (dataset.task, dataset.input_size) != (judged.task, judged.input_size) or not _says_enough(judged, dataset):
        raise UsageError(
            f"{dataset.name} is {dataset.task} with {dataset.input_size} features a step and {dataset.num_outputs} "
            f"{TASKS[judged.task].outputs}, but the network of {folder.path} was made for {judged.task} with "
            f"{judged.input_size} and {judged.num_outputs}."
        )
    lengths = choose_lengths([settings.seq_len] if seq_lens is None else seq_lens, dataset.num_steps)
    if not lengths:
        raise UsageError(f"seq_lens names no length: choose from 1 to {dataset.num_steps}.")
    console = None if quiet else ConsoleLog()
    evaluations = evaluate_prefixes(
        judged,
        folder.read_model(judged),
        dataset.split(split),
        [Prefix(length, length) for length in lengths],
        threads=check_threads(threads),
        backend=settings.backend,
        on_compile=lambda: None if console is None else console(Compiling()),
    )
    if evaluations is None:
        raise AssertionError("an evaluation that nothing stops has a result")
    return evaluations


def _says_enough(network: AnyNetwork, dataset: Dataset) -> bool:
    """Return whether the network's outputs are as many as the data's; it may know classes that the data lack."""
    if network.numeric:
        return network.num_outputs == dataset.num_outputs
    return network.num_outputs >= dataset.num_outputs
