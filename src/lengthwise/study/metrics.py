"""The metrics of a run's validations under the names that users see: a score is called by its metric."""

from lengthwise.study.outcome import Outcome, RunValidation
from lengthwise.tasks.metrics import ACCURACY, MAE, MASE, MSE, RMSE


def validation_metrics(outcome: Outcome, validation: RunValidation) -> dict[str, float]:
    """Return the metrics of a validation by name, such as ``val_accuracy``."""
    return {
        name.replace("score", _score_name(outcome, name)): value
        for name, value in validation._asdict().items()
        if name != "update"
    }


def _score_name(outcome: Outcome, name: str) -> str:
    """Return the name of a validation's score: in training that of a step, on the validation split the metric."""
    metric = outcome.metric
    if name.startswith("train"):
        return MAE.name if metric in (MSE, RMSE, MAE, MASE) else ACCURACY.name
    return ACCURACY.name if metric is None or metric.is_accuracy else metric.name
