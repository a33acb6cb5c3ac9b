"""Choosing how series are forecast: from their values, or from differences or ratios to the last known value.

A network that reads differences alone does not know the level, so it cannot forecast that a series comes back to its
mean; one that reads values cannot forecast outside their range in the training part. So what is chosen depends on
whether the level is stable:

- ``none`` where the level is stable, and knowing it is worth it. It is stable where the augmented Dickey-Fuller test
  rejects a unit root at 1 % (Dickey and Fuller, 1979; as many lags of differences as minimise Schwarz's criterion;
  critical values of MacKinnon, 2010). It is worth it where a linear autoregression on values has an error at the end of
  the horizon that is smaller than that of one on differences by `WORTH`: else a network only has to learn to repeat the
  last value. And fitted to the first three quarters of the training part, it must forecast the last quarter about as
  well, which it does not where the level has moved. Of several series, their medians count.
- otherwise ``ratio``, where all values are positive and changes grow with the level: logarithms make the changes more
  likely than the values do (Box and Cox, 1964), by more than `MORE_LIKELY` in the log-likelihood;
- otherwise ``difference``.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.options import Relative

FEWEST_STEPS = 20
"""Steps of a training part that are needed for a test."""

MOST_STEPS = 20_000
"""The last so many steps of a training part are tested."""

MOST_SERIES = 50

FITTED_SHARE = 0.75
"""The part of the training steps that linear autoregressions are fitted to."""

WORTH = 0.02
"""Values are worth it if the error of differences is larger by this share, which is the usual margin of errors."""

NOTHING = 1e-6
"""An error of at most this share of the deviation is none but for rounding."""

MORE_LIKELY = 2.0

LARGEST_STATISTIC = 1000.0
"""A series without noise has a larger one, which says no more."""


class Choice(NamedTuple):
    """What was chosen, and why.

    Attributes
    ----------
    relative : {"none", "difference", "ratio"}
    reason : str
    """

    relative: Relative
    reason: str


class _Test(NamedTuple):
    """What a series shows.

    Attributes
    ----------
    statistic, critical : float
        Of the unit-root test.
    gain, gain_at_end : float
        By how many times the error of differences is that of values, over all steps and over the last quarter.
    """

    statistic: float
    critical: float
    gain: float
    gain_at_end: float


def choose_relative(
    series: Sequence[NDArray[np.float64]], season: int = 1, horizon: int = 1, *, may_be_ratio: bool = True
) -> Choice:
    """Choose from the training parts of series.

    Parameters
    ----------
    series : sequence of ndarray of shape (steps,), float64
        None missing.
    season : int
        In steps; its lags are part of the test.
    horizon : int
        How many steps are forecast.
    may_be_ratio : bool
        Whether ratios are possible.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=300)
    >>> [choose_relative([one]).relative for one in (noise, noise.cumsum(), np.exp(0.1 * noise.cumsum()))]
    ['none', 'difference', 'ratio']
    """
    parts = _looked_at(series)
    found = _median([_test(part, season, horizon) for part in parts])
    if found is None:
        reason = "the training part is too short to show that its level is stable"
    else:
        figures = f"a unit-root test gives {found.statistic:.1f}, and below {found.critical:.1f} shows it"
        if found.statistic >= found.critical:
            reason = f"its level is not shown to be stable in the training part: {figures}"
        elif found.gain_at_end < 1 - WORTH:
            reason = "its level at the end of the training part is another one than before"
        elif found.gain < 1 + WORTH:
            reason = "its level is stable in the training part, but hardly helps to forecast"
        else:
            return Choice("none", f"its level is stable in the training part: {figures}")
    if may_be_ratio and all((part > 0).all() for part in parts) and _log_gain(parts, season) > MORE_LIKELY:
        return Choice("ratio", f"{reason}; its changes grow with its level")
    return Choice("difference", reason)


def is_stable(series: Sequence[NDArray[np.float64]]) -> bool:
    """Return whether the level of series is stable in their training parts, whatever it is worth."""
    found = _median([_test(part, 1, 1) for part in _looked_at(series)])
    return found is not None and found.statistic < found.critical and found.gain_at_end >= 1 - WORTH


def _looked_at(series: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    places = np.unique(np.linspace(0, len(series) - 1, min(len(series), MOST_SERIES)).astype(int))
    return [series[place][-MOST_STEPS:] for place in places]


def _median(tests: Sequence[_Test | None]) -> _Test | None:
    found = [test for test in tests if test is not None]
    return _Test(*np.median(np.array(found), axis=0).tolist()) if found else None


def _test(part: NDArray[np.float64], season: int, horizon: int) -> _Test | None:
    """Return what a series shows; None if it is too short or constant."""
    if len(part) < FEWEST_STEPS:
        return None
    spread = part.std()
    if spread <= 1e-12 * float(np.abs(part).max()):
        return None
    part = (part - part.mean()) / spread
    most = _most_lags(len(part))
    lags = _lags(len(part), season)
    change = np.diff(part)
    rows = np.arange(max(lags, default=0), len(change))  # change[t] is part[t + 1] - part[t]
    design = np.stack([np.ones(len(rows)), part[rows], *(change[rows - lag] for lag in lags)], axis=1)
    wanted = change[rows]
    products, sums = design.T @ design, design.T @ wanted
    columns = min(
        (_columns(lags, count, most) for count in range(min(most, len(lags)) + 1)),
        key=lambda one: _schwarz(products[np.ix_(one, one)], sums[one], float(wanted @ wanted), len(rows)),
    )
    chosen = design[:, columns]
    inverse = np.linalg.pinv(products[np.ix_(columns, columns)], hermitian=True)
    found = inverse @ sums[columns]
    left = wanted - chosen @ found
    variance = float(left @ left) / max(1, len(rows) - len(columns))
    error = float(np.sqrt(variance * inverse[1, 1]))
    ahead = min(horizon, len(rows) // 4)
    chosen, later = chosen[: len(rows) - ahead + 1], part[rows[: len(rows) - ahead + 1] + ahead]
    with_level, without = (
        _errors(columns_of, later - part[rows[: len(later)]]) for columns_of in (chosen, np.delete(chosen, 1, axis=1))
    )
    return _Test(
        float(np.clip(found[1] / error, -LARGEST_STATISTIC, LARGEST_STATISTIC)) if error > 0 else 0.0,
        _critical(len(rows)),
        (without[0] + NOTHING) / (with_level[0] + NOTHING),
        (without[1] + NOTHING) / (with_level[1] + NOTHING),
    )


def _most_lags(count: int) -> int:
    """Return the most lags of differences for so many steps (Schwert, 1989), fewer for short series."""
    return max(0, min(int(12 * (count / 100) ** 0.25), count // 4 - 3))


def _lags(count: int, season: int) -> list[int]:
    """Return the lags of differences: the first ones, and those about a season."""
    seasonal = {season - 1, season, season + 1} if 2 < season <= count // 5 else set()
    return sorted(set(range(1, _most_lags(count) + 1)) | seasonal)


def _columns(lags: list[int], count: int, most: int) -> list[int]:
    """Return the columns of the constant, the level, the first `count` lags, and those of the season."""
    return [0, 1, *(2 + place for place, lag in enumerate(lags) if place < count or lag > most)]


def _schwarz(products: NDArray[np.float64], sums: NDArray[np.float64], squares: float, count: int) -> float:
    """Return Schwarz's criterion of a regression, by the products of its columns and their sums with what is wanted."""
    left = squares - float(sums @ (np.linalg.pinv(products, hermitian=True) @ sums))
    return float(count * np.log(max(left, 1e-300) / count) + len(sums) * np.log(count))


