"""The store of a study: one SQLite file, to be queried with any SQL tool; docs/store.md describes it.

A finished run is one transaction, so that a process killed at any moment loses at most the runs under way.
"""

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from lengthwise._internal.atomic_files import writing
from lengthwise.analysis import Looks
from lengthwise.errors import UsageError
from lengthwise.study.asked import AskedTrials
from lengthwise.study.database import connect, create, damaged, is_empty, reading, transaction
from lengthwise.study.design import Design
from lengthwise.study.meta import Meta, Round, design_of, environment_of, question_of, rounds_of, subject_of
from lengthwise.study.outcome import Outcome, described
from lengthwise.study.recipe import Recipe
from lengthwise.study.run_rows import PLACE_DTYPE, SCORE_DTYPE, evaluations_of, now, row_of
from lengthwise.study.schema import COLUMNS, columns, create_tables, open_database
from lengthwise.study.subject import Subject
from lengthwise.tasks.baselines import Baseline
from lengthwise.tasks.metrics import Metric
from lengthwise.tasks.named_metrics import as_seen
from lengthwise.training.keyword_settings import DEFAULTS

if TYPE_CHECKING:
    import pandas as pd

Parsed = TypeVar("Parsed")

FILE = "study.sqlite"

JUDGED = ("validation", "test")
"""What the networks are judged on; with folds, validation is the whole pool."""


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
        self._meta = Meta(connection, path)
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
        meta = {"created_at": now(), "environment": json.dumps(environment), "design": design.to_json()}

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
        if path.exists() and not is_empty(path):
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
        if is_empty(path):
            raise UsageError(
                f"{folder} is no study yet: its {FILE} is empty, since it was stopped as it began. Start it again with "
                f"--out {quote(str(folder))}."
            )
        return cls(open_database(path, read_only=read_only), path)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @property
    def design(self) -> Design:
        """What the study trains."""
        return self._meta.parsed("design", design_of)

    @design.setter
    def design(self, design: Design) -> None:
        with transaction(self._connection, self.path):
            self._connection.execute("UPDATE meta SET value = ? WHERE name = 'design'", (design.to_json(),))

    def replace_design(self, known: Design, design: Design) -> bool:
        """Put a design in the place of the one that was known; return whether it was there still."""
        with transaction(self._connection, self.path):
            if self.design != known:
                return False
            self._connection.execute("UPDATE meta SET value = ? WHERE name = 'design'", (design.to_json(),))
        return True

    @property
    def asked(self) -> AskedTrials:
        """The trials that are being made elsewhere."""
        return AskedTrials(self._connection, self.path)

    @property
    def environment(self) -> dict[str, Any]:
        """What the study was made with, and its data's checksum."""
        return self._meta.parsed("environment", environment_of)

    @property
    def folder(self) -> Path | None:
        """The study's folder; None in memory."""
        return None if self.path is None else self.path.parent

    @property
    def subject(self) -> Subject:
        """What the study is about."""
        metric = self.design.metric
        return self._meta.parsed("environment", lambda text: subject_of(text, metric))

    @property
    def num_steps(self) -> int:
        """Time steps of the data's sequences, T; where they are not known, the longest length that may be tried."""
        known = self.subject.num_steps
        return max(*self.design.seq_lens, *self.design.candidates, 0) if known is None else known

    @property
    def recipe(self) -> Recipe:
        """What is trained where the user did not say; of a study from before there were recipes, the lecture's."""
        found = self.environment.get("recipe")
        return Recipe("notebook", {}) if found is None else Recipe.from_dict(found)

    @property
    def metric(self) -> Metric:
        """What lengths are compared by."""
        ((lowest, highest),) = self._rows("SELECT min(val_score), max(val_score) FROM runs")
        metric = self.subject.metric
        return metric if lowest is None else as_seen(metric, lowest, highest)

    @property
    def baseline(self) -> Baseline | None:
        """The score of an answer that needs no network, if one is known."""
        return self.subject.baseline

    @property
    def looks(self) -> Looks | None:
        """When a study that adds seeds until it is decided is looked at; None if it was never run so."""
        looks = self.design.looks
        return Looks(looks) if looks else None

    @property
    def seconds(self) -> float:
        """Time for which the study has been run, over all times that it was gone on with."""
        return self._meta.noted("seconds", float, 0.0)

    def add_seconds(self, seconds: float) -> None:
        """Note that the study was run for some more time."""
        with transaction(self._connection, self.path):
            row = ("seconds", str(round(self.seconds + seconds, 3)))
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", row)

    @property
    def question(self) -> tuple[float | None, float | None]:
        """The margin and the confidence that the study was last run with; None where they were not said."""
        nothing: tuple[float | None, float | None] = (None, None)
        return self._meta.noted("question", question_of, nothing)

    def ask(self, margin: float | None, confidence: float | None) -> None:
        """Note the margin and the confidence that the study is run with; None leaves one as it was."""
        known = self.question
        asked = tuple(old if new is None else new for old, new in zip(known, (margin, confidence), strict=True))
        if asked != known:
            self._meta.note("question", json.dumps(dict(zip(("margin", "confidence"), asked, strict=True))))

    @property
    def rounds(self) -> tuple[Round, ...]:
        """When the study trained what was pending, and decided what to train next; empty if that was not noted."""
        return self._meta.noted("rounds", rounds_of, ())

    def begin_round(self) -> None:
        """Note that what is pending is trained from now on."""
        ((last,),) = self._rows("SELECT coalesce(max(id), 0) FROM runs")
        rounds = (*self.rounds, Round(last, self.seconds))
        self._meta.note("rounds", json.dumps([each._asdict() for each in rounds]))

    @property
    def version(self) -> str:
        """A text that changes with every change of the store."""
        (runs,) = self._rows("SELECT count(*), coalesce(max(id), 0) FROM runs")
        design = hashlib.sha256(self._meta.text("design").encode()).hexdigest()
        return f"{runs[0]}-{runs[1]}-{design[:16]}"

    def stored(self) -> dict[str, str]:
        """Return the status of every run that is stored, by its key."""
        return dict(self._rows("SELECT key, status FROM runs"))

    def add(self, outcome: Outcome) -> Outcome:
        """Store a run that has ended, in place of an earlier failure of the same run.

        Returns
        -------
        Outcome
            What was stored: a failure in place of scores that cannot be compared with those that are stored.

        Raises
        ------
        RunError
            If it cannot be written.
        """
        connection = self._connection
        with transaction(connection, self.path):
            misfit = self._misfit(outcome)
            outcome = outcome if misfit is None else outcome.refused(misfit)
            row = row_of(outcome, self.design.axes)
            marks = ", ".join("?" * len(row))
            names = ", ".join(f'"{name}"' for name in row)
            connection.execute("DELETE FROM runs WHERE key = ? AND status = 'failed'", (row["key"],))
            connection.execute("DELETE FROM asked WHERE key = ?", (row["key"],))
            run = connection.execute(f"INSERT INTO runs ({names}) VALUES ({marks})", tuple(row.values())).lastrowid  # noqa: S608
            connection.executemany(
                "INSERT INTO validations VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(run, *validation) for validation in outcome.validations],
            )
            connection.executemany(
                "INSERT INTO evaluations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(run, *evaluation) for evaluation in evaluations_of(outcome)],
            )
            connection.executemany(
                "INSERT INTO anytime VALUES (?, ?, ?)", [(run, *point) for point in outcome.anytime.items()]
            )
        return outcome

    def add_if_new(self, outcome: Outcome) -> bool:
        """Store a run that has ended, unless it is stored as finished already; return whether it was not."""
        try:
            self.add(outcome)
        except sqlite3.IntegrityError:
            return False
        return True

    def _misfit(self, outcome: Outcome) -> str | None:
        """Return why the cases of a run cannot be compared with those of the runs before it, if they cannot."""
        judged = next(outcome.judgements(), None)
        if judged is None or judged.loss is not None:  # our own networks are judged on the same cases
            return None
        query = "SELECT length(per_sequence), seq_len, seed FROM runs JOIN evaluations ON run = id WHERE fold IS ?"
        values: list[Any] = [outcome.settings.fold]
        for name in self.design.axes:  # another model may be judged on other cases
            query += " AND json_extract(key, ?) IS ?"
            values += [f'$."{name}"', outcome.settings.to_dict()[name]]
        for size, seq_len, seed in self._rows(f"{query} LIMIT 1", *values):
            known = size // SCORE_DTYPE.itemsize
            if known != len(judged.cases):
                now_and_then = [f"{count} scores" if count else "one score" for count in (len(judged.cases), known)]
                return (
                    f"{described(outcome.settings)} has {now_and_then[0]}, but seq_len {seq_len}, seed {seed} has "
                    f"{now_and_then[1]}: give a score for each of the same cases, in the same order, at every length."
                )
        return None

    def runs(self) -> "pd.DataFrame":
        """Return one row a run, finished or failed, by settings and seed; with a column for each axis of the design."""
        order = ", ".join(f'"{name}"' for name in COLUMNS)
        frame = self._frame("runs", f"SELECT * FROM runs ORDER BY {order}")  # noqa: S608
        if axes := self.design.axes:
            import pandas as pd  # noqa: PLC0415 - heavy

            given = [json.loads(key) for key in frame.key]
            for name in axes:
                frame[name] = pd.Series([each.get(name) for each in given], frame.index, dtype=object)
        return frame.drop(columns=["key"])

    def mean_scores(self) -> list[list[float]]:
        """Return for each configuration the mean scores of the lengths that have finished runs."""
        runs = self.runs()
        done = runs[runs.status == "finished"]
        means = done.groupby([*self.design.varied, *self.design.axes, "seq_len"], dropna=False).val_score.mean()
        if means.index.nlevels == 1:
            return [means.tolist()] if len(means) else []
        return [list(part) for _, part in means.groupby(level=list(range(means.index.nlevels - 1)), dropna=False)]

    def validations(self) -> "pd.DataFrame":
        """Return how every run stood at each validation; column ``run`` is the ``id`` of `runs`."""
        return self._frame("validations", 'SELECT * FROM validations ORDER BY run, "update"')

    def evaluations(self) -> "pd.DataFrame":
        """Return every evaluation without its sequences: run, split, eval_len, score, loss, metrics (JSON)."""
        names = "run, split, eval_len, score, loss, metrics"
        return self._frame("evaluations", f"SELECT {names} FROM evaluations ORDER BY 1, 2, 3")  # noqa: S608

    def anytime(self) -> "pd.DataFrame":
        """Return every run's score after each step of the longest window: run, steps, score."""
        return self._frame("anytime", "SELECT * FROM anytime ORDER BY run, steps")

    def groups(self, split: str) -> NDArray[Any] | None:
        """Return the name of each sequence's group, shape (n,), of one of `JUDGED`; None if the data have no groups."""
        query = "SELECT name FROM groups WHERE split = ? ORDER BY sequence"
        rows = self._rows(query, split)
        return np.array([name for (name,) in rows]) if rows else None

    def judged(self, run: int) -> NDArray[np.int64]:
        """Return the places in the pool of the sequences that a run with a fold was judged on, shape (n,)."""
        query = "SELECT sequences FROM evaluations WHERE run = ? AND split = 'validation'"
        return self._numbers(PLACE_DTYPE, query, run).astype(np.int64)

    def per_sequence(self, run: int, split: str, eval_len: int) -> NDArray[np.float64]:
        """Return the mean score of each sequence's windows, shape (n,)."""
        query = "SELECT per_sequence FROM evaluations WHERE run = ? AND split = ? AND eval_len = ?"
        return self._numbers(SCORE_DTYPE, query, run, split, eval_len).astype(np.float64)

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with reading(self.path):
            return self._connection.execute(query, values).fetchall()

    def _frame(self, table: str, query: str) -> "pd.DataFrame":
        """Return what is found in a table; numbers are checked, as SQLite does not when it reads."""
        import pandas as pd  # noqa: PLC0415 - heavy

        with reading(self.path):
            found = self._connection.execute(query)
            names = [name for name, *_ in found.description]
            frame = pd.DataFrame.from_records(found.fetchall(), columns=names, coerce_float=True)
        mixed = [str(name) for name, kind in frame.dtypes.items() if kind.kind not in "if"]
        for name in mixed:
            if columns()[table][name] in ("REAL", "INTEGER") or isinstance(DEFAULTS.get(name), int | float):
                wrong = [cell for cell in frame[name].dropna() if not isinstance(cell, int | float)]
                if wrong:
                    raise damaged(self.path, f"column {name} of its table {table} has {wrong[0]!r:.60} among numbers")
        return frame

    def _numbers(self, kind: "np.dtype[Any]", query: str, run: int, *values: Any) -> NDArray[Any]:
        """Return the array of an evaluation that is found."""
        rows = self._rows(query, run, *values)
        where = " of ".join(map(str, reversed(values)))
        if not rows or not isinstance(rows[0][0], bytes) or len(rows[0][0]) % kind.itemsize:
            raise damaged(self.path, f"run {run} lacks the scores of its sequences {where and f'at length {where}'}")
        return np.frombuffer(rows[0][0], kind)
