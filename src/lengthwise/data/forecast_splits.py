"""The splits of forecasts: look-backs, targets, and the errors of forecasts that need no network."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.dataset import SPLITS
from lengthwise.data.forecast_cuts import Cut
from lengthwise.data.forecast_series import Line, repeated
from lengthwise.data.lookbacks import Frame, Lookbacks
from lengthwise.data.options import Relative
from lengthwise.data.outlook import Outlook
from lengthwise.data.relative import is_stable
from lengthwise.data.split import Reference, Split, Units
from lengthwise.errors import DataError

MEASURED = 20_000
"""Look-backs over which means and deviations are taken, evenly spread."""

NOTHING = 1e-9
"""An error of at most this share of the values' spread is none but for rounding."""


@dataclass(frozen=True, eq=False)
class Origins:
    """The origins of a split.

    Attributes
    ----------
    places : ndarray of shape (n,), int64
        In all series, one after another.
    series : ndarray of shape (n,), int32
        Whose they are.
    """

    places: NDArray[np.int64]
    series: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.places)

    @classmethod
    def of(
        cls,
        lines: Sequence[Line],
        cuts: Sequence[Cut],
        split: str,
        room: int,
        horizon: int,
        *,
        across_breaks: bool = False,
    ) -> "Origins":
        """Return the origins with so many steps before them in one run, themselves included, and a known horizon."""
        places, series, first = [], [], 0
        for number, (line, cut) in enumerate(zip(lines, cuts, strict=True)):
            begin, end = cut.forecast(split)
            own = np.arange(max(room, begin) - 1, end - horizon)
            unknown = np.concatenate([[0], np.cumsum(~line.known)])
            own = own[unknown[own + 1 + horizon] == unknown[own + 1]]
            if not across_breaks and line.breaks.any():
                runs = line.runs
                own = own[(runs[own] >= room) & (runs[own + horizon] == runs[own] + horizon)]
            places.append(own + first)
            series.append(np.full(len(own), number, np.int32))
            first += len(line)
        return cls(np.concatenate(places), np.concatenate(series))


def make_splits(
    source: str,
    lines: Sequence[Line],
    cuts: Sequence[Cut],
    origins: dict[str, Origins],
    outlook: Outlook,
    target: int,
) -> list[Split]:
    """Return the splits of complete series.

    Raises
    ------
    DataError
        If all series repeat exactly with the season that was given.
    """
    steps = lines[0].values if len(lines) == 1 else np.concatenate([line.values for line in lines])
    parts = [line.values[: cut.validation] for line, cut in zip(lines, cuts, strict=True)]
    scale = _scales(source, parts, lines, outlook, target)
    frame = Frame(
        forms=_forms(parts, outlook, target),
        target=target,
        centre=np.array([part[:, target].mean() for part in parts]),
        unit=scale,
    )
    train = origins["train"]
    chosen = np.unique(np.linspace(0, len(train) - 1, min(MEASURED, len(train))).astype(np.int64))
    sample = Origins(train.places[chosen], train.series[chosen])
    mean, deviation = _moments(steps, sample, outlook.lookback, frame)
    origin, unit = _last_target(steps, sample, frame)
    futures = _futures(steps[:, target], sample, origin, unit, outlook.horizon)
    future_mean, future_deviation = float(futures.mean()), float(futures.std(dtype=np.float64)) or 1.0
    references = _references(lines, target, origins, scale, outlook)
    splits = []
    for split in SPLITS:
        own = origins[split]
        origin, unit = _last_target(steps, own, frame)
        origin, unit = origin + unit * future_mean, unit * future_deviation
        splits.append(
            Split(
                values=Lookbacks(steps, own.places, own.series, outlook.lookback, frame, mean, deviation),
                targets=_futures(steps[:, target], own, origin, unit, outlook.horizon),
                units=Units(unit[:, None], origin[:, None]),
                reference=references[split],
            )
        )
    return splits


def _forms(parts: Sequence[NDArray[np.float64]], outlook: Outlook, target: int) -> tuple[Relative, ...]:
    """Return how each feature is given: the target as asked for, others as values or differences by the same test."""
    forms: list[Relative] = []
    for feature in range(parts[0].shape[1]):
        if feature == target:
            forms.append(outlook.relative)
        else:
            forms.append("none" if is_stable([part[:, feature] for part in parts]) else "difference")
    return tuple(forms)


