"""Optuna's studies: trials in a database or a journal file."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from lengthwise._internal.extras import required
from lengthwise.errors import DataError
from lengthwise.results.runs import Runs
from lengthwise.tasks.named_metrics import Direction

STUDY = "study"
"""The column of the study's name."""


def is_journal(path: Path) -> bool:
    """Return whether a file is a journal: a line of JSON for each operation."""
    try:
        with path.open(encoding="utf-8") as file:
            first = json.loads(file.readline(1 << 16))
    except (OSError, ValueError):
        return False
    return isinstance(first, dict) and "op_code" in first


def read_journal(path: Path) -> Runs:
    """Read all studies of a journal file; see `read_optuna`."""
    journal = required("optuna.storages.journal", "reading a journal of Optuna", "optuna")
    storages = required("optuna.storages", "reading a journal of Optuna", "optuna")
    return read_optuna(lambda: storages.JournalStorage(journal.JournalFileBackend(str(path))), path.name)


def read_optuna(storage: str | Callable[[], Any], source: str) -> Runs:
    """Read all studies of a storage: parameters, attributes and values of the trials that were completed.

    Parameters
    ----------
    storage : str or callable
        A URL, such as ``sqlite:///study.db``, or what opens a storage.
    source : str
        What sentences call it.

    Raises
    ------
    UsageError
        If Optuna is not installed.
    DataError
        If the storage cannot be read.
    """
    optuna = required("optuna", "reading a storage of Optuna", "optuna")
    try:
        opened = storage if isinstance(storage, str) else storage()
        names = optuna.get_all_study_names(opened)
        studies = [optuna.load_study(study_name=name, storage=opened) for name in names]
        parts = [_rows(study) for study in studies]
    except Exception as error:  # of many kinds, the database's own among them
        detail = " ".join(str(error).split()).rstrip(".")[:200]
        raise DataError(f"{source} cannot be read as a storage of Optuna: {detail}.") from error
    directions: dict[str, set[str]] = {}
    for study in studies:
        for name, direction in zip(_score_names(study), study.directions, strict=True):
            directions.setdefault(name, set()).add(direction.name.lower())
    rows = [row for part, _ in parts for row in part]
    parameters = dict.fromkeys(name for study in studies for trial in study.trials for name in trial.params)
    return Runs(
        pd.DataFrame(rows),
        source,
        settings=(*((STUDY,) if len(studies) > 1 else ()), *parameters),
        scores=tuple(directions),
        directions={name: _direction(found) for name, found in directions.items() if len(found) == 1},
        left_out=sum((ended for _, ended in parts), Counter[str]()),
    )


def _direction(found: set[str]) -> Direction:
    return "maximize" if found == {"maximize"} else "minimize"


def _score_names(study: Any) -> list[str]:
    """Return what a study's values are called."""
    known = study.metric_names
    count = len(study.directions)
    return list(known) if known else ["value"] if count == 1 else [f"value{place}" for place in range(count)]


def _rows(study: Any) -> tuple[list[dict[str, Any]], Counter[str]]:
    """Return a row for each trial that was completed, and how the others ended."""
    rows, ended = [], Counter[str]()
    names = _score_names(study)
    for trial in study.get_trials(deepcopy=False):
        if trial.state.name != "COMPLETE":
            ended[{"FAIL": "failed"}.get(trial.state.name, trial.state.name.lower())] += 1
            continue
        plain = {key: value for key, value in trial.user_attrs.items() if isinstance(value, str | int | float)}
        row = {STUDY: study.study_name, **plain, **trial.params, **dict(zip(names, trial.values, strict=True))}
        rows.append(row if trial.duration is None else {"seconds": trial.duration.total_seconds()} | row)
    return rows, ended
