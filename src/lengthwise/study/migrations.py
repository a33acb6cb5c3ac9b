"""The steps from one version of the store's tables to the next, each part of a transaction.

A step knows the tables of its two versions and nothing of the rest of the package, which will change.
"""

import json
import sqlite3
from typing import Any

_SETTINGS_OF_5 = {"head": "pooling", "schedule": "lr_schedule", "network": "module_name"}

_OPTIMIZERS_OF_5 = {"adam": "adam_tf1", "adam_pytorch": "adam"}


def from_4_to_5(connection: sqlite3.Connection) -> None:
    """Give tables, columns, settings and optimisers the names that they have in version 5."""
    connection.execute("ALTER TABLE checks RENAME TO validations")
    connection.execute("ALTER TABLE evaluations RENAME COLUMN figures TO metrics")
    for old, new in _SETTINGS_OF_5.items():
        connection.execute(f"ALTER TABLE runs RENAME COLUMN {old} TO {new}")
    for number, key in connection.execute("SELECT id, key FROM runs").fetchall():
        settings = _renamed(json.loads(key))
        settings["optimizer"] = _OPTIMIZERS_OF_5.get(settings["optimizer"], settings["optimizer"])
        row = (json.dumps(settings, sort_keys=True), settings["optimizer"], number)
        connection.execute("UPDATE runs SET key = ?, optimizer = ? WHERE id = ?", row)
    design = json.loads(connection.execute("SELECT value FROM meta WHERE name = 'design'").fetchone()[0])
    design["settings"] = _renamed(design["settings"])
    optimizers = design["settings"].get("optimizer", ())
    design["settings"]["optimizer"] = [_OPTIMIZERS_OF_5.get(name, name) for name in optimizers]
    connection.execute("UPDATE meta SET value = ? WHERE name = 'design'", (json.dumps(design),))


def from_5_to_6(connection: sqlite3.Connection) -> None:
    """Add what folds need: two settings of a run, which sequences it was judged on, and the groups of sequences."""
    for name in ("folds", "fold"):
        connection.execute(f"ALTER TABLE runs ADD COLUMN {name}")
    connection.execute("ALTER TABLE evaluations ADD COLUMN sequences BLOB")
    connection.execute(
        "CREATE TABLE groups (split TEXT NOT NULL, sequence INTEGER NOT NULL, name TEXT NOT NULL, "
        "PRIMARY KEY (split, sequence)) STRICT"
    )


def from_6_to_7(connection: sqlite3.Connection) -> None:
    """Note where windows lay, which was not a setting: at the end for forecasts, else anywhere."""
    environment = json.loads(connection.execute("SELECT value FROM meta WHERE name = 'environment'").fetchone()[0])
    placement = "end" if environment.get("task") == "forecasting" else "any"
    connection.execute("ALTER TABLE runs ADD COLUMN placement")
    for number, key in connection.execute("SELECT id, key FROM runs").fetchall():
        text = json.dumps(json.loads(key) | {"placement": placement}, sort_keys=True)
        connection.execute("UPDATE runs SET key = ?, placement = ? WHERE id = ?", (text, placement, number))
    design = json.loads(connection.execute("SELECT value FROM meta WHERE name = 'design'").fetchone()[0])
    design["settings"]["placement"] = [placement]
    connection.execute("UPDATE meta SET value = ? WHERE name = 'design'", (json.dumps(design),))


def from_7_to_8(connection: sqlite3.Connection) -> None:
    """Let the loss of an evaluation be unknown, and make room for the trials that others were asked for."""
    connection.execute(
        "CREATE TABLE evaluations_of_8 (run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, "
        "split TEXT NOT NULL, eval_len INTEGER NOT NULL, score REAL NOT NULL, loss REAL, score_by_start TEXT NOT NULL, "
        "metrics TEXT NOT NULL, per_sequence BLOB NOT NULL, sequences BLOB, PRIMARY KEY (run, split, eval_len)) STRICT"
    )
    columns = "run, split, eval_len, score, loss, score_by_start, metrics, per_sequence, sequences"
    connection.execute(f"INSERT INTO evaluations_of_8 SELECT {columns} FROM evaluations")  # noqa: S608
    connection.execute("DROP TABLE evaluations")
    connection.execute("ALTER TABLE evaluations_of_8 RENAME TO evaluations")
    connection.execute(
        "CREATE TABLE asked (key TEXT PRIMARY KEY, seq_len INTEGER NOT NULL, seed INTEGER NOT NULL, fold INTEGER, "
        "host TEXT NOT NULL, process INTEGER NOT NULL, began TEXT NOT NULL, since REAL NOT NULL, until REAL) STRICT"
    )


def _renamed(settings: dict[str, Any]) -> dict[str, Any]:
    return {_SETTINGS_OF_5.get(name, name): value for name, value in settings.items()}
