"""What can be predicted without a network: the score that a network must beat to be of use."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from lengthwise.data.dataset import Dataset
from lengthwise.tasks.judged_by import MetricName, task_judged_by


@dataclass(frozen=True)
class Baseline:
    """The score of predictions that need no network.

    Attributes
    ----------
    title : str
        What predicts.
    validation, test : float
        Its score on both splits, by the task's metric; `test` is None where nothing is judged on such a split.
    """

    title: str
    validation: float
    test: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> Self:
        """Return the baseline that `to_dict` was called on."""
        return cls(**found)


def baseline_of(dataset: Dataset, metric: MetricName | None = None) -> Baseline:
    """Return the baseline of a data set, by its task: the commonest class, the mean, or a naive forecast.

    Its score is by the metric that was asked for, or that of the task.

    Of forecasts it is the last value or that of the season before, whichever is better on the validation split.

    >>> from lengthwise.data import load_data
    >>> baseline_of(load_data("mnist"))
    Baseline(title='always the commonest class', validation=0.1126, test=0.1135)
    """
    task, train = task_judged_by(dataset.task, metric), dataset.train
    reference = dataset.validation.reference
    return Baseline(
        task.baseline if reference is None else reference.title,
        validation=task.baseline_score(train, dataset.validation),
        test=task.baseline_score(train, dataset.test),
    )
