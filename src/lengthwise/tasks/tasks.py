"""The tasks that networks can be trained for, by name. A new task is a file of this folder and a line here."""

from lengthwise._internal.argument_checks import check_choice
from lengthwise.data.targets import TARGETS, TaskName
from lengthwise.errors import UsageError
from lengthwise.tasks.classification import CLASSIFICATION
from lengthwise.tasks.forecasting import FORECASTING
from lengthwise.tasks.language import LANGUAGE
from lengthwise.tasks.regression import REGRESSION, STEP_REGRESSION
from lengthwise.tasks.tagging import TAGGING
from lengthwise.tasks.task import Task
from lengthwise.windows import Placement

TASKS: dict[TaskName, Task] = {
    "classification": CLASSIFICATION,
    "regression": REGRESSION,
    "tagging": TAGGING,
    "step_regression": STEP_REGRESSION,
    "forecasting": FORECASTING,
    "language": LANGUAGE,
}


def placement_of(task: TaskName, placement: Placement | None = None) -> Placement:
    """Return a placement that a task has: the given one, or ``"any"`` if there is none and the task has it.

    Raises
    ------
    UsageError
        If the task does not have it.
    """
    possible = TASKS[task].placements
    if placement is None:
        return "any" if "any" in possible else possible[0]
    check_choice("placement", placement, Placement)
    if placement not in possible:
        why = ""
        if placement == "start" and TARGETS[task].every_step:
            why = " (each step has a target of its own, so there is nothing that the first steps would tell soon)"
        raise UsageError(
            f"placement is {placement!r}, but {task} has only {' and '.join(possible)}{why}: leave it out."
        )
    return placement
