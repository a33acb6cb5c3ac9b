"""Folds: where data are few, every sequence of the training and the validation split is judged, each in its turn.

The *pool* is the training split's sequences, then the validation split's. It is divided into folds; for each, networks
are trained on the others and judged on it, so that no network has seen the sequences, or the groups, that it is judged
on. The test split stays as it is. Recordings that are divided by time have folds that follow each other; see
`lengthwise.data.time_folds`.

The division depends on a seed, as do the networks: what it does by chance to a length is then part of what the seeds
do, and averages out with them. With a fold for each group there is only one division.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.dataset import Dataset, Scaling
from lengthwise.data.rows import is_mapped
from lengthwise.data.scaling import measure, standardize, standardize_numbers, standardize_step_numbers
from lengthwise.data.sequences import check_memory
from lengthwise.data.split import Split
from lengthwise.data.splitting import draw_folds
from lengthwise.data.step_windows import lengths_of
from lengthwise.data.targets import StepWindows
from lengthwise.data.time_folds import fits, most_folds, time_fold
from lengthwise.errors import UsageError

USUAL_FOLDS = 5

MOST_LEFT_OUT = 20
"""Groups up to which each is a fold of its own by default."""

ENOUGH_CASES = 1000
"""Sequences (or groups, where there are some) of a validation split that needs no folds."""

MOST_BYTES = 1 << 28
"""Bytes of the training split's values from which on there are no folds by default, as each is a copy."""

KEPT, KEPT_BYTES = 40, 1 << 22
"""How many folds are kept for the next length that is trained on them, and bytes of values up to which they are."""

BY_TIME = ("forecasting", "language")
"""Tasks whose splits follow each other in time: no fold can come before what it is trained on."""


class Fold(NamedTuple):
    """The data of one fold.

    Attributes
    ----------
    dataset : Dataset
        Its training split is the pool without the fold, its validation split the fold.
    sequences : ndarray of shape (n,), int64
        The places in the pool of the validation split's sequences; where recordings are divided by time, of its cases.
    """

    dataset: Dataset
    sequences: NDArray[np.int64]


def usual_folds(dataset: Dataset) -> int:
    """Return how many folds a study uses by default; 0 for none.

    None where the validation split is large enough, or was given with the data, or the task is one of `BY_TIME`, nor
    where the data are on disk or larger than `MOST_BYTES`.
    Otherwise one for each group, where there are at most `MOST_LEFT_OUT`, or `USUAL_FOLDS`.
    """
    groups = dataset.validation.groups
    cases = len(dataset.validation) if groups is None else len(np.unique(groups))
    if dataset.task in BY_TIME or (dataset.train.recordings is not None and not _fits(dataset)):
        return 0
    is_large = is_mapped(dataset.train.values) or dataset.train.values.nbytes > MOST_BYTES
    if not dataset.validation_is_drawn or cases >= ENOUGH_CASES or is_large:
        return 0
    count = _count(dataset)
    return count if groups is not None and count <= MOST_LEFT_OUT else min(USUAL_FOLDS, count)


def check_folds(dataset: Dataset, folds: int) -> int:
    """Return the number of folds, 0 for none.

    Raises
    ------
    UsageError
        If the data cannot be divided into so many.
    """
    if folds == 0:
        return folds
    if dataset.task in BY_TIME:
        raise UsageError(
            f"folds is {folds}, but {dataset.name} is divided by time, as its task is {dataset.task}: leave folds out."
        )
    if dataset.train.recordings is not None and not _fits(dataset):
        raise UsageError(
            f"folds is {folds}, but those of recordings that are divided by time need every window: leave out folds, "
            f"or stride and label=pure."
        )
    count = _count(dataset)
    if not 2 <= folds <= count:
        what = "sequences" if dataset.train.groups is None else "groups"
        if dataset.train.recordings is not None:
            what = "pairs of stretches"
        raise UsageError(
            f"folds is {folds}, but must be 2 to {count}, as the training and the validation split of {dataset.name} "
            f"have {count} {what} together; or 0 for none."
        )
    return folds


def fold_of(dataset: Dataset, folds: int, fold: int, seed: int) -> Fold:
    """Return the data of one fold, standardised anew by its own training split, if the data are standardised.

    Parameters
    ----------
    dataset : Dataset
    folds : int
        How many there are; 2 or more.
    fold : int
        Which one, from 0.
    seed : int
        Of the division.

    Raises
    ------
    UsageError
        If the data do not fit into memory.
    """
    if dataset.train.values.nbytes <= KEPT_BYTES:
        return _kept_fold(dataset, folds, fold, seed)
    return _fold_of(dataset, folds, fold, seed)


