"""A summary of a data set, which shows how a file was understood before anything is trained on it."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lengthwise._internal.printable import visible
from lengthwise.data.dataset import SPLITS, Dataset
from lengthwise.data.rows import is_mapped
from lengthwise.data.split import Split
from lengthwise.data.step_windows import at_steps

AT_ONCE = 1 << 16
"""Sequences whose targets are looked at together."""

ROUNDING = 1e-6
"""Standardised numbers of 32 bits are exact to about this share of their range."""


@dataclass(frozen=True, eq=False)
class Description:
    """A summary of a data set.

    Attributes
    ----------
    dataset : Dataset
    counts : dict of str to int
        Sequences of each split.
    lengths : ndarray of shape (n,), int64
        Steps of every sequence, all splits.
    classes : dict of str to dict of str to int
        How many sequences (or steps, where every step has a class) of each class are in each split; empty where targets
        are numbers.
    in_memory, on_disk : int
        Bytes of the values.
    """

    dataset: Dataset
    counts: dict[str, int]
    lengths: NDArray[np.int64]
    classes: dict[str, dict[str, int]]
    in_memory: int
    on_disk: int

    @property
    def majority(self) -> float:
        """Accuracy of the training split's commonest class on the test split; NaN where targets are numbers."""
        if not self.classes:
            return float("nan")
        commonest = max(self.classes, key=lambda name: self.classes[name]["train"])
        return self.classes[commonest]["test"] / sum(counts["test"] for counts in self.classes.values())

    def lines(self) -> list[tuple[str, str]]:
        """Return the summary as pairs of a name and a text."""
        dataset = self.dataset
        return [
            ("data", dataset.name),
            *dataset.reading.facts,
            ("task", dataset.task + (f", {dataset.num_classes} classes" if self.classes else "")),
            ("sequences", ", ".join(f"{count:,} {name}" for name, count in self.counts.items())),
            *self._groups(),
            ("steps", self._steps()),
            ("features", self._features()),
            ("values", self._values()),
            ("memory", self._memory()),
            ("targets", self._targets()),
            *self._windows(),
            *(() if dataset.outlook is None else dataset.outlook.lines()),
            ("checksum", dataset.checksum),
        ]

    def _groups(self) -> list[tuple[str, str]]:
        if not self.dataset.group_names:
            return []
        groups = {name: np.unique(np.asarray(self.dataset.split(name).groups)) for name in SPLITS}
        counts = ", ".join(f"{len(own):,} {name}" for name, own in groups.items())
        return [("groups", f"{counts}" + (f", by {self.dataset.grouped_by}" if self.dataset.grouped_by else ""))]

    def _windows(self) -> list[tuple[str, str]]:
        """Return what is predicted where every step has a target."""
        dataset = self.dataset
        if not dataset.targets.every_step:
            return []
        ending = at_steps(dataset)
        counts = ", ".join(f"{len(ending.split(name)):,} {name}" for name in SPLITS)
        return [("windows", f"of up to {ending.num_steps} steps, which end at {counts} steps")]

    def _steps(self) -> str:
        low, high = int(self.lengths.min()), int(self.lengths.max())
        if low == high:
            return f"{high:,} in every sequence"
        quartiles = ", ".join(f"{value:,.0f}" for value in np.quantile(self.lengths, (0.25, 0.5, 0.75)))
        return f"{low:,} to {high:,}, quartiles {quartiles}"

    def _features(self) -> str:
        names = self.dataset.features
        shown = ", ".join(map(visible, names[:8])) + (" …" if len(names) > 8 else "")
        return f"{self.dataset.input_size:,} a step" + (f": {shown}" if names else "")

    def _values(self) -> str:
        kind = self.dataset.train.values.dtype
        if kind == np.uint8:
            return "bytes, which stand for value / 255"
        is_scaled = self.dataset.scaling is not None or self.dataset.outlook is not None
        return f"{kind.name}, " + ("standardised by the train split" if is_scaled else "as they are")

    def _memory(self) -> str:
        parts = [f"{size / 1e6:,.1f} MB {where}" for size, where in self._places() if size]
        return ", ".join(parts)

    def _places(self) -> list[tuple[int, str]]:
        return [(self.in_memory, "in memory"), (self.on_disk, "read from disk as they are needed")]

    def _targets(self) -> str:
        if self.classes:
            unit = "steps" if self.dataset.targets.every_step else "sequences"
            return f"the commonest class has {self.majority:.1%} of the test split's {unit}"
        found = _Range.of(self.dataset.train)
        return f"{found.low:.4g} to {found.high:.4g}, mean {found.mean:.4g}, deviation {found.deviation:.4g}"


