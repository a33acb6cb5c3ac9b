"""Series to forecast: each origin becomes a sequence of the steps before it, with the steps after it as targets.

An *origin* is a step of a series from which the next h steps, the *horizon*, are forecast; the window is the look-back,
the steps up to and including the origin. Every origin has room for the longest look-back, so that all look-backs are
evaluated on the same forecasts.

Every series is cut twice, see `lengthwise.data.forecast_cuts`: the training split's forecasts lie before the first
cut, the validation split's between the cuts, and the test split's after the second. A look-back may cross a cut, as
the past is known. All that is found in the series (scales, the season, what fills missing values) comes from before
the first cut. What was missing is never forecast.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.dataset import SPLITS, Dataset
from lengthwise.data.forecast_checks import check_enough, gap_notes, left_out
from lengthwise.data.forecast_cuts import Cut, are_alike, find_cuts
from lengthwise.data.forecast_series import (
    Line,
    begun,
    broken_where_unknown,
    completed,
    repeated,
    spaced,
    with_target,
)
from lengthwise.data.forecast_splits import Origins, make_splits
from lengthwise.data.options import Options
from lengthwise.data.outlook import Outlook
from lengthwise.data.reading import Reading
from lengthwise.data.relative import choose_relative
from lengthwise.data.seasons import find_season
from lengthwise.data.time_grid import TimeGrid, find_grid
from lengthwise.errors import DataError, UsageError

HORIZON = 1
"""By default the next step is forecast."""

LONGEST_SHARE = 4
"""By default the longest look-back is at most the training part's steps divided by this, or reaches the season."""

LONGEST = 128
"""By default the longest look-back is at most this, or reaches the season."""


@dataclass(frozen=True)
class Series:
    """Series to forecast.

    Attributes
    ----------
    source : str
        Where they were read from, for messages.
    series : sequence of ndarray of shape (steps, F), float64
        NaN where a value is missing; none infinite.
    features : tuple of str
        Names, if there are any.
    target : int
        Which feature is forecast.
    names : tuple of str
        Names of the series, if there are any.
    times : sequence of ndarray of shape (steps,), optional
        The date or the number of every step, ascending, if they are known.
    reading : Reading
        How they were read.
    """

    source: str
    series: Sequence[NDArray[np.float64]]
    features: tuple[str, ...] = ()
    target: int = 0
    names: tuple[str, ...] = ()
    times: Sequence[NDArray[Any]] | None = None
    reading: Reading = field(default_factory=Reading)

    def feature(self, number: int) -> str:
        """Return the name of a feature, for messages."""
        return f"{self.source}: {self.features[number] if self.features else f'feature {number}'}"

    def lines(self) -> list[Line]:
        """Return the series one by one."""
        names = self.names or tuple(f"series {number}" for number in range(len(self.series)))
        times = [None] * len(self.series) if self.times is None else self.times
        return [
            Line(name, values, ~np.isnan(values[:, self.target]), np.zeros(len(values), np.bool_), own)
            for name, values, own in zip(names, self.series, times, strict=True)
        ]


def make_forecasts(found: Series, options: Options, name: str) -> Dataset:
    """Return series as a data set of forecasts: a sequence for each origin, whose target is the steps that follow.

    Raises
    ------
    UsageError
        If an option does not fit the series.
    DataError
        If no series is long enough.
    """
    horizon = options.horizon or HORIZON
    notes = [] if options.horizon else [f"the next step is forecast: horizon={HORIZON}, or more"]
    grid = None if found.times is None else find_grid(found.times)
    lines = [begun(line) for line in spaced(found.lines(), grid)]
    notes += gap_notes(lines, grid, sum(map(len, found.series)), options.missing)
    if options.missing is None:
        lines = [broken_where_unknown(line) for line in lines]
    check_enough(found.source, max(map(len, lines)), options, horizon)
    lines, cuts = _cut(found, lines, options, horizon, notes)
    training = [cut.validation for cut in cuts]
    lines = completed(lines, training, options.missing or "forward", found.feature)
    parts = [line.values[:steps] for line, steps in zip(lines, training, strict=True)]
    outlook = _outlook(found, parts, lines, grid, options, horizon)
    if options.missing is None and outlook.season > 1:
        lines = [
            line if line.known.all() else with_target(line, found.target, repeated(line, found.target, outlook.season))
            for line in lines
        ]
    room = max(outlook.lookback, outlook.season)
    lines, cuts = _long_enough(found, lines, cuts, room, outlook, notes)
    origins = _origins(found, lines, cuts, room, horizon, notes)
    train, validation, test = make_splits(found.source, lines, cuts, origins, outlook, found.target)
    return Dataset(
        name,
        train,
        validation,
        test,
        task="forecasting",
        features=found.features,
        outlook=outlook,
        reading=found.reading.noting(*notes),
    )


