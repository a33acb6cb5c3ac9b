"""Chosen sequences of an array on disk, as if they were an array of their own."""

from mmap import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Rows:
    """Chosen sequences of a memory-mapped array, which are read from disk when they are looked at, and not before.

    It has an array's ``shape``, ``dtype``, ``len`` and indexing; an index or `numpy.asarray` copies what it names.

    Parameters
    ----------
    stored : ndarray of shape (N, T, F)
        The array on disk.
    index : ndarray of shape (n,), int64
        Which of its sequences, in which order.

    Examples
    --------
    >>> rows = Rows(np.arange(12).reshape(4, 3, 1), np.array([3, 1]))
    >>> rows.shape
    (2, 3, 1)
    >>> rows[0, :, 0]
    array([ 9, 10, 11])
    """

    def __init__(self, stored: NDArray[Any], index: NDArray[np.int64]) -> None:
        self.stored = stored
        self.index = index

    @property
    def shape(self) -> tuple[int, ...]:
        """As an array's: (n, T, F)."""
        return (len(self.index), *self.stored.shape[1:])

    @property
    def ndim(self) -> int:
        """As an array's."""
        return self.stored.ndim

    @property
    def dtype(self) -> np.dtype[Any]:
        """As an array's."""
        return self.stored.dtype

    @property
    def nbytes(self) -> int:
        """Bytes that a copy would need."""
        return len(self.index) * int(np.prod(self.stored.shape[1:])) * self.dtype.itemsize

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, key: Any) -> Any:
        first, *rest = key if isinstance(key, tuple) else (key,)
        chosen = self.stored[self.index[first]]
        if not rest:
            return chosen
        return chosen[tuple(rest)] if chosen.ndim < self.ndim else chosen[(slice(None), *rest)]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("the chosen sequences of a mapped array cannot be an array without a copy.")
        return np.asarray(self.stored[self.index], dtype)


def is_mapped(values: NDArray[Any] | Rows) -> bool:
    """Return whether an array lies on disk."""
    array: Any = values.stored if isinstance(values, Rows) else values
    while isinstance(array, np.ndarray):
        array = array.base  # a copy of a np.memmap is one too, but has no map
    return isinstance(array, mmap)