def _scales(
    source: str, parts: Sequence[NDArray[np.float64]], lines: Sequence[Line], outlook: Outlook, target: int
) -> NDArray[np.float64]:
    """Return the mean absolute error of the seasonal naive forecast of one step in each training part, (series,).

    It is that of the naive forecast where a series repeats exactly.
    """
    scales, repeating = [], 0
    for part, line in zip(parts, lines, strict=True):
        values, known = part[:, target], line.known[: len(part)]
        spread = float(np.ptp(values))
        error = _naive_error(values, known, outlook.season)
        if not error > NOTHING * spread:
            repeating += 1
            error = _naive_error(values, known, 1)
        scales.append(error if error > NOTHING * spread else spread)
    if repeating == len(parts) and "season" not in outlook.reasons:
        raise DataError(
            f"{source} repeats exactly with a season of {outlook.season} in the whole training split: there is nothing "
            f"to learn, and errors cannot be scaled."
        )
    return np.array(scales)


def _naive_error(values: NDArray[np.float64], known: NDArray[np.bool_], season: int) -> float:
    if len(values) <= season:
        return 0.0
    errors = np.abs(values[season:] - values[:-season])[known[season:] & known[:-season]]
    return float(errors.mean()) if errors.size else 0.0


def _moments(
    steps: NDArray[np.float64], origins: Origins, lookback: int, frame: Frame
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean and the deviation of each feature over all steps of look-backs, before they are standardised."""
    origin, unit = frame.origin_and_unit(steps[origins.places], origins.series.astype(np.int64))
    total, squares = np.zeros(steps.shape[1]), np.zeros(steps.shape[1])
    for back in range(lookback):
        total += ((steps[origins.places - back] - origin) / unit).sum(axis=0)
    mean = total / (lookback * len(origins))
    for back in range(lookback):
        squares += (((steps[origins.places - back] - origin) / unit - mean) ** 2).sum(axis=0)
    deviation = np.sqrt(squares / (lookback * len(origins)))
    deviation[deviation <= NOTHING * np.maximum(1, np.abs(mean))] = 1
    return mean, deviation


def _last_target(
    steps: NDArray[np.float64], origins: Origins, frame: Frame
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what is subtracted from the target of each origin, and what it is then divided by, both (n,)."""
    last = steps[origins.places, frame.target]
    series = origins.series.astype(np.int64)
    form = frame.forms[frame.target]
    return frame.centre[series] if form == "none" else last, last if form == "ratio" else frame.unit[series]


def _futures(
    series: NDArray[np.float64],
    origins: Origins,
    origin: NDArray[np.float64],
    unit: NDArray[np.float64],
    horizon: int,
) -> NDArray[np.float32]:
    """Return the steps that follow each origin, less its `origin` and divided by its `unit`, (n, horizon)."""
    future = np.empty((len(origins), horizon), np.float32)
    for ahead in range(horizon):
        future[:, ahead] = (series[origins.places + ahead + 1] - origin) / unit
    return future


def _references(
    lines: Sequence[Line], target: int, origins: dict[str, Origins], scale: NDArray[np.float64], outlook: Outlook
) -> dict[str, Reference]:
    """Return the better of the naive and the seasonal naive forecast on the validation split, for every split."""

    def made(season: int, title: str) -> dict[str, Reference]:
        series = np.concatenate([repeated(line, target, season) for line in lines])
        return {
            split: Reference(*_naive_errors(series, own.places, outlook.horizon, season), scale[own.series], title)
            for split, own in origins.items()
        }

    candidates = [made(1, "the naive forecast, the last value")]
    if outlook.season > 1:
        title = f"the seasonal naive forecast, the value of {outlook.season} steps before"
        candidates.insert(0, made(outlook.season, title))
    return min(candidates, key=lambda found: found["validation"].score)  # of equals the seasonal one


def _naive_errors(
    series: NDArray[np.float64], places: NDArray[np.int64], horizon: int, season: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean absolute and squared error over the horizon of the latest value at that place in the season."""
    total, squares = np.zeros(len(places)), np.zeros(len(places))
    for ahead in range(1, horizon + 1):
        naive = places + ahead - season * -(-ahead // season)
        errors = series[places + ahead] - series[naive]
        total += np.abs(errors)
        squares += errors**2
    return total / horizon, squares / horizon
