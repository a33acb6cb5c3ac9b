"""Finding the season of series: after how many steps they repeat themselves, roughly.

For each lag m, the trend is taken off by a moving average of m steps, and what remains is compared with itself m and
2 m steps before: the mean of the two correlations is the season's strength. A season is a peak of it over the lags, and
lasts: it is about as strong after two periods. Multiples of a season are peaks as well, so the shortest of about equal
ones is taken; what the time step suggests, such as 24 hours, is preferred.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LONGEST_SEASON = 400
"""The longest season that is looked for."""

SHORTEST_SEASON = 3

PERIODS = 3
"""A season must be there so many times in the training part."""

WEAKEST = 0.2
"""The least strength that makes a season."""

CHANCE = 1.7
"""A season's strength is at least this times that which chance gives in so many periods: one over their root."""

LASTING = 0.5
"""After two periods, the correlation is at least this share of that after one."""

ABOUT_EQUAL = 0.8
"""A shorter season is taken if its strength is at least this share of the highest."""

MOST_STEPS = 20_000
"""The last so many steps of a series are looked at."""

MOST_SERIES = 50

USUAL: dict[int, tuple[int, ...]] = {
    60: (60,),
    300: (288,),
    600: (144,),
    900: (96,),
    1800: (48,),
    3600: (24, 168),
    86_400: (7, 365),
    7 * 86_400: (52,),
}
"""The usual seasons in steps, by the seconds of a step."""

USUAL_OF_MONTHS = {1: (12,), 3: (4,)}
"""The usual seasons in steps, by the months of a step."""


def find_season(series: Sequence[NDArray[np.float64]], usual: Sequence[int] = ()) -> int:
    """Return the season of series, in steps; 1 if none is found.

    Parameters
    ----------
    series : sequence of ndarray of shape (steps,), float64
        The training parts of the target, none missing.
    usual : sequence of int
        Seasons that the time step suggests, the first preferred.

    Examples
    --------
    >>> steps = np.arange(300)
    >>> noise = np.random.default_rng(0).normal(size=300)
    >>> find_season([np.sin(2 * np.pi * steps / 12) + 0.3 * noise + steps / 50]), find_season([noise.cumsum()])
    (12, 1)
    """
    places = np.unique(np.linspace(0, len(series) - 1, min(len(series), MOST_SERIES)).astype(int))
    parts = [series[place][-MOST_STEPS:] for place in places]
    longest = min(LONGEST_SEASON, max(len(part) for part in parts) // PERIODS)
    if longest < SHORTEST_SEASON:
        return 1
    steps = sum(map(len, parts))
    lags = range(SHORTEST_SEASON - 1, longest + 2)
    once, twice = ({lag: _correlation(parts, lag, periods) for lag in lags} for periods in (1, 2))
    strengths = {lag: (once[lag] + twice[lag]) / 2 for lag in lags}
    peaks = [
        lag
        for lag in range(SHORTEST_SEASON, longest + 1)
        if strengths[lag] >= max(strengths[lag - 1], strengths[lag + 1], WEAKEST, CHANCE * np.sqrt(lag / steps))
        and twice[lag] >= LASTING * once[lag]
    ]
    enough = ABOUT_EQUAL * max((strengths[lag] for lag in peaks), default=0.0)
    for lag in usual:
        least = max(WEAKEST, np.sqrt(lag / steps), enough)  # one lag alone is less often high by chance
        if SHORTEST_SEASON <= lag <= longest and strengths[lag] >= least:
            return lag
    return next((lag for lag in peaks if strengths[lag] >= enough), 1)


def _correlation(parts: Sequence[NDArray[np.float64]], lag: int, periods: int = 1) -> float:
    """Return the correlation of series without their trend over `lag` steps with themselves some periods before.

    Series that are too short for `PERIODS` periods are left out; 0 if all are.
    """
    products, squares = 0.0, 0.0
    for part in parts:
        if len(part) < PERIODS * lag:
            continue
        own = _without_trend(part, lag)
        spread = float(np.mean(own**2))
        early, late = own[: -periods * lag], own[periods * lag :]
        if spread <= 0 or not early.size:
            continue
        products += float(early @ late) / spread
        squares += float(np.sqrt((early @ early) * (late @ late))) / spread
    return products / squares if squares > 0 else 0.0


def _without_trend(part: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Return a series less its centred moving average, where there is one; for even windows the ends count half."""
    part = part - part.mean()
    sums = np.concatenate([[0.0], np.cumsum(part)])
    means = (sums[window:] - sums[:-window]) / window
    if window % 2 == 0:
        means = (means[1:] + means[:-1]) / 2
    half = window // 2
    left: NDArray[np.float64] = part[half : half + len(means)] - means
    return left
