"""What happens while a study runs, as messages to callbacks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lengthwise.study.design import Design
from lengthwise.study.execution import Message
from lengthwise.study.outcome import Run
from lengthwise.study.recipe import RecipeEvent
from lengthwise.tasks.metrics import ACCURACY, Metric

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class StudyStarted:
    """A study is about to begin or to go on.

    Attributes
    ----------
    design : Design
    pending : list of Run
        The runs to carry out, in no order.
    stored : DataFrame
        The runs that are stored already; see `Study.results`.
    workers : int
        How many runs are carried out at a time; 0 if that is not known, as of an executor of the user's.
    out : Path or None
    metric : Metric
        What the runs' scores are.
    later : list of Run
        The runs that may be added to these, until the question is decided.
    so_far : str
        The answer as it stands; empty before the first.
    chosen_on : {"validation", ""}
        What the scores that choose are called by, if there are others.
    """

    design: Design
    pending: list[Run]
    stored: "pd.DataFrame"
    workers: int
    out: Path | None
    metric: Metric = ACCURACY
    later: list[Run] = field(default_factory=list)
    so_far: str = ""
    chosen_on: str = "validation"


@dataclass(frozen=True)
class StudyCompiling:
    """The engine's machine code is not in its cache, and is being compiled."""


@dataclass(frozen=True)
class StudyEnded:
    """The runs of the last `StudyStarted` have ended, or the study was asked to stop.

    Attributes
    ----------
    complete : bool
        Whether all have ended. A study that adds seeds until it is decided may then start more.
    """

    complete: bool


@dataclass(frozen=True)
class StudyAnswered:
    """How the answer stands while runs are carried out: now and then after one has ended.

    Attributes
    ----------
    sentence : str
    """

    sentence: str


StudyEvent = RecipeEvent | StudyStarted | StudyCompiling | Message | StudyAnswered | StudyEnded
"""Any event of a study."""

StudyCallback = Callable[[StudyEvent], None]
