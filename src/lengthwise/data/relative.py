"""Choosing how series are forecast: from their values, or from differences or ratios to the last known value.

A network that reads differences alone does not know the level, so it cannot forecast that a series comes back to its
mean; one that reads values cannot forecast outside their range in the training part. So what is chosen depends on
whether the level is stable:

- ``none`` where the augmented Dickey-Fuller test rejects a unit root at 1 % (Dickey and Fuller, 1979; as many lags of
  differences as minimise Schwarz's criterion; critical values of MacKinnon, 2010), and a linear autoregression on the
  values that was fitted to the first three quarters of the training part forecasts the last quarter about as well as
  one on differences. Of several series, their median statistic counts.
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

ABOUT_AS_WELL = 1.02
"""Values forecast about as well as differences if their error is at most this times as large."""

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
    statistic: float
    critical: float
    values_error: float
    differences_error: float


def choose_relative(series: Sequence[NDArray[np.float64]], season: int = 1, *, may_be_ratio: bool = True) -> Choice:
    """Choose from the training parts of series.

    Parameters
    ----------
    series : sequence of ndarray of shape (steps,), float64
        None missing.
    season : int
        In steps; its lags are part of the test.
    may_be_ratio : bool
        Whether ratios are possible.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=300)
    >>> [choose_relative([one]).relative for one in (noise, noise.cumsum(), np.exp(0.1 * noise.cumsum()))]
    ['none', 'difference', 'ratio']
    """
    places = np.unique(np.linspace(0, len(series) - 1, min(len(series), MOST_SERIES)).astype(int))
    parts = [series[place][-MOST_STEPS:] for place in places]
    tests = [found for part in parts if (found := _test(part, season)) is not None]
    if not tests:
        reason = "the training part is too short to show that its level is stable"
    else:
        statistic, critical, values_error, differences_error = np.median(np.array(tests), axis=0).tolist()
        figures = f"a unit-root test gives {statistic:.1f}, and below {critical:.1f} shows it"
        if statistic < critical and values_error <= ABOUT_AS_WELL * differences_error + NOTHING:
            return Choice("none", f"its level is stable in the training part: {figures}")
        reason = f"its level is not shown to be stable in the training part: {figures}"
        if statistic < critical:
            reason = "its level at the end of the training part is another one than before"
    if may_be_ratio and all((part > 0).all() for part in parts) and _log_gain(parts, season) > MORE_LIKELY:
        return Choice("ratio", f"{reason}; its changes grow with its level")
    return Choice("difference", reason)


def _test(part: NDArray[np.float64], season: int) -> _Test | None:
    """Return the unit-root test of a series, and the errors of autoregressions at its end; None if it is too short."""
    if len(part) < FEWEST_STEPS:
        return None
    spread = part.std()
    if spread <= 1e-12 * float(np.abs(part).max()):
        return None
    part = (part - part.mean()) / spread
    lags = _lags(len(part), season)
    skipped = max(lags, default=0) + 1
    change = np.diff(part)
    rows = np.arange(skipped - 1, len(change))  # change[t] is part[t + 1] - part[t]
    design = np.stack([np.ones(len(rows)), part[rows], *(change[rows - lag] for lag in lags)], axis=1)
    wanted = change[rows]
    products, sums = design.T @ design, design.T @ wanted
    own = sum(lag <= _most_lags(len(part)) for lag in lags)
    columns = min(
        (_columns(lags, count) for count in range(own + 1)),
        key=lambda one: _schwarz(products[np.ix_(one, one)], sums[one], float(wanted @ wanted), len(rows)),
    )
    chosen = design[:, columns]
    inverse = np.linalg.pinv(products[np.ix_(columns, columns)], hermitian=True)
    found = inverse @ sums[columns]
    left = wanted - chosen @ found
    variance = float(left @ left) / max(1, len(rows) - len(columns))
    error = float(np.sqrt(variance * inverse[1, 1]))
    fitted = int(FITTED_SHARE * len(rows))
    return _Test(
        float(np.clip(found[1] / error, -LARGEST_STATISTIC, LARGEST_STATISTIC)) if error > 0 else 0.0,
        _critical(len(rows)),
        _error(chosen, wanted, fitted),
        _error(np.delete(chosen, 1, axis=1), wanted, fitted),
    )


def _most_lags(count: int) -> int:
    """Return the most lags of differences for so many steps (Schwert, 1989), fewer for short series."""
    return max(0, min(int(12 * (count / 100) ** 0.25), count // 4 - 3))


def _lags(count: int, season: int) -> list[int]:
    """Return the lags of differences: the first ones, and those about a season."""
    seasonal = {season - 1, season, season + 1} if 2 < season <= count // 5 else set()
    return sorted(set(range(1, _most_lags(count) + 1)) | seasonal)


def _columns(lags: list[int], count: int) -> list[int]:
    """Return the columns of the constant, the level, `count` lags, and those of the season."""
    return [0, 1, *(2 + place for place, lag in enumerate(lags) if place < count or lag > len(lags))]


def _schwarz(products: NDArray[np.float64], sums: NDArray[np.float64], squares: float, count: int) -> float:
    """Return Schwarz's criterion of a regression, by the products of its columns and their sums with what is wanted."""
    left = squares - float(sums @ (np.linalg.pinv(products, hermitian=True) @ sums))
    return float(count * np.log(max(left, 1e-300) / count) + len(sums) * np.log(count))


def _solved(design: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.linalg.pinv(design.T @ design, hermitian=True) @ (design.T @ wanted)
    return found


def _error(design: NDArray[np.float64], wanted: NDArray[np.float64], fitted: int) -> float:
    """Return the root of the mean squared error behind the rows that were fitted."""
    left = wanted[fitted:] - design[fitted:] @ _solved(design[:fitted], wanted[:fitted])
    return float(np.sqrt(np.mean(left**2)))


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
