"""What a study is about, as far as its answer needs to know it: noted in the store when the study is made."""

from dataclasses import dataclass, replace
from typing import Any

from lengthwise._internal.json_shapes import check_shape
from lengthwise.study.environment import SHAPE
from lengthwise.tasks.baselines import Baseline
from lengthwise.tasks.judged_by import MetricName, task_judged_by
from lengthwise.tasks.metrics import Metric
from lengthwise.tasks.named_metrics import named_metric
from lengthwise.tasks.tasks import TASKS

TOLD_SHAPE = {
    "told": {
        "metric": str, "direction": str, "baseline": (float, None), "trainer": {"kind": str, "command?": {"line": str}},
        "cases?": str, "split?": str, "divisions?": int,
    },
}  # fmt: skip
"""What the store needs of the environment of a study whose trainings are the user's own."""


@dataclass(frozen=True)
class Subject:
    """What a study is about.

    Attributes
    ----------
    metric : Metric
        What lengths are compared by; its title names what is forecast, where there are more columns.
    baseline : Baseline or None
        The score of an answer that needs no training, if one is known.
    splits : tuple of str
        What the trainings are judged on: what lengths are chosen by, and, where there is one, what only reports.
    chosen_on : str
        The name of the first split, as scores on it are called; empty where there is no other to tell it from.
    cases : str
        What the cases are called where they have no groups.
    num_steps : int or None
        Time steps of the data's sequences, T, where they are known.
    block : int
        How many neighbouring sequences are one case: 1, or the horizon, over which forecasts overlap.
    grouped_by : str
        What the groups of the data are, such as the name of their column; empty if that is not known.
    step_seconds : float or None
        How long a step of the data is, if that is known.
    divisions : int
        Of how many folds of the same data a length's runs are; 0 where they are of seeds.
    told : bool
        Whether the scores come from code of the user's: they are held against each other as they come, and with folds,
        the cases of a fold follow those of the folds before it.
    """

    metric: Metric
    baseline: Baseline | None
    splits: tuple[str, ...] = ("validation", "test")
    chosen_on: str = "validation"
    cases: str = "sequences"
    num_steps: int | None = None
    block: int = 1
    grouped_by: str = ""
    step_seconds: float | None = None
    divisions: int = 0
    told: bool = False

    @classmethod
    def of(cls, environment: dict[str, Any], metric: MetricName | None) -> "Subject":
        """Return what the store of a study notes, given the metric that its design names."""
        if "told" in environment:
            return _told(environment["told"])
        step = environment.get("step_seconds")
        judged_by, forecast = task_judged_by(environment["task"], metric).metric, environment.get("forecast", "")
        return cls(
            metric=replace(judged_by, title=f"{judged_by.title} of {forecast}") if forecast else judged_by,
            baseline=Baseline.from_dict(environment["baseline"]),
            cases=environment.get("cases", "sequences"),
            num_steps=int(environment["num_steps"]),
            block=int(environment["block"]),
            grouped_by=str(environment.get("grouped_by", "")),
            step_seconds=None if step is None else float(step),
        )


def _told(noted: dict[str, Any]) -> Subject:
    baseline = noted["baseline"]
    return Subject(
        metric=named_metric(noted["metric"], noted["direction"]),
        baseline=None if baseline is None else Baseline("the baseline", float(baseline), None),
        splits=("validation",),
        chosen_on=noted.get("split", ""),
        cases=noted.get("cases", "cases"),
        divisions=noted.get("divisions", 0),
        told=True,
    )


def check_environment(environment: Any) -> None:
    """Raise `ValueError` if it is not what the store of a study notes."""
    if isinstance(environment, dict) and "told" in environment:
        check_shape(environment, TOLD_SHAPE, "the environment")
        return
    check_shape(environment, SHAPE, "the environment")
    if environment["task"] not in TASKS:
        raise ValueError(f"task is {environment['task']!r}, but must be one of {', '.join(TASKS)}")
