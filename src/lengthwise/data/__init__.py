"""Reading sequences: named data sets, file formats, data in memory."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lengthwise._internal.described_fields import described_fields, take_keywords
from lengthwise.data.arrays import as_series, from_arrays, from_torch, is_frame, is_series, is_torch_dataset
from lengthwise.data.dataset import SPLITS, Dataset, Scaling
from lengthwise.data.idx import read_idx
from lengthwise.data.options import Options
from lengthwise.data.packaged import aeon_names
from lengthwise.data.rows import Rows
from lengthwise.data.sequence_types import Sequences
from lengthwise.data.sequences import make_dataset
from lengthwise.data.sources import add_options, is_known, load_named, short_name
from lengthwise.data.split import Split
from lengthwise.data.targets import TaskName
from lengthwise.errors import UsageError

__all__ = [
    "IN_MEMORY",
    "SPLITS",
    "Dataset",
    "Options",
    "Rows",
    "Scaling",
    "Split",
    "TaskName",
    "add_options",
    "aeon_names",
    "is_known",
    "load_data",
    "read_idx",
    "short_name",
]

IN_MEMORY = "in memory"
"""The name of a data set that was given no name."""


def load_data(
    data: Any = "mnist",
    targets: ArrayLike | None = None,
    *,
    lengths: ArrayLike | None = None,
    split: ArrayLike | str | None = None,
    groups: ArrayLike | None = None,
    name: str = IN_MEMORY,
    **options: Any,
) -> Dataset:
    """Load a data set: by name, from a file or a folder, from arrays, a frame, or a PyTorch data set.

    =================================================  =======================================================
    ``load_data("mnist")``                             a data set by its name; see below
    ``load_data("walks.csv?target=activity")``         a file with options, as in ``--data``
    ``load_data("walks.csv", target="activity")``      the same
    ``load_data(X, y)``                                arrays (n, T, F) and (n,); or a list of n arrays
    ``load_data(frame, sequence="id", target="y")``    a pandas or polars frame with a row for each time step
    ``load_data(torch_dataset)``                       a PyTorch data set of pairs (sequence, label)
    =================================================  =======================================================

    Parameters
    ----------
    data : str, Path, Dataset, array, list of arrays, frame or PyTorch Dataset
        Names: ``"mnist"``, ``"mnist-pixels"``, ``"mnist-permuted"``, ``"digits"``, ``"watch"``, ``"adding:600"``,
        ``"copy:1000"``, ``"aeon:JapaneseVowels"``. Files: .npy, .npz, .csv, .parquet, .ts. Folders: four idx files, as
        Fashion-MNIST's; ``NAME_TRAIN.ts`` and ``NAME_TEST.ts``; ``values.npy`` and ``targets.npy``; a matrix for each
        channel and a file of labels, as UCI HAR's; a folder of WAV files, or of tables, for each class. A `Dataset` is
        returned as it is.
    targets : array-like of shape (n,) or (n, T), optional
        Where `data` is an array or a list: the target of each sequence, or of each step. Not given for forecasting,
        where an array of one dimension is one series.
    lengths : array-like of shape (n,), optional
        Where `data` is an array: the number of steps of each sequence; T by default.
    split : array-like of shape (n,) or str, optional
        The split of each sequence of an array, ``"train"``, ``"validation"``, ``"test"`` or 0, 1, 2; random by default.
        For a table, the name of the column that holds it.
    groups : array-like of shape (n,), optional
        The group of each sequence of an array, such as a person; all sequences of a group are in the same split.
    name : str
        Name of data in memory.
    **options
        How the data are read: the fields of `Options`, such as `task`, `horizon`, `standardize`, `missing`, `seed`, and
        the columns of a table. They replace options that follow ``?`` in a name.

    Returns
    -------
    Dataset

    Raises
    ------
    UsageError
        If no data set has that name, or an option is out of range or does not apply to the data.
    DataError
        If a file is missing or the data are invalid.

    Examples
    --------
    >>> load_data("mnist").train.values.shape
    (55000, 28, 28)
    >>> import numpy as np
    >>> walks = np.random.default_rng(0).normal(size=(100, 50, 3)).cumsum(axis=1)
    >>> dataset = load_data(walks, walks[:, -1, 0] > 0, seed=1)
    >>> [len(dataset.split(name)) for name in SPLITS]
    [70, 15, 15]
    """
    arrays = {"targets": targets, "lengths": lengths, "split": split, "groups": groups}
    if options.get("task") == "forecasting" and is_series(data):
        data = data.to_frame("value" if data.name is None else data.name)
    if isinstance(data, str | Path) or is_frame(data):
        _refuse(
            arrays, keep="split" if isinstance(split, str) else None, what="a table" if is_frame(data) else "a name"
        )
        given = options if split is None else options | {"split": split}
        if isinstance(data, str | Path):
            return load_named(add_options(str(data), given))
        chosen = Options.make(given)
        from lengthwise.data.tables import as_pandas, from_frame  # noqa: PLC0415 - pandas is heavy

        found = from_frame(as_pandas(data), chosen)
        return make_dataset(found, found.options or chosen, _checked(name))
    if isinstance(data, Dataset):
        Options.make(options)
        _refuse(arrays | options, what="a Dataset, which has been read already")
        return data
    chosen = Options.make(options)
    if is_torch_dataset(data):
        _refuse(arrays, what="a PyTorch data set")
        return make_dataset(from_torch(data), chosen, _checked(name))
    if targets is None and chosen.task == "forecasting":
        data, lengths = as_series(data, lengths)
        targets = np.zeros(len(data), np.int64)
    if targets is None:
        raise UsageError(f"data is a {type(data).__name__} without targets: give load_data(values, targets).")
    sequences: Sequences = from_arrays(data, targets, lengths=lengths, splits=split, groups=groups)
    return make_dataset(sequences, chosen, _checked(name))


take_keywords(load_data, described_fields(Options).values())


def _refuse(given: dict[str, Any], *, what: str, keep: str | None = None) -> None:
    for name, value in given.items():
        if value is not None and name != keep:
            raise UsageError(f"{name} cannot be combined with {what}: leave it out.")


def _checked(name: str) -> str:
    if is_known(name):
        raise UsageError(f"name is {name!r}, which is the name of other data: choose another.")
    return name
