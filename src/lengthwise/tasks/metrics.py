"""How well a network does, as a number: what a metric is, and those that the tasks have."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

ERROR_MARGIN = 0.02
"""The usual margin of an error: this share of the baseline's error."""


@dataclass(frozen=True)
class Metric:
    """How well a network does, as a number. A *score* is a value of a metric.

    >>> ACCURACY.text(0.94125), ACCURACY.label, ACCURACY.is_better(0.9, than=0.8)
    ('94.12', 'accuracy (%)', True)
    >>> MSE.text(0.0123456), MSE.label, MSE.is_better(0.9, than=0.8)
    ('0.01235', 'mean squared error', False)
    >>> Metric("loss", higher_is_better=False).label
    'loss'

    Attributes
    ----------
    name : str
        Its key in files and tables.
    title : str, default: `name`
        What it is called in sentences.
    higher_is_better : bool
        False for a loss or an error.
    percent : bool, default False
        Whether it is a fraction from 0 to 1 that is written in percent.
    root : bool, default False
        Whether it is the square root of a mean over cases, and not the mean itself.
    joint : bool, default False
        Whether it is of all cases together, and no mean over cases, windows or starts; see `lengthwise.tasks.macro_f1`.
    margin : float, default 0.02
        The usual margin: how much worse than the best is still good enough. In the score's own unit if `percent` or
        `absolute`, else as a share of the baseline's score.
    absolute : bool, default: `percent`
        Whether the usual margin is in the score's own unit.
    """

    name: str
    title: str = ""
    higher_is_better: bool = field(kw_only=True)
    percent: bool = field(default=False, kw_only=True)
    root: bool = field(default=False, kw_only=True, repr=False)
    joint: bool = field(default=False, kw_only=True, repr=False)
    margin: float = field(default=ERROR_MARGIN, kw_only=True)
    absolute: bool | None = field(default=None, kw_only=True, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", self.title or self.name)
        object.__setattr__(self, "absolute", self.percent if self.absolute is None else self.absolute)

    @property
    def is_accuracy(self) -> bool:
        """Whether it is the plain share of right classes."""
        return self.name in ("accuracy", "step_accuracy")

    @property
    def sign(self) -> int:
        """1 or -1: a score times this is higher the better it is."""
        return 1 if self.higher_is_better else -1

    def of_mean(self, mean: float) -> float:
        """Return the score, given the mean over cases.

        >>> MSE.of_mean(0.25), RMSE.of_mean(0.25)
        (0.25, 0.5)
        """
        return math.sqrt(mean) if self.root else mean

    def by_case(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what each case adds to a score, so that the mean over the cases is the score.

        A root is no mean over cases. Each case then has the score and its influence on it, half of how far it lies from
        the mean over the root (the delta method; Efron, The Jackknife, the Bootstrap and Other Resampling Plans,
        1982, chapter 6): the mean is the root, and cases vary as the root would, were more of them drawn.

        >>> RMSE.by_case(np.array([1.0, 7.0])).tolist(), MSE.by_case(np.array([1.0, 7.0])).tolist()
        ([1.25, 2.75], [1.0, 7.0])

        Parameters
        ----------
        values : ndarray of shape (…, cases)
            The error of each case, before the root.
        """
        if not self.root:
            return values
        root = np.sqrt(values.mean(axis=-1, keepdims=True))
        return np.asarray((values + root**2) / np.where(root > 0, 2 * root, 1), np.float64)

    def is_better(self, score: float, *, than: float) -> bool:
        """Return whether a score is better than another one."""
        return self.sign * score > self.sign * than

    def text(self, score: float) -> str:
        """Return a score as it is written: in percent with two decimals, or with four digits."""
        return f"{100 * score:.2f}" if self.percent else f"{score:.4g}"

    def difference_text(self, difference: float) -> str:
        """Return a difference of two scores as it is written.

        >>> ACCURACY.difference_text(0.005), ACCURACY.difference_text(0.01), MSE.difference_text(0.00125)
        ('0.5 percentage points', '1 percentage point', '0.00125')
        """
        if not self.percent:
            return f"{difference:.3g}"
        number = f"{100 * difference:.2f}".rstrip("0").rstrip(".")
        return f"{number} percentage point{'' if number == '1' else 's'}"

    def rounded_up(self, bound: float) -> float:
        """Return the largest difference that is still possible, rounded up as far as it is written, so that it holds.

        >>> ACCURACY.rounded_up(0.00621), ACCURACY.rounded_up(0.005), MSE.rounded_up(0.012341), MSE.rounded_up(0.0)
        (0.0063, 0.005, 0.0124, 0.0)
        """
        if not 0 < bound < math.inf:
            return bound
        digits = 4 if self.percent else 2 - math.floor(math.log10(bound))
        return round(math.ceil(round(bound * 10.0**digits, 6)) / 10.0**digits, max(digits, 0))

    @property
    def scale(self) -> float:
        """What a score is multiplied by when it is written or drawn."""
        return 100.0 if self.percent else 1.0

    @property
    def label(self) -> str:
        """Its name at an axis."""
        return f"{self.title} (%)" if self.percent else self.title

    def usual_margin(self, baseline: float) -> float:
        """Return the margin that is taken where none is given: that of the metric, or a share of the baseline's score.

        A baseline without error, as of a series that repeats exactly, counts as 1. Where no baseline is known, another
        score may take its place, such as the best.

        >>> ACCURACY.usual_margin(0.1), MSE.usual_margin(0.5), MASE.usual_margin(0.0)
        (0.005, 0.01, 0.02)
        """
        return self.margin if self.absolute else self.margin * (abs(baseline) or 1.0)


ACCURACY = Metric("accuracy", higher_is_better=True, percent=True, margin=0.005)
STEP_ACCURACY = Metric("step_accuracy", "accuracy of a step", higher_is_better=True, percent=True, margin=0.005)
BALANCED_ACCURACY = Metric("balanced_accuracy", "balanced accuracy", higher_is_better=True, percent=True, margin=0.005)
MACRO_F1 = Metric("macro_f1", "macro F1", higher_is_better=True, percent=True, margin=0.005, joint=True)
LOG_LOSS = Metric("log_loss", "log-loss", higher_is_better=False)
MSE = Metric("mse", "mean squared error", higher_is_better=False)
RMSE = Metric("rmse", "root mean squared error", higher_is_better=False, root=True)
MAE = Metric("mae", "mean absolute error", higher_is_better=False)
MASE = Metric("mase", "mean absolute scaled error", higher_is_better=False)
BITS = Metric("bits", "cross-entropy in bits a token", higher_is_better=False)

METRICS = {
    metric.name: metric
    for metric in (ACCURACY, STEP_ACCURACY, BALANCED_ACCURACY, MACRO_F1, LOG_LOSS, MSE, RMSE, MAE, MASE, BITS)
}
"""Every metric by its name."""
