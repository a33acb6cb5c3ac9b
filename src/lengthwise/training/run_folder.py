"""A run's folder: its files, its lock, and the content of run.json."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from lengthwise._internal.atomic_files import is_leftover_of, remove_leftovers, replace_bytes, replace_text, writing
from lengthwise._internal.described_fields import described_fields
from lengthwise._internal.locks import LOCK, locked
from lengthwise.data import Dataset, load_data
from lengthwise.errors import LengthwiseError, RunError, UsageError
from lengthwise.networks.module_network import AnyNetwork
from lengthwise.networks.network import Network
from lengthwise.training.settings import Settings


@dataclass(frozen=True)
class RunFolder:
    """The files of one run.

    Attributes
    ----------
    path : Path
        The folder. ``run.json`` describes the run and its results, ``model.safetensors`` holds the network,
        ``checkpoint.safetensors`` what is needed to
        resume, ``train/``, ``test/`` and ``validation/`` the files of TensorBoard.
    """

    path: Path

    @classmethod
    def create(cls, path: Path) -> "RunFolder":
        """Create a new folder.

        Raises
        ------
        UsageError
            If it exists and is not empty.
        RunError
            If it cannot be created.
        """
        folder = cls(path)
        with writing(path):
            folder.check_free()
            path.mkdir(parents=True, exist_ok=True)
        return folder

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """Return the run in a folder.

        Raises
        ------
        UsageError
            If the folder contains no run.
        """
        folder = cls(path)
        if not path.is_dir():
            raise UsageError(f"{path} is not a run folder: there is no such folder.")
        if not folder.record_path.is_file():
            raise UsageError(
                f"{path} is not a run folder: it has no run.json, which train writes to every run's folder when it "
                f"begins. A training that was stopped before that is started again, with --out {quote(str(path))}."
            )
        return folder

    @property
    def record_path(self) -> Path:
        """``run.json``."""
        return self.path / "run.json"

    @property
    def checkpoint_path(self) -> Path:
        """``checkpoint.safetensors``."""
        return self.path / "checkpoint.safetensors"

    @property
    def model_path(self) -> Path:
        """``model.safetensors``."""
        return self.path / "model.safetensors"

    def _is_content(self, entry: Path) -> bool:
        """Return whether an entry is more than the lock or a first run.json that was not completed."""
        return entry.name != LOCK and not is_leftover_of(self.record_path, entry)

    def check_free(self) -> None:
        """Check that the folder does not exist, or has nothing but what a run leaves that was stopped as it began.

        Raises
        ------
        UsageError
            If it is not empty.
        """
        taken = self.path.exists() or self.path.is_symlink()
        if not taken or (self.path.is_dir() and not any(map(self._is_content, self.path.iterdir()))):
            return
        raise UsageError(
            f"{self.path} exists already, and is not overwritten: "
            + (
                f"continue it with --resume {quote(str(self.path))}, or name another folder with --out."
                if self.record_path.is_file()
                else "name another folder with --out."
            )
        )

    @contextmanager
    def locked(self, *, is_new: bool = False) -> Iterator[None]:
        """Keep other processes from training in this folder.

        Parameters
        ----------
        is_new : bool
            Whether the folder must be empty, which is checked again here: another process may have used it since.

        Raises
        ------
        RunError
            If another process trains in it.
        UsageError
            If the folder must be empty, and is not.
        """
        with locked(self.path, lambda: f"{self.path} is being trained by another process: wait for it, or stop it."):
            if is_new:
                self.check_free()
            remove_leftovers(self.path)
            yield

    def write_record(self, record: dict[str, Any]) -> None:
        """Replace run.json."""
        replace_text(self.record_path, json.dumps(record, indent=2, allow_nan=False) + "\n")

    def read_record(self) -> dict[str, Any]:
        """Return the content of run.json.

        Raises
        ------
        RunError
            If it cannot be read.
        """
        try:
            record = json.loads(self.record_path.read_text())
        except (ValueError, OSError, RecursionError) as error:
            raise RunError(f"{self.record_path} cannot be read: {error}.") from error
        for part in ("config", "network", "environment"):
            if not isinstance(record, dict) or not isinstance(record.get(part), dict):
                raise RunError(f"{self.record_path} was not written by train: it has no {part}.")
        return dict(record)

    def read_settings(self) -> Settings:
        """Return the run's settings.

        Raises
        ------
        RunError
            If run.json lacks one or has one that is unknown or out of range.
        """
        config = self.read_record()["config"]
        config.pop("threads", None)
        needed, known = Settings().to_dict().keys(), described_fields(Settings).keys()
        sentence = f"{self.record_path} has a config that this version of lengthwise cannot read"
        for wrong in sorted((needed - config.keys()) | (config.keys() - known)):
            raise RunError(f"{sentence}: {'it lacks' if wrong in known else 'there is no'} setting {wrong!r}.")
        try:
            return Settings.from_dict(config)
        except (TypeError, UsageError) as error:
            raise RunError(f"{sentence}: {error}") from error

    def load_data(self, data: str | Path | Dataset | None = None) -> Dataset:
        """Return the data that run.json names, or others in their place.

        Raises
        ------
        LengthwiseError
            If they cannot be read; where run.json named them, the message says so.
        """
        if data is not None:
            return load_data(data)
        try:
            return load_data(self.read_settings().data)
        except LengthwiseError as error:
            if str(self.record_path) in str(error):
                raise
            raise type(error)(
                f"{error} {self.record_path} names these data: if they are elsewhere now, say where with --data."
            ) from error

    def read_network(self) -> Network:
        """Return the network that the run trains.

        Raises
        ------
        RunError
            If run.json does not describe one.
        """
        sizes = self.read_record()["network"]
        try:
            return Network(**{name: sizes[name] for name in Network.__dataclass_fields__})
        except (TypeError, KeyError, UsageError) as error:
            raise RunError(f"{self.record_path} does not describe a network that can be made: {error}") from error

    def write_model(self, network: AnyNetwork, parameters: NDArray[np.float32]) -> str:
        """Replace model.safetensors, and return its SHA-256, which run.json keeps."""
        content = save(network.named(parameters))
        replace_bytes(self.model_path, content)
        return hashlib.sha256(content).hexdigest()

    def read_model(self, network: AnyNetwork) -> NDArray[np.float32]:
        """Return the trained parameters.

        Raises
        ------
        RunError
            If there are none yet, they do not match this network, or the file is not the one that the run wrote.
        """
        if not self.model_path.exists():
            raise RunError(
                f"{self.path} has no trained network yet: finish it with lengthwise train --resume "
                f"{quote(str(self.path))}"
            )
        try:
            content = self.model_path.read_bytes()
            parameters = network.flat(load(content))
        except (SafetensorError, OSError, UsageError) as error:
            raise RunError(f"{self.model_path} cannot be read: {error}") from error
        written = self.read_record().get("model_sha256")  # runs of older versions have none
        if written not in (None, hashlib.sha256(content).hexdigest()):
            raise RunError(
                f"{self.model_path} is not the file that the run wrote: its SHA-256 is not the one in run.json. Make "
                f"it again from the checkpoint with lengthwise train --resume {quote(str(self.path))}"
            )
        return parameters
