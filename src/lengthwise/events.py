"""The events of a training and of a study, with which callbacks are called.

A *callback* is any callable that takes an event; give it to `lengthwise.train`, `lengthwise.resume` or `Study.run` as
one of ``callbacks``. The next step waits until all callbacks have returned.
"""

from lengthwise.study.events import StudyAnswered, StudyCompiling, StudyEnded, StudyEvent, StudyStarted
from lengthwise.study.execution import RunEnded, RunStarted, RunValidated, Tick
from lengthwise.training.events import (
    Compiling,
    EpochEnded,
    Evaluating,
    Event,
    Finished,
    Interrupted,
    Started,
    Stepped,
    Validated,
)

__all__ = [
    "Compiling",
    "EpochEnded",
    "Evaluating",
    "Event",
    "Finished",
    "Interrupted",
    "RunEnded",
    "RunStarted",
    "RunValidated",
    "Started",
    "Stepped",
    "StudyAnswered",
    "StudyCompiling",
    "StudyEnded",
    "StudyEvent",
    "StudyStarted",
    "Tick",
    "Validated",
]
