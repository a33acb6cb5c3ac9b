"""MLflow's own client reads back what the callback wrote."""

import numpy as np
import pytest

import lengthwise
from lengthwise.callbacks import MLflow
from lengthwise.errors import RunError
from lengthwise.study.study import Study

mlflow = pytest.importorskip("mlflow")

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's and SQLAlchemy's own

SMALL = {"hidden_size": 4, "num_layers": 1, "batch_size": 16, "seq_len": 5, "quiet": True}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where a database is, made once: that takes MLflow seconds."""
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"


def runs_of(address, experiment):
    """Return the runs of an experiment, the first first."""
    client = mlflow.MlflowClient(tracking_uri=address)
    found = client.get_experiment_by_name(experiment)
    return client, client.search_runs([found.experiment_id], order_by=["attributes.start_time"])


def test_a_training_is_a_run_with_its_settings_and_curves(small, address):
    result = lengthwise.train(small, steps=50, **SMALL, callbacks=[MLflow(address, experiment="train", every=20)])
    client, (run,) = runs_of(address, "train")
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "rnn-len5-seed0"
    assert run.data.params["hidden_size"] == "4"
    assert run.data.params["num_parameters"] == str(result.network.num_parameters)
    assert run.data.metrics["test_accuracy"] == result.evaluation.accuracy
    curve = client.get_metric_history(run.info.run_id, "train_loss")
    assert [point.step for point in curve] == [20, 40, 50]
    np.testing.assert_allclose(
        [point.value for point in curve[:2]], result.history.losses[:40].reshape(2, 20).mean(axis=1)
    )


def test_a_training_that_diverges_is_a_run_that_failed(small, address):
    with pytest.raises(RunError):
        lengthwise.train(small, steps=50, lr=1e38, **SMALL, callbacks=[MLflow(address, experiment="diverged")])
    _, (run,) = runs_of(address, "diverged")
    assert run.info.status == "FAILED"


def test_every_run_of_a_study_is_a_run(small, address):
    study = Study(
        small, seq_lens="2,5", seeds=2, budget="steps=30", hidden_size=4, num_layers=1, batch_size=16, recipe="notebook"
    ).run(callbacks=[MLflow(address, experiment="study")])
    client, runs = runs_of(address, "study")
    ours = {(int(run.data.params["seq_len"]), int(run.data.params["seed"])): run for run in runs}
    assert len(runs) == 4
    for row in study.results.itertuples():
        run = ours[row.seq_len, row.seed]
        assert run.data.metrics["test_accuracy"] == row.test_accuracy
        assert run.info.status == "FINISHED"
        checks = study.store.validations().query(f"run == {row.id}")
        curve = client.get_metric_history(run.info.run_id, "train_loss")
        assert [point.step for point in curve] == list(checks["update"])
