"""TensorBoard: the scalars of every step, and the network's graph."""

import os
import socket
import time
from pathlib import Path
from typing import Any, BinaryIO

from tensorboard.compat.proto.event_pb2 import Event as Record
from tensorboard.compat.proto.event_pb2 import SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

from lengthwise.events import Event, Finished, Interrupted, Started, Stepped
from lengthwise.files import writing
from lengthwise.observers.graph import graph_def
from lengthwise.progress import Progress
from lengthwise.windows import Phase

SECONDS_BETWEEN_FLUSHES = 2.0
"""How old at most a figure is that TensorBoard shows of a training under way."""

BUFFER_BYTES = 1 << 20


class EventFile:
    """One event file, written with TensorBoard's own record writer.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"events.out.tfevents.{time.time():017.6f}.{socket.gethostname()}.{os.getpid()}"
        with writing(self.path):
            folder.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = self.path.open("wb", buffering=BUFFER_BYTES)
        self._records = RecordWriter(self._file)
        self.write(wall_time=time.time(), file_version="brain.Event:2")

    def write(self, **fields: Any) -> None:
        """Write one event, given by the fields of its protocol buffer."""
        with writing(self.path):
            self._records.write(Record(**fields).SerializeToString())

    def flush(self) -> None:
        """Hand everything written to the operating system."""
        with writing(self.path):
            self._file.flush()

    def close(self) -> None:
        """Flush and close."""
        with writing(self.path):
            self._file.close()


class TensorBoard:
    """Writes scalars ``loss`` and ``train_accuracy`` to ``train/``, ``test_accuracy`` to ``test/``, the graph to both.

    A training that goes on writes a file of its own that begins with a session log, by which TensorBoard drops what an
    earlier file says of later steps.

    Parameters
    ----------
    folder : Path
        The run's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[Phase, EventFile] = {}
        self._flushed = time.monotonic()

    def __call__(self, event: Event) -> None:
        """Listen."""
        match event:
            case Started():
                self._open(event)
            case Stepped():
                self._write(event.phase, event.first, event.last, event.progress)
            case Interrupted() | Finished():
                self.close()

    def close(self) -> None:
        """Close the files; nothing is lost if the training ends by an error."""
        while self._files:
            self._files.popitem()[1].close()

    def _open(self, event: Started) -> None:
        graph = graph_def(event.network, event.settings.seq_len, event.settings.batch_size).SerializeToString()
        phases: tuple[Phase, ...] = ("train", "test")
        for phase in phases:
            file = self._files[phase] = EventFile(self._folder / phase)
            if event.progress.global_step > 0:
                start = SessionLog(status=SessionLog.START)
                file.write(wall_time=time.time(), step=event.progress.global_step + 1, session_log=start)
            file.write(wall_time=time.time(), step=event.progress.global_step, graph_def=graph)
            file.flush()

    def _write(self, phase: Phase, first: int, last: int, progress: Progress) -> None:
        history = progress.history
        losses, accuracies = history.losses[first:last].tolist(), history.accuracies[first:last].tolist()
        ends = time.time() - history.seconds[first:last][::-1].cumsum()[::-1]
        write = self._files[phase].write
        for step, wall_time, loss, accuracy in zip(
            range(first + 1, last + 1), ends.tolist(), losses, accuracies, strict=True
        ):
            values = [Summary.Value(tag=f"{phase}_accuracy", simple_value=accuracy)]
            if phase == "train":
                values.append(Summary.Value(tag="loss", simple_value=loss))
            write(wall_time=wall_time, step=step, summary=Summary(value=values))
        if time.monotonic() - self._flushed > SECONDS_BETWEEN_FLUSHES:
            self._files[phase].flush()
            self._flushed = time.monotonic()
