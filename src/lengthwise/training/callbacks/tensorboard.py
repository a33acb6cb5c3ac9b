"""TensorBoard: the scalars of every step, and the network's graph."""

import os
import re
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

from tensorboard.compat.proto.event_pb2 import Event as Record
from tensorboard.compat.proto.event_pb2 import SessionLog
from tensorboard.summary.writer.record_writer import RecordWriter

from lengthwise._internal.atomic_files import writing
from lengthwise.networks.network import Network
from lengthwise.tasks.tasks import TASKS
from lengthwise.training.callbacks.tensorboard_graph import graph_def
from lengthwise.training.events import Event, Finished, Interrupted, Started, Stepped, Validated
from lengthwise.training.progress import History, Progress
from lengthwise.windows import Phase

BUFFER_BYTES = 1 << 20

PREFIX = "events.out.tfevents."

START = SessionLog(status=SessionLog.START)
"""Makes TensorBoard drop the records of earlier files from this event's step on."""


class EventFile:
    """One event file, written with TensorBoard's own record writer.

    Parameters
    ----------
    folder : Path
        Created if it does not exist.
    """

    def __init__(self, folder: Path) -> None:
        stamp = _stamp_after(folder.glob(f"{PREFIX}*"))
        self.path = folder / f"{PREFIX}{stamp:017.6f}.{socket.gethostname()}.{os.getpid()}"
        with writing(self.path):
            folder.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = self.path.open("wb", buffering=BUFFER_BYTES)
        self._records = RecordWriter(self._file)
        self.write(wall_time=time.time(), file_version="brain.Event:2")

    def write(self, **fields: Any) -> None:
        """Write one event, given by the fields of its protocol buffer."""
        self.write_all([Record(**fields)])

    def write_all(self, events: Iterable[Record]) -> None:
        """Write events; each is written before the next is requested, so they may be one object that is changed."""
        with writing(self.path):
            for event in events:
                self._records.write(event.SerializeToString())

    def flush(self) -> None:
        """Pass everything written to the operating system."""
        with writing(self.path):
            self._file.flush()

    def close(self) -> None:
        """Flush and close."""
        with writing(self.path):
            self._file.close()


def _stamp_after(files: Iterable[Path]) -> float:
    """Return the time, or a later one than that of any file: TensorBoard reads files in the order of their names.

    A clock that was set back would have it read what a resumed training writes before what was written earlier.
    """
    stamps = [found[1] for file in files if (found := re.match(rf"{re.escape(PREFIX)}([0-9]+\.[0-9]+)", file.name))]
    return max([time.time(), *(float(stamp) + 1e-6 for stamp in stamps)])


class TensorBoard:
    """Writes scalars ``loss`` and ``train_accuracy`` to ``train/``, ``test_accuracy`` to ``test/``, the graph to both.

    Where the network predicts numbers, the scalars are ``train_mae`` and ``test_mae``, the mean absolute errors. Where
    parameters are chosen on the validation split, ``val_loss`` and ``val_accuracy``, or the task's metric, are in
    ``validation/``.

    A resumed training writes new files. Every file begins with a session log, which makes TensorBoard drop the later
    steps of earlier files.

    Parameters
    ----------
    folder : Path
        The run's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, EventFile] = {}
        self._score = ""

    def __call__(self, event: Event) -> None:
        """Write the records for an event."""
        match event:
            case Started():
                self._open(event)
            case Stepped():
                self._write(event.phase, event.first, event.last, event.progress)
            case Validated():
                self._write_validation(event)
            case Interrupted() | Finished():
                self.close()

    def close(self) -> None:
        """Close all files, even if one cannot be written; nothing is lost if the training ends with an error."""
        with ExitStack() as stack:
            while self._files:
                stack.callback(self._files.popitem()[1].close)

    def _open(self, event: Started) -> None:
        self._score = TASKS[event.network.task].step_metric.name
        graph = None
        if isinstance(event.network, Network):
            graph = graph_def(event.network, event.settings.seq_len, event.settings.batch_size).SerializeToString()
        phases: tuple[Phase, ...] = ("train", "test")
        for phase in phases:
            file = self._files[phase] = EventFile(self._folder / phase)
            file.write(wall_time=time.time(), step=event.progress.global_step + 1, session_log=START)
            if graph is not None:
                file.write(wall_time=time.time(), step=event.progress.global_step, graph_def=graph)
            file.flush()
        selection, made = event.progress.selection, event.progress.made
        if selection is not None:
            is_validated = bool(selection.validations) and selection.validations[-1].update == made
            file = self._files["validation"] = EventFile(self._folder / "validation")
            file.write(wall_time=time.time(), step=event.progress.global_step + is_validated, session_log=START)
            file.flush()

    def _write_validation(self, event: Validated) -> None:
        """Write the metrics of a validation."""
        evaluation = event.evaluation
        record = Record(wall_time=time.time(), step=event.progress.global_step)
        record.summary.value.add(tag="val_loss", simple_value=evaluation.loss)
        record.summary.value.add(tag=f"val_{evaluation.metric.name}", simple_value=evaluation.score)
        self._files["validation"].write_all([record])
        self._files["validation"].flush()

    def _write(self, phase: Phase, first: int, last: int, progress: Progress) -> None:
        """Write the metrics of some steps and flush them, so that a checkpoint is never ahead of the files."""
        self._files[phase].write_all(_scalars(f"{phase}_{self._score}", first, last, progress.history))
        self._files[phase].flush()


def _scalars(tag: str, first: int, last: int, history: History) -> Iterator[Record]:
    """Yield an event for each step, always the same object: creating one takes ten times as long as changing one."""
    event = Record()
    score = event.summary.value.add(tag=tag)
    loss = event.summary.value.add(tag="loss") if tag.startswith("train") else None
    seconds = history.seconds[first:last]
    ends = time.time() - (seconds.sum() - seconds.cumsum())
    rows = zip(ends.tolist(), history.scores[first:last].tolist(), history.losses[first:last].tolist(), strict=True)
    for step, (wall_time, score_of_step, loss_of_step) in enumerate(rows, start=first + 1):
        event.wall_time = wall_time
        event.step = step
        score.simple_value = score_of_step
        if loss is not None:
            loss.simple_value = loss_of_step
        yield event
