"""The store of a study: one SQLite file, to be queried with any SQL tool; docs/store.md describes it.

A finished run is one transaction, so that a process killed at any moment loses at most the runs under way.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise._internal.atomic_files import writing
from lengthwise.analysis import Looks
from lengthwise.data.targets import TaskName
from lengthwise.errors import UsageError
from lengthwise.study.database import connect, create, transaction
from lengthwise.study.design import Design
from lengthwise.study.recipe import Recipe
from lengthwise.study.run import Outcome
from lengthwise.study.schema import COLUMNS, create_tables, open_database
from lengthwise.tasks.baselines import Baseline
from lengthwise.tasks.judged_by import task_judged_by
from lengthwise.tasks.metrics import Metric
from lengthwise.training.evaluation import Evaluation
from lengthwise.training.settings import Settings

FILE = "study.sqlite"

SCORE_DTYPE = np.dtype("<f4")
"""How `evaluations.per_sequence` holds the mean score of each sequence's windows, in file order."""

PLACE_DTYPE = np.dtype("<i4")
"""How `evaluations.sequences` holds the places of these sequences in the pool, where a run has a fold."""

JUDGED = ("validation", "test")
"""What the networks are judged on; with folds, validation is the whole pool."""


def run_key(settings: Settings) -> str:
    """Return the text that names a run: its settings, as JSON."""
    return json.dumps(settings.to_dict(), sort_keys=True)


