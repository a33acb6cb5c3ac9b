"""MLflow's experiments: parameters and metrics of the runs in a folder or a database."""

import os
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from lengthwise._internal.extras import required
from lengthwise.errors import DataError
from lengthwise.results.runs import Runs, numbers_where_all_are

ALLOWED = "MLFLOW_ALLOW_FILE_STORE"
"""The variable without which MLflow, of late, reads no folders."""

EXPERIMENT = "experiment"
"""The column of the experiment's name."""


def is_file_store(path: Path) -> bool:
    """Return whether a folder is a store of MLflow, or one of its experiments."""
    return (path / "meta.yaml").is_file() or any(path.glob("*/meta.yaml"))


def read_mlflow(place: str | Path) -> Runs:
    """Read the runs of all experiments in a store, or of one.

    Parameters
    ----------
    place : str or Path
        The URL of a database, or a folder: ``mlruns``, or that of an experiment in it.

    Raises
    ------
    UsageError
        If MLflow is not installed.
    DataError
        If the store cannot be read.
    """
    mlflow = required("mlflow", "reading a store of MLflow", "mlflow")
    only, uri = None, place
    if isinstance(place, Path):
        only = place.name if (place / "meta.yaml").is_file() else None
        uri = (place if only is None else place.parent).resolve().as_uri()
    try:
        with _reading_folders():
            client = mlflow.MlflowClient(tracking_uri=str(uri))
            experiments = {each.experiment_id: each.name for each in client.search_experiments()}
            chosen = {key: name for key, name in experiments.items() if only in (None, key)}
            runs = _runs(client, list(chosen))
    except Exception as error:  # of many kinds, the database's own among them
        detail = " ".join(str(error).split()).rstrip(".")[:200]
        raise DataError(f"{place} cannot be read as a store of MLflow: {detail}.") from error
    finished = [run for run in runs if run.info.status == "FINISHED"]
    several = len({run.info.experiment_id for run in finished}) > 1
    parameters = dict.fromkeys(name for run in finished for name in run.data.params)
    return Runs(
        numbers_where_all_are(pd.DataFrame([_row(run, chosen) for run in finished])),
        Path(str(place)).name,
        settings=(*((EXPERIMENT,) if several else ()), *parameters),
        scores=tuple(dict.fromkeys(name for run in finished for name in run.data.metrics)),
        left_out=Counter(run.info.status.lower() for run in runs if run.info.status != "FINISHED"),
    )


@contextmanager
def _reading_folders() -> Iterator[None]:
    """Let MLflow read a folder, without its advice to move on from them."""
    before = os.environ.get(ALLOWED)
    os.environ[ALLOWED] = "true"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if before is None:
            del os.environ[ALLOWED]
        else:
            os.environ[ALLOWED] = before


def _runs(client: Any, experiments: list[str]) -> list[Any]:
    runs: list[Any] = []
    token = None
    while True:
        page = client.search_runs(experiments, max_results=1000, page_token=token)
        runs += page
        token = page.token
        if not token:
            return runs


def _row(run: Any, experiments: dict[str, str]) -> dict[str, Any]:
    info = run.info
    took = {} if info.end_time is None else {"seconds": (info.end_time - info.start_time) / 1000}
    return {**took, EXPERIMENT: experiments[info.experiment_id], **run.data.metrics, **run.data.params}
