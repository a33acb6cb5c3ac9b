"""A data set: three splits of labelled sequences."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.lookbacks import Lookbacks
from lengthwise.data.outlook import Outlook
from lengthwise.data.reading import Reading
from lengthwise.data.split import Split, blocks
from lengthwise.data.targets import TARGETS, StepWindows, Targets, TaskName
from lengthwise.errors import UsageError

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, eq=False)
class Scaling:
    """How real-valued features were standardised: ``(value - mean) / deviation``, by the training split.

    Attributes
    ----------
    mean, deviation : ndarray of shape (F,), float64
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Three splits with the same time steps, features and classes.

    Attributes
    ----------
    name : str
        The name by which `load_data` finds it, with its options: ``"mnist"``, a file, a folder.
    train, validation, test : Split
        For training, for choosing, and for the reported result.
    num_classes : int, default 0
        Number of classes in all splits; 0 where targets are numbers.
    task : {"classification", "regression", "tagging", "step_regression", "forecasting", "language"}
    classes, features : tuple of str
        Their names; empty if they have none.
    scaling : Scaling, optional
        How the values were standardised, if they were.
    outlook : Outlook, optional
        What is forecast, and how, where the task is forecasting.
    reading : Reading
        How they were read, with notes of what may be wrong.
    group_names : tuple of str
        The names of the groups that the sequences belong to, over all splits; empty if there are none.
    grouped_by : str
        What the groups are, such as the name of their column: ``"subject"``; empty if that is not known.
    validation_is_drawn : bool
        Whether the validation split was drawn at random from the same sequences as the training split, so that others
        may be drawn; see `lengthwise.data.folds`.
    step_windows : StepWindows, optional
        How steps are predicted from the windows that end at them, where each step has a target.
    step_seconds : float, optional
        How long a step is, if it is known; `lengthwise.data.step_time.MONTH` stands for a month.
    steps_of : Dataset, optional
        The data whose steps these sequences end at; see `lengthwise.data.step_windows`.

    Raises
    ------
    UsageError
        If the splits disagree.
    """

    name: str
    train: Split
    validation: Split
    test: Split
    num_classes: int = 0
    task: TaskName = "classification"
    classes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    scaling: Scaling | None = None
    outlook: Outlook | None = None
    reading: Reading = field(default_factory=Reading)
    group_names: tuple[str, ...] = ()
    grouped_by: str = ""
    validation_is_drawn: bool = False
    step_windows: StepWindows | None = None
    step_seconds: float | None = None
    steps_of: "Dataset | None" = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.task not in TARGETS:
            raise UsageError(f"task is {self.task!r}, but must be one of {', '.join(TARGETS)}.")
        expected = self.train.values
        for name in SPLITS:
            split = self.split(name)
            if split.values.shape[1:] != expected.shape[1:] or split.values.dtype != expected.dtype:
                raise UsageError(
                    f"the {name} split has sequences of shape {split.values.shape[1:]} and type {split.values.dtype}, "
                    f"but the train split has {expected.shape[1:]} and {expected.dtype}: they must be the same."
                )
            if not self.targets.numeric and split.targets.max() >= self.num_classes:
                raise UsageError(
                    f"the {name} split has target {split.targets.max()}, but num_classes is {self.num_classes}: "
                    f"targets must be 0 to {self.num_classes - 1}."
                )
            if (split.groups is None) == bool(self.group_names):
                raise UsageError(f"the {name} split has groups, but group_names is not given, or the other way round.")
            if split.groups is not None and split.groups.max() >= len(self.group_names):
                raise UsageError(
                    f"the {name} split has group {split.groups.max()}, but group_names has {len(self.group_names)}."
                )

    @property
    def targets(self) -> Targets:
        """The kind of targets: classes or numbers, one for each sequence or for each step."""
        kind = TARGETS[self.task]
        return kind if self.steps_of is None else kind._replace(every_step=False)

    @property
    def num_steps(self) -> int:
        """Time steps of a sequence, T; of the longest, where they vary."""
        return int(self.train.values.shape[1])

    @property
    def input_size(self) -> int:
        """Features of a time step, F."""
        return int(self.train.values.shape[2])

    @property
    def num_outputs(self) -> int:
        """Outputs that a network needs: a logit for each class, or the numbers of a sequence."""
        if not self.targets.numeric:
            return self.num_classes
        if self.targets.every_step:
            return 1
        return int(self.train.targets.shape[1]) if self.train.targets.ndim > 1 else 1

    def split(self, name: str) -> Split:
        """Return the split called `name`.

        Raises
        ------
        UsageError
            If there is no such split.
        """
        if name not in SPLITS:
            raise UsageError(f"split is {name!r}, but must be one of {', '.join(SPLITS)}.")
        split: Split = getattr(self, name)
        return split

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of the splits' shapes, dtypes and bytes: the same data have the same checksum in any file format.

        Data on disk are read once, block by block.
        """
        if self.steps_of is not None:
            return self.steps_of.checksum
        digest = hashlib.sha256()
        for name in SPLITS:
            split = self.split(name)
            more = [array for array in (split.lengths, split.weights) if array is not None]
            values = split.values.arrays if isinstance(split.values, Lookbacks) else (split.values,)
            for array in (*values, split.targets, *more):
                digest.update(f"{name} {array.shape} {array.dtype.str}".encode())
                for _, block in blocks(array):
                    digest.update(np.ascontiguousarray(block).data)
        return digest.hexdigest()
