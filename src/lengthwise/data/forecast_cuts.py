"""Cutting series in time: which of their steps are forecast in training, in validation, and in the test.

Series whose times are known are cut at the same two dates, so that what is forecast in the test lies after all that was
trained on, in whatever series. Otherwise, each is cut at the same fractions of its own steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.forecast_series import Line
from lengthwise.data.options import Options

JUDGED = 5
"""By default there are at least so many forecasts in validation, and as many in the test."""


@dataclass(frozen=True)
class Cut:
    """The first step of validation, of test, and beyond the end of a series."""

    validation: int
    test: int
    end: int

    def forecast(self, split: str) -> tuple[int, int]:
        """Return the first step that is forecast in a split, and the first that no longer is."""
        return {
            "train": (0, self.validation),
            "validation": (self.validation, self.test),
            "test": (self.test, self.end),
        }[split]


def cut_at_fractions(steps: int, options: Options, horizon: int) -> Cut:
    """Return the cuts of a series of so many steps at the options' fractions.

    Fractions that were not given are so large that `JUDGED` forecasts of the horizon have room.
    """
    test, validation = _judged_steps(steps, options, horizon)
    return Cut(max(0, steps - test - validation), max(0, steps - test), steps)


def _judged_steps(steps: int, options: Options, horizon: int) -> tuple[int, int]:
    """Return the steps of the test and the validation part."""
    test, validation = least_judged(options, horizon)
    return max(round(steps * options.test), test), max(round(steps * options.validation), validation)


def least_judged(options: Options, horizon: int) -> tuple[int, int]:
    """Return the fewest steps of the test and the validation part: 0 where the fraction was given."""
    test, validation = (0 if name in options.given else horizon + JUDGED - 1 for name in ("test", "validation"))
    return test, validation


def find_cuts(lines: Sequence[Line], options: Options, horizon: int, *, at_dates: bool) -> list[Cut]:
    """Return the cuts of series: at the same dates, or each at the same fractions.

    Parameters
    ----------
    lines : sequence of Line
        With times, if `at_dates`.
    options : Options
    horizon : int
        In steps.
    at_dates : bool
        Whether they are cut at two dates, before which lie the options' fractions of the steps of all series.
    """
    if not at_dates:
        return [cut_at_fractions(len(line), options, horizon) for line in lines]
    times = [line.times for line in lines if line.times is not None]
    pooled = np.sort(np.concatenate(times))
    least = least_judged(options, horizon)
    test = _date(pooled, round(len(pooled) * options.test), least[0])
    before = pooled[pooled < test]
    validation = _date(before, round(len(pooled) * options.validation), least[1]) if len(before) else test
    return [Cut(int(np.searchsorted(one, validation)), int(np.searchsorted(one, test)), len(one)) for one in times]


def _date(times: NDArray[Any], count: int, different: int) -> Any:
    """Return the date from which there are so many of the times, which ascend, and so many different ones."""
    last = np.unique(times)[-max(1, different) :][0]
    return min(times[-max(1, min(count, len(times)))], last)


def are_alike(lines: Sequence[Line]) -> bool:
    """Return whether all series have the same times, so that equal fractions are equal dates."""
    first: NDArray[np.generic] | None = lines[0].times
    return all(line.times is None or first is None or np.array_equal(line.times, first) for line in lines)
