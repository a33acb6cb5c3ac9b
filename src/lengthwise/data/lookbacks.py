"""The look-backs of forecasts, which are cut out of their series only when they are read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.options import Relative

VALUES_AT_ONCE = 1 << 20
"""Numbers that are computed at a time, in float64, on the way to float32."""

FEW_VALUES = 1 << 22
"""Numbers that are computed once and kept: 16 MiB, for a small series is read many times."""


@dataclass(frozen=True)
class Frame:
    """How the numbers of a series are given relative to its last known value, before they are standardised.

    A number x of a feature becomes (x - a) / b. For ``none`` a is the target's `centre`, and 0 for other features; for
    ``difference`` it is the last known value; for ``ratio`` a and b are both the last known value. Otherwise b is the
    target's `unit`, and 1 for other features.

    Attributes
    ----------
    forms : tuple of Relative, one a feature
    target : int
        Which feature is forecast.
    centre, unit : ndarray of shape (series,), float64
    """

    forms: tuple[Relative, ...]
    target: int
    centre: NDArray[np.float64]
    unit: NDArray[np.float64]

    def origin_and_unit(
        self, last: NDArray[np.float64], series: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return a and b.

        Parameters
        ----------
        last : ndarray of shape (…, F), float64
            The last known values.
        series : ndarray of shape (…), int64
            Whose they are.

        Returns
        -------
        a, b : ndarray of shape (…, F), float64
        """
        origin, unit = np.zeros_like(last), np.ones_like(last)
        origin[..., self.target] = self.centre[series]
        unit[..., self.target] = self.unit[series]
        for feature, form in enumerate(self.forms):
            if form != "none":
                origin[..., feature] = last[..., feature]
            if form == "ratio":
                unit[..., feature] = last[..., feature]
        return origin, unit


class Lookbacks:
    """The steps before each origin, used like an array of shape (n, T, F), float32.

    It has an array's ``shape``, ``dtype``, ``len`` and indexing; indexing and `numpy.asarray` compute copies. Series
    are stored once, in float64, so that neighbouring look-backs share their memory, and differences of large numbers
    are exact before they are rounded to float32.

    Parameters
    ----------
    steps : ndarray of shape (N, F), float64
        All series, one after another.
    origins : ndarray of shape (n,), int64
        The last step of each look-back, T - 1 to N - 1.
    series : ndarray of shape (n,), int32
        The number of each look-back's series.
    num_steps : int
        T.
    frame : Frame
    mean, deviation : ndarray of shape (F,), float64
        By which the numbers of the frame are standardised.

    Examples
    --------
    >>> frame = Frame(("difference",), 0, np.zeros(1), np.ones(1))
    >>> steps = np.array([[1.0], [2.0], [4.0], [8.0]])
    >>> pasts = Lookbacks(steps, np.array([2, 3]), np.zeros(2, np.int32), 3, frame, np.zeros(1), np.ones(1))
    >>> pasts.shape, pasts[0, :, 0].tolist(), pasts[np.array([1]), np.array([0])].tolist()
    ((2, 3, 1), [-3.0, -2.0, 0.0], [[-6.0]])
    """

    def __init__(
        self,
        steps: NDArray[np.float64],
        origins: NDArray[np.int64],
        series: NDArray[np.int32],
        num_steps: int,
        frame: Frame,
        mean: NDArray[np.float64],
        deviation: NDArray[np.float64],
    ) -> None:
        self._steps, self._origins, self._series, self._num_steps = steps, origins, series, num_steps
        self._frame, self._mean, self._deviation = frame, mean, deviation

    @property
    def shape(self) -> tuple[int, int, int]:
        """The shape, (n, T, F)."""
        return len(self._origins), self._num_steps, self._steps.shape[1]

    @property
    def ndim(self) -> int:
        """The number of axes, 3."""
        return 3

    @property
    def dtype(self) -> np.dtype[np.float32]:
        """The type of the values, float32."""
        return np.dtype(np.float32)

    @property
    def nbytes(self) -> int:
        """Bytes that are in memory, those of the series among them, which all splits share."""
        return self._steps.nbytes + self._origins.nbytes + self._series.nbytes

    @property
    def at_hand(self) -> "NDArray[np.float32] | Lookbacks":
        """All values as one array, which is computed once, where they are few (`FEW_VALUES`); else these look-backs."""
        return self if prod(self.shape) > FEW_VALUES else self._computed

    @cached_property
    def _computed(self) -> NDArray[np.float32]:
        return np.asarray(self)

    @property
    def arrays(self) -> Sequence[NDArray[Any]]:
        """What the values are computed from: equal look-backs have equal arrays."""
        frame = self._frame
        return (
            self._steps,
            self._origins,
            self._series,
            frame.centre,
            frame.unit,
            self._mean,
            self._deviation,
            np.array([self._num_steps, frame.target]),
            np.frombuffer(",".join(frame.forms).encode(), np.uint8),
        )

    def __len__(self) -> int:
        return len(self._origins)

    def __getitem__(self, key: Any) -> Any:
        first, *rest = key if isinstance(key, tuple) else (key,)
        rows = np.asarray(first) if _are_numbers(first) else np.arange(len(self))[first]
        if rest and _are_numbers(rest[0]) and rows.ndim:
            steps, *others = rest
            found = self._read(rows, steps)
            return found[(..., *others)] if others else found
        whole = self._read(rows[..., None], np.arange(self._num_steps))
        return whole[(*[slice(None)] * rows.ndim, *rest)]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("look-backs are computed when they are read, and cannot become an array without a copy.")
        return np.asarray(self[:], dtype)

    def _read(self, rows: NDArray[np.int64], steps: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the values, (…, F), of look-backs `rows` at `steps`, two arrays that are broadcast together."""
        shape, features = np.broadcast_shapes(rows.shape, steps.shape), self._steps.shape[1]
        rows, steps = (part.reshape((1,) * (len(shape) - part.ndim) + part.shape) for part in (rows, steps))
        values = np.empty((*shape, features), np.float32)
        if not values.size:
            return values
        for part in _parts(shape[0], max(1, VALUES_AT_ONCE * shape[0] // values.size)):
            own_rows, own_steps = (one if len(one) == 1 else one[part] for one in (rows, steps))
            origins = self._origins[own_rows]
            origin, unit = self._frame.origin_and_unit(self._steps[origins], self._series[own_rows].astype(np.int64))
            found = self._steps[origins + own_steps - (self._num_steps - 1)]
            found -= origin
            found /= unit * self._deviation
            found -= self._mean / self._deviation
            values[part] = found
        return values


def _parts(count: int, size: int) -> Iterator[slice]:
    return (slice(first, first + size) for first in range(0, count, size))


def _are_numbers(index: Any) -> bool:
    return isinstance(index, np.ndarray) and index.dtype != np.bool_
