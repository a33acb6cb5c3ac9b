"""Results of other programs, damaged: what `lengthwise decide` reads."""

import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import optuna
from optuna.storages.journal import JournalFileBackend

import lengthwise
from tests.campaign.kinds import Kind, of_kind
from tests.results.sources import write_hparams, write_optuna
from tests.results.test_sources import TABLE

WRITERS = {
    "runs.csv": partial(TABLE.to_csv, index=False),
    "runs.tsv.gz": partial(TABLE.to_csv, index=False, sep="\t"),
    "runs.parquet": TABLE.to_parquet,
    "runs.xlsx": partial(TABLE.to_excel, index=False),
    "runs.json": partial(TABLE.to_json, orient="records"),
    "runs.jsonl": partial(TABLE.to_json, orient="records", lines=True),
    "optuna.db": lambda path: write_optuna(f"sqlite:///{path}"),
    "optuna.log": lambda path: write_optuna(optuna.storages.JournalStorage(JournalFileBackend(str(path)))),
}


def results_in(folder: Path) -> Iterator[tuple[str, Kind]]:
    """Make a file of every kind in a folder, and yield the kinds by name."""
    for name, write in WRITERS.items():
        path = folder / name.replace(".", "-") / name
        path.parent.mkdir(parents=True)
        write(path)
        yield name, of_kind(path, partial(decided, path))
    board = folder / "board"
    yield "events", of_kind(write_board(board), partial(decided, board))


def write_board(folder: Path) -> Path:
    """Write TensorBoard's events of some runs, and return a file of one run's settings."""
    write_hparams(folder)
    return min(folder.rglob("session/*tfevents*"))


def decided(place: Path) -> str:
    """Return the answer of the results in a file or a folder."""
    with warnings.catch_warnings(action="ignore"):
        return lengthwise.decide(place, direction="maximize").answers()[0].sentence