class Store:
    """The results of one study.

    Parameters
    ----------
    connection : sqlite3.Connection
        To a file with the schema.
    path : Path or None
        The file; None in memory.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self._connection = connection
        self.path = path

    @classmethod
    def create(
        cls,
        folder: Path | None,
        design: Design,
        environment: dict[str, Any],
        groups: Mapping[str, Sequence[str]] | None = None,
    ) -> Self:
        """Make the store of a new study, in a folder or in memory.

        Parameters
        ----------
        folder : Path or None
        design : Design
        environment : dict
            See `lengthwise.study.environment.describe_study`.
        groups : mapping of str to sequence of str, optional
            For each of `JUDGED`, the name of the group that each sequence belongs to.

        Raises
        ------
        UsageError
            If the folder holds one already.
        RunError
            If it cannot be written.
        """
        meta = {"created_at": _now(), "environment": json.dumps(environment), "design": design.to_json()}

        def fill(connection: sqlite3.Connection) -> None:
            create_tables(connection)
            connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
            for split, names in (groups or {}).items():
                rows = ((split, place, name) for place, name in enumerate(names))
                connection.executemany("INSERT INTO groups VALUES (?, ?, ?)", rows)

        if folder is None:
            connection = connect(None)
            fill(connection)
            return cls(connection, None)
        path = folder / FILE
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        if path.exists():
            raise UsageError(f"{folder} holds a study already: name another folder with --out.")
        create(path, fill)
        return cls(connect(path), path)

    @classmethod
    def open(cls, folder: Path, *, read_only: bool = False) -> Self:
        """Open the store in a study's folder; one of an older version is migrated, see `lengthwise.study.schema`.

        Raises
        ------
        UsageError
            If the folder holds no study.
        RunError
            If its store cannot be read or migrated.
        """
        path = folder / FILE
        if not path.is_file():
            raise UsageError(f"{folder} is no study: it has no {FILE}, which every folder that study makes has.")
        return cls(open_database(path, read_only=read_only), path)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @property
    def design(self) -> Design:
        """What the study trains."""
        return Design.from_json(self._meta("design"))

    @design.setter
    def design(self, design: Design) -> None:
        with transaction(self._connection, self.path):
            self._connection.execute("UPDATE meta SET value = ? WHERE name = 'design'", (design.to_json(),))

    @property
    def environment(self) -> dict[str, Any]:
        """What the study was made with, and its data's checksum."""
        environment: dict[str, Any] = json.loads(self._meta("environment"))
        return environment

    @property
    def folder(self) -> Path | None:
        """The study's folder; None in memory."""
        return None if self.path is None else self.path.parent

    @property
    def num_steps(self) -> int:
        """Time steps of the data's sequences, T."""
        return int(self.environment["num_steps"])

    @property
    def recipe(self) -> Recipe:
        """What is trained where the user did not say; of a study from before there were recipes, the lecture's."""
        found = self.environment.get("recipe")
        return Recipe("notebook", {}) if found is None else Recipe.from_dict(found)

    @property
    def metric(self) -> Metric:
        """What lengths are compared by."""
        task: TaskName = self.environment["task"]
        return task_judged_by(task, self.design.metric).metric

    @property
    def block(self) -> int:
        """How many neighbouring sequences are one case: 1, or the horizon, over which forecasts overlap."""
        return int(self.environment["block"])

    @property
    def grouped_by(self) -> str:
        """What the groups of the data are, such as the name of their column; empty if that is not known."""
        return str(self.environment.get("grouped_by", ""))

    @property
    def baseline(self) -> Baseline:
        """The score of an answer that needs no network."""
        return Baseline.from_dict(self.environment["baseline"])

    @property
    def looks(self) -> Looks | None:
        """When a study that adds seeds until it is decided is looked at; None if it was never run so."""
        looks = self.design.looks
        return Looks(looks) if looks else None

    @property
    def seconds(self) -> float:
        """Time for which the study has been run, over all times that it was gone on with."""
        row = self._connection.execute("SELECT value FROM meta WHERE name = 'seconds'").fetchone()
        return 0.0 if row is None else float(row[0])

    def add_seconds(self, seconds: float) -> None:
        """Note that the study was run for some more time."""
        with transaction(self._connection, self.path):
            self._connection.execute(
                "INSERT OR REPLACE INTO meta VALUES ('seconds', ?)", (str(round(self.seconds + seconds, 3)),)
            )

    @property
    def version(self) -> str:
        """A text that changes with every change of the store."""
        runs = self._connection.execute("SELECT count(*), coalesce(max(id), 0) FROM runs").fetchone()
        design = hashlib.sha256(self._meta("design").encode()).hexdigest()
        return f"{runs[0]}-{runs[1]}-{design[:16]}"

    def stored(self) -> dict[str, str]:
        """Return the status of every run that is stored, by its key."""
        return dict(self._connection.execute("SELECT key, status FROM runs").fetchall())

    def add(self, outcome: Outcome) -> None:
        """Store a run that has ended, in place of an earlier failure of the same run.

        Raises
        ------
        RunError
            If it cannot be written.
        """
        row = _row(outcome)
        marks = ", ".join("?" * len(row))
        names = ", ".join(f'"{name}"' for name in row)
        connection = self._connection
        with transaction(connection, self.path):
            connection.execute("DELETE FROM runs WHERE key = ? AND status = 'failed'", (row["key"],))
            run = connection.execute(f"INSERT INTO runs ({names}) VALUES ({marks})", tuple(row.values())).lastrowid  # noqa: S608
            connection.executemany(
                "INSERT INTO validations VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(run, *validation) for validation in outcome.validations],
            )
            connection.executemany(
                "INSERT INTO evaluations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(run, *evaluation) for evaluation in _evaluations(outcome)],
            )
            connection.executemany(
                "INSERT INTO anytime VALUES (?, ?, ?)", [(run, *point) for point in outcome.anytime.items()]
            )

    def runs(self) -> pd.DataFrame:
        """Return one row a run, finished or failed, by settings and seed."""
        order = ", ".join(f'"{name}"' for name in COLUMNS)
        frame = pd.read_sql_query(f"SELECT * FROM runs ORDER BY {order}", self._connection)  # noqa: S608
        return frame.drop(columns=["key"])

    def validations(self) -> pd.DataFrame:
        """Return how every run stood at each validation; column ``run`` is the ``id`` of `runs`."""
        return pd.read_sql_query('SELECT * FROM validations ORDER BY run, "update"', self._connection)

    def evaluations(self) -> pd.DataFrame:
        """Return every evaluation without its sequences: run, split, eval_len, score, loss, metrics (JSON)."""
        columns = "run, split, eval_len, score, loss, metrics"
        return pd.read_sql_query(f"SELECT {columns} FROM evaluations ORDER BY 1, 2, 3", self._connection)  # noqa: S608

    def anytime(self) -> pd.DataFrame:
        """Return every run's score after each step of the longest window: run, steps, score."""
        return pd.read_sql_query("SELECT * FROM anytime ORDER BY run, steps", self._connection)

    def groups(self, split: str) -> NDArray[Any] | None:
        """Return the name of each sequence's group, shape (n,), of one of `JUDGED`; None if the data have no groups."""
        query = "SELECT name FROM groups WHERE split = ? ORDER BY sequence"
        rows = self._connection.execute(query, (split,)).fetchall()
        return np.array([name for (name,) in rows]) if rows else None

    def judged(self, run: int) -> NDArray[np.int64]:
        """Return the places in the pool of the sequences that a run with a fold was judged on, shape (n,)."""
        blob = self._connection.execute(
            "SELECT sequences FROM evaluations WHERE run = ? AND split = 'validation'", (run,)
        ).fetchone()[0]
        return np.frombuffer(blob, PLACE_DTYPE).astype(np.int64)

    def per_sequence(self, run: int, split: str, eval_len: int) -> NDArray[np.float64]:
        """Return the mean score of each sequence's windows, shape (n,)."""
        blob = self._connection.execute(
            "SELECT per_sequence FROM evaluations WHERE run = ? AND split = ? AND eval_len = ?", (run, split, eval_len)
        ).fetchone()[0]
        return np.frombuffer(blob, SCORE_DTYPE).astype(np.float64)

    def _meta(self, name: str) -> str:
        value: str = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()[0]
        return value


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _row(outcome: Outcome) -> dict[str, Any]:
    """Return the columns of table ``runs`` for an outcome."""
    settings = outcome.settings
    row: dict[str, Any] = {
        "key": run_key(settings),
        "status": "finished" if outcome.reason is None else "failed",
        "reason": outcome.reason,
        **settings.to_dict(),
        "wall_seconds": outcome.wall_seconds,
        "worker": outcome.worker,
        "finished_at": _now(),
    }
    if outcome.validation is None:
        return row
    metric = outcome.validation.metric
    if outcome.test is not None:
        row |= {
            "test_score": outcome.test.score,
            "test_accuracy": outcome.test.score if metric.is_accuracy else None,
            "test_loss": outcome.test.loss,
        }
    return row | {
        "metric": metric.name,
        "val_score": outcome.validation.score,
        "val_accuracy": outcome.validation.score if metric.is_accuracy else None,
        "val_loss": outcome.validation.loss,
        "best_update": outcome.best_update,
        "updates": outcome.updates,
        "stopped_by": outcome.stopped_by,
        "timesteps": outcome.timesteps,
        "flops": outcome.updates * outcome.flops_per_step,
        "flops_per_step": outcome.flops_per_step,
        "activation_bytes": outcome.activation_bytes,
        "seconds": outcome.seconds,
        "seconds_per_step": outcome.seconds / outcome.updates,
    }


def _judged(outcome: Outcome) -> Iterator[tuple[str, Evaluation]]:
    """Yield every evaluation of an outcome with its split."""
    if outcome.validation is not None:
        yield "validation", outcome.validation
    if outcome.test is not None:
        yield "test", outcome.test
    for length, other in outcome.evaluations.items():
        if length != outcome.settings.seq_len:
            yield "test", other


def _evaluations(outcome: Outcome) -> Iterator[tuple[Any, ...]]:
    """Yield the columns of table ``evaluations`` for an outcome, without its run."""
    for split, evaluation in _judged(outcome):
        starts, metrics = json.dumps(evaluation.score_by_start), json.dumps(evaluation.metrics)
        scores = evaluation.per_sequence.astype(SCORE_DTYPE).tobytes()
        known = outcome.judged if split == "validation" else None
        places = None if known is None else known.astype(PLACE_DTYPE).tobytes()
        yield split, evaluation.seq_len, evaluation.score, evaluation.loss, starts, metrics, scores, places
