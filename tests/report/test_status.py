"""How far a study has come."""

import json
import os
import platform
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from lengthwise import Settings, Study
from lengthwise.report.status import holder, seconds_left, status_of
from lengthwise.study.lock import exclusive
from lengthwise.study.run import Outcome
from tests.report.made import add_runs, dataset

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def study(tmp_path):
    return Study(dataset(test=50), seq_lens="4,28", seeds=2, out=tmp_path, recipe="notebook")


def finished(ends, wall_seconds, timesteps):
    return pd.DataFrame(
        {
            "status": "finished",
            "finished_at": [(NOW + timedelta(seconds=end)).isoformat() for end in ends],
            "wall_seconds": wall_seconds,
            "timesteps": timesteps,
        }
    )


def test_runs_are_counted_by_what_became_of_them(study):
    add_runs(study, 1)
    failing = study.pending()[0]
    study.store.add(Outcome(failing, reason="no luck"))
    status = status_of(study)
    assert (status.finished, status.failed, status.pending, status.complete) == (1, 1, 2, False)
    assert status.failures == [{"run": f"seq_len {failing.seq_len}, seed {failing.seed}", "reason": "no luck"}]
    add_runs(study)
    assert status_of(study).complete


def test_the_time_left_goes_by_the_pace_of_the_runs_together():
    # two at a time: 4 runs of 10 s in 20 s, 1000 time steps each; 2000 time steps to come
    results = finished([10, 10, 20, 20], 10.0, 1000)
    pending = [Settings(seq_len=10, batch_size=10, steps=20)]
    assert seconds_left(results, pending, NOW + timedelta(seconds=20)) == pytest.approx(10)
    assert seconds_left(results, pending, NOW + timedelta(seconds=26)) == pytest.approx(4)
    assert seconds_left(results, pending, NOW + timedelta(seconds=99)) == 0


def test_a_night_between_two_runs_or_a_clock_that_was_set_makes_the_pace_no_slower():
    pending = [Settings(seq_len=10, batch_size=10, steps=20)]
    for ends in ([0, 10, 36000], [0, 10, -36000]):
        results = finished(ends, 10.0, 1000)
        assert seconds_left(results, pending, NOW + timedelta(seconds=max(ends))) == pytest.approx(20)


def test_the_time_left_is_unknown_before_a_run_has_finished():
    assert seconds_left(finished([], [], []), [Settings(steps=20)]) is None


def test_a_study_runs_while_its_holder_lives(study, tmp_path):
    assert holder(tmp_path) is None
    assert status_of(study).seconds_left is None
    add_runs(study, 1)
    with exclusive(tmp_path):
        assert f"process {os.getpid()}" in status_of(study).running
        assert status_of(study).seconds_left >= 0
    assert status_of(study).running is None


def test_a_study_that_may_add_seeds_says_how_long_it_takes_at_most(study, tmp_path):
    study.store.design = replace(study.design, looks=(2, 3))
    add_runs(study, 1)
    with exclusive(tmp_path):
        status = status_of(study)
        assert status.most_seconds_left > status.seconds_left
        add_runs(study)
        assert status_of(study).most_seconds_left is None


@pytest.mark.parametrize("text", ["", "[]", "{}", "nonsense"])
def test_a_holder_that_cannot_be_read_is_none(tmp_path, text):
    (tmp_path / ".holder.json").write_text(text)
    assert holder(tmp_path) is None


def test_a_holder_that_was_killed_is_none(tmp_path):
    who = {"pid": 2**22 + 1, "host": platform.node(), "user": "somebody", "since": "2026-01-01"}
    (tmp_path / ".holder.json").write_text(json.dumps(who))
    assert holder(tmp_path) is None
    (tmp_path / ".holder.json").write_text(json.dumps(who | {"host": "elsewhere"}))
    assert holder(tmp_path) == "somebody on elsewhere, process 4194305"
