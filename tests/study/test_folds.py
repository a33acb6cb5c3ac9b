"""Studies with folds: every case is judged by networks that have not seen it."""

import json
import sqlite3
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import lengthwise
from lengthwise._internal.interrupts import interruptible
from lengthwise.data.folds import fold_of
from lengthwise.errors import UsageError
from lengthwise.report.page import page_data
from lengthwise.report.tables import runs_table
from lengthwise.study.cases import scores_of
from lengthwise.study.costs import fitted_costs
from lengthwise.study.execution import RunEnded
from lengthwise.study.network_design import network_runs
from lengthwise.study.pilot_race import FEWEST_FOLDS, LEAST_RUNS, UPDATES_FOR_FEW, PilotRace
from lengthwise.study.pilots import train_pilot, train_pilots
from lengthwise.study.recipe import Recipe
from lengthwise.study.run import Job, execute
from lengthwise.study.study import Study
from lengthwise.study.tensorboard import StudyTensorBoard, run_name
from lengthwise.study.time_limit import TimeLimit
from lengthwise.training.settings import Settings
from tests.study.test_study import TIMES, assert_equal

SMALL = {"recipe": "notebook", "budget": "steps=25", "hidden_size": 4, "num_layers": 1, "batch_size": 4, "lr": 0.02}
OPTIONS = SMALL | {"seq_lens": [2, 6], "seeds": 2}
PEOPLE = 9


def people(**options):
    """Nine people with 3 to 11 sequences each; the test split has one of them."""
    random = np.random.default_rng(0)
    groups = np.repeat([f"P{number}" for number in range(PEOPLE)], range(3, 3 + PEOPLE))
    values = random.normal(size=(len(groups), 6, 2)).cumsum(axis=1)
    return lengthwise.load_data(values, values[:, -1, 0] > 0, groups=groups, test=0.1, name="people", **options)


@pytest.fixture(scope="module")
def data():
    return people()


@pytest.fixture(scope="module")
def study(data):
    return Study(data, **OPTIONS).run()


def test_a_study_of_people_leaves_each_out_in_turn(study):
    results = study.results
    assert study.design.folds == PEOPLE - 1
    assert len(results) == 2 * 2 * 8
    assert set(results.status) == {"finished"}
    assert set(results.folds) == {8}
    assert (results.groupby(["seq_len", "seed"]).fold.apply(sorted) == [list(range(8))] * 4).all()


def test_the_cases_are_people_weighted_by_their_sequences(data, study):
    scores = scores_of(study.store, study.results, "validation")
    assert scores.lengths == (2, 6)
    assert scores.num_seeds == (2, 2)
    assert scores.per_case.shape == (4, 8)
    pooled = np.r_[data.train.groups, data.validation.groups]
    names = sorted({data.group_names[group] for group in pooled})
    assert scores.case_weights.tolist() == [3 + int(name[1:]) for name in names]
    results = study.results
    for row, (seq_len, seed) in enumerate(zip(scores.seq_lens, scores.seeds, strict=True)):
        for case, name in enumerate(names):
            fold = sorted(set(pooled)).index(data.group_names.index(name))
            run = results.query(f"seq_len == {seq_len} and seed == {seed} and fold == {fold}")
            assert scores.per_case[row, case] == pytest.approx(run.val_score.item(), abs=1e-6)


def test_the_test_split_is_judged_by_the_first_folds_network(study):
    results = study.results
    scores = scores_of(study.store, results, "test")
    assert (results.test_score.notna() == (results.fold == 0)).all()
    assert (results.test_loss.notna() == (results.fold == 0)).all()
    assert scores.scores.tolist() == pytest.approx(results[results.fold == 0].test_score.tolist(), abs=1e-6)
    judged = study.store.evaluations().query("split == 'test'").run
    assert sorted(judged) == sorted(results.id[results.fold == 0])
    assert scores.per_case is None  # one person is no sample of people


