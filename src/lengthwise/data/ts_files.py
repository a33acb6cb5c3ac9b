"""The ``.ts`` format of the UCR and UEA archives: files as most are by a reader of our own, others by aeon's.

To import aeon's, with what it needs of scikit-learn and scipy, takes longer than many a study's first trainings.
"""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise._internal.extras import required
from lengthwise.data.arrays import padded
from lengthwise.data.options import Options
from lengthwise.data.sequence_types import Sequences
from lengthwise.data.splitting import TEST, TRAIN
from lengthwise.errors import DataError

TRAIN_ENDING, TEST_ENDING = "_TRAIN.ts", "_TEST.ts"


def read_ts(path: Path, _options: Options) -> Sequences:
    """Read a .ts file; if it is one of a pair ``NAME_TRAIN.ts``, ``NAME_TEST.ts``, both files, with their split."""
    stem = path.name
    for ending in (TRAIN_ENDING, TEST_ENDING):
        if stem.endswith(ending):
            pair = [path.with_name(stem.removesuffix(ending) + other) for other in (TRAIN_ENDING, TEST_ENDING)]
            if all(file.exists() for file in pair):
                return read_pair(*pair)
    values, targets, lengths = _read(path)
    return Sequences(source=str(path), values=values, targets=targets, lengths=lengths)


def read_pair(train: Path, test: Path) -> Sequences:
    """Read a training file and a test file of the same problem."""
    parts = [_read(path) for path in (train, test)]
    (train_values, train_targets, _), (test_values, test_targets, _) = parts
    if train_values.shape[2] != test_values.shape[2] or train_targets.dtype.kind != test_targets.dtype.kind:
        raise DataError(
            f"{train} has {train_values.shape[2]} features a step and targets of type {train_targets.dtype}, but "
            f"{test} has {test_values.shape[2]} and {test_targets.dtype}: they must be the same."
        )
    num_steps = max(values.shape[1] for values, _, _ in parts)
    lengths = np.concatenate(
        [np.full(len(values), values.shape[1]) if own is None else own for values, _, own in parts]
    ).astype(np.int64)
    values = np.zeros((len(lengths), num_steps, train_values.shape[2]), np.float32)
    values[: len(train_values), : train_values.shape[1]] = train_values
    values[len(train_values) :, : test_values.shape[1]] = test_values

    def place(sequence: int, step: int, feature: int) -> str:
        path, first = (train, 0) if sequence < len(train_values) else (test, len(train_values))
        return f"{path}: the value of sequence {sequence - first}, step {step}, feature {feature}"

    return Sequences(
        source=str(train),
        values=values,
        targets=np.concatenate([train_targets, test_targets]),
        lengths=lengths,
        splits=np.repeat(np.array([TRAIN, TEST], np.int8), [len(train_targets), len(test_targets)]),
        place=place,
    )


def _read(path: Path) -> tuple[NDArray[np.float32], NDArray[Any], NDArray[np.int64] | None]:
    """Return values (n, T, F), targets (n,), and lengths where they vary."""
    if not path.is_file():
        raise DataError(f"{path} is missing: there is no such file.")
    values, targets = _read_usual(path) or _read_any(path)
    if not len(values):
        raise DataError(f"{path} has no sequences: one on each line is needed after @data.")
    if len(targets) != len(values):
        raise DataError(f"{path} has no label for each sequence: its header must have @classLabel or @targetLabel.")
    if isinstance(values, np.ndarray):
        features_last = np.empty((values.shape[0], values.shape[2], values.shape[1]), np.float32)
        features_last[:] = values.transpose(0, 2, 1)
        return features_last, np.asarray(targets), None
    array, lengths = padded([sequence.T for sequence in values], str(path))
    return array, np.asarray(targets), lengths


def _read_usual(path: Path) -> tuple[Any, NDArray[Any]] | None:
    """Return what aeon's reader does of a file without timestamps and with a label for each sequence; None of others.

    Returns
    -------
    ndarray of shape (n, F, T), or list of ndarrays of shape (F, T) where sequences differ in length
    ndarray of shape (n,)
    """
    try:
        head, found, body = path.read_text(encoding="utf-8").lower().partition("\n@data\n")
        lines = [line.split() for line in head.splitlines() if line.startswith("@")]
        tags = {words[0]: words[1:] for words in lines}
        is_number, is_class = tags.get("@targetlabel") == ["true"], tags.get("@classlabel", [])[:1] == ["true"]
        if not found or tags.get("@timestamps", ["false"]) != ["false"] or is_class == is_number:
            return None
        rows = [line.strip().split(":") for line in body.splitlines()]
        labels = [row[-1] for row in rows]
        if any("?" in label or "nan" in label for label in labels):
            return None
        targets = np.array(labels, float if is_number else str)
        numbers = [[channel.replace("?", "nan").split(",") for channel in row[:-1]] for row in rows]
        sequences = [np.array(channels, np.float64) for channels in numbers]
    except ValueError:  # aeon's reader says what is wrong
        return None
    channels = {each.shape[0] if each.ndim == 2 else 0 for each in sequences}
    if len(channels) != 1 or 0 in channels or (max(channels) > 1) == (tags.get("@univariate") != ["false"]):
        return None
    if tags.get("@equallength") == ["false"]:
        return sequences, targets
    return (np.array(sequences), targets) if len({each.shape for each in sequences}) == 1 else None


def _read_any(path: Path) -> tuple[Any, NDArray[Any]]:
    """Return what aeon's reader does."""
    load_from_ts_file = required("aeon.datasets", "the .ts format", "aeon").load_from_ts_file
    try:
        with warnings.catch_warnings(action="ignore"):
            values, targets = load_from_ts_file(str(path))
    except Exception as error:  # the reader raises many kinds of error for an invalid file
        detail = " ".join(str(error).split()).rstrip(".")
        raise DataError(f"{path} cannot be read as a .ts file: {detail or type(error).__name__}.") from error
    return values, targets
