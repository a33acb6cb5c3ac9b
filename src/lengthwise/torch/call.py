"""What a call of the kernels is, beside its tensors."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lengthwise.engine.protocol import Sizes


class Call(NamedTuple):
    """The arguments that forward and backward share.

    Attributes
    ----------
    cell : str
    sizes : Sizes
    lengths : ndarray of shape (B,), int64
    threads : int
    keep : bool
        Whether there may be a backward pass.
    shapes : tuple of tuple of int
        The shapes of the weights, as `Stack` takes them.
    """

    cell: str
    sizes: Sizes
    lengths: NDArray[np.int64]
    threads: int
    keep: bool
    shapes: tuple[tuple[int, ...], ...]