def _cut(
    found: Series, lines: list[Line], options: Options, horizon: int, notes: list[str]
) -> tuple[list[Line], list[Cut]]:
    """Return the series that change in their training part, and their cuts: at the same dates, if these are known."""
    at_dates = len(lines) > 1 and all(line.times is not None for line in lines) and not are_alike(lines)
    cuts = find_cuts(lines, options, horizon, at_dates=at_dates)
    if at_dates and sum(cut.validation > horizon + 1 for cut in cuts) < len(lines) / 2:
        cuts = find_cuts(lines, options, horizon, at_dates=False)
        notes.append("most series are beyond a common date: each is cut at the same fractions of its own steps")
    elif len(lines) > 1 and lines[0].times is None and len({len(line) for line in lines}) > 1:
        notes.append("no times are known: each series is cut at the same fractions of its own steps, not at dates")
    kept, late, constant = [], [], []
    for line, cut in zip(lines, cuts, strict=True):
        part = line.values[: cut.validation, found.target]
        part = part[~np.isnan(part)]
        if len(part) < 2:
            late.append(line.name)
        elif np.ptp(part) <= 1e-12 * np.abs(part).max():
            constant.append(line.name)
        else:
            kept.append((line, cut))
    notes += left_out(late, "nothing of it is in the training part", "nothing of them is in the training part")
    notes += left_out(constant, "it is constant in the training part", "they are constant in the training part")
    if not kept:
        raise DataError(
            f"{found.source} has no series that changes in its training part: there is nothing to learn to forecast."
        )
    return [line for line, _ in kept], [cut for _, cut in kept]


def _outlook(
    found: Series,
    parts: Sequence[NDArray[np.float64]],
    lines: Sequence[Line],
    grid: TimeGrid | None,
    options: Options,
    horizon: int,
) -> Outlook:
    """Return what is forecast, and how: what was given, and what the training parts show."""
    reasons: dict[str, str] = {}
    targets = [part[:, found.target] for part in parts]
    season = options.season
    if season is None:
        season = find_season(targets, () if grid is None else grid.seasons)
        reasons["season"] = "found in the training part" if season > 1 else "none was found in the training part"
    relative = options.relative
    if options.relative == "ratio":
        _check_positive(found, lines)
    if relative is None:
        is_positive = all((line.values[:, found.target] > 0).all() for line in lines)
        choice = choose_relative(targets, season, horizon, may_be_ratio=is_positive)
        relative, reasons["relative"] = choice
    lookback = options.lookback
    if lookback is None:
        lookback = _usual_lookback([len(part) for part in parts], horizon, season)
        reasons["lookback"] = "a quarter of the training part, 128 at most" + (
            ", or as far as the season" * (season > 1)
        )
    name = found.features[found.target] if found.features else ""
    return Outlook(name, horizon, lookback, season, relative, reasons, "" if grid is None else grid.step)


def _check_positive(found: Series, lines: Sequence[Line]) -> None:
    lowest = min(float(line.values[:, found.target].min()) for line in lines)
    if lowest <= 0:
        raise UsageError(
            f"relative is 'ratio', but {found.feature(found.target)} contains the value {lowest:g}: ratios need values "
            f"above 0; choose relative=difference."
        )


def _usual_lookback(training: Sequence[int], horizon: int, season: int) -> int:
    """Return the longest look-back where none is given, for series with so many training steps.

    It is made for a series of which half of all steps are in series as long. It reaches the season, and the step before
    it, in at most half of the training part; and the season before that in a third.
    """
    steps = np.sort(np.asarray(training))
    typical = int(steps[np.searchsorted(np.cumsum(steps), steps.sum() / 2)]) - horizon
    usual = max(1, min(LONGEST, typical // LONGEST_SHARE))
    reaching = [length for length, share in ((season + 1, 2), (2 * season + 1, 3)) if length <= typical // share]
    return max([usual, *reaching]) if season > 1 else usual


def _long_enough(
    found: Series, lines: list[Line], cuts: list[Cut], room: int, outlook: Outlook, notes: list[str]
) -> tuple[list[Line], list[Cut]]:
    """Return the series that have a training forecast, and their cuts."""
    needed = room + outlook.horizon
    short = [line.name for line, cut in zip(lines, cuts, strict=True) if cut.validation < needed]
    if len(short) == len(lines):
        place = int(np.argmax([cut.validation for cut in cuts]))
        raise DataError(
            f"{found.source} has {cuts[place].end} steps in {lines[place].name}, of which the train split gets "
            f"{cuts[place].validation}, but {needed} are needed to forecast {outlook.horizon} steps from a look-back "
            f"of {outlook.lookback} and a season of {outlook.season}: choose smaller ones, or other fractions for "
            f"validation and test."
        )
    because = f"fewer than {needed} training steps, which a look-back of {room} needs"
    notes += left_out(short, f"it has {because}", f"they have {because}")
    kept = [(line, cut) for line, cut in zip(lines, cuts, strict=True) if cut.validation >= needed]
    return [line for line, _ in kept], [cut for _, cut in kept]


def _origins(
    found: Series, lines: Sequence[Line], cuts: Sequence[Cut], room: int, horizon: int, notes: list[str]
) -> dict[str, Origins]:
    """Return the origins of every split, each with room for the look-back, and before steps that are known."""
    across = {split: Origins.of(lines, cuts, split, room, horizon, across_breaks=True) for split in SPLITS}
    whole = {split: Origins.of(lines, cuts, split, room, horizon) for split in SPLITS}
    enough = all(2 * len(whole[split]) >= len(across[split]) for split in SPLITS)
    chosen = whole if enough else across
    if not enough:
        notes.append(f"windows of {room} steps cross gaps, since too few would be left otherwise")
    for split, origins in chosen.items():
        if not len(origins):
            steps = {
                "train": max(cut.validation for cut in cuts),
                "validation": max(cut.test - cut.validation for cut in cuts),
                "test": max(cut.end - cut.test for cut in cuts),
            }[split]
            raise DataError(
                f"{found.source} has {max(cut.end for cut in cuts)} steps, of which the {split} split gets {steps}, "
                f"but {horizon} are needed, all of them known, to forecast {horizon}: choose a smaller horizon, or "
                f"other fractions for validation and test."
            )
    return chosen