def test_without_groups_the_cases_are_the_sequences_in_the_order_of_the_pool(small):
    values = np.asarray(small.train.values[:40], np.float32)
    dataset = lengthwise.load_data(values, small.train.targets[:40], name="few")
    study = Study(dataset, **OPTIONS).run()
    assert study.design.folds == 5
    scores = scores_of(study.store, study.results, "validation")
    assert scores.per_case.shape == (4, len(dataset.train) + len(dataset.validation))
    assert scores.case_weights is None
    runs = study.results.query("seq_len == 6 and seed == 1")
    for run in runs.itertuples():
        _, places = fold_of(dataset, 5, int(run.fold), seed=1)
        assert study.store.judged(run.id).tolist() == places.tolist()
        assert scores.per_case[3, places].mean() == pytest.approx(run.val_score, abs=1e-6)
    assert study.answers()[0].cases.sentence == "34 sequences, each judged by networks that had not seen it"


def test_a_fold_of_a_seed_is_trained_from_its_own_initial_weights(data):
    runs = Study(data, **OPTIONS).pending()
    one, other = (execute(Job(run, (), 6), data) for run in runs[:2])
    assert (one.settings.seed, other.settings.seed) == (0, 0)
    found, _ = fold_of(data, 8, 0, seed=0)
    plain = execute(Job(replace(runs[0], folds=None, fold=None), (), 6), found)
    assert one.validation.loss != plain.validation.loss
    assert not set(one.judged) & set(other.judged)


def test_what_is_judged_does_not_choose_the_weights_unless_asked_to(data, study):
    assert (study.results.best_update == study.results.updates).all()
    assert (study.store.validations()["update"] == 25).all()
    chosen = Study(data, **OPTIONS | {"validate_every": 5, "seq_lens": [2], "seeds": 1}).run()
    assert len(chosen.store.validations()) == 5 * 8


def test_a_seed_of_which_a_fold_is_missing_is_left_out(data, study):
    part = Study(data, **OPTIONS)

    def stop(event):
        if isinstance(event, RunEnded) and len(part.store.stored()) == 21:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        part.run(workers=1, callbacks=[stop])
    (answer,) = part.answers()
    assert [(each.seq_len, each.num_seeds) for each in answer.validation] == [(6, 2)]
    assert len(answer.runs) == 16
    assert len(part.pending()) == 32 - 21
    part.run(workers=1)
    assert_equal(part, study)


def test_a_study_without_a_complete_seed_has_no_answer_yet(data):
    part = Study(data, **OPTIONS)
    part.store.add(execute(Job(part.pending()[0], (), 6), data))
    with pytest.raises(UsageError, match=r"no seed of the study has all its folds: go on with it with --resume"):
        part.answers()
    assert part.answers_so_far() == []
    assert page_data(part)["configurations"] == []


def test_runs_of_a_seed_come_together(data):
    keys = [(run.seq_len, run.seed, run.fold) for run in Study(data, **OPTIONS).pending()]
    assert keys == [(s, seed, fold) for s in (2, 6) for seed in (0, 1) for fold in range(8)]


def test_a_study_with_folds_is_extended_and_goes_on_in_its_folder(data, study, tmp_path):
    Study(data, out=tmp_path / "s", **OPTIONS | {"seeds": 1}).run().store.close()
    grown = Study.load(tmp_path / "s", data=data).extend(seeds=2)
    assert grown.design.folds == 8
    assert_equal(grown.run(), study)


def test_seeds_are_added_with_all_their_folds(data, study):
    wider = replace(study.design, more_seeds={6: 3})
    added = [(run.seq_len, run.seed, run.fold) for run in network_runs(wider, data) if run.seed == 2]
    assert added == [(6, 2, fold) for fold in range(8)]


def test_what_more_seeds_cost_is_the_time_of_all_their_folds(study):
    (answer,) = study.answers()
    answer = replace(answer, seconds=0.0)
    a_run = fitted_costs(answer.runs, "wall_seconds", [6])[6]
    assert answer.seconds_of_seeds({6: 2}) == pytest.approx(2 * 8 * a_run)


