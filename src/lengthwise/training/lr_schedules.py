"""The step size of each update: a schedule, after a linear warm-up.

With k the update (from 0), N the total number of updates, lr the largest step size:

``constant``
    lr.
``cosine``
    lr (1 + cos(π k / N)) / 2, falling from lr towards zero (Loshchilov and Hutter, SGDR: stochastic gradient descent
    with warm restarts, 2017, without restarts).
``one_cycle``
    Half a cosine from lr / 25 up to lr over the first 30 % of the updates, and another down to lr / 250,000
    (Smith and Topin, Super-convergence: very fast training of neural networks using large learning rates, 2019, with
    PyTorch's numbers).

In the first `warmup_steps` updates, the step size is multiplied by (k + 1) / warmup_steps.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

LrScheduleName = Literal["constant", "cosine", "one_cycle"]
"""How the step size changes over a training."""


@dataclass(frozen=True)
class LrSchedule:
    """The step size of each update; see the head of this module.

    Parameters
    ----------
    lr : float
        The largest step size.
    name : {"constant", "cosine", "one_cycle"}
    updates : int
        Total number of updates, N.
    warmup_steps : int
        Updates of the linear warm-up, 0 for none.

    Examples
    --------
    >>> LrSchedule(0.1, "cosine", updates=4).at(0, 4).round(4).tolist()
    [0.1, 0.0854, 0.05, 0.0146]
    >>> LrSchedule(0.1, warmup_steps=2).at(0, 4).tolist()
    [0.05, 0.1, 0.1, 0.1]
    """

    lr: float
    name: LrScheduleName = "constant"
    updates: int = 1
    warmup_steps: int = 0

    def at(self, first: int, last: int) -> NDArray[np.float64]:
        """Return the step sizes of the updates from `first` to before `last`."""
        k = np.arange(first, last)
        rates = self.lr * _SCHEDULES[self.name](k, self.updates)
        return rates * np.minimum(1.0, (k + 1) / self.warmup_steps) if self.warmup_steps else rates


def _constant(k: NDArray[np.int64], _updates: int) -> NDArray[np.float64]:
    return np.ones(len(k))


def _half_cosine(fraction: NDArray[Any], begin: float, end: float) -> NDArray[np.float64]:
    """Return values on half a cosine from `begin` (at fraction 0) to `end` (at fraction 1)."""
    height: NDArray[np.float64] = (1 + np.cos(np.pi * np.clip(fraction, 0, 1))) / 2
    return end + (begin - end) * height


def _cosine(k: NDArray[np.int64], updates: int) -> NDArray[np.float64]:
    return _half_cosine(k / updates, 1.0, 0.0)


def _one_cycle(k: NDArray[np.int64], updates: int) -> NDArray[np.float64]:
    lowest, last = 1 / 25, 1 / 250_000
    top = max(0.3 * updates - 1, 1e-9)
    fall = max(updates - 1 - top, 1e-9)
    return np.where(k <= top, _half_cosine(k / top, lowest, 1.0), _half_cosine((k - top) / fall, 1.0, last))


_SCHEDULES = {"constant": _constant, "cosine": _cosine, "one_cycle": _one_cycle}
