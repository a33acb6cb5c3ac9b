"""Trials that are made elsewhere: asked for and told, by one process or by several, of which some are killed."""

import multiprocessing
import os
import random
import signal
import time

import pytest

import lengthwise
from lengthwise import Study, Trial
from lengthwise._internal.processes import Process
from lengthwise.errors import RunError, UsageError
from lengthwise.study.asked import Asked
from lengthwise.study.lock import exclusive

FORK = multiprocessing.get_context("fork")


def score(trial):
    return 1.0 + 0.5 * (trial.seq_len < 16) + 0.0001 * ((7 * trial.seq_len + 13 * trial.seed) % 11)


def told(**options):
    return Study.told(**{"metric": "mae", "seq_lens": "8,12,15,16,20,24"} | options)


def told_all(study):
    while (trial := study.ask()) is not None:
        assert study.tell(trial, score(trial))
    return study


def test_a_loop_that_asks_and_tells_finds_what_a_function_does():
    study = told_all(told())
    asked = lengthwise.Study(
        objective=lambda seq_len, seed: score(Trial(seq_len, seed)), metric="mae", seq_lens="8,12,15,16,20,24"
    ).run()
    columns = ["seq_len", "seed", "val_score"]
    assert study.results[columns].equals(asked.results[columns])
    assert study.answers()[0].sentence == asked.answers()[0].sentence
    assert study.answers()[0].recommendation.seq_len == 16
    assert study.pending() == []


def test_what_is_told_is_read_as_from_a_function():
    study = told(seeds=1)
    longest = study.ask()
    assert longest == Trial(24, 0)
    assert study.tell(longest, {"score": 0.5, "seconds": 3, "epochs": 2})
    assert study.tell(study.ask(), error="out of memory")
    assert study.tell(study.ask(), float("nan"))
    results = study.results.set_index("seq_len")
    assert results.loc[24, ["status", "val_score", "seconds", "epochs"]].tolist() == ["finished", 0.5, 3, 2]
    assert results.loc[20, ["status", "reason"]].tolist() == ["failed", "out of memory"]
    assert results.loc[16, "reason"] == "what was returned is nan, but must be a finite number."


def test_a_clock_that_is_set_back_makes_no_time_negative(monkeypatch):
    study, now = told(seeds=1), time.time
    trial = study.ask()
    monkeypatch.setattr(time, "time", lambda: now() - 3600)
    assert study.tell(trial, 0.5)
    assert study.results.wall_seconds.tolist() == [0.0]


def test_a_trial_is_given_once_and_again_when_it_is_given_up():
    study = told(seeds=1)
    taken = [study.ask() for _ in range(6)]
    assert sorted(trial.seq_len for trial in taken) == [8, 12, 15, 16, 20, 24]
    assert study.ask() is None  # all are this process's own
    study.give_up(taken[2])
    assert study.ask() == taken[2]


def test_a_trial_is_told_once():
    study = told(seeds=1)
    trial = study.ask()
    assert study.tell(trial, 0.5)
    assert not study.tell(trial, 0.7)
    assert study.results.val_score.tolist() == [0.5]
    with pytest.raises(UsageError, match="seq_len 9, seed 0 is no trial of this study"):
        study.tell(Trial(9, 0), 1.0)


def test_the_margin_that_was_asked_is_that_of_the_plan():
    study = told_all(told(margin=1.0))
    assert study.answers()[0].recommendation.seq_len == 8
    assert study.answers()[0].recommendation.margin == 1.0


def test_a_lease_outlives_its_process_and_ends_with_its_time(tmp_path):
    told(seeds=1, seq_lens=[8], out=tmp_path).store.close()
    in_a_process(lambda: Study.load(tmp_path).ask(lease="1h"))
    assert Study.load(tmp_path).ask() is None
    assert Study.load(tmp_path).tell(Trial(8, 0), 0.5)
    assert Study.load(tmp_path).results.val_score.tolist() == [0.5]
    told(seeds=1, seq_lens=[8], out=tmp_path / "short").store.close()
    in_a_process(lambda: Study.load(tmp_path / "short").ask(lease=0.01))
    time.sleep(0.02)
    assert Study.load(tmp_path / "short").ask() == Trial(8, 0)


def test_the_trial_of_a_process_that_is_gone_is_given_to_another(tmp_path):
    told(seeds=1, seq_lens=[8], out=tmp_path).store.close()
    in_a_process(lambda: Study.load(tmp_path).ask())
    assert Study.load(tmp_path).ask() == Trial(8, 0)


def in_a_process(function):
    process = FORK.Process(target=function)
    process.start()
    process.join()
    assert process.exitcode == 0


def test_a_process_of_another_host_or_with_the_same_number_is_told_apart():
    this = Process.this()
    assert not this.is_gone
    assert this._replace(began="0").is_gone
    assert not this._replace(host="elsewhere", number=1).is_gone
    asked = Asked("", 1, 0, None, this._replace(host="elsewhere"), 0.0, until=1.0)
    assert asked.is_lost


def test_asking_and_running_keep_out_of_each_others_way(tmp_path, small):
    study = told(seeds=1, out=tmp_path)
    with exclusive(tmp_path), pytest.raises(RunError, match=r"is being run by .*, which makes all its trials itself"):
        study.ask()
    trial = study.ask()
    again = Study.load(tmp_path, objective=lambda seq_len, seed: 0 * (seq_len + seed))
    with pytest.raises(RunError, match="1 of the study's trials are being made elsewhere, such as seq_len 24, seed 0"):
        again.run()
    study.give_up(trial)
    assert len(again.run().results) == 6
    with pytest.raises(UsageError, match="ask and tell go with a study of your own trainings"):
        Study(small, seq_lens=[2], seeds=1, recipe="notebook").ask()


KILLS = 12


def worker(folder):
    """Ask and tell until there is nothing more to do; first seeds wait for some kills, all others for all kills."""
    study = Study.load(folder)
    while (trial := study.ask()) is not None:
        time.sleep(random.uniform(0, 0.03))
        while len(list(folder.glob("killed-*"))) < (KILLS if trial.seed else KILLS * trial.seq_len / 64):
            time.sleep(0.01)
        study.tell(trial, score(trial))
    os._exit(0)


def test_of_eight_processes_that_are_killed_no_trial_is_lost_and_none_is_stored_twice(tmp_path):
    told(seq_lens="1:32", out=tmp_path).store.close()
    rng, kills = random.Random(0), 0
    workers = [started(tmp_path) for _ in range(8)]
    while any(process.exitcode != 0 for process in workers):
        time.sleep(0.1)
        for place, process in enumerate(workers):
            if process.exitcode not in (None, 0):
                assert process.exitcode == -signal.SIGKILL
                workers[place] = started(tmp_path)
        living = [process for process in workers if process.exitcode is None]
        if living and kills < KILLS:
            os.kill(rng.choice(living).pid, signal.SIGKILL)
            kills += 1
            (tmp_path / f"killed-{kills}").touch()
    study = Study.load(tmp_path)
    assert kills == KILLS
    assert study.results.seed.max() >= 1  # so that the study could not end before all kills
    assert study.ask() is None
    assert study.store.asked.all() == []
    assert study.pending() == []
    assert not study.results.duplicated(["seq_len", "seed"]).any()
    assert study.results.val_score.tolist() == [score(row) for row in study.results.itertuples()]
    assert study.answers()[0].recommendation.seq_len == 16


def started(folder):
    process = FORK.Process(target=worker, args=(folder,))
    process.start()
    return process
