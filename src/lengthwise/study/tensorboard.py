"""TensorBoard for a study: one event folder a run, with the HParams plugin's records.

The plugin's table, parallel coordinates and scatter views then show length, cell, seed and all other settings against
accuracy and cost.
"""

import hashlib
import re
import time
from pathlib import Path

from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api_pb2, metadata, summary_v2
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData, SessionEndInfo

from lengthwise.study.events import StudyEvent
from lengthwise.study.execution import RunEnded
from lengthwise.study.metrics import validation_metrics
from lengthwise.study.outcome import Outcome
from lengthwise.study.run_rows import run_key
from lengthwise.training.callbacks.tensorboard import EventFile


def run_name(outcome: Outcome) -> str:
    """Return the folder's name of a run, such as ``len0019-seed0-rnn31-3f2a``; the mark is that of all its settings.

    Of a study with folds, ``len0019-seed0-fold4-rnn31-3f2a``.
    """
    run = outcome.settings
    mark = hashlib.sha256(run_key(run).encode()).hexdigest()[:4]
    fold = "" if run.fold is None else f"-fold{run.fold}"
    title = re.sub(r"[^\w.+-]+", "-", outcome.title)
    what = f"-{title}" if title else ""
    return f"len{run.seq_len:04}-seed{run.seed}{fold}{what}-{mark}"


class StudyTensorBoard:
    """Writes a folder of events for every run that ends.

    Parameters
    ----------
    folder : Path
        Where the runs' folders are made.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, event: StudyEvent) -> None:
        """Write the run, if one has ended."""
        if isinstance(event, RunEnded):
            self._write(event.outcome)

    def _write(self, outcome: Outcome) -> None:
        now = time.time()
        began = now - outcome.wall_seconds
        file = EventFile(self._folder / run_name(outcome))
        values = {name: value for name, value in outcome.settings.to_dict().items() if value is not None}
        file.write(wall_time=began, step=0, summary=summary_v2.hparams_pb(values, run_key(outcome.settings), began))
        for validation in outcome.validations:
            metrics = validation_metrics(outcome, validation)
            _write_scalars(file, validation.update, metrics, began + validation.seconds)
        if final := outcome.metrics():
            named = {f"final/{name}": value for name, value in final.items()}
            _write_scalars(file, outcome.updates, named, now)
        status = api_pb2.STATUS_SUCCESS if outcome.reason is None else api_pb2.STATUS_FAILURE
        end = HParamsPluginData(session_end_info=SessionEndInfo(status=status, end_time_secs=now))
        value = Summary.Value(
            tag=metadata.SESSION_END_INFO_TAG,
            metadata=metadata.create_summary_metadata(end),
            tensor=metadata.NULL_TENSOR,
        )
        file.write(wall_time=now, step=0, summary=Summary(value=[value]))
        file.close()


def _write_scalars(file: EventFile, step: int, scalars: dict[str, float], wall_time: float) -> None:
    values = [Summary.Value(tag=name, simple_value=value) for name, value in scalars.items()]
    file.write(wall_time=wall_time, step=step, summary=Summary(value=values))
