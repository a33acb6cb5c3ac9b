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
    """

    values: NDArray[Any]
    targets: NDArray[np.int64]

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
        One more than the largest label of any split.
    """

    name: str
    train: Split
    validation: Split
    test: Split
    num_classes: int

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
