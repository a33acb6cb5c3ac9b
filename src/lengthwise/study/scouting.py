"""Which lengths to try: a few spread over all that might be, then finer where the curve bends.

Nothing rests on the choice: which of the lengths that were tried is recommended is for the test of
`lengthwise.analysis` to show.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from lengthwise.analysis import LengthScores

COARSE = 6
"""Lengths that are tried first."""

AT_ONCE = 2
"""Lengths that are tried together on the way from coarse to fine."""


def first_lengths(candidates: Iterable[int], season: int = 1) -> tuple[int, ...]:
    """Return the lengths that are tried first: about six, evenly spread over the candidates, both ends included.

    The season is among them, since a curve may bend there alone.

    >>> first_lengths(range(1, 29)), first_lengths(range(1, 29), season=7)
    ((1, 6, 12, 17, 23, 28), (1, 6, 7, 12, 17, 23, 28))
    """
    known = sorted(candidates)
    places = np.linspace(0, len(known) - 1, min(COARSE, len(known))).round().astype(int)
    seasonal = {season} if season > 1 and season in known else set()
    return tuple(sorted({known[place] for place in places} | seasonal))


def finer_lengths(candidates: Iterable[int], scores: LengthScores, margin: float) -> tuple[int, ...]:
    """Return lengths to try where the curve bends.

    That is between the shortest in question and the next shorter that was tried, and, where the longest that was tried
    is worse than the best by more than the margin, on both sides of the best: a peak may lie there.

    >>> scores = LengthScores([1, 6, 12, 17, 23, 28], [0] * 6, [0.2, 0.6, 0.8, 0.9, 0.96, 0.964])
    >>> finer_lengths(range(1, 29), scores, margin=0.005)
    (19, 21)

    Parameters
    ----------
    candidates : iterable of int
        All lengths that may be tried.
    scores : LengthScores
        Of those that were.
    margin : float
        How much worse than the best is still good enough, in the score's unit.

    Returns
    -------
    tuple of int
        Ascending; empty where the lengths next to each bend have been tried.
    """
    known = sorted(candidates)
    tried, means = scores.lengths, _means(scores)
    shortest = tried.index(in_question(scores, margin)[0])
    best = int(means.argmax())
    ends = {shortest - 1} | ({best - 1, best} if means[-1] < means[best] - margin else set())
    bounds = (known[0] - 1, *tried, known[-1] + 1)
    found: set[int] = set()
    for place in ends:
        below, above = bounds[place + 1], bounds[place + 2]
        gap = [length for length in known if below < length < above]
        spread = np.linspace(-1, len(gap), min(AT_ONCE, len(gap)) + 2)[1:-1].round().astype(int)
        found.update(gap[position] for position in spread)
    return tuple(sorted(found))


def in_question(scores: LengthScores, margin: float) -> tuple[int, ...]:
    """Return the lengths that may be the best or within the margin of it, by their means: within two margins of it.

    >>> in_question(LengthScores([5, 10, 20], [0, 0, 0], [0.90, 0.952, 0.96]), margin=0.005)
    (10, 20)
    """
    means = _means(scores)
    return tuple(np.array(scores.lengths)[means >= means.max() - 2 * margin].tolist())


def _means(scores: LengthScores) -> NDArray[np.float64]:
    sign = 1.0 if scores.metric.higher_is_better else -1.0
    return sign * np.array([scores.scores[scores.seq_lens == length].mean() for length in scores.lengths])
