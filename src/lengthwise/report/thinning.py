"""How much of long curves and of many lengths the page draws: what can be told apart on it, so that it stays quick.

The answer, its bounds and the table of lengths are of all lengths, and the study's store has all points.
"""

from collections.abc import Collection, Sequence
from typing import TypeVar

import numpy as np
import pandas as pd

Number = TypeVar("Number", int, float)

MOST_POINTS = 300
"""Points of a curve: about one for two pixels."""

MOST_CURVES = 60
"""Lengths of which curves are drawn into one picture."""

MOST_TESTS = 60_000
"""Comparisons of two lengths at a margin, of which there are as many as pairs of lengths: some seconds."""

FEWEST_MARGINS = 4


def spread(values: Sequence[Number], most: int, always: Collection[Number] = ()) -> list[Number]:
    """Return at most so many of some ascending values, evenly by their places, and besides them some that always are.

    >>> spread(range(1, 101), 4), spread(range(1, 101), 4, always=[7]), spread([3, 5], 4)
    ([1, 34, 67, 100], [1, 7, 34, 67, 100], [3, 5])
    """
    if len(values) <= most:
        return list(values)
    places = np.round(np.linspace(0, len(values) - 1, most)).astype(int)
    chosen = {values[place] for place in places} | {value for value in values if value in always}
    return sorted(chosen)


def spread_steps(longest: int, always: Collection[int] = ()) -> list[int]:
    """Return the steps of a long window at which a curve is drawn: half of them evenly, half by equal ratios.

    >>> len(spread_steps(300)), spread_steps(300)[-1], len(spread_steps(100_000)) <= MOST_POINTS
    (300, 300, True)
    >>> spread_steps(100_000, always=[77])[:5], 77 in spread_steps(100_000, always=[77])
    ([1, 2, 3, 4, 5], True)
    """
    if longest <= MOST_POINTS:
        return list(range(1, longest + 1))
    half = MOST_POINTS // 2
    chosen = np.concatenate([np.linspace(1, longest, half), np.geomspace(1, longest, half)])
    return sorted({*np.round(chosen).astype(int).tolist(), *(step for step in always if step <= longest)})


def thinned_curves(curves: pd.DataFrame, lengths: Collection[float]) -> pd.DataFrame:
    """Return the curves of some lengths, each of at most `MOST_POINTS` points.

    Parameters
    ----------
    curves : DataFrame
        With the column ``seq_len``; a length's rows lie together, in the order of its curve.
    lengths : collection of int
    """
    kept: pd.DataFrame = curves[curves.seq_len.isin(lengths)]
    place = kept.groupby("seq_len").cumcount()
    count = kept.groupby("seq_len").seq_len.transform("size")
    stride = np.ceil(count / MOST_POINTS)
    chosen: pd.DataFrame = kept[(place % stride == 0) | (place == count - 1)]
    return chosen.reset_index(drop=True)


def slider(margins: Sequence[float], num_lengths: int, always: Collection[float]) -> list[float]:
    """Return the margins to choose from on a page of so many lengths."""
    return spread(margins, max(FEWEST_MARGINS, MOST_TESTS // max(1, num_lengths) ** 2), always)


def told(drawn: int, every: int, what: str) -> str:
    """Return what a picture that does not show all says beside it; nothing where it does.

    >>> told(60, 1000, "lengths"), told(28, 28, "lengths")
    ("60 of 1,000 lengths are drawn; the study's store has all.", '')
    """
    return "" if drawn >= every else f"{drawn:,} of {every:,} {what} are drawn; the study's store has all."
