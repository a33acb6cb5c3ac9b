"""Defaults that depend on the data: a batch and a window that fit, how sequences are drawn, where windows lie."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lengthwise.data.dataset import Dataset
from lengthwise.data.missing import within
from lengthwise.data.step_windows import at_steps
from lengthwise.tasks.tasks import TASKS, placement_of
from lengthwise.training.keyword_settings import DEFAULTS
from lengthwise.windows import Placement

SMALLEST_BATCH, LARGEST_BATCH = 8, 128
"""Between these is the usual batch size, where there are as many sequences."""

REPEATING = 0.1
"""Largest `share_of_place` at which sequences count as repeating themselves."""

LOOKED_AT = 1000
"""Sequences by which that is judged."""

BATCHES_A_PASS = 8
"""A pass over the training split has at least so many batches, where the smallest batch allows it."""


def usual_batch_size(num_sequences: int) -> int:
    """Return the batch size for so many training sequences: a power of two, at most an eighth of them, 8 to 128.

    >>> [usual_batch_size(count) for count in (5, 14, 42, 230, 1257, 55000)]
    [5, 8, 8, 16, 128, 128]
    """
    power = 1 << max(0, (num_sequences // BATCHES_A_PASS).bit_length() - 1)
    return min(max(SMALLEST_BATCH, min(power, LARGEST_BATCH)), num_sequences)


def is_mnist(dataset: Dataset) -> bool:
    """Return whether these are the lecture's data."""
    return dataset.name.partition("?")[0] == "mnist"


def placed(dataset: Dataset, placement: Placement) -> Dataset:
    """Return the sequences whose windows lie at a placement: of the end of each step, where every step has a target."""
    return at_steps(dataset) if dataset.targets.every_step and placement == "end" else dataset


def usual_placement(dataset: Dataset) -> Placement:
    """Return where windows lie by default.

    A class is that of any part of a sequence where sequences are bytes, as images are, or repeat themselves:
    `share_of_place` is at most a tenth, and two over the number of sequences more, which few of them have by chance. Of
    a sequence that takes a course, the end is asked about; so it is for numbers.
    """
    task = TASKS[dataset.task]
    if not task.placed_by_data:
        return task.placements[0]
    by_chance = 2 / min(LOOKED_AT, len(dataset.train))
    repeats = dataset.train.values.dtype == np.uint8 or share_of_place(dataset) <= REPEATING + by_chance
    return "any" if repeats else "end"


def share_of_place(dataset: Dataset) -> float:
    """Return how much of the values' variance goes with the place in the sequence: near 0 where sequences repeat.

    It is the share of a feature's variance that the mean of each step explains, over the first `LOOKED_AT` sequences of
    the training split, less what it explains by chance (epsilon squared of an analysis of variance; Kelley, An unbiased
    correlation ratio measure, 1935), and the mean of it over the features that vary. Steps behind a sequence's end do
    not count, nor do those of a value that stays the same to the end, as padding does.

    Sequences of noise, and such that take the same course:

    >>> from lengthwise.data import load_data
    >>> noise = np.random.default_rng(0).normal(size=(60, 20, 1))
    >>> labels = np.arange(60) % 2
    >>> share = share_of_place(load_data(noise, labels))
    >>> course = share_of_place(load_data(noise + np.arange(20)[:, None], labels))
    >>> round(abs(share), 1), round(course, 1)
    (0.0, 1.0)
    """
    train = dataset.train
    values = np.asarray(train.values[:LOOKED_AT], np.float64)
    inside = within(train.lengths, values.shape[1], 0, len(values))
    if inside is None:  # what stays the same to the end may be padding that nobody has told of
        changes = (values != values[:, -1:]).any(axis=2)
        inside = np.maximum.accumulate(changes[:, ::-1], axis=1)[:, ::-1]
    counts = inside.sum(axis=0)[:, None]  # of each step
    total = inside.sum()
    steps = np.count_nonzero(counts)
    if total <= steps:
        return 0.0
    mean = values[inside].mean(axis=0)
    deviations = np.where(inside[..., None], values - mean, 0.0)
    variance = (deviations**2).sum(axis=(0, 1))
    between = (deviations.sum(axis=0) ** 2 / np.maximum(counts, 1)).sum(axis=0)
    varies = variance > 1e-12 * total * np.maximum(mean**2, 1)
    if not varies.any():
        return 0.0
    within_steps = (variance - between)[varies] / (total - steps)
    return float((1 - within_steps / (variance[varies] / (total - 1))).mean())


def chosen_placement(dataset: Dataset, given: Mapping[str, Any]) -> Placement:
    """Return where windows lie by the settings that were given, of several values of one the first.

    States that are carried from window to window need consecutive windows.
    """
    asked, carries = (
        value[0] if isinstance(value, list | tuple) else value
        for value in (given.get("placement"), given.get("carry_state"))
    )
    if asked is not None:
        return placement_of(dataset.task, asked)
    return "any" if carries and dataset.targets.every_step else usual_placement(dataset)


def defaults_for(dataset: Dataset, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the defaults that depend on the data, and on the settings that were given.

    They are the notebook's `seq_len` and `batch_size` if the data have as much; otherwise the window is the whole
    sequence, and the batch `usual_batch_size`. Of all data but MNIST, every sequence takes part in training equally
    (`sampling` "crops"), as files may be sorted. `placement` is `usual_placement`.

    Parameters
    ----------
    dataset : Dataset
    given : mapping of str to Any, optional

    Returns
    -------
    dict of str to Any
    """
    placement = chosen_placement(dataset, given or {})
    dataset = placed(dataset, placement)
    count = len(dataset.train)
    batch_size = DEFAULTS["batch_size"]
    return {
        "seq_len": min(DEFAULTS["seq_len"], dataset.num_steps),
        "placement": placement,
        "batch_size": batch_size if count >= batch_size else usual_batch_size(count),
        "sampling": DEFAULTS["sampling"] if is_mnist(dataset) else "crops",
    }


def with_defaults_for(dataset: Dataset, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that were given, completed by `defaults_for`."""
    return defaults_for(dataset, given) | {
        name: value for name, value in given.items() if (name, value) != ("placement", None)
    }
