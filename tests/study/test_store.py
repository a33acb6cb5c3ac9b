"""The store, read with plain SQL."""

import json
import os
import resource
import signal
import sqlite3
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from lengthwise.errors import RunError, UsageError
from lengthwise.study.network_design import make_design
from lengthwise.study.run import Job, Outcome, execute
from lengthwise.study.run_rows import run_key
from lengthwise.study.store import FILE, Store
from lengthwise.training.settings import Settings
from tests.kills import each_kill

SETTINGS = Settings(data="small", seq_len=5, hidden_size=4, num_layers=1, batch_size=16, steps=20, seed=3)


@pytest.fixture(scope="module")
def outcome(small):
    return execute(Job(SETTINGS, eval_lens=(2, 5), longest=6), small)


@pytest.fixture
def store(tmp_path, small):
    design = make_design(small, settings={})
    with_file = Store.create(tmp_path, design, {"python": "3"})
    yield with_file
    with_file.close()


def rows(store, query):
    connection = sqlite3.connect(store.path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_a_finished_run_can_be_read_with_sql(store, outcome):
    store.add(outcome)
    assert rows(
        store, "SELECT status, reason, seq_len, cell, seed, metric, test_score, test_accuracy, timesteps FROM runs"
    ) == [("finished", None, 5, "rnn", 3, "accuracy", outcome.test.score, outcome.test.score, 20 * 16 * 5)]
    assert rows(store, 'SELECT "update", val_score FROM validations ORDER BY 1') == [
        (validation.update, validation.val_score) for validation in outcome.validations
    ]
    assert rows(store, "SELECT split, eval_len FROM evaluations ORDER BY 1, 2") == [
        ("test", 2), ("test", 5), ("validation", 5)
    ]  # fmt: skip
    assert rows(store, "SELECT steps, score FROM anytime") == list(outcome.anytime.items())
    (starts,) = rows(store, "SELECT score_by_start FROM evaluations WHERE split = 'validation'")[0]
    assert tuple(json.loads(starts)) == outcome.validation.score_by_start


def test_costs_are_those_of_the_steps_that_were_made(store, small):
    ended = execute(Job(replace(SETTINGS, steps=400, validate_every=5, patience=1, lr=0.02), (), 5), small)
    assert ended.stopped_by == "patience"
    assert ended.updates == ended.validations[-1].update < 400
    store.add(ended)
    query = "SELECT steps, updates, stopped_by, best_update, timesteps, flops, seconds_per_step FROM runs"
    assert rows(store, query) == [
        (
            400, ended.updates, "patience", ended.best_update, ended.updates * 16 * 5,
            ended.updates * ended.flops_per_step, ended.seconds / ended.updates,
        )
    ]  # fmt: skip


def test_the_scores_of_every_sequence_are_kept(store, outcome):
    store.add(outcome)
    assert (store.per_sequence(1, "test", 5) == outcome.test.per_sequence.astype(np.float32)).all()
    assert (store.per_sequence(1, "test", 2) == outcome.evaluations[2].per_sequence.astype(np.float32)).all()


def test_a_store_says_what_it_is(store):
    meta = dict(rows(store, "SELECT name, value FROM meta"))
    assert meta["schema_version"] == "8"
    assert json.loads(meta["environment"]) == {"python": "3"}


def test_a_failed_run_is_kept_with_its_reason_until_it_is_repeated(store, outcome):
    store.add(Outcome(SETTINGS, reason="the loss is not finite"))
    assert store.stored() == {run_key(SETTINGS): "failed"}
    assert rows(store, "SELECT reason, val_accuracy FROM runs") == [("the loss is not finite", None)]
    store.add(outcome)
    assert store.stored() == {run_key(SETTINGS): "finished"}


def test_a_run_is_stored_once(store, outcome):
    store.add(outcome)
    with pytest.raises(sqlite3.IntegrityError):
        store.add(outcome)
    assert len(store.runs()) == 1
    assert len(store.validations()) == len(outcome.validations)


def test_the_file_is_in_wal_mode_with_foreign_keys(store):
    assert rows(store, "PRAGMA journal_mode") == [("wal",)]


def test_a_design_that_is_changed_is_kept(store, small, tmp_path):
    wider = make_design(small, seeds=9, settings={})
    store.design = wider
    again = Store.open(tmp_path)
    assert again.design == wider
    again.close()


def test_a_store_opened_to_be_read_cannot_be_written(store, outcome):
    reader = Store.open(store.path.parent, read_only=True)
    with pytest.raises(RunError, match="readonly"):
        reader.add(outcome)
    reader.close()


def test_a_folder_without_a_store_is_no_study(tmp_path):
    with pytest.raises(UsageError, match=f"is no study: it has no {FILE}"):
        Store.open(tmp_path)


def test_a_folder_whose_store_was_not_complete_when_its_study_was_killed_is_taken_over(tmp_path, small):
    design = make_design(small, settings={})

    def make(folder):
        Store.create(folder, design, {"python": "3"}, {"test": ["a", "b"]}).close()

    kills = 0
    for number in each_kill(lambda number: make(tmp_path / str(number))):
        folder = tmp_path / str(number)
        kills += 1
        if not (folder / FILE).exists():
            with pytest.raises(UsageError, match="is no study"):
                Store.open(folder)
            make(folder)
        opened = Store.open(folder)
        assert opened.design == design
        assert opened.groups("test").tolist() == ["a", "b"]
        opened.close()
        assert [entry.name for entry in folder.iterdir()] == [FILE]
    assert kills > 20


@pytest.mark.parametrize("mode", [None, "DELETE", "WAL"])
def test_a_folder_whose_store_is_empty_is_taken_over(tmp_path, small, mode):
    """So one is left whose study an older version was killed in before its first transaction had ended."""
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        if mode is None:
            (tmp_path / FILE).touch()
        else:
            connection.execute(f"PRAGMA journal_mode = {mode}")
            connection.execute("PRAGMA user_version = 1")
        if mode == "WAL":
            (tmp_path / "study.sqlite-wal.kept").write_bytes((tmp_path / "study.sqlite-wal").read_bytes())
    if mode == "WAL":
        (tmp_path / "study.sqlite-wal.kept").replace(tmp_path / "study.sqlite-wal")
    with pytest.raises(UsageError, match=rf"is no study yet.*--out {tmp_path}\.$"):
        Store.open(tmp_path)
    design = make_design(small, settings={})
    Store.create(tmp_path, design, {"python": "3"}).close()
    opened = Store.open(tmp_path)
    assert opened.design == design
    opened.close()
    assert [entry.name for entry in tmp_path.iterdir()] == [FILE]


def test_a_store_is_not_replaced_by_another(store, small):
    with pytest.raises(UsageError, match="holds a study already"):
        Store.create(store.folder, make_design(small, settings={}), {})
    assert rows(store, "SELECT value FROM meta WHERE name = 'environment'") == [('{"python": "3"}',)]


def test_the_question_is_what_the_study_was_last_run_with(store):
    assert store.question == (None, None)
    store.ask(0.01, None)
    store.ask(None, 0.9)
    assert store.question == (0.01, 0.9)
    store.ask(0.02, None)
    assert json.loads(dict(rows(store, "SELECT * FROM meta"))["question"]) == {"margin": 0.02, "confidence": 0.9}


def test_rounds_begin_after_the_last_run(store, outcome):
    store.begin_round()
    store.add(outcome)
    store.add_seconds(2.5)
    store.begin_round()
    assert store.rounds == ((0, 0.0), (1, 2.5))


def test_a_store_is_read_where_nothing_can_be_written_beside_it(tmp_path, small):
    design = make_design(small, settings={})
    Store.create(tmp_path, design, {"python": "3"}).close()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        store = Store.open(tmp_path, read_only=True)
        os._exit(0 if store.design == design and store.runs().empty else 1)
    assert os.waitpid(child, 0)[1] == 0
