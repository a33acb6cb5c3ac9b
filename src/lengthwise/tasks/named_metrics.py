"""Metrics that a user names: in which direction they are better, as far as their name tells."""

import re
from dataclasses import replace
from typing import Literal

from lengthwise.errors import UsageError
from lengthwise.tasks.metrics import ERROR_MARGIN, METRICS, Metric

Direction = Literal["maximize", "minimize"]
"""Whether a higher score is better, or a lower one."""

SHARES = frozenset(
    {"acc", "accuracy", "auc", "auroc", "ap", "map", "f1", "iou", "dice", "precision", "recall", "sensitivity",
     "specificity", "top1", "top5"}
)  # fmt: skip
"""Words of names of scores between 0 and 1, the higher the better."""

GAINS = frozenset({"r2", "reward", "return", "returns", "sharpe", "mcc", "kappa", "bleu", "rouge", "profit", "ndcg"})
"""Words of names of other scores, the higher the better."""

ERRORS = frozenset(
    {"loss", "error", "errors", "err", "mae", "mse", "rmse", "mape", "smape", "wmape", "wape", "mase", "rmsse", "rmsle",
     "msle", "medae", "nll", "bce", "ce", "crps", "brier", "pinball", "perplexity", "ppl", "bits", "logloss", "wer",
     "cer", "eer", "regret", "deviance", "mdape", "nrmse", "owa", "msis"}
)  # fmt: skip
"""Words of names of errors, the lower the better."""

LITTLE = 2.0
"""Up to here a number above 1 is no share in per cent, since the best of these would be hardly better than nothing."""

FULL_MARGIN = 0.5
"""The usual margin of a share that is written from 0 to 100."""


def named_metric(name: str | None, direction: Direction | None = None) -> Metric:
    """Return a metric of that name, and whether it is to be maximised by its name where nothing else says so.

    >>> named_metric("val_mae"), named_metric("accuracy").percent, named_metric("reached", "maximize").higher_is_better
    (Metric(name='val_mae', title='val_mae', higher_is_better=False, percent=False, margin=0.02), True, True)

    Parameters
    ----------
    name : str, optional
        ``"score"`` by default.
    direction : {"maximize", "minimize"}, optional

    Raises
    ------
    UsageError
        If the direction is neither given nor known by the name, or is not that of the name.
    """
    title = name or "score"
    if direction not in (None, "maximize", "minimize"):
        raise UsageError(f"direction is {direction!r}, but must be maximize or minimize.")
    words = set(re.split(r"[^a-z0-9]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", title).lower()))
    rises, falls = bool(words & (SHARES | GAINS)), bool(words & ERRORS)
    known = None if rises == falls else "maximize" if rises else "minimize"
    if direction is None and known is None:
        raise UsageError(
            f"whether a higher or a lower {title} is better is not known: give direction, maximize or minimize, or a "
            f"metric that says it, such as accuracy or mae."
        )
    if direction is not None and known is not None and direction != known:
        raise UsageError(
            f"direction is {direction}, but the metric is {title}, of which {'more' if rises else 'less'} is better: "
            f"give direction {known}, or another name."
        )
    if title in METRICS:
        return replace(METRICS[title], root=False)  # what cases are given has the mean that is the score
    higher = (direction or known) == "maximize"
    if higher and words & SHARES:
        return Metric(title, higher_is_better=True, percent=True, margin=0.005)
    return Metric(title, higher_is_better=higher)


def are_percentages(lowest: float, highest: float) -> bool:
    """Return whether shares are written from 0 to 100: what is little above 1 alone is no share at all.

    >>> are_percentages(50, 90), are_percentages(0.5, 0.9), are_percentages(0.5, 1.1), are_percentages(50, 110)
    (True, False, False, False)
    """
    return lowest >= 0 and LITTLE < highest <= 100


def as_seen(metric: Metric, lowest: float, highest: float) -> Metric:
    """Return a metric that was taken for a share by its name as what its scores show it to be.

    >>> accuracy = named_metric("accuracy")
    >>> as_seen(accuracy, 0.5, 0.9).usual_margin(0.9), as_seen(accuracy, 50.0, 90.0).usual_margin(90.0)
    (0.005, 0.5)
    >>> as_seen(accuracy, 0.5, 1.1).usual_margin(1.0)
    0.02

    Parameters
    ----------
    metric : Metric
    lowest, highest : float
        Of the scores that there are.
    """
    if not metric.percent or 0 <= lowest <= highest <= 1:
        return metric
    if are_percentages(lowest, highest):
        return replace(metric, percent=False, margin=FULL_MARGIN)
    return replace(metric, percent=False, absolute=False, margin=ERROR_MARGIN)
