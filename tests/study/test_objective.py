"""Studies of a function."""

# ruff: noqa: ARG001, ARG002, ARG005 - the functions of studies take what they are given

import json
import multiprocessing
import os
import signal
import threading

import numpy as np
import pytest

import lengthwise
from lengthwise.errors import UsageError
from lengthwise.integrations.tracker import TrackerCallback
from lengthwise.report.page import page_data, render_page
from lengthwise.report.terminal import print_answer
from lengthwise.study.console import StudyConsole
from lengthwise.study.execution import Tick
from lengthwise.study.tensorboard import StudyTensorBoard
from lengthwise.study.trial import Trial

HARD = np.random.default_rng(0).random(2000)


def error(seq_len, seed):
    """Clearly worse below 16 steps, and hardly noisy."""
    return 1.0 + 0.5 * (seq_len < 16) + 0.001 * np.random.default_rng([seq_len, seed]).normal()


def right(seq_len, seed):
    """Which of the cases are right: 9 of 10 from 16 steps on, half below, and three others by chance."""
    found = (0.5 if seq_len < 16 else 0.9) > HARD
    found[np.random.default_rng([seq_len, seed]).integers(0, 2000, 3)] ^= True
    return found


def study(objective=error, *, metric="mae", seq_lens="8,12,15,16,20,24", **options):
    return lengthwise.Study(objective=objective, metric=metric, seq_lens=seq_lens, **options)


def test_the_shortest_length_that_suffices_is_found_with_no_data_and_no_network():
    found = study(seq_lens="1:64").run()
    (answer,) = found.answers()
    assert answer.recommendation.seq_len == 16
    assert answer.recommendation.decided
    assert answer.sentence.startswith(
        "16 of 64 steps are enough: with 95 % confidence, the mean absolute error is less"
    )
    assert found.looks.fewest == 2
    assert (answer.test, answer.baseline) == ((), None)


def test_cases_are_compared_case_by_case():
    found = study(right, metric="accuracy").run()
    (answer,) = found.answers()
    assert answer.recommendation.seq_len == 16
    assert answer.cases.sentence == "2,000 cases"
    assert answer.recommendation.margin == 0.005
    assert (
        found.store.per_sequence(1, "validation", int(found.results.seq_len[found.results.id == 1].iloc[0])).size
        == 2000
    )


def test_given_seeds_are_made_and_no_others():
    found = study(seeds=2).run()
    assert found.results.groupby("seq_len").size().tolist() == [2] * 6
    assert found.looks is None


def test_a_function_is_called_by_name_where_its_parameters_have_the_names():
    called = []

    def swapped(seed, seq_len):
        called.append((seq_len, seed))
        return 0.5

    study(swapped, seq_lens=[30, 40], seeds=1).run()
    assert sorted(called) == [(30, 0), (40, 0)]


def test_folds_are_cases_one_after_another():
    def by_fold(seq_len, seed, fold):
        return np.full(fold + 1, 10.0 * fold + seq_len + seed)

    found = study(by_fold, seq_lens=[2, 4], seeds=2, folds=3).run()
    (answer,) = found.answers()
    assert answer.cases.count == 6
    assert [summary.mean for summary in answer.validation] == pytest.approx([2.5 + 80 / 6, 4.5 + 80 / 6])


def test_the_mean_of_folds_is_a_seeds_score_where_cases_are_not_known():
    found = study(lambda seq_len, seed, fold: float(seq_len + fold), seq_lens=[2, 4], seeds=2, folds=3).run()
    (answer,) = found.answers()
    assert [summary.mean for summary in answer.validation] == [3.0, 5.0]
    assert answer.cases.sentence == "3 folds of the same cases"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"seq_lens": None}, "seq_lens is not given, but how long sequences are is not known"),
        ({"seq_lens": "0:3"}, "seq_lens has 0, but lengths are 1 or more"),
        ({"metric": None}, "whether a higher or a lower score is better is not known: give direction"),
        ({"objective": 3}, "objective is 3, but must be a function"),
        ({"objective": lambda seq_len: 0}, "<lambda> must take seq_len and seed"),
        ({"objective": lambda a, b, fold: 0}, "<lambda> takes a fold beside seq_len and seed: give .* folds=5"),
        ({"folds": 5}, "error must take seq_len, seed and fold, since folds are given"),
        ({"folds": 1}, "folds is 1, but must be 2 or more, or 0"),
        ({"baseline": float("nan")}, "baseline is nan, but must be a score"),
        ({"data": "digits"}, "data goes with networks of ours"),
        ({"hidden_size": 3, "budget": "steps=1"}, "budget and hidden_size go with networks of ours"),
    ],
)
def test_what_does_not_go_is_refused(options, sentence):
    with pytest.raises(UsageError, match=sentence):
        study(**options)