def test_the_baseline_is_that_of_the_sequences_that_are_judged(data, study):
    classes = np.r_[data.train.targets, data.validation.targets]
    assert study.baseline.validation == np.bincount(classes).max() / len(classes)
    assert study.baseline.test == (data.test.targets == np.bincount(classes).argmax()).mean()


def test_folds_can_be_switched_off_and_groups_stay_the_cases(data):
    plain = Study(data, folds=0, **OPTIONS).run()
    assert len(plain.results) == 4
    assert plain.results.fold.isna().all()
    scores = scores_of(plain.store, plain.results, "validation")
    groups = np.unique(data.validation.groups)
    assert len(groups) == 1
    assert scores.per_case is None


def test_a_fold_is_in_the_store_the_table_and_the_names(study, tmp_path, data):
    kept = Study(data, out=tmp_path / "s", **OPTIONS | {"seq_lens": [2], "seeds": 1}).run()
    connection = sqlite3.connect(tmp_path / "s" / "study.sqlite")
    (key, run, blob) = connection.execute(
        "SELECT key, id, sequences FROM runs JOIN evaluations ON run = id WHERE split = 'validation' AND fold = 3"
    ).fetchone()
    assert (json.loads(key)["fold"], json.loads(key)["folds"]) == (3, 8)
    assert len(blob) == 4 * len(kept.store.judged(run))
    assert connection.execute("SELECT count(*) FROM groups WHERE split = 'test'").fetchone() == (len(data.test),)
    connection.close()
    assert {"folds", "fold"} <= set(study.results)
    outcome = execute(Job(network_runs(kept.design, data)[3], (), 6), data)
    assert run_name(outcome).startswith("len0002-seed0-fold3-rnn4-")


def test_the_store_of_a_study_without_groups_has_none(small):
    study = Study(small, **OPTIONS)
    assert study.store.groups("validation") is None


def test_a_number_of_folds_that_is_given_is_kept(data):
    study = Study(data, folds=3, **OPTIONS)
    assert len(study.pending()) == 2 * 2 * 3
    with pytest.raises(UsageError, match="folds is 9, but must be 2 to 8"):
        Study(data, folds=9, **OPTIONS)


@pytest.mark.parametrize(
    ("grouped_by", "sentence"),
    [
        ("Subject_id", "8 people, each judged by networks that had not seen them"),
        ("machine", "8 groups (machine), each judged by networks that had not seen it"),
    ],
)
def test_the_answer_says_what_the_cases_are(data, grouped_by, sentence):
    named = replace(data, grouped_by=grouped_by)
    (answer,) = Study(named, **OPTIONS | {"seq_lens": [2], "seeds": 1}).run().answers()
    assert answer.cases.sentence == sentence


@pytest.mark.parametrize("workers", [1, 2])
def test_folds_give_the_same_bits_with_any_number_of_workers(data, study, workers):
    again = Study(data, **OPTIONS).run(workers=workers)
    columns = [name for name in again.results if name not in TIMES]
    pd.testing.assert_frame_equal(again.results[columns], study.results[columns], check_exact=True)


def test_a_short_time_has_fewer_folds_and_then_fewer_updates(data):
    given = {"cell": "gru", "hidden_size": 3, "num_layers": 1}
    with interruptible() as stop:
        race = PilotRace(data, given, 6, 1, lambda _event: None, stop, TimeLimit(1000.0))
        assert race.recipe(UPDATES_FOR_FEW, is_chosen=True).folds is None  # nothing is known of the pace yet
        race._pace = 1000 / (LEAST_RUNS * UPDATES_FOR_FEW / 2 * 5.5)
        assert (race.recipe(UPDATES_FOR_FEW, is_chosen=True).folds, race.prolong()) == (5, UPDATES_FOR_FEW)
        race._pace *= 3
        assert race.recipe(UPDATES_FOR_FEW, is_chosen=True).folds == FEWEST_FOLDS
        assert race.prolong() == pytest.approx(UPDATES_FOR_FEW * 5.5 / 3 / 3, rel=0.01)
        asked = PilotRace(data, given, 6, 1, lambda _event: None, stop, TimeLimit(1000.0), folds=0)
        asked._pace = race._pace
        assert (asked.recipe(UPDATES_FOR_FEW, is_chosen=True).folds, asked.prolong()) == (None, UPDATES_FOR_FEW)