def _fold_of(dataset: Dataset, folds: int, fold: int, seed: int) -> Fold:
    whole = pool(dataset)
    if whole.recordings is not None:
        train, validation, held_out = _in_time(dataset, whole, folds, fold, seed)
        return Fold(_scaled(dataset, train, validation, whole), held_out)
    numbers = draw_folds(whole.targets, folds, seed, groups=whole.groups, stratified=dataset.targets.class_of_sequence)
    held_out = np.flatnonzero(numbers == fold)
    train, validation = _chosen(whole, np.flatnonzero(numbers != fold)), _chosen(whole, held_out)
    return Fold(_scaled(dataset, train, validation, whole), held_out)


_kept_fold = lru_cache(maxsize=KEPT)(_fold_of)


def _in_time(
    dataset: Dataset, whole: Split, folds: int, fold: int, seed: int
) -> tuple[Split, Split, NDArray[np.int64]]:
    """Return the training and the validation split of a fold of recordings, and the places of its cases."""
    lookback = _windows(dataset).lookback
    found = time_fold(np.asarray(whole.recordings), lengths_of(whole), lookback, folds, fold, seed)
    train = replace(_chosen(whole, found.train), recordings=found.train_recordings)
    judged = _chosen(whole, found.judged)
    inside = np.arange(judged.values.shape[1]) < found.judged_lengths[:, None]
    judged = replace(
        judged,
        values=judged.values * inside[:, :, None].astype(judged.values.dtype),
        lengths=found.judged_lengths,
        recordings=found.judged_recordings,
    )
    return train, judged, found.cases


def _scaled(dataset: Dataset, train: Split, validation: Split, whole: Split) -> Dataset:
    """Return the data with other splits, standardised anew by the training split, if the data are standardised."""
    parts = [train, validation, dataset.test]
    if whole.units is not None:
        parts = standardize_step_numbers(parts) if dataset.targets.every_step else standardize_numbers(parts)
    scaling = dataset.scaling
    if scaling is not None:
        again = measure(parts[0])
        parts = [standardize(part, again) for part in parts]
        scaling = Scaling(scaling.mean + scaling.deviation * again.mean, scaling.deviation * again.deviation)
    train, validation, test = parts
    if not dataset.targets.numeric:
        counts = np.bincount(whole.labels, minlength=dataset.num_classes)
        validation = replace(validation, class_shares=counts / counts.sum())
    return replace(dataset, train=train, validation=validation, test=test, scaling=scaling)


def pool(dataset: Dataset) -> Split:
    """Return the sequences of the training split and then those of the validation split, in memory.

    Raises
    ------
    UsageError
        If they do not fit.
    """
    parts = dataset.train, dataset.validation
    values = [part.values for part in parts]
    if is_mapped(values[0]):
        check_memory("folds need a copy", sum(each.nbytes for each in values), values[0].dtype)
    return replace(
        dataset.train,
        values=np.concatenate([np.asarray(each) for each in values]),
        targets=np.concatenate([part.targets for part in parts]),
        lengths=_joined(parts, "lengths", dataset.num_steps),
        weights=_joined(parts, "weights", 1.0),
        groups=_joined(parts, "groups", 0),
        recordings=_joined(parts, "recordings", 0),
    )


@lru_cache(maxsize=2)
def smallest_fold(dataset: Dataset, folds: int, seed: int) -> Dataset:
    """Return the data of the fold that leaves the fewest sequences for training: what fits it fits all."""
    found = (fold_of(dataset, folds, fold, seed).dataset for fold in range(folds))
    return min(found, key=lambda each: len(each.train))


def _windows(dataset: Dataset) -> StepWindows:
    if dataset.step_windows is None:
        raise TypeError("recordings that are divided by time say what windows are cut out of them")
    return dataset.step_windows


def _fits(dataset: Dataset) -> bool:
    return dataset.step_windows is not None and fits(dataset.step_windows)


def _count(dataset: Dataset) -> int:
    """Return the largest number of folds: the sequences of the pool, its groups, or pairs of stretches in time."""
    if dataset.train.recordings is not None:
        return most_folds(len(dataset.train) + len(dataset.validation))
    if dataset.train.groups is None or dataset.validation.groups is None:
        return len(dataset.train) + len(dataset.validation)
    return len(np.union1d(dataset.train.groups, dataset.validation.groups))


def _joined(parts: Sequence[Split], name: str, absent: float) -> NDArray[Any] | None:
    """Return an array of all parts; where one has none, `absent` stands for each of its sequences."""
    arrays: list[NDArray[Any] | None] = [getattr(part, name) for part in parts]
    there = [array for array in arrays if array is not None]
    if not there:
        return None
    joined: NDArray[Any] = np.concatenate(
        [
            np.full(len(part), absent, there[0].dtype) if array is None else array
            for part, array in zip(parts, arrays, strict=True)
        ]
    )
    return joined


def _chosen(split: Split, index: NDArray[np.int64]) -> Split:
    """Return some sequences of a split."""
    own = {name: getattr(split, name) for name in ("lengths", "weights", "groups")}
    return replace(
        split,
        values=split.values[index],
        targets=split.targets[index],
        **{name: None if array is None else array[index] for name, array in own.items()},
    )
