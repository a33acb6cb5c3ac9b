"""Files that are damaged, each with what reads it."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

import lengthwise
from lengthwise.commands.configuration import find_configuration
from lengthwise.engine.simd import compilation
from lengthwise.errors import LengthwiseError
from lengthwise.report.page import page_data
from tests.campaign.kinds import PER_ROUND, Kind, of_kind
from tests.campaign.results import results_in
from tests.data.test_damaged_files import CHECKED, TARGETS, VALUES, WRITERS
from tests.idx_files import write_folder

SETTINGS = {"seq_len": 5, "hidden_size": 4, "num_layers": 1, "batch_size": 16}
RUN = SETTINGS | {"steps": 20, "quiet": True, "threads": 1}
STUDY = SETTINGS | {"seq_lens": "2,5", "seeds": 2, "budget": "steps=20", "recipe": "notebook"}
del STUDY["seq_len"]

MAT = {"walks.mat": lambda path: savemat(path, {"X": VALUES, "y": TARGETS})}

SLOW = {
    "walks.mat": 3,
    "study.sqlite": 50,
    "machine code": 5,
    "runs.csv": 50,
    "optuna.db": 20,
    "optuna.log": 50,
    "events": 20,
}
"""How often those are damaged that take longer: a MATLAB file is tried in another process first."""

CONFIGURATIONS = {
    ".toml": 'data = "x.csv"\nlr = 1e-3\n[study]\nseeds = 5\ncell = ["rnn", "gru"]\n',
    ".yaml": "data: x.csv\nlr: 1e-3\nstudy:\n  seeds: 5\n  cell: [rnn, gru]\n",
}


def kinds_in(folder: Path) -> dict[str, Kind]:
    """Make a file of every kind in an empty folder; the kinds by name."""
    kinds = dict(_data(folder))
    run = folder / "run"
    small = write_folder(folder / "small")
    result = lengthwise.train(small, out=run, **RUN)
    assert result.out == run
    kinds["run.json"] = of_kind(run / "run.json", lambda: lengthwise.evaluate(run))
    kinds["model.safetensors"] = of_kind(run / "model.safetensors", lambda: lengthwise.evaluate(run), checked=True)
    kinds["checkpoint.safetensors"] = of_kind(run / "checkpoint.safetensors", lambda: _prolonged(run), checked=True)
    study = folder / "study"
    lengthwise.Study(small, out=study, **STUDY).run().store.close()
    with closing(sqlite3.connect(study / "study.sqlite")) as store:
        store.execute("PRAGMA journal_mode = DELETE")
    kinds["study.sqlite"] = of_kind(study / "study.sqlite", lambda: _reported(study))
    for ending, text in CONFIGURATIONS.items():
        path = folder / f"configuration{ending}"
        path.write_text(text)
        kinds[path.name] = of_kind(path, lambda path=path: find_configuration(path))
    kinds["machine code"] = _machine_code(folder / "code")
    kinds |= results_in(folder / "results")
    return {name: replace(kind, per_round=SLOW.get(name, PER_ROUND)) for name, kind in kinds.items()}


def _data(folder: Path):
    for name, write in (WRITERS | MAT).items():
        place = folder / name.replace(".", "-")
        place.mkdir()
        path = read = place / name
        if path.suffix == ".npy":
            read = place / "walks.npy"
            np.save(read, VALUES)
            np.save(place / "walks.targets.npy", TARGETS)
        write(path)
        use = lambda read=read: lengthwise.load_data(read).checksum  # noqa: E731 - a name for the next line
        yield name, of_kind(path, use, checked=name.endswith(CHECKED))
    idx = write_folder(folder / "idx")
    for path in sorted(idx.glob("t*")):
        if "train-images" in path.name or "t10k-labels" in path.name:
            checked = path.suffix == ".gz"
            yield path.name, of_kind(path, lambda: lengthwise.load_data(idx).checksum, checked=checked)


def _prolonged(run: Path):
    """Go on with a copy of a run from its checkpoint."""
    copy = run.with_name("copy of run")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(run, copy)
    try:
        return lengthwise.resume(copy, steps=25, quiet=True, threads=1).evaluation
    except LengthwiseError as error:
        raise type(error)(str(error).replace(str(copy), str(run))) from error


def _reported(folder: Path):
    study = lengthwise.Study.load(folder, read_only=True)
    try:
        study.answers()
        page_data(study)
    finally:
        study.store.close()


def _double(values):
    for i in range(len(values)):
        values[i] += values[i]


def _machine_code(folder: Path) -> Kind:
    folder.mkdir(mode=0o700)

    def use():
        """Load the program as a new process does, or compile it anew."""
        program, values = compilation.program(_double), np.arange(3, dtype=np.int16)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(compilation, "CACHE_FOLDER", folder)
            program.prepare(values, on_compile=lambda: None)
        program(values)
        return values.tolist()

    use()
    (path,) = folder.rglob("*.code")
    return of_kind(path, use, checked=True)
