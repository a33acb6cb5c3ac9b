"""The kind of each task's targets: classes or numbers, one for each sequence or one for each step."""

from typing import Literal, NamedTuple

TaskName = Literal["classification", "regression", "tagging", "forecasting", "language"]
"""What a network predicts: the class of a sequence, numbers for a sequence, a class for each step, the next values of a
series, or the next character at each step."""


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
    "forecasting": Targets(numeric=True),
    "language": Targets(every_step=True),
}
"""The targets of each task."""
