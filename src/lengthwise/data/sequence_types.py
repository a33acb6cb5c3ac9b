"""Labelled sequences as a reader returns them."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.missing import Place
from lengthwise.data.options import Options
from lengthwise.data.reading import Reading
from lengthwise.data.step_time import step_seconds_of
from lengthwise.data.targets import StepWindows, TaskName


@dataclass(kw_only=True)
class Sequences:
    """Labelled sequences as a reader returns them.

    Attributes
    ----------
    source : str
        Where they were read from, for messages.
    values : ndarray of shape (n, T, F)
        Of any type of number; NaN where a value is missing, zero beyond a sequence's length.
    targets : ndarray of shape (n,), (n, numbers) or (n, T)
        Labels of any type, numbers, or labels of steps.
    lengths : ndarray of shape (n,), int64, optional
    splits : ndarray of shape (n,), optional
        0, 1, 2 or train, validation, test for each sequence; validation may be absent.
    groups : ndarray of shape (n,), optional
        Sequences of the same group must be in the same split.
    grouped_by : str
        What the groups are, such as the name of their column.
    features : tuple of str
        Names, if there are any.
    task : TaskName, optional
        The task, if the source defines it.
    classes : tuple of str
        Names of the classes 0, 1, …, if there are any.
    predicted : int
        The feature that is forecast, if the task is forecasting.
    names : tuple of str
        Names of the sequences, if there are any.
    recordings : ndarray of shape (n,), int64, optional
        The recording that each sequence is a piece of, where neighbours with the same number follow each other.
    step_windows : StepWindows, optional
        How steps are predicted, where each has a target.
    times : ndarray of shape (n, T), optional
        Dates or numbers of the steps, ascending; anything beyond a sequence's length.
    time_unit : float, optional
        Seconds of one unit of the times, where they are numbers and it is known.
    scaled : bool
        Whether real values need no standardisation.
    options : Options, optional
        The given options and the source's own defaults, if it has any.
    place : callable, optional
        Describes where a value is; by sequence, step and feature by default.
    reading : Reading
        How they were read.
    """

    source: str
    values: NDArray[Any]
    targets: NDArray[Any]
    lengths: NDArray[np.int64] | None = None
    splits: NDArray[Any] | None = None
    groups: NDArray[Any] | None = None
    grouped_by: str = ""
    features: tuple[str, ...] = ()
    task: TaskName | None = None
    classes: tuple[str, ...] = ()
    predicted: int = 0
    names: tuple[str, ...] = ()
    recordings: NDArray[np.int64] | None = None
    step_windows: StepWindows | None = None
    times: NDArray[Any] | None = None
    time_unit: float | None = None
    scaled: bool = False
    options: Options | None = None
    place: Place | None = field(default=None, repr=False)
    reading: Reading = field(default_factory=Reading)

    def step_seconds(self, rate: float | None) -> float | None:
        """Return how long a step is: by the rate, steps a second, or by the times; None if it is not known."""
        times: list[NDArray[Any]] = [] if self.times is None else list(self.times)
        if self.lengths is not None:
            times = [own[:length] for own, length in zip(times, self.lengths.tolist(), strict=False)]
        return step_seconds_of(times, rate, self.time_unit)

    def where(self, sequence: int, step: int, feature: int) -> str:
        """Return a description of where a value is."""
        if self.place is not None:
            return self.place(sequence, step, feature)
        name = f" ({self.features[feature]})" if self.features else ""
        return f"{self.source}: the value of sequence {sequence}, step {step}, feature {feature}{name}"
