"""Series to forecast: each origin becomes a sequence of the steps before it, with the steps after it as targets.

An *origin* is a step of a series from which the next h steps, the *horizon*, are forecast; the window is the look-back,
the steps up to and including the origin. Every origin has room for the longest look-back, so that all look-backs are
evaluated on the same forecasts.

Every series is cut twice, at the same fractions of its steps: the training split's forecasts lie before the first
cut, the validation split's between the cuts, and the test split's after the second. A look-back may cross a cut, as
the past is known. All statistics (scales, the seasonal naive forecast's error) are computed before the first cut.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.dataset import SPLITS, Dataset, Reference, Split, Units
from lengthwise.data.options import Options, Relative
from lengthwise.errors import DataError, UsageError

LONGEST_SHARE = 4
"""By default the longest look-back is at most the training split's steps divided by this."""

LONGEST = 128
"""By default the longest look-back is at most this."""


@dataclass(frozen=True)
class Series:
    """Series to forecast.

    Attributes
    ----------
    source : str
        Where they were read from, for messages.
    series : sequence of ndarray of shape (steps, F), float64
        Finite numbers.
    features : tuple of str
        Names, if there are any.
    target : int
        Which feature is forecast.
    """

    source: str
    series: Sequence[NDArray[np.float64]]
    features: tuple[str, ...] = ()
    target: int = 0


@dataclass(frozen=True)
class _Cuts:
    """The first step of validation, of test, and beyond the end."""

    validation: int
    test: int
    end: int

    def origins(self, split: str, lookback: int, horizon: int) -> NDArray[np.int64]:
        """Return the origins whose forecasts lie in a split and whose look-back lies in the series."""
        first, last = {
            "train": (0, self.validation),
            "validation": (self.validation, self.test),
            "test": (self.test, self.end),
        }[split]
        return np.arange(max(lookback, first) - 1, last - horizon)


def make_forecasts(found: Series, options: Options, name: str) -> Dataset:
    """Return series as a data set of forecasts: a sequence for each origin, whose target is the steps that follow.

    Raises
    ------
    UsageError
        If an option does not fit the series.
    DataError
        If a series is too short.
    """
    horizon = options.horizon
    if horizon is None:
        raise UsageError(f"the task of {name} is forecasting, but no horizon is given: give horizon, in steps.")
    cuts = [_cuts(len(series), options) for series in found.series]
    lookback = _lookback(options, min(cut.validation for cut in cuts), horizon)
    _check_long_enough(found, cuts, lookback, horizon, options.season)
    relative: Relative = options.relative or "difference"
    raw = {split: _windows(found, cuts, split, lookback, horizon, options.season) for split in SPLITS}
    moved = {split: _relative(found, part, relative) for split, part in raw.items()}
    scales = _scales(moved["train"])
    train, validation, test = (_split(raw[split], moved[split], scales) for split in SPLITS)
    return Dataset(name, train, validation, test, 0, "forecasting", (), found.features)


def _cuts(steps: int, options: Options) -> _Cuts:
    test, validation = round(steps * options.test), round(steps * options.validation)
    return _Cuts(steps - test - validation, steps - test, steps)


