"""The tables of a study's store, their version, and how a store of an older version becomes one of this.

A change of the tables, or of what their columns mean, raises `VERSION` by one and adds a step to `MIGRATIONS`.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing, nullcontext
from functools import cache
from pathlib import Path

from lengthwise.errors import RunError
from lengthwise.study.database import connect, damaged, reading, transaction
from lengthwise.study.lock import exclusive
from lengthwise.study.migrations import from_4_to_5, from_5_to_6, from_6_to_7, from_7_to_8
from lengthwise.training.keyword_settings import DEFAULTS, PYTHON_ONLY

VERSION = 8

MIGRATIONS: dict[int, Callable[[sqlite3.Connection], None]] = {
    4: from_4_to_5,
    5: from_5_to_6,
    6: from_6_to_7,
    7: from_7_to_8,
}
"""For each older version that can still be read, the step to the next one."""

COLUMNS = tuple(name for name in (*DEFAULTS, *PYTHON_ONLY) if name != "metric")
"""The settings, in the order of the columns; the metric has a column among the results."""

_SETTINGS = ",\n    ".join(f'"{name}"' for name in COLUMNS)

SCHEMA = f"""
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL CHECK (status IN ('finished', 'failed')),
    reason TEXT,
    {_SETTINGS},
    metric TEXT,
    val_score REAL,
    val_accuracy REAL,
    val_loss REAL,
    test_score REAL,
    test_accuracy REAL,
    test_loss REAL,
    best_update INTEGER,
    updates INTEGER,
    stopped_by TEXT,
    timesteps INTEGER,
    flops INTEGER,
    flops_per_step INTEGER,
    activation_bytes INTEGER,
    seconds REAL,
    seconds_per_step REAL,
    wall_seconds REAL,
    worker TEXT,
    finished_at TEXT NOT NULL
);
CREATE TABLE validations (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    "update" INTEGER NOT NULL,
    seconds REAL NOT NULL,
    train_loss REAL NOT NULL,
    train_score REAL NOT NULL,
    val_score REAL NOT NULL,
    val_loss REAL NOT NULL,
    PRIMARY KEY (run, "update")
) STRICT;
CREATE TABLE evaluations (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    split TEXT NOT NULL,
    eval_len INTEGER NOT NULL,
    score REAL NOT NULL,
    loss REAL,
    score_by_start TEXT NOT NULL,
    metrics TEXT NOT NULL,
    per_sequence BLOB NOT NULL,
    sequences BLOB,
    PRIMARY KEY (run, split, eval_len)
) STRICT;
CREATE TABLE groups (
    split TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (split, sequence)
) STRICT;
CREATE TABLE anytime (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    steps INTEGER NOT NULL,
    score REAL NOT NULL,
    PRIMARY KEY (run, steps)
) STRICT;
CREATE TABLE asked (
    key TEXT PRIMARY KEY,
    seq_len INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    fold INTEGER,
    host TEXT NOT NULL,
    process INTEGER NOT NULL,
    began TEXT NOT NULL,
    since REAL NOT NULL,
    until REAL
) STRICT;
"""


def create_tables(connection: sqlite3.Connection) -> None:
    """Make the tables of this version in an empty database, as part of a transaction."""
    for statement in SCHEMA.split(";\n"):
        connection.execute(statement)
    connection.execute("INSERT INTO meta VALUES ('schema_version', ?)", (str(VERSION),))


@cache
def columns() -> dict[str, dict[str, str]]:
    """Return the columns of each table, and the type of each as it is declared; empty of settings."""
    with closing(connect(None)) as connection:
        create_tables(connection)
        return _columns(connection)


@cache
def reserved_names() -> frozenset[str]:
    """Return the names that no axis can have, since the results of a study have columns of these names."""
    return frozenset(columns()["runs"]) - frozenset(COLUMNS) | {"seq_len", "seed", "folds", "fold"}


def _columns(connection: sqlite3.Connection) -> dict[str, dict[str, str]]:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    query = "SELECT name, type FROM pragma_table_info(?)"
    return {table: dict(connection.execute(query, (table,)).fetchall()) for (table,) in tables}


def _check_columns(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `RunError` if a table or a column of this version is missing."""
    with reading(path):
        found = _columns(connection)
    for table, names in columns().items():
        if table not in found:
            raise damaged(path, f"it has no table {table}")
        for name in names:
            if name not in found[table]:
                raise damaged(path, f"its table {table} has no column {name}")


def open_database(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """Open a store of any version that can be read, as one of this version.

    An older one is migrated in its file, in one transaction; where it is only to be read, the file stays as it is and
    a copy in memory is migrated.

    Raises
    ------
    RunError
        If it is no store, of a version that cannot be read, or is to be migrated while another process runs the study.
    """
    connection = connect(path, read_only=read_only)
    version = _version(connection, path)
    if version == VERSION:
        _check_columns(connection, path)
        return connection
    _check(version, path)
    if read_only:
        copy = connect(None)
        connection.backup(copy)
        connection.close()
        connection = copy
    with nullcontext() if read_only else exclusive(path.parent), transaction(connection, path):
        for step in range(_version(connection, path), VERSION):  # another process may have come first
            try:
                MIGRATIONS[step](connection)
            except (sqlite3.Error, TypeError, ValueError, KeyError, AttributeError) as error:
                raise damaged(path, f"it cannot be migrated from schema version {step} ({error})") from error
        connection.execute("UPDATE meta SET value = ? WHERE name = 'schema_version'", (str(VERSION),))
    _check_columns(connection, path)
    if read_only:
        connection.execute("PRAGMA query_only = ON")
    return connection


def _version(connection: sqlite3.Connection, path: Path) -> int:
    query = "SELECT value FROM meta WHERE name = 'schema_version'"
    try:
        return int(connection.execute(query).fetchone()[0])
    except (sqlite3.DatabaseError, TypeError, ValueError) as error:
        raise RunError(f"{path} is no store of a study that can be read: {error}.") from error


def _check(version: int, path: Path) -> None:
    """Raise `RunError` if a store of this version cannot be migrated."""
    if version > VERSION:
        raise RunError(
            f"{path} has schema version {version}, but this version of lengthwise reads up to {VERSION}: open it with "
            f"the version of lengthwise that wrote it, or a later one."
        )
    if version not in MIGRATIONS:
        raise RunError(
            f"{path} has schema version {version}, but this version of lengthwise reads {min(MIGRATIONS)} to "
            f"{VERSION}: open it with the version of lengthwise that wrote it, or make the study again."
        )
