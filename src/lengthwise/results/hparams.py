"""TensorBoard's folders of events with the HParams plugin's records: the settings of a run and its last scalars."""

from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from lengthwise.errors import DataError, UsageError
from lengthwise.results.runs import Runs

EVENTS = "*tfevents*"


def has_events(path: Path) -> bool:
    """Return whether there are files of events in a folder or in one below it."""
    return next(path.rglob(EVENTS), None) is not None


def read_hparams(path: Path) -> Runs:
    """Read a row for each folder in which a run's settings were recorded, with the last value of each scalar.

    Scalars in folders below it, such as Keras's ``validation``, have that folder's name before theirs.

    Raises
    ------
    UsageError
        If no run recorded its settings.
    DataError
        If the events cannot be read.
    """
    folders = sorted({file.parent for file in path.rglob(EVENTS)})
    read = {folder: _read(folder) for folder in folders}
    sessions = [folder for folder in folders if read[folder][0] is not None]
    if not sessions:
        raise UsageError(
            f"{path} has events of TensorBoard, but no run in it recorded its settings with HParams: save a table of "
            f"runs with columns such as seq_len, seed and val_accuracy."
        )
    rows, ended, settings, scores = [], Counter[str](), dict[str, None](), dict[str, None]()
    for folder in sessions:
        values, scalars, failed = read[folder]
        for below in folders:
            if folder in below.parents and below not in sessions:
                inner = below.relative_to(folder).as_posix()
                scalars |= {f"{inner}/{tag}": value for tag, value in read[below][1].items()}
        if failed:
            ended["failed"] += 1
            continue
        settings |= dict.fromkeys(values or {})
        scores |= dict.fromkeys(scalars)
        rows.append({**scalars, **(values or {})})
    return Runs(
        pd.DataFrame(rows),
        path.name,
        settings=tuple(settings),
        scores=tuple(scores),
        left_out=ended,
        notes=("of each curve in the events, its last value counts",),
    )


Session = tuple[dict[str, Any] | None, dict[str, float], bool]
"""A folder's settings, None if it recorded none; the last of its scalars; and whether the run failed."""


def _read(folder: Path) -> Session:
    try:
        return _session(folder)
    except Exception as error:  # a damaged file: of many kinds
        raise DataError(f"{folder} has events that cannot be read: {error}.") from error


def _session(folder: Path) -> Session:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # noqa: PLC0415 - heavy
    from tensorboard.plugins.hparams import api_pb2, metadata  # noqa: PLC0415
    from tensorboard.util.tensor_util import make_ndarray  # noqa: PLC0415

    events = EventAccumulator(str(folder), size_guidance={"scalars": 1, "tensors": 1, "images": 1})
    events.Reload()
    scalars = {tag: float(events.Scalars(tag)[-1].value) for tag in events.Tags()["scalars"]}
    for tag in events.Tags()["tensors"]:  # as TensorFlow 2 writes scalars
        value = make_ndarray(events.Tensors(tag)[-1].tensor_proto)
        if value.size == 1 and value.dtype.kind in "fiu" and not tag.startswith("_hparams_"):
            scalars[tag] = float(value.reshape(()))
    records = events.PluginTagToContent("hparams") if "hparams" in _plugins(events) else {}
    found: dict[str, Any] | None = None
    failed = False
    for tag, content in records.items():
        if tag == metadata.SESSION_START_INFO_TAG:
            start = metadata.parse_session_start_info_plugin_data(content)
            found = {name: _value(value) for name, value in start.hparams.items()}
        elif tag == metadata.SESSION_END_INFO_TAG:
            failed = metadata.parse_session_end_info_plugin_data(content).status == api_pb2.STATUS_FAILURE
    return found, scalars, failed


def _plugins(events: Any) -> set[str]:
    return set(events._plugin_to_tag_to_content)  # noqa: SLF001 - PluginTagToContent raises for others


def _value(value: Any) -> Any:
    """Return a value of protobuf as a plain one."""
    kind = value.WhichOneof("kind")
    return None if kind in (None, "null_value") else getattr(value, kind)
