"""A folder of four idx files, images and labels for training and test, as MNIST and Fashion-MNIST are published."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.dataset import Dataset
from lengthwise.data.idx import read_idx
from lengthwise.data.split import Split
from lengthwise.errors import DataError, UsageError

PARTS = {"train": "train", "test": "t10k"}
"""How the files' names begin."""

VALIDATION = 5000
TRAINING = 60000
"""The notebook validates on the first 5,000 of 60,000 training images; of fewer images, the same fraction."""


def load_idx_folder(folder: Path, name: str) -> Dataset:
    """Read the data set in a folder of idx files.

    Parameters
    ----------
    folder : Path
        Holds ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte``, ``t10k-images-idx3-ubyte`` and
        ``t10k-labels-idx1-ubyte``, each plain or with the ending ``.gz``.
    name : str
        The data set's name.

    Returns
    -------
    Dataset
        Each image is a sequence of its rows. In file order, the first 5,000 training images (a twelfth, where there
        are fewer than 60,000) are the validation split.

    Raises
    ------
    UsageError
        If the folder does not exist, or contains none of the files.
    DataError
        If a file is missing or invalid, or the files do not match.
    """
    if not folder.is_dir():
        raise UsageError(
            f"data {name!r} is neither a folder nor the name of a data set: choose mnist, or an idx folder."
        )
    paths = {(part, kind): _find(folder, part, kind) for part in PARTS for kind in ("images", "labels")}
    if not any(path.exists() for path in paths.values()):
        raise UsageError(
            f"{folder} contains no data set: it has no tables, .npy, .ts or WAV files, and none of the four idx files, "
            f"such as {_names('train')[0]}."
        )
    splits = {part: _read_split(paths[part, "images"], paths[part, "labels"]) for part in PARTS}
    _check_agreement(paths["train", "images"], splits["train"], paths["test", "images"], splits["test"])
    values, targets = splits["train"].values, splits["train"].targets
    held_out = max(1, min(VALIDATION, len(targets) * VALIDATION // TRAINING))
    return Dataset(
        name=name,
        train=Split(values[held_out:], targets[held_out:]),
        validation=Split(values[:held_out], targets[:held_out]),
        test=splits["test"],
        num_classes=1 + int(max(split.targets.max() for split in splits.values())),
    )


def _names(part: str, kind: str = "images") -> list[str]:
    stem = f"{PARTS[part]}-{kind}-idx{3 if kind == 'images' else 1}-ubyte"
    return [stem, f"{stem}.gz"]


def _find(folder: Path, part: str, kind: str) -> Path:
    """Return the file that exists, or the usual name if none does."""
    paths = [folder / name for name in _names(part, kind)]
    return next((path for path in paths if path.exists()), paths[-1])


def _read_split(images: Path, labels: Path) -> Split:
    values, targets = read_idx(images), read_idx(labels)
    if values.ndim not in (2, 3) or 0 in values.shape:
        raise DataError(f"{images} has shape {values.shape}, but must have sequences, time steps and features.")
    if targets.ndim != 1 or not np.issubdtype(targets.dtype, np.integer):
        raise DataError(f"{labels} has shape {targets.shape} and type {targets.dtype}, but must be a list of integers.")
    if len(values) != len(targets):
        raise DataError(f"{images} has {len(values)} images, but {labels} has {len(targets)} labels.")
    if targets.min() < 0:
        first = int(np.argmax(targets < 0))
        raise DataError(f"{labels} has label {targets[first]} at index {first}, but labels must be 0 or more.")
    return Split(_as_sequences(images, values), targets.astype(np.int64))


def _as_sequences(path: Path, values: NDArray[Any]) -> NDArray[Any]:
    """Return values of shape (n, T, F), uint8 or finite float32; a matrix is n sequences of one feature."""
    values = values.reshape(*values.shape[:2], -1)
    if values.dtype == np.uint8:
        return values
    with np.errstate(over="ignore"):  # float64 beyond float32 becomes infinite, which is refused below
        values = values.astype(np.float32, copy=False)
    if not np.isfinite(values).all():
        place = tuple(int(index) for index in np.argwhere(~np.isfinite(values))[0])
        raise DataError(f"{path} has the value {values[place]} at index {place}, but values must be finite.")
    return values


def _check_agreement(train_path: Path, train: Split, test_path: Path, test: Split) -> None:
    train_shape, test_shape = train.values.shape[1:], test.values.shape[1:]
    if train_shape != test_shape or train.values.dtype != test.values.dtype:
        raise DataError(
            f"{train_path} has sequences of shape {train_shape} and type {train.values.dtype}, but {test_path} has "
            f"{test_shape} and {test.values.dtype}: they must be the same."
        )
    if len(train) < 2:
        raise DataError(
            f"{train_path} has {len(train)} image, but at least 2 are needed: one for training, one for validation."
        )
    if max(train.targets.max(), test.targets.max()) < 1:
        raise DataError(f"{train_path} and {test_path} have only one class: at least two are needed.")