def _lookback(options: Options, training: int, horizon: int) -> int:
    if options.lookback is not None:
        return options.lookback
    return max(1, min(LONGEST, (training - horizon) // LONGEST_SHARE))


def _check_long_enough(found: Series, cuts: list[_Cuts], lookback: int, horizon: int, season: int) -> None:
    for number, cut in enumerate(cuts):
        parts = {"train": cut.validation, "validation": cut.test - cut.validation, "test": cut.end - cut.test}
        for split, steps in parts.items():
            need = max(lookback, season) + horizon if split == "train" else horizon
            if steps < need:
                raise DataError(
                    f"{found.source} has {cut.end} steps in series {number}, of which the {split} split gets {steps}, "
                    f"but {need} are needed to forecast {horizon} steps from a look-back of {lookback} and a season "
                    f"of {season}: choose smaller ones, or other fractions for validation and test."
                )


@dataclass(frozen=True)
class _Windows:
    """The origins of a split: the steps before and after them, in the series' own units.

    Attributes
    ----------
    past : ndarray of shape (n, T, F)
        The longest look-backs.
    future, naive : ndarray of shape (n, horizon)
        The steps that follow, and their seasonal naive forecast.
    scale : ndarray of shape (n,)
        The mean absolute error, before the first cut of the same series, of the seasonal naive forecast of one step.
    """

    past: NDArray[np.float64]
    future: NDArray[np.float64]
    naive: NDArray[np.float64]
    scale: NDArray[np.float64]


def _windows(found: Series, cuts: list[_Cuts], split: str, lookback: int, horizon: int, season: int) -> _Windows:
    parts: list[tuple[NDArray[Any], ...]] = []
    ahead = np.arange(1, horizon + 1)
    for series, cut in zip(found.series, cuts, strict=True):
        target = series[:, found.target]
        origins = cut.origins(split, max(lookback, season), horizon)
        past = series[origins[:, None] + np.arange(1 - lookback, 1)]
        future = target[origins[:, None] + ahead]
        naive = target[origins[:, None] + ahead - season * -(-ahead // season)]
        training = target[: cut.validation]
        scale = np.abs(training[season:] - training[:-season]).mean()
        parts.append((past, future, naive, np.full(len(origins), scale)))
    windows = _Windows(*(np.concatenate(part) for part in zip(*parts, strict=True)))
    if (windows.scale <= 0).any():
        raise DataError(
            f"{found.source} has a series that repeats exactly with a season of {season} in the whole training split: "
            f"there is nothing to learn, and errors cannot be scaled."
        )
    return windows


def _relative(found: Series, part: _Windows, relative: Relative) -> tuple[NDArray[Any], NDArray[Any], Units]:
    """Return past and future relative to the last known value, before scaling, and the units of the future.

    The later values of a growing series are outside the range on which the network was trained. Values are therefore
    given as differences from the last known value, or as ratios to it (the linear models of Zeng, Chen, Zhang and Xu,
    Are Transformers effective for time series forecasting?, 2023, subtract it).
    """
    last = part.past[:, -1:]
    of_target = last[:, 0, found.target, None]
    zero, one = np.zeros_like(of_target), np.ones_like(of_target)
    if relative == "none":
        return part.past, part.future, Units(one, zero)
    if relative == "difference":
        return part.past - last, part.future - of_target, Units(one, of_target)
    if (last <= 0).any():
        raise UsageError(
            f"relative is 'ratio', but {found.source} contains the value {last.min():g}: ratios need values above 0; "
            f"choose relative=difference."
        )
    return part.past / last - 1, part.future / of_target - 1, Units(of_target, of_target)


@dataclass(frozen=True)
class _Scales:
    mean: NDArray[np.float64]  # (F,)
    deviation: NDArray[np.float64]  # (F,)
    future_mean: float
    future_deviation: float


def _scales(train: tuple[NDArray[Any], NDArray[Any], Units]) -> _Scales:
    past, future, _ = train
    deviation = past.std(axis=(0, 1))
    deviation[deviation <= 1e-12 * np.abs(past).max()] = 1
    return _Scales(past.mean(axis=(0, 1)), deviation, float(future.mean()), float(future.std()) or 1.0)


def _split(raw: _Windows, moved: tuple[NDArray[Any], NDArray[Any], Units], scales: _Scales) -> Split:
    past, future, units = moved
    return Split(
        values=((past - scales.mean) / scales.deviation).astype(np.float32),
        targets=((future - scales.future_mean) / scales.future_deviation).astype(np.float32),
        units=Units(units.unit * scales.future_deviation, units.origin + units.unit * scales.future_mean),
        reference=Reference(raw.naive, raw.scale),
    )
