"""The verdict on each length, in one or two words, and its bound."""

import math

from lengthwise.analysis import Recommendation
from lengthwise.tasks.metrics import Metric

RECOMMENDED = "recommended"


def verdict_of(found: Recommendation, seq_len: int) -> str:
    """Return the verdict on a length: recommended, enough, too short, worse (a shorter one may do), or not decided."""
    if found.seq_len == seq_len:
        return RECOMMENDED
    verdict = found.test(seq_len).verdict
    if verdict == "open":
        return "not decided"
    if verdict == "enough":
        return "enough"
    return "too short" if found.is_too_short(seq_len) else "worse"


def bound_text(metric: Metric, bound: float) -> str:
    """Return what a length costs at most, of a share in percentage points; ? where nothing is known.

    >>> from lengthwise.tasks.metrics import ACCURACY, MSE
    >>> bound_text(ACCURACY, 0.00621), bound_text(MSE, 0.012341), bound_text(MSE, math.inf)
    ('0.63', '0.0124', '?')
    """
    if not math.isfinite(bound):
        return "?"
    return f"{100 * metric.rounded_up(bound):.2f}" if metric.percent else f"{metric.rounded_up(bound):.3g}"
