"""Selected sequences of an array on disk, used like an array."""

from mmap import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.lookbacks import Lookbacks


class Rows:
    """Selected sequences of a memory-mapped array, which are read from disk only when they are indexed.

    It has an array's ``shape``, ``dtype``, ``len`` and indexing; indexing and `numpy.asarray` return copies.

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
        """The shape, (n, T, F)."""
        return (len(self.index), *self.stored.shape[1:])

    @property
    def ndim(self) -> int:
        """The number of axes, 3."""
        return self.stored.ndim

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the values."""
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
            raise ValueError("the selected sequences of a mapped array cannot become an array without a copy.")
        return np.asarray(self.stored[self.index], dtype)


class Overlapping(Rows):
    """Windows of the same steps, which share their memory, used like an array of shape (n, T, F).

    Indexing and `numpy.asarray` return copies.

    Parameters
    ----------
    stored : ndarray of shape (N, 1, F)
        All steps.
    index : ndarray of shape (n,), int64
        The first step of each window, 0 to N - T.
    num_steps : int
        T.

    Examples
    --------
    >>> windows = Overlapping(np.arange(5).reshape(5, 1, 1), np.array([0, 2]), 3)
    >>> windows.shape, windows[1, :, 0].tolist(), windows[:, -1, 0].tolist()
    ((2, 3, 1), [2, 3, 4], [2, 4])
    """

    def __init__(self, stored: NDArray[Any], index: NDArray[np.int64], num_steps: int) -> None:
        super().__init__(stored, index)
        self.num_steps = num_steps

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape, (n, T, F)."""
        return (len(self.index), self.num_steps, self.stored.shape[2])

    @property
    def nbytes(self) -> int:
        """Bytes of the steps and of the index."""
        return int(self.stored.nbytes + self.index.nbytes)

    def __getitem__(self, key: Any) -> Any:
        first, *rest = key if isinstance(key, tuple) else (key,)
        chosen = self.stored[self.index[first][..., None] + np.arange(self.num_steps), 0]
        if not rest:
            return chosen
        return chosen[tuple(rest)] if chosen.ndim < self.ndim else chosen[(slice(None), *rest)]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("overlapping windows cannot become an array without a copy.")
        return np.asarray(self[:], dtype)


def is_mapped(values: NDArray[Any] | Rows | Lookbacks) -> bool:
    """Return whether an array is on disk."""
    array: Any = values.stored if isinstance(values, Rows) else values
    while isinstance(array, np.ndarray):
        array = array.base  # a copy of a np.memmap is a np.memmap too, but without a mapped file
    return isinstance(array, mmap)
