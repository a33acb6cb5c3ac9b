"""Checkpoints: everything that a training needs to continue as if it had never stopped."""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from lengthwise._internal.atomic_files import replace_arrays
from lengthwise.engine.protocol import State
from lengthwise.errors import RunError
from lengthwise.networks.backend import initial_states
from lengthwise.networks.module_network import AnyNetwork
from lengthwise.training.events import EpochEnded, Evaluating, Event, Interrupted, Stepped
from lengthwise.training.loop import Training
from lengthwise.training.progress import History, Progress, Schedule
from lengthwise.training.selection import Selection, Validation
from lengthwise.training.settings import Settings

SECONDS_BETWEEN = 30.0
"""A killed process loses at most this much work."""

RAISABLE = ("epochs", "steps")
"""Settings that may be increased when a run is resumed."""

FORMAT = "3"
ARRAYS = ("parameters", "m", "v", "average", "losses", "scores", "seconds", "carried", "validations", "best")


def save_checkpoint(path: Path, settings: Settings, progress: Progress) -> None:
    """Write a checkpoint, which replaces the previous one.

    The file is in the safetensors format: `State` and `History` as arrays, the validations (n, 3) and the parameters of
    the best one, and in its metadata the settings, the global step and the SHA-256 of the arrays.
    """
    selection = progress.selection
    validations = [] if selection is None else selection.validations
    best = None if selection is None else selection.best
    arrays = {
        **progress.state._asdict(),
        **vars(progress.history),
        "carried": progress.carried,
        "validations": np.array(validations, np.float64).reshape(-1, len(Validation._fields)),
        "best": np.zeros(0, np.float32) if best is None else best,
    }
    metadata = {
        "format": FORMAT,
        "settings": json.dumps(settings.to_dict()),
        "global_step": str(progress.global_step),
        "sha256": _digest(arrays),
    }
    replace_arrays(path, arrays, metadata)


def load_checkpoint(path: Path, training: Training) -> Training:
    """Return a training in the state that a checkpoint holds.

    Parameters
    ----------
    path : Path
    training : Training
        The training before its first step; its `epochs` or `steps` may be larger than when the checkpoint was written,
        and its data elsewhere.

    Raises
    ------
    RunError
        If the checkpoint cannot be read, or is of a training with other settings.
    """
    settings, network, schedule = training.settings, training.network, training.progress.schedule
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if metadata["format"] != FORMAT:
                raise RunError(
                    f"{path} has checkpoint format {metadata['format']}, but this version of lengthwise reads "
                    f"{FORMAT}: resume with the version of lengthwise that wrote it, or train again from the start."
                )
            arrays = {name: file.get_tensor(name) for name in ARRAYS}
        saved = dict(json.loads(metadata["settings"]))
        global_step = int(metadata["global_step"])
    except (SafetensorError, KeyError, TypeError, ValueError, OSError, RecursionError) as error:
        raise RunError(f"{path} is not a valid checkpoint ({error}): train again from the start.") from error
    for name, value in settings.to_dict().items():
        if name not in (*RAISABLE, "data") and saved.get(name) != value:
            raise RunError(
                f"{path} belongs to another configuration: its {name} is {saved.get(name)!r}, but the run's is "
                f"{value!r}."
            )
    if not 0 <= global_step <= schedule.total:
        raise RunError(f"{path} is at step {global_step}, but the run has {schedule.total} steps.")
    _check_arrays(path, arrays, network, global_step, averages=settings.ema_decay is not None)
    if metadata.get("sha256") not in (None, _digest(arrays)):  # checkpoints of older versions have none
        raise RunError(f"{path} is damaged: its SHA-256 is not that of its arrays. Train again from the start.")
    selection = _selection(path, arrays, settings, network, schedule)
    carried = np.array(arrays["carried"])
    expected = initial_states(network, settings.seq_len, settings.batch_size).shape
    if carried.shape != expected or carried.dtype != np.float32:
        raise RunError(
            f"{path} has carried states of shape {carried.shape} and type {carried.dtype}, but this run on this "
            f"processor needs {expected} and float32: train again from the start."
        )
    state = State(*(np.array(arrays[name]) for name in State._fields))
    history = History(*(arrays[name] for name in ("losses", "scores", "seconds"))).resized(schedule.total)
    return replace(
        training, progress=Progress(schedule, state, history, global_step, carried=carried, selection=selection)
    )


def _digest(arrays: Mapping[str, NDArray[Any]]) -> str:
    """Return the SHA-256 of the values of a checkpoint's arrays."""
    digest = hashlib.sha256()
    for name in ARRAYS:
        digest.update(np.ascontiguousarray(arrays[name]).data)
    return digest.hexdigest()


def _selection(
    path: Path, arrays: dict[str, NDArray[Any]], settings: Settings, network: AnyNetwork, schedule: Schedule
) -> Selection | None:
    """Return the validations in a checkpoint and the best one's parameters; None if parameters are not selected."""
    selection = Selection.of(settings, network.task, schedule.train_steps, schedule.updates)
    if selection is None:
        return None
    for update, score, loss in arrays["validations"].tolist():
        selection.record(Validation(int(update), score, loss))
    selection.best = np.array(arrays["best"]) if selection.validations else None
    if [validation.update for validation in selection.validations] != list(selection.due[: len(selection.validations)]):
        raise RunError(f"{path} has validations at other steps than the run: train again from the start.")
    return selection


def _check_arrays(
    path: Path, arrays: dict[str, NDArray[Any]], network: AnyNetwork, global_step: int, *, averages: bool
) -> None:
    """Raise `RunError` unless the arrays have the types and shapes that the engine expects without checking."""
    steps, P, validations = arrays["losses"].size, network.num_parameters, len(arrays["validations"])
    expected: dict[str, tuple[tuple[int, ...], type]] = {
        **dict.fromkeys(("parameters", "m", "v"), ((P,), np.float32)),
        "average": ((P if averages else 0,), np.float32),
        **dict.fromkeys(("losses", "scores", "seconds"), ((steps,), np.float64)),
        "validations": ((validations, len(Validation._fields)), np.float64),
        "best": ((P if validations else 0,), np.float32),
    }
    for name, (shape, kind) in expected.items():
        array = arrays[name]
        if array.shape != shape or array.dtype != kind:
            raise RunError(
                f"{path} belongs to another network: its {name} have shape {array.shape} and type {array.dtype}, but "
                f"the run's have shape {shape} and type {np.dtype(kind)}."
            )
    if steps < global_step:
        raise RunError(f"{path} is at step {global_step}, but its history has {steps} steps.")


@dataclass
class Checkpoints:
    """Writes a checkpoint every 30 seconds, at the end of an epoch and of the training, and when interrupted.

    Parameters
    ----------
    path : Path
    settings : Settings
    """

    path: Path
    settings: Settings

    def __post_init__(self) -> None:
        self._written = time.monotonic()
        self._saved = (-1, -1)

    def __call__(self, event: Event) -> None:
        """Write a checkpoint, if one is due at this event."""
        match event:
            case Stepped(progress=progress) if time.monotonic() - self._written > SECONDS_BETWEEN:
                self._save(progress)
            case EpochEnded(progress=progress) | Evaluating(progress=progress) | Interrupted(progress=progress):
                self._save(progress)

    def _save(self, progress: Progress) -> None:
        made = progress.global_step, 0 if progress.selection is None else len(progress.selection.validations)
        if made != self._saved:
            save_checkpoint(self.path, self.settings, progress)
            self._saved = made
        self._written = time.monotonic()
