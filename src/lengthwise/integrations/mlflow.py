"""MLflow: every training is a run."""

import time
from typing import Any

from lengthwise._internal.extras import required
from lengthwise.integrations.tracker import TrackerCallback

STATUS = {"finished": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}

AT_ONCE = 100
"""Maximum number of parameters in one request."""


class MLflow(TrackerCallback):
    """Writes each training, or each run of a study, to MLflow; by default to a file, without a server.

    Parameters
    ----------
    tracking_uri : str
        Where to: a database such as ``"sqlite:///mlflow.db"``, or a server's address.
    experiment : str
        Name of the experiment; it is created if there is none.
    every : int
        Steps of a training whose means are one point of its curves.

    Raises
    ------
    UsageError
        If MLflow is not installed.

    Examples
    --------
    ::

        lengthwise.train(seq_len=12, callbacks=[MLflow(experiment="walks")])  # then: mlflow ui
    """

    def __init__(
        self, tracking_uri: str = "sqlite:///mlflow.db", *, experiment: str = "lengthwise", every: int = 100
    ) -> None:
        super().__init__(every)
        self._entities = required("mlflow.entities", "the callback MLflow", "mlflow")
        self._client = required("mlflow", "the callback MLflow", "mlflow").MlflowClient(tracking_uri=tracking_uri)
        found = self._client.get_experiment_by_name(experiment)
        self._experiment = self._client.create_experiment(experiment) if found is None else found.experiment_id
        self._run = ""

    def begin(self, name: str, settings: dict[str, Any]) -> None:
        """Begin a run with the settings as its parameters."""
        self._run = self._client.create_run(self._experiment, run_name=name).info.run_id
        params = [self._entities.Param(key, str(value)) for key, value in settings.items()]
        for first in range(0, len(params), AT_ONCE):
            self._client.log_batch(self._run, params=params[first : first + AT_ONCE])

    def log(self, step: int, metrics: dict[str, float]) -> None:
        """Log metrics of a step."""
        now = int(time.time() * 1000)
        logged = [self._entities.Metric(name, value, now, step) for name, value in metrics.items()]
        self._client.log_batch(self._run, metrics=logged)

    def summarize(self, metrics: dict[str, float]) -> None:
        """Log the final metrics of the run, under separate names."""
        self.log(0, metrics)

    def end(self, status: str) -> None:
        """End the run."""
        self._client.set_terminated(self._run, STATUS[status])