class _Range(NamedTuple):
    """The range of numbers, and their mean and standard deviation."""

    low: float
    high: float
    mean: float
    deviation: float

    @classmethod
    def of(cls, split: Split) -> "_Range":
        """Return that of a split's targets, which may be much larger in their own units than as they are stored.

        What is zero but for the rounding of standardised numbers is zero.
        """
        parts = [slice(at, at + AT_ONCE) for at in range(0, len(split), AT_ONCE)]
        moments = np.array([_moments(split.numbers_of(part)) for part in parts])
        low, high = moments[:, 0].min(), moments[:, 1].max()
        mean = moments[:, 2].sum() / split.targets.size
        squares = sum(float(((split.numbers_of(part) - mean) ** 2).sum()) for part in parts)
        low, high, mean = (0.0 if abs(each) < ROUNDING * (high - low) else float(each) for each in (low, high, mean))
        return cls(low, high, mean, math.sqrt(squares / split.targets.size))


def _moments(numbers: NDArray[np.float64]) -> tuple[float, float, float]:
    return float(numbers.min()), float(numbers.max()), float(numbers.sum())


def describe(dataset: Dataset) -> Description:
    """Return a summary of a data set."""
    splits = {name: dataset.split(name) for name in SPLITS}
    sizes = [(split.values.nbytes, is_mapped(split.values)) for split in splits.values()]
    return Description(
        dataset,
        counts={name: len(split) for name, split in splits.items()},
        lengths=np.concatenate([_lengths(split) for split in splits.values()]),
        classes=_classes(dataset, splits),
        in_memory=sum(size for size, mapped in sizes if not mapped),
        on_disk=sum(size for size, mapped in sizes if mapped),
    )


def target_in_words(dataset: Dataset, split: str, index: int) -> str:
    """Return the target of a sequence: its class, or its numbers in their own units; empty if every step has one."""
    if dataset.targets.every_step:
        return ""
    part = dataset.split(split)
    if dataset.targets.numeric:
        return np.array2string(
            np.squeeze(part.numbers_of(slice(index, index + 1))), precision=4, threshold=8, edgeitems=3
        )
    target = int(part.targets[index])
    return dataset.classes[target] if dataset.classes else str(target)


def examples(dataset: Dataset, most: int) -> list[int]:
    """Return the first training sequence of each class; or the first sequences, where sequences have no class."""
    if not dataset.targets.class_of_sequence:
        return list(range(min(most, len(dataset.train))))
    _, first = np.unique(dataset.train.targets, return_index=True)
    return [int(at) for at in first[:most]]


def _lengths(split: Split) -> NDArray[np.int64]:
    return np.full(len(split), split.values.shape[1], np.int64) if split.lengths is None else split.lengths


def _classes(dataset: Dataset, splits: dict[str, Split]) -> dict[str, dict[str, int]]:
    if dataset.targets.numeric:
        return {}
    names = dataset.classes or tuple(map(str, range(dataset.num_classes)))
    counts = {name: np.bincount(split.labels, minlength=len(names)) for name, split in splits.items()}
    return {label: {name: int(counts[name][at]) for name in SPLITS} for at, label in enumerate(names)}
