"""The versions of the store: what is read, migrated and refused."""

import sqlite3
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lengthwise
from lengthwise.errors import RunError
from lengthwise.study.lock import exclusive
from lengthwise.study.schema import MIGRATIONS, VERSION, create_tables
from lengthwise.study.store import FILE, Store
from lengthwise.study.study import Study

VERSION_4 = Path(__file__).with_name("store_version_4.sql")
"""A study of lengths 2 and 4, two seeds and two optimisers, which a lengthwise that wrote version 4 made."""


VERSION_5 = Path(__file__).with_name("store_version_5.sql")
"""A study of lengths 2 and 4 and two seeds, which a lengthwise that wrote version 5 made."""


@pytest.fixture
def old(tmp_path):
    connection = sqlite3.connect(tmp_path / FILE)
    connection.executescript(VERSION_4.read_text())
    connection.close()
    return tmp_path


@pytest.fixture(scope="module")
def remainders():
    """The data that the old study was made with."""
    values = (np.arange(60 * 4).reshape(60, 4, 1) * 7 % 11).astype(np.float32)
    return lengthwise.load_data(values, values[:, -1, 0] > 5, name="remainders")


def dump(folder):
    connection = sqlite3.connect(folder / FILE)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def columns(connection):
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
    return {name: {row[1:4] for row in connection.execute(f"PRAGMA table_info({name})")} for name in tables}


def test_every_version_from_the_oldest_that_is_read_has_a_step_to_the_next():
    assert sorted(MIGRATIONS) == list(range(min(MIGRATIONS), VERSION))


def test_a_migrated_store_has_the_tables_of_a_new_one(old):
    Store.open(old).close()
    new, migrated = sqlite3.connect(":memory:"), sqlite3.connect(old / FILE)
    create_tables(new)
    assert columns(migrated) == columns(new)
    assert migrated.execute("PRAGMA foreign_key_check").fetchall() == []
    assert migrated.execute("SELECT value FROM meta WHERE name = 'schema_version'").fetchone() == (str(VERSION),)
    migrated.close()


def test_a_migrated_study_has_its_results_under_the_new_names(old):
    study = Study.load(old)
    assert study.design.settings["pooling"] == ("mean",)
    assert study.design.settings["placement"] == ("any",)
    assert study.design.settings["lr_schedule"] == ("constant",)
    assert study.design.settings["optimizer"] == ("adam_tf1", "adam")
    results = study.results
    assert len(results) == 8
    assert set(results.pooling) == {"mean"}
    assert sorted(results.optimizer) == ["adam"] * 4 + ["adam_tf1"] * 4
    assert results.query("seq_len == 4 and seed == 1").test_score.tolist() == [4 / 9, 4 / 9]
    one, other = study.answers()
    assert (one.name, other.name) == ("optimizer adam_tf1", "optimizer adam")
    assert "2 of 4 steps are enough" in one.sentence
    assert len(one.learning_curves) == 4 * 4
    assert set(study.store.evaluations().columns) >= {"metrics"}
    assert study.store.per_sequence(1, "test", 4).shape == (9,)


def test_a_migrated_study_goes_on_and_trains_what_it_trained(old, remainders):
    study = Study.load(old, data=remainders)
    assert study.pending() == []
    study.extend(seeds=3).run(workers=1)
    again = Study(
        remainders, seq_lens=[2, 4], seeds=3, budget="steps=4", eval_lens=[4], hidden_size=3, num_layers=1,
        batch_size=16, optimizer=("adam_tf1", "adam"), pooling="mean", folds=0, recipe="notebook",
        sampling="blocks",
    ).run(workers=1)  # fmt: skip
    keys = ["seq_len", "seed", "optimizer", "status"]
    migrated, new = (one.results.sort_values(keys).reset_index(drop=True) for one in (study, again))
    assert migrated[keys].equals(new[keys])
    added = migrated.seed == 2  # windows of a seed were drawn otherwise by the version that made the store
    np.testing.assert_array_equal(migrated.val_loss[added], new.val_loss[added])


def test_a_study_of_version_5_has_no_folds_and_goes_on(tmp_path, remainders):
    connection = sqlite3.connect(tmp_path / FILE)
    connection.executescript(VERSION_5.read_text())
    connection.close()
    study = Study.load(tmp_path, data=remainders)
    new = sqlite3.connect(":memory:")
    create_tables(new)
    assert columns(study.store._connection) == columns(new)
    assert study.design.folds == 0
    assert study.results.fold.isna().all()
    assert study.pending() == []
    (answer,) = study.answers()
    assert answer.cases.sentence == "9 sequences of the validation split"
    study.extend(seeds=3).run(workers=1)
    again = Study(
        remainders, seq_lens=[2, 4], seeds=3, budget="steps=4", eval_lens=[4], hidden_size=3, num_layers=1,
        batch_size=16, folds=0, recipe="notebook", sampling="blocks",
    ).run(workers=1)  # fmt: skip
    columns_compared = ["seq_len", "seed", "val_score", "val_loss", "test_loss"]
    pd.testing.assert_frame_equal(study.results[columns_compared], again.results[columns_compared], check_exact=True)


def test_an_old_store_that_is_only_read_stays_as_it_is(old):
    before = dump(old)
    study = Study.load(old, read_only=True)
    assert len(study.results) == 8
    with pytest.raises(RunError, match="readonly"):
        study.store.design = study.design
    assert dump(old) == before


def test_an_old_store_is_not_migrated_while_another_process_runs_the_study(old):
    before = dump(old)
    with exclusive(old), pytest.raises(RunError, match="is running already"):
        Store.open(old)
    assert dump(old) == before


def test_a_migration_that_fails_changes_nothing(old, monkeypatch):
    def fails(connection):
        connection.execute("ALTER TABLE checks RENAME TO validations")
        raise RuntimeError("halfway")

    before = dump(old)
    monkeypatch.setitem(MIGRATIONS, 4, fails)
    with pytest.raises(RuntimeError, match="halfway"):
        Store.open(old)
    assert dump(old) == before


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        (3, f"has schema version 3, but this version of lengthwise reads 4 to {VERSION}: open it with the version"),
        (99, f"has schema version 99, but this version of lengthwise reads up to {VERSION}: open it with the version"),
    ],
)
def test_another_version_is_refused_with_what_to_do(old, version, sentence):
    connection = sqlite3.connect(old / FILE)
    connection.execute("UPDATE meta SET value = ? WHERE name = 'schema_version'", (str(version),))
    connection.commit()
    connection.close()
    with pytest.raises(RunError, match=sentence):
        Store.open(old)


def test_a_file_that_is_no_store_is_refused(tmp_path):
    (tmp_path / FILE).write_bytes(b"not a database, not at all" * 100)
    with pytest.raises(RunError, match=f"{FILE} cannot be opened as a store: file is not a database"):
        Store.open(tmp_path)


def test_a_database_without_the_tables_is_refused(tmp_path):
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("CREATE TABLE other (x)")
    connection.commit()
    connection.close()
    with pytest.raises(RunError, match="no store of a study that can be read: no such table: meta"):
        Store.open(tmp_path)
