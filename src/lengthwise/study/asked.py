"""Which trials of a study are being made elsewhere: noted in its store, so that several processes share them out."""

import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, TypeVar

from lengthwise._internal.processes import Process
from lengthwise.errors import RunError
from lengthwise.study.database import reading, transaction
from lengthwise.study.outcome import Run
from lengthwise.study.run_rows import run_key

AnyRun = TypeVar("AnyRun", bound=Run)


class Asked(NamedTuple):
    """A trial that is being made.

    Attributes
    ----------
    key : str
        Which; see `lengthwise.study.run_rows.run_key`.
    seq_len, seed : int
    fold : int or None
    process : Process
        Who asked for it.
    since : float
        When, as `time.time` reads.
    until : float or None
        When it is given to another if it was not told by then; None while the process lives.
    """

    key: str
    seq_len: int
    seed: int
    fold: int | None
    process: Process
    since: float
    until: float | None

    @property
    def is_lost(self) -> bool:
        """Whether it will not be told any more, as far as is known."""
        return self.process.is_gone if self.until is None else time.time() > self.until


class AskedTrials:
    """The trials of a study that are being made.

    Parameters
    ----------
    connection : sqlite3.Connection
        To the study's store.
    path : Path or None
        Its file.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self._connection = connection
        self._path = path

    def all(self) -> list[Asked]:
        """Return those that may still be told."""
        with reading(self._path):
            return [asked for asked in self._rows() if not asked.is_lost]

    def take(self, runs: Iterable[AnyRun], seconds: float | None) -> AnyRun | None:
        """Take the first of some runs that is neither stored nor being made; None if there is none.

        Parameters
        ----------
        runs : iterable of Run
        seconds : float, optional
            For how long; while this process lives by default.
        """
        with transaction(self._connection, self._path):
            lost = [(asked.key,) for asked in self._rows() if asked.is_lost]
            self._connection.executemany("DELETE FROM asked WHERE key = ?", lost)
            known = {key for (key,) in self._connection.execute("SELECT key FROM runs UNION SELECT key FROM asked")}
            for run in runs:
                key = run_key(run)
                if key not in known:
                    now = time.time()
                    until = None if seconds is None else now + seconds
                    row = (key, run.seq_len, run.seed, run.fold, *Process.this(), now, until)
                    self._connection.execute("INSERT INTO asked VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
                    return run
        return None

    def give_up(self, run: Run) -> None:
        """Let another process have a run that was taken."""
        with transaction(self._connection, self._path):
            self._connection.execute("DELETE FROM asked WHERE key = ?", (run_key(run),))

    def refuse_any(self) -> None:
        """Raise `RunError` if trials are being made elsewhere."""
        others = self.all()
        if others:
            raise RunError(
                f"{len(others)} of the study's trials are being made elsewhere, such as seq_len {others[0].seq_len}, "
                f"seed {others[0].seed} by process {others[0].process.number} on {others[0].process.host}: tell them "
                f"first, or give them up with study.give_up(trial)."
            )

    def _rows(self) -> list[Asked]:
        rows = self._connection.execute("SELECT * FROM asked ORDER BY since").fetchall()
        return [
            Asked(key, seq_len, seed, fold, Process(host, number, began), since, until)
            for key, seq_len, seed, fold, host, number, began, since, until in rows
        ]