def _solved(design: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.linalg.pinv(design.T @ design, hermitian=True) @ (design.T @ wanted)
    return found


def _errors(design: NDArray[np.float64], wanted: NDArray[np.float64]) -> tuple[float, float]:
    """Return the root of the mean squared error: fitted to all rows, and behind the rows that were fitted."""
    fitted = int(FITTED_SHARE * len(wanted))
    own = wanted - design @ _solved(design, wanted)
    behind = wanted[fitted:] - design[fitted:] @ _solved(design[:fitted], wanted[:fitted])
    return float(np.sqrt(np.mean(own**2))), float(np.sqrt(np.mean(behind**2)))


def _critical(count: int) -> float:
    """Return the critical value at 1 % of a regression with a constant (MacKinnon, 2010, table 2)."""
    return -3.43035 - 6.5393 / count - 16.786 / count**2 - 79.433 / count**3


def _log_gain(parts: Sequence[NDArray[np.float64]], season: int) -> float:
    """Return by how much logarithms make the changes of series more likely, in the log-likelihood."""
    gain = 0.0
    for part in parts:
        lag = season if len(part) > 3 * season else 1
        if len(part) < lag + 3:
            continue
        logs = np.log(part)
        of_values, of_logs = (float(np.var(one[lag:] - one[:-lag])) for one in (part, logs))
        if of_values > 0 and of_logs > 0:
            gain += (len(part) - lag) / 2 * (np.log(of_values) - np.log(of_logs)) - float(logs[lag:].sum())
    return gain