def test_a_direction_without_a_function_is_refused():
    with pytest.raises(UsageError, match="direction, baseline and axes go with objective"):
        lengthwise.Study("mnist", direction="minimize")


def test_a_call_that_raises_is_a_failed_run_with_its_reason_and_place():
    def broken(seq_len, seed):
        if seq_len == 8:
            raise ValueError("no such file")
        return error(seq_len, seed)

    found = study(broken, seeds=1).run()
    failed = found.results.query("status == 'failed'")
    assert failed.seq_len.tolist() == [8]
    assert failed.reason.iloc[0].startswith("ValueError: no such file (test_objective.py, line ")


def test_cases_that_are_not_those_of_the_other_runs_are_a_failed_run():
    found = study(lambda seq_len, seed: np.ones(seq_len), seq_lens=[2, 4], seeds=1).run()
    (reason,) = found.results.reason.dropna()
    assert reason == (
        "seq_len 2, seed 0 has 2 scores, but seq_len 4, seed 0 has 4 scores: give a score for each of the same cases, "
        "in the same order, at every length."
    )


def test_a_study_of_which_every_call_fails_says_why():
    found = study(lambda seq_len, seed: None, seq_lens=[2, 4], seeds=1).run()
    with pytest.raises(
        UsageError, match="no run of the study has finished; the last failed: what was returned is None"
    ):
        found.answers()


def test_a_baseline_that_no_length_beats_is_said_first():
    (answer,) = study(baseline=0.7, seeds=3).run().answers()
    assert answer.sentence.startswith("No length is shown to do better than the baseline (mean absolute error 0.7). ")
    assert answer.recommendation.margin == pytest.approx(0.014)


def test_without_a_baseline_the_margin_is_a_share_of_the_best():
    (answer,) = study(lambda seq_len, seed: 50.0 + seq_len, seq_lens=[10, 30], seeds=2).run().answers()
    assert answer.recommendation.margin == pytest.approx(0.02 * 60)


def test_shares_from_0_to_100_have_a_margin_of_half_a_point():
    (answer,) = study(lambda seq_len, seed: 90.0 + seed, metric="accuracy", seq_lens=[1, 3], seeds=2).run().answers()
    assert answer.recommendation.margin == 0.5
    assert not answer.metric.percent


def test_a_study_is_gone_on_with_from_its_folder(tmp_path):
    study(seeds=1, out=tmp_path)
    with pytest.raises(UsageError, match=r"Study.load\('.*', objective=…\)"):
        lengthwise.Study.load(tmp_path).run()
    again = lengthwise.Study.load(tmp_path, objective=error).run()
    assert len(again.results) == 6
    assert again.pending() == []
    again.extend(seq_lens=[28], seeds=2)
    assert {trial.seq_len for trial in again.pending()} == {8, 12, 15, 16, 20, 24, 28}
    assert len(again.run().results) == 14
    with pytest.raises(UsageError, match="holds a study with other options"):
        study(seeds=1, out=tmp_path, seq_lens="1:3")


def test_what_does_not_go_with_a_stored_study_is_refused(tmp_path, small):
    study(out=tmp_path / "function")
    with pytest.raises(UsageError, match="data is given, but the study's trainings are your own"):
        lengthwise.Study.load(tmp_path / "function", data=small)
    lengthwise.Study(small, seq_lens=[2], seeds=1, recipe="notebook", out=tmp_path / "networks")
    with pytest.raises(UsageError, match=r"objective is given, but the study trains networks on .*small"):
        lengthwise.Study.load(tmp_path / "networks", objective=error)
    with pytest.raises(UsageError, match="the study has no data of its own"):
        _ = study().dataset


def test_results_have_what_was_told_and_no_settings_of_networks():
    found = study(lambda seq_len, seed: {"score": 1.0, "epochs": seq_len, "worker": "me"}, seeds=1).run()
    assert "cell" not in found.results
    assert found.results.epochs.tolist() == found.results.seq_len.tolist()
    assert set(found.results.worker_) == {"me"}
    assert list(lengthwise.report.tables.runs_table(found))[:4] == ["seq_len", "seed", "status", "reason"]


def test_interrupted_in_a_call_what_had_ended_is_stored():
    def interrupted(seq_len, seed):
        if seq_len == 12:
            os.kill(os.getpid(), signal.SIGINT)
            threading.Event().wait(30)
        return 1.0

    found = study(interrupted, seeds=1)
    with pytest.raises(KeyboardInterrupt):
        found.run()
    assert sorted(found.results.seq_len) == [15, 16, 20, 24]
    assert [trial.seq_len for trial in found.pending()] == [8, 12]


