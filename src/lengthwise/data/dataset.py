"""What a data set is: three splits of labelled sequences."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.errors import UsageError

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, eq=False)
class Split:
    """Labelled sequences, all of one length.

    Attributes
    ----------
    values : ndarray of shape (n, T, F), uint8 or float32
        n sequences of T time steps of F features. Bytes stay bytes in memory and stand for ``value / 255``, so that
        grey levels are numbers in [0, 1]; float32 values are taken as they are.
    targets : ndarray of shape (n,), int64
        The class of each sequence, 0 to ``num_classes - 1``.

    Raises
    ------
    UsageError
        If shapes, types or values are others.
    """

    values: NDArray[Any]
    targets: NDArray[np.int64]

    def __post_init__(self) -> None:
        values: Any = self.values
        targets: Any = self.targets
        if not isinstance(values, np.ndarray) or values.dtype not in (np.uint8, np.float32):
            found = getattr(values, "dtype", type(values).__name__)
            raise UsageError(f"values are of type {found}, but must be a NumPy array of uint8 or float32.")
        if values.ndim != 3 or 0 in values.shape:
            raise UsageError(f"values have shape {values.shape}, but must have (sequences, time, features).")
        if values.dtype == np.float32 and not np.isfinite(values).all():
            raise UsageError("values have NaN or infinity among them, but must be finite.")
        targets = np.asarray(targets)
        if targets.shape != (len(values),) or not np.issubdtype(targets.dtype, np.integer):
            raise UsageError(
                f"targets have shape {targets.shape} and type {targets.dtype}, but must be {len(values)} integers, one "
                f"for each sequence."
            )
        if targets.min() < 0:
            raise UsageError(f"targets have {targets.min()} among them, but must be 0 or more.")
        object.__setattr__(self, "values", np.ascontiguousarray(values))
        object.__setattr__(self, "targets", np.ascontiguousarray(targets, np.int64))

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Three splits that agree in time steps, features and classes.

    Attributes
    ----------
    name : str
        What it was loaded by: ``"mnist"``, or a folder.
    train, validation, test : Split
        To learn from, to choose by, and to report.
    num_classes : int
        More than the largest label of any split.

    Raises
    ------
    UsageError
        If the splits disagree.
    """

    name: str
    train: Split
    validation: Split
    test: Split
    num_classes: int

    def __post_init__(self) -> None:
        expected = self.train.values
        for name in SPLITS:
            split = self.split(name)
            if split.values.shape[1:] != expected.shape[1:] or split.values.dtype != expected.dtype:
                raise UsageError(
                    f"the {name} split has sequences of shape {split.values.shape[1:]} and type {split.values.dtype}, "
                    f"but the train split has {expected.shape[1:]} and {expected.dtype}: they must be the same."
                )
            if split.targets.max() >= self.num_classes:
                raise UsageError(
                    f"the {name} split has target {split.targets.max()}, but num_classes is {self.num_classes}: "
                    f"targets must be 0 to {self.num_classes - 1}."
                )

    @property
    def num_steps(self) -> int:
        """Time steps of a sequence, T."""
        return int(self.train.values.shape[1])

    @property
    def input_size(self) -> int:
        """Features of a time step, F."""
        return int(self.train.values.shape[2])

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
        """SHA-256 over the splits' shapes, dtypes and bytes: the same data give the same text, whatever the file."""
        digest = hashlib.sha256()
        for name in SPLITS:
            split = self.split(name)
            for array in (split.values, split.targets):
                digest.update(f"{name} {array.shape} {array.dtype.str}".encode())
                digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()