def test_a_default_batch_fits_where_a_short_time_has_fewer_folds():
    few = lengthwise.load_data(np.random.default_rng(0).normal(size=(12, 4, 1)), [0, 1] * 6)
    with interruptible() as stop:
        race = PilotRace(few, {}, 4, 1, lambda _event: None, stop, TimeLimit(60.0))
        race._pace = 1.0
        recipe = race.recipe(60, is_chosen=True)
    assert recipe.folds == FEWEST_FOLDS
    assert recipe.settings["batch_size"] <= min(len(fold_of(few, 3, fold, 0).dataset.train) for fold in range(3))


def test_compiling_takes_none_of_the_time_for_pilots(data):
    with interruptible() as stop:
        began = time.monotonic() - 50
        race = PilotRace(data, {}, 6, 1, lambda _event: None, stop, TimeLimit(100.0, began), folds=0)
        race._pace = 0.1
        assert not race._has_time(1, 10)
        race._compiling = 48
        assert race._has_time(1, 100)
        assert not race._has_time(2, 100)
        race._train([{"cell": "gru", "hidden_size": 3, "lr": 0.01}], 4)
        assert 0 < 4 * race._pace < time.monotonic() - began - 50


def test_a_recipe_that_had_time_for_fewer_folds_has_them(data):
    recipe = Recipe("notebook", {}, folds=3)
    options = {name: value for name, value in OPTIONS.items() if name != "recipe"}
    assert Study(data, recipe=recipe, **options).design.folds == 3
    assert Study(data, recipe=recipe, folds=4, **options).design.folds == 4


def test_a_default_batch_fits_into_the_smallest_fold():
    groups = [0] * 40 + [1] * 6 + [2] * 6
    values = np.random.default_rng(0).normal(size=(52, 4, 1))
    dataset = lengthwise.load_data(values, values[:, -1, 0] > 0, groups=groups, test=0.1)
    study = Study(dataset, seq_lens=[2], seeds=1, recipe="notebook", budget="steps=5", hidden_size=3)
    assert study.design.folds == 2
    assert study.design.settings["batch_size"] == (6,)
    assert set(study.run().results.status) == {"finished"}


def test_pilots_are_judged_on_some_of_the_folds(data):
    settings = Settings(data="people", seq_len=6, cell="gru", hidden_size=3, num_layers=1, batch_size=4, steps=20)
    folds = [fold_of(data, 8, fold, 0).dataset for fold in range(2)]
    with interruptible() as stop:
        (pilot,) = train_pilots([settings], data, folds=folds, workers=2, stop=stop)
        race = PilotRace(data, {"hidden_size": 3}, 6, 2, lambda _event: None, stop)
        race.race(2)
    alone = [train_pilot(replace(settings, seed=place), fold).loss for place, fold in enumerate(folds)]
    assert pilot.loss == pytest.approx(np.mean(alone), rel=1e-12)
    assert "best of 3 in 9 pilot trainings" in race.recipe(2, is_chosen=True).reasons[1]


def test_a_report_of_a_study_with_folds_shows_all_there_is(data, tmp_path):
    made = Study(data, eval_lens="2,4,6", out=tmp_path / "s", **OPTIONS).run(
        callbacks=[StudyTensorBoard(tmp_path / "tensorboard")]
    )
    (answer,) = made.answers()
    assert answer.evaluations.groupby(["seq_len", "seed"]).size().tolist() == [3] * 4
    assert set(answer.anytime.steps) == set(range(1, 7))
    page = page_data(made)
    rows = {row["name"]: row["value"] for row in page["made"]}
    assert rows["chosen by"] == "8 groups, each judged by networks that had not seen it"
    assert "--folds 8" in rows["the command that repeats the study"]
    assert page["configurations"][0]["hard"]["num_sequences"] == len(data.test)
    assert len(list((tmp_path / "tensorboard").iterdir())) == 32
    assert {"fold", "folds"} <= set(runs_table(made))
