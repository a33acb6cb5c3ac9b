"""Where results are read from: which reader a file, a folder, a database or a frame goes to."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd

from lengthwise._internal.regular_files import check_regular
from lengthwise.errors import DataError, UsageError
from lengthwise.results.hparams import has_events, read_hparams
from lengthwise.results.mlflow_store import is_file_store, read_mlflow
from lengthwise.results.optuna_storage import is_journal, read_journal, read_optuna
from lengthwise.results.runs import Runs, numbers_where_all_are
from lengthwise.results.search_results import is_search, read_search
from lengthwise.results.tables import read_table
from lengthwise.results.wide import is_wide, read_wide
from lengthwise.study.database import UNREADABLE

SQLITE = "sqlite:///"
MAGIC = b"SQLite format 3\x00"

KINDS = (
    "a table (CSV, TSV, Parquet, Excel, JSON lines), a storage of Optuna, a store of MLflow, a folder of TensorBoard "
    "events with HParams"
)


def read_runs(source: Any) -> Runs:
    """Read the runs of a source.

    Parameters
    ----------
    source : str, Path, DataFrame, mapping, list of mappings, or search of scikit-learn
        A file, a folder, the URL of a database; a frame of pandas or polars; ``cv_results_``, or the search itself.

    Raises
    ------
    UsageError
        If there is no such file, it is of no kind that is known, or a package is missing.
    DataError
        If it cannot be read.
    """
    if isinstance(source, str | Path):
        runs = _read_place(str(source))
    else:
        found = source.cv_results_ if hasattr(source, "cv_results_") else source
        runs = Runs(_frame(found), "the frame" if isinstance(found, pd.DataFrame) else "the table")
    if is_search(runs.frame):
        runs = read_search(runs)
    elif is_wide(runs):
        runs = read_wide(runs)
    if runs.frame.empty:
        ended = ", ".join(f"{count} {how}" for how, count in runs.left_out.items())
        raise DataError(f"{runs.source} has no finished runs{f' ({ended})' if ended else ''}.")
    return runs


def _read_place(place: str) -> Runs:
    """Read a file, a folder or a database."""
    if "://" in place and not place.startswith(SQLITE):
        return read_optuna(place, place.partition("://")[0])
    path = Path(place.removeprefix(SQLITE))
    if not path.exists():
        raise UsageError(f"there is no {path}: name {KINDS}.")
    check_regular(path)
    if path.is_dir():
        return _read_folder(path)
    with path.open("rb") as file:
        is_database = file.read(len(MAGIC)) == MAGIC
    if is_database:
        return _read_database(path)
    return read_journal(path) if is_journal(path) else read_table(path)


def _read_folder(path: Path) -> Runs:
    if (path / "study.sqlite").is_file():
        raise UsageError(f"{path} is a study of lengthwise: its answer is given by lengthwise report {path}")
    if is_file_store(path):
        return read_mlflow(path)
    if has_events(path):
        return read_hparams(path)
    raise UsageError(f"{path} is a folder in which no results were found: name {KINDS}.")


def _read_database(path: Path) -> Runs:
    """Read a database of SQLite by whose tables it has."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except UNREADABLE as error:
        raise DataError(f"{path} cannot be read as a database: {error}.") from error
    if {"studies", "trials"} <= tables:
        return read_optuna(f"{SQLITE}{path}", path.name)
    if {"experiments", "runs", "metrics"} <= tables:
        return read_mlflow(f"{SQLITE}{path}")
    if {"meta", "evaluations"} <= tables:
        raise UsageError(f"{path} is a study of lengthwise: its answer is given by lengthwise report {path.parent}")
    raise UsageError(f"{path} is a database, but of neither Optuna nor MLflow: save its table of runs as a CSV file.")


def _frame(source: Any) -> pd.DataFrame:
    """Return a table in memory as a frame with a plain index."""
    if hasattr(source, "to_pandas"):
        source = source.to_pandas()
    if isinstance(source, Mapping | list):
        try:
            source = pd.DataFrame(source)
        except (ValueError, TypeError) as error:
            raise UsageError(f"the table cannot be read: {error}.") from error
    if not isinstance(source, pd.DataFrame):
        raise UsageError(f"{type(source).__name__} is no table of runs: give a frame, or {KINDS}.")
    frame = source.copy()
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    frame.columns = pd.Index(
        ["_".join(str(part) for part in name if str(part)) if isinstance(name, tuple) else str(name) for name in frame]
    )
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise UsageError(f"the frame has two columns {twice}: give each a name of its own.")
    return numbers_where_all_are(frame.reset_index(drop=True))
