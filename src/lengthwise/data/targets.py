"""The kind of each task's targets: classes or numbers, one for each sequence or one for each step."""

from typing import Literal, NamedTuple

TaskName = Literal["classification", "regression", "tagging", "step_regression", "forecasting", "language"]
"""What a network predicts: the class of a sequence, numbers for a sequence, a class or a number for each step, the next
values of a series, or the next character at each step."""

Label = Literal["last", "majority", "pure"]
"""The class of a window whose steps have classes: that of its last step, or of most of the longest window's steps; or
that of all of them, where windows with several are left out."""


class StepWindows(NamedTuple):
    """How the steps of sequences are predicted from the windows that end at them.

    Attributes
    ----------
    lookback : int
        Steps of the longest window: only steps that have as many behind them are predicted.
    label : {"last", "majority", "pure"}
        What is predicted, where it is a class.
    stride : int
        Of the steps of a sequence, every so many is predicted.
    """

    lookback: int
    label: Label = "last"
    stride: int = 1


class Targets(NamedTuple):
    """The kind of a task's targets.

    Attributes
    ----------
    numeric : bool
        Whether they are numbers; if not, they are classes.
    every_step : bool
        Whether each step of a sequence has a target; if not, each sequence has.
    """

    numeric: bool = False
    every_step: bool = False

    @property
    def class_of_sequence(self) -> bool:
        """Whether each sequence has one class."""
        return not (self.numeric or self.every_step)


TARGETS: dict[TaskName, Targets] = {
    "classification": Targets(),
    "regression": Targets(numeric=True),
    "tagging": Targets(every_step=True),
    "step_regression": Targets(numeric=True, every_step=True),
    "forecasting": Targets(numeric=True),
    "language": Targets(every_step=True),
}
"""The targets of each task."""
