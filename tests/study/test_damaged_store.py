"""Damaged stores are read, or refused with a sentence that says what can be saved."""

import json
import sqlite3
from contextlib import closing

import pytest

from lengthwise.errors import LengthwiseError, RunError
from lengthwise.report.page import page_data
from lengthwise.study.store import FILE
from lengthwise.study.study import Study
from tests.mutations import mutations


@pytest.fixture(scope="module")
def content(finished):
    """The store's file of a finished study, as one file."""
    whole = finished.out / FILE
    with closing(sqlite3.connect(whole)) as store, closing(sqlite3.connect(":memory:")) as copy:
        store.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        return copy.serialize()


@pytest.fixture
def folder(content, tmp_path):
    (tmp_path / FILE).write_bytes(content)
    return tmp_path


def used(folder):
    """Read all that a report reads."""
    study = Study.load(folder, read_only=True)
    try:
        study.results  # noqa: B018 - it is read when it is asked for
        study.answers()
        page_data(study)
    finally:
        study.store.close()


def changed(folder, *statements):
    """Change the store with SQL."""
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            connection.execute(statement)


def test_a_store_whose_bytes_were_damaged_is_read_or_refused(folder, content):
    used(folder)
    refused = 0
    for damaged in mutations(content, 60):
        for path in folder.iterdir():
            path.unlink()
        (folder / FILE).write_bytes(damaged)
        try:
            used(folder)
        except LengthwiseError as error:
            refused += str(folder / FILE) in str(error)
    assert refused > 30


@pytest.mark.parametrize("read_only", [True, False])
def test_a_store_of_which_sqlite_quotes_damaged_text_is_refused(folder, content, read_only):
    (folder / FILE).write_bytes(content.replace(b"CREATE TABLE runs", b"CREATE TABL\xc5 runs"))
    with pytest.raises(RunError, match=f"{FILE} cannot be opened as a store: .* codec can't decode byte 0xc5"):
        Study.load(folder, read_only=read_only)


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("DROP TABLE runs", "it has no table runs"),
        ("DROP TABLE anytime", "it has no table anytime"),
        ("ALTER TABLE validations DROP COLUMN val_loss", "its table validations has no column val_loss"),
        ("ALTER TABLE runs DROP COLUMN seed", "its table runs has no column seed"),
        ("DELETE FROM meta WHERE name = 'design'", "its table meta has no design"),
        ("DELETE FROM evaluations WHERE run = 3", "run 3 lacks the scores of its sequences"),
        ("UPDATE evaluations SET per_sequence = x'000102'", "lacks the scores of its sequences at length"),
        ("UPDATE runs SET test_score = 'x' WHERE id = 2", "column test_score of its table runs has 'x' among numbers"),
        ("UPDATE runs SET seq_len = '[]' WHERE id = 2", r"column seq_len of its table runs has '\[\]' among numbers"),
        ("UPDATE meta SET value = 'x' WHERE name = 'environment'", "the environment in its table meta cannot be read"),
        ("INSERT OR REPLACE INTO meta VALUES ('question', '[]')", "the question in its table meta cannot be read"),
        ("INSERT OR REPLACE INTO meta VALUES ('rounds', '[[1, 2]]')", "the rounds in its table meta cannot be read"),
        (
            f"UPDATE meta SET value = '{'[' * 10**5}' WHERE name = 'design'",
            "the design in its table meta cannot be read",
        ),
    ],
)
def test_what_is_missing_in_a_store_or_of_another_type_is_named(folder, statement, sentence):
    changed(folder, statement)
    with pytest.raises(RunError, match=rf"^{folder / FILE} is damaged: .*{sentence}.*sqlite3 .* \.recover .*--resume"):
        used(folder)


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("design", "seeds", "x"),
        ("design", "eval_lens", [1, "a"]),
        ("design", "budget", {"a": 1}),
        ("design", "folds", []),
        ("design", "data", None),
        ("design", "more_seeds", [1]),
        ("design", "settings", {"cell": True}),
        ("design", "settings", {"num_layess": [1]}),
        ("environment", "block", {}),
        ("environment", "num_steps", True),
        ("environment", "baseline", {"title": "x", "validation": "1", "test": 1}),
        ("environment", "recipe", [None]),
        ("environment", "task", "guessing"),
    ],
)
def test_json_of_another_shape_is_refused(folder, name, key, value):
    with closing(sqlite3.connect(folder / FILE)) as connection:
        (text,) = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        record = json.dumps(json.loads(text) | {key: value})
        connection.execute("UPDATE meta SET value = ? WHERE name = ?", (record, name))
        connection.commit()
    with pytest.raises(RunError, match=f"is damaged: the {name} in its table meta cannot be read"):
        used(folder)
