"""What training costs at each length, from runs whose clocks were read on a machine that may have been busy."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

COSTS = ("seconds_per_step", "flops_per_step", "activation_bytes", "seconds", "updates", "timesteps", "flops")
"""What runs cost, as columns of a study's runs."""

LEAST_LENGTHS = 3
"""Lengths from which on a line is fitted."""

FEW_RUNS = 3
"""Runs of a length below which its times are those of the line through all runs."""


def costs_by_length(runs: "pd.DataFrame") -> "pd.DataFrame":
    """Return `COSTS` by ``seq_len``: medians over runs, and times of lengths with few runs from all lengths' runs.

    One run on a machine that is busy for a moment, or with more threads than others, would else make its length cost
    more, or less, than it does.

    Parameters
    ----------
    runs : DataFrame
        Finished runs, with these columns.
    """
    runs = runs.astype(dict.fromkeys(COSTS, float))
    of_length = runs.groupby("seq_len")
    costs = of_length[[*COSTS]].median()
    few = costs.index[of_length.size() < FEW_RUNS]
    if few.size and len(costs) >= LEAST_LENGTHS and runs.seconds_per_step.notna().all():
        fitted = fitted_costs(runs, "seconds_per_step", few.tolist())
        costs.loc[few, "seconds_per_step"] = [fitted[length] for length in few]
        costs.loc[few, "seconds"] = costs.seconds_per_step[few] * costs.updates[few]
    return costs


def fitted_costs(runs: "pd.DataFrame", column: str, lengths: Iterable[int]) -> dict[int, float]:
    """Return a cost of runs by length: the line through the costs of all runs that outliers move least.

    Time is affine in the length. The line is that of Theil and Sen [1]_: the median of the slopes between every two
    runs. Where it does not rise, or the lengths are fewer than three, a cost is taken to be proportional to the
    operations of a step.

    Parameters
    ----------
    runs : DataFrame
        Finished runs, with ``seq_len``, ``flops_per_step`` and the column.
    column : str
        ``seconds_per_step`` or ``wall_seconds``.
    lengths : iterable of int
        The lengths whose cost is asked for, tried or not.

    Returns
    -------
    dict of int to float

    References
    ----------
    .. [1] Sen, P. K. (1968). Estimates of the regression coefficient based on Kendall's tau. Journal of the American
       Statistical Association 63(324), 1379-1389.
    """
    tried = runs.seq_len.to_numpy(float)
    costs = runs[column].to_numpy(float)
    wanted = list(lengths)
    if len(np.unique(tried)) >= LEAST_LENGTHS and np.ptp(costs) > 0:
        slope, intercept = _theil_sen_line(tried, costs)
        line = {length: float(intercept + slope * length) for length in wanted}
        if slope > 0 and min(line.values(), default=1.0) > 0:
            return line
    operations = runs.flops_per_step.to_numpy(float)
    known = operations > 0
    if not known.any():  # then time is taken to grow with the length
        operations, known = tried, tried > 0
    by_operation = np.median(costs[known] / operations[known])
    a_step = np.median(operations[known] / tried[known])
    return {length: float(by_operation * a_step * length) for length in wanted}


def seconds_of(runs: "pd.DataFrame", more: dict[int, int], seconds: float) -> float:
    """Return about how many seconds more runs will take, with as many at a time as before.

    Parameters
    ----------
    runs : DataFrame
        Finished runs.
    more : dict of int to int
        How many more of each length.
    seconds : float
        How long all of `runs` took; 0 if that is not known.
    """
    each = fitted_costs(runs, "wall_seconds", more)
    at_a_time = max(1.0, float(runs.wall_seconds.sum()) / seconds) if seconds > 0 else 1.0
    return sum(each[length] * count for length, count in more.items()) / at_a_time


def _theil_sen_line(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    """Return slope and intercept, as `scipy.stats.theilslopes` does, which takes half a second to import."""
    wider = x[:, None] > x
    slope = np.median((y[:, None] - y)[wider] / (x[:, None] - x)[wider])
    return float(slope), float(np.median(y) - slope * np.median(x))