def test_calls_in_several_processes_give_the_same_scores():
    pytest.importorskip("joblib")
    shift = 1.0  # what is not importable elsewhere is sent by value
    one, two = (
        study(lambda seq_len, seed: shift + error(seq_len, seed), seq_lens=[8, 16, 24], seeds=2).run(workers=workers)
        for workers in (1, 2)
    )
    columns = ["seq_len", "seed", "val_score"]
    assert one.results[columns].equals(two.results[columns])
    assert not set(one.results.worker) & set(two.results.worker)


def test_interrupted_calls_in_processes_are_ended():
    pytest.importorskip("joblib")
    found = study(lambda seq_len, seed: threading.Event().wait(3600), seeds=1)

    def interrupt(event):
        if isinstance(event, Tick):
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        found.run(workers=2, callbacks=[interrupt])
    assert found.results.empty
    assert not [child for child in multiprocessing.active_children() if "Loky" in child.name]


class Kept(TrackerCallback):
    def __init__(self):
        super().__init__(100)
        self.begun, self.results = [], []

    def begin(self, name, settings):
        self.begun.append((name, settings))

    def log(self, step, metrics):
        raise AssertionError

    def summarize(self, metrics):
        self.results.append(metrics)

    def end(self, status):
        assert status == "finished"


def test_callbacks_are_told_of_trials(tmp_path, capsys):
    kept = Kept()
    study(lambda seq_len, seed: {"score": 0.25, "epochs": 3, "seconds": 2}, seq_lens=[8], seeds=1).run(
        callbacks=[StudyConsole(), StudyTensorBoard(tmp_path), kept]
    )
    assert kept.begun == [("len8-seed0", {"seq_len": 8, "seed": 0})]
    assert kept.results == [{"epochs": 3.0, "mae": 0.25, "seconds": 2.0}]
    (folder,) = tmp_path.iterdir()
    assert folder.name.startswith("len0008-seed0-")
    out = capsys.readouterr().out
    assert "1 run: 1 length, 1 seed; 1 at a time; stored in memory" in out
    assert "   1/1  seq_len   8  seed 0  mae 0.25     2.0 s" in out


def test_the_page_the_table_and_the_files_show_what_is_known(tmp_path, capsys):
    found = study(right, metric="accuracy", seeds=3).run()
    data = page_data(found)
    assert (data["baseline"], data["tested"], data["costs"]) == (None, False, ["seconds"])
    assert data["subject"] == "right: windows of 8 to 24 steps (6 lengths), 3 seeds each"
    made = {row["name"]: row["value"] for row in data["made"]}
    assert made["the command that repeats the study"] == (
        "lengthwise.Study(objective=right, seq_lens='8,12,15,16:24:4', seeds=3, metric='accuracy', "
        "direction='maximize'), in Python"
    )
    assert "learning" not in render_page(data).partition("<script")[0]
    print_answer(found.answers())
    shown = capsys.readouterr().out
    assert "accuracy % s/training costs at most verdict" in " ".join(shown.split())
    assert "chosen by: 2,000 cases" in shown
    files = lengthwise.write_results(found, tmp_path)
    assert {path.stem for path in files} == {
        "report", "results", "answer", "accuracy_over_length", "cost_over_length"
    }  # fmt: skip
    (answer,) = json.loads((tmp_path / "answer.json").read_text())
    assert (answer["recommended"], answer["baseline"], answer["placement"]) == (16, None, None)


def test_figures_of_the_course_of_trainings_say_that_it_is_not_known():
    found = study(seeds=2).run()
    for draw in (lengthwise.plots.learning_curves, lengthwise.plots.accuracy_against_cost):
        with pytest.raises(UsageError, match="but not how they went on"):
            draw(found)


def test_a_trial_is_its_length_seed_and_fold():
    assert Trial(3, 1).to_dict() == {"seq_len": 3, "seed": 1}
    assert Trial(3, 1, 5, 2).to_dict() == {"seq_len": 3, "seed": 1, "folds": 5, "fold": 2}


def test_lengths_of_which_no_run_finished_are_named_in_the_answer():
    def fit(seq_len, seed):
        if seq_len > 8:
            raise MemoryError("too long")
        return 0.9 + 0.05 * (seq_len == 8) + 0.001 * seed

    (answer,) = lengthwise.Study(objective=fit, metric="acc", seq_lens=[4, 8, 16, 32], seeds=2).run().answers()
    assert answer.failed == (16, 32)
    assert answer.sentence.endswith(" Lengths 16 and 32 are not compared, since their runs failed.")


def test_a_function_of_any_names_is_called_by_name():
    study = lengthwise.Study(
        objective=lambda **given: given["seq_len"] + given["seed"], metric="acc", seq_lens=[4, 8], seeds=2
    )
    assert study.run().results.val_score.tolist() == [4, 5, 8, 9]
