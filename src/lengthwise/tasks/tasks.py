"""The tasks that networks can be trained for, by name. A new task is a file of this folder and a line here."""

from lengthwise.data.targets import TaskName
from lengthwise.tasks.classification import CLASSIFICATION
from lengthwise.tasks.forecasting import FORECASTING
from lengthwise.tasks.language import LANGUAGE
from lengthwise.tasks.regression import REGRESSION
from lengthwise.tasks.tagging import TAGGING
from lengthwise.tasks.task import Task

TASKS: dict[TaskName, Task] = {
    "classification": CLASSIFICATION,
    "regression": REGRESSION,
    "tagging": TAGGING,
    "forecasting": FORECASTING,
    "language": LANGUAGE,
}
