"""The metrics of a study's run under the names that users see: a score is called by its metric."""

from lengthwise.study.run import Outcome, RunValidation
from lengthwise.tasks.metrics import ACCURACY, MAE, MASE, MSE


def validation_metrics(outcome: Outcome, validation: RunValidation) -> dict[str, float]:
    """Return the metrics of a validation by name, such as ``val_accuracy``."""
    return {
        name.replace("score", _score_name(outcome, name)): value
        for name, value in validation._asdict().items()
        if name != "update"
    }


def final_metrics(outcome: Outcome) -> dict[str, float]:
    """Return the scores and the costs of a run by name; nothing if it failed."""
    if outcome.validation is None:
        return {}
    test = {} if outcome.test is None else {f"test_{outcome.test.metric.name}": outcome.test.score}
    return {
        f"val_{outcome.validation.metric.name}": outcome.validation.score,
        **test,
        "seconds": outcome.seconds,
        "seconds_per_step": outcome.seconds / outcome.updates,
        "flops": float(outcome.updates * outcome.flops_per_step),
        "updates": float(outcome.updates),
        "best_update": float(outcome.best_update),
        "activation_bytes": float(outcome.activation_bytes),
    }


def _score_name(outcome: Outcome, name: str) -> str:
    """Return the name of a validation's score: in training that of a step, on the validation split the metric."""
    metric = None if outcome.validation is None else outcome.validation.metric
    if name.startswith("train"):
        return MAE.name if metric in (MSE, MAE, MASE) else ACCURACY.name
    return ACCURACY.name if metric is None or metric.is_accuracy else metric.name
