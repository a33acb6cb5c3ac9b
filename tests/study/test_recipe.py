"""The recipe: chosen by pilots, the same for the same data, and nothing that was given is changed."""

import io
import json
import signal

import numpy as np
import pytest
from rich.console import Console

import lengthwise
from lengthwise._internal.interrupts import Stopped, StopRequest
from lengthwise.data.folds import smallest_fold
from lengthwise.errors import UsageError
from lengthwise.study import pilot_race
from lengthwise.study.budget import Budget
from lengthwise.study.pilot_errors import error_without_network
from lengthwise.study.pilots import judged_windows, train_pilot, train_pilots
from lengthwise.study.recipe import PilotCompiling, PilotStarted, Recipe
from lengthwise.study.recipe_choice import budget_updates, choose_recipe, find_recipe, recipe_of_training
from lengthwise.study.recipe_console import RecipeConsole
from lengthwise.study.study import Study
from lengthwise.study.time_limit import TimeLimit
from lengthwise.training.data_defaults import usual_batch_size
from lengthwise.training.settings import Settings


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Pilots of few updates, on a validation split of 20 sequences."""
    monkeypatch.setattr(pilot_race, "ENOUGH_TO_TELL", 20)
    for name, updates in (("FIRST", 4), ("PATIENT", 8), ("GIVE_UP", 16), ("MOST", 32)):
        monkeypatch.setattr(pilot_race, f"{name}_UPDATES", updates)


@pytest.fixture
def chosen(small):
    return choose_recipe(small, workers=1)


def test_it_says_what_and_why_in_two_lines_and_survives_json(chosen):
    what, why = chosen.reasons
    assert what.startswith("recipe auto: gru of ")
    assert f"{chosen.updates} updates" in what
    assert why.startswith("because: best of 4 in ")
    assert "220 training sequences" in why
    assert Recipe.from_dict(json.loads(json.dumps(chosen.to_dict()))) == chosen


def test_the_same_data_give_the_same_recipe_however_many_are_trained_at_a_time(small, chosen):
    again = choose_recipe(small, workers=3)
    assert again.to_dict() | {"seconds": 0} == chosen.to_dict() | {"seconds": 0}


def test_halves_are_dropped_and_the_last_is_trained_for_twice_as_many_updates(chosen):
    updates = [pilot["updates"] for pilot in chosen.pilots]
    assert updates[:4] == [4, 4, 4, 4]
    assert updates == sorted(updates)
    assert updates[-1] > 4
    assert len(updates) <= 11
    assert set(updates) <= {4, 8, 16, 32}
    assert chosen.updates in updates


def test_few_validation_sequences_do_not_tell_how_many_updates_are_worth_it(small, monkeypatch):
    monkeypatch.setattr(pilot_race, "ENOUGH_TO_TELL", 21)
    recipe = choose_recipe(small, workers=1)
    assert recipe.updates == pilot_race.UPDATES_FOR_FEW == recipe.settings["validate_every"]
    assert [pilot["updates"] for pilot in recipe.pilots][:4] == [8, 8, 8, 8]


def test_what_was_given_is_no_part_of_it_and_pilots_have_it(small):
    given = {"cell": "lstm", "hidden_size": 5, "batch_size": 7, "clip_norm": 2.0}
    recipe = choose_recipe(small, given, workers=1)
    assert not given.keys() & recipe.settings.keys()
    assert all(pilot["settings"]["cell"] == "lstm" for pilot in recipe.pilots)
    assert all(pilot["settings"]["hidden_size"] == 5 for pilot in recipe.pilots)
    assert [pilot["settings"]["lr"] for pilot in recipe.pilots[:3]] == [0.03, 0.01, 0.003]


def test_where_all_is_given_nothing_is_trained(small):
    given = {"cell": "gru", "hidden_size": 5, "lr": 0.01}
    recipe = choose_recipe(small, given, updates=6)
    assert recipe.pilots == ()
    assert recipe.updates is None
    assert recipe.reasons[1] == "because: nothing was left to choose by pilot trainings"


def test_pilots_make_no_more_updates_than_were_given(small):
    recipe = choose_recipe(small, updates=9, workers=1)
    assert {pilot["updates"] for pilot in recipe.pilots} == {4, 8}
    assert recipe.updates is None
    assert "validate_every" not in recipe.settings
    assert recipe.settings["ema_decay"] == 0.5


def test_a_budget_in_epochs_is_counted_at_the_pilots_length(small):
    assert budget_updates(small, {"batch_size": (22, 44)}, Budget("epochs", 3), 5) == 3 * 4 * 220 // 22


def test_a_recipe_of_a_training_has_its_length_and_validates_nothing(small):
    recipe = recipe_of_training(small, {"seq_len": 3, "seed": 5}, workers=1)
    assert "at 3 steps" in recipe.reasons[1]
    assert "validate_every" not in recipe.settings
    result = lengthwise.train(small, seq_len=3, quiet=True, steps=recipe.updates, **recipe.settings)
    assert result.train_steps == recipe.updates


def test_a_study_trains_the_recipe_and_keeps_it(small, tmp_path):
    out = tmp_path / "study"
    study = Study(small, recipe="auto", seq_lens="3,8", seeds=1, workers=1, out=out).run(workers=1)
    recipe = study.recipe
    assert recipe.name == "auto"
    assert study.design.budget == Budget("steps", recipe.updates)
    assert {name: study.design.settings[name] for name in recipe.settings} == {
        name: (value,) for name, value in recipe.settings.items()
    }
    assert set(study.results.updates) == {recipe.updates}
    later = Study.load(out, data=small)
    assert later.recipe == recipe
    assert later.extend(seeds=2).design.settings == study.design.settings


def test_every_option_that_the_user_gives_is_kept(small):
    study = Study(small, recipe="auto", budget="steps=6", cell=("rnn", "gru"), hidden_size=3, lr=0.2, ema_decay=0.9)
    given = {"cell": ("rnn", "gru"), "hidden_size": (3,), "lr": (0.2,), "ema_decay": (0.9,)}
    assert given.items() <= study.design.settings.items()
    assert str(study.design.budget) == "steps=6"
    assert study.design.settings["sampling"] == ("crops",)


def test_without_a_recipe_one_is_chosen_but_for_modules(small):
    given = {"cell": "gru", "hidden_size": 3, "lr": 0.1}
    assert find_recipe(None, small, given, budget=Budget("steps", 4)).name == "auto"
    assert find_recipe(None, small, {}, budget=None, module=object()) == Recipe("notebook", {})


def test_mnist_has_the_lectures_recipe_with_averaged_weights():
    mnist = lengthwise.load_data("mnist")
    assert find_recipe(None, mnist, {}, budget=None).settings == {"ema_decay": 0.999, "validate_every": 8592}
    assert find_recipe(None, mnist, {}, budget=Budget("steps", 100)).settings == {
        "ema_decay": 0.92,
        "validate_every": 100,
    }
    assert find_recipe(None, mnist, {"ema_decay": 0.9}, budget=None).settings == {}
    assert find_recipe("notebook", mnist, {}, budget=None).settings == {}


def test_an_unknown_recipe_and_one_for_modules_are_refused(small):
    with pytest.raises(UsageError, match="recipe is 'best', but must be one of auto, notebook"):
        find_recipe("best", small, {}, budget=None)
    with pytest.raises(UsageError, match="chosen for built-in networks only"):
        find_recipe("auto", small, {}, budget=None, module=object())


def test_a_recipe_that_was_chosen_before_is_taken_as_it_is(small):
    recipe = Recipe("auto", {"cell": "gru", "hidden_size": 3}, updates=5)
    study = Study(small, recipe=recipe)
    assert study.recipe == recipe
    assert study.design.settings["hidden_size"] == (3,)
    assert str(study.design.budget) == "steps=5"


def test_a_training_that_diverges_loses(small):
    pilot = train_pilot(Settings(data=small.name, seq_len=8, batch_size=16, cell="rnn_relu", lr=1e30, steps=20), small)
    assert not np.isfinite(pilot.loss)


def test_the_last_pilots_share_idle_threads_and_come_to_the_same(small):
    runs = [Settings(data=small.name, seq_len=8, batch_size=64, steps=20, lr=lr) for lr in (0.1, 0.01, 0.001)]
    alone, shared = (train_pilots(runs, small, workers=workers, stop=StopRequest()) for workers in (1, 2))
    assert [pilot.loss for pilot in shared] == [pilot.loss for pilot in alone]


def test_pilots_stop_when_they_are_asked_to(small):
    stop = StopRequest()
    stop.ask()
    with pytest.raises(Stopped):
        train_pilots([Settings(data=small.name, seq_len=8, batch_size=16, steps=20)], small, workers=1, stop=stop)


def test_ctrl_c_ends_the_choice(small):
    seen = []

    def listen(event):
        if not seen:
            signal.raise_signal(signal.SIGINT)
        seen.append(event)

    with pytest.raises(KeyboardInterrupt):
        choose_recipe(small, workers=1, callback=listen)
    assert {type(event) for event in seen} <= {PilotStarted, PilotCompiling}


def test_windows_are_spread_over_sequences_and_splits(small):
    windows = judged_windows(small.validation, 2, "any")
    assert [int(one.starts[0, 0]) for one in windows] == list(range(7))
    assert {one.sequences.shape for one in windows} == {(1, 20)}
    (last,) = judged_windows(small.validation, 3, "end")
    assert set(last.starts[0].tolist()) == {5}


def test_the_error_without_a_network_is_that_of_the_shares_of_classes(small):
    counts = np.bincount(small.train.targets, minlength=3) + 1
    shares = counts / counts.sum()
    assert error_without_network(small) == pytest.approx(1 - shares[small.validation.targets].mean())


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_shown(small, terminal):
    out = io.StringIO()
    console = RecipeConsole(Console(file=out, force_terminal=terminal, width=120))
    choose_recipe(small, workers=1, callback=console)
    text = out.getvalue()
    assert "choosing what to train" in text
    assert (" of at most 11, gru of " in text) == terminal


def test_a_limited_time_does_not_change_the_batch_size():
    labels = np.arange(200) % 2
    dataset = lengthwise.load_data(np.random.default_rng(0).normal(size=(200, 4, 1)), labels, name="noise")
    five, three = (usual_batch_size(len(smallest_fold(dataset, folds, seed=0).train)) for folds in (5, 3))
    given = {"cell": "gru", "hidden_size": 4, "lr": 0.03}
    recipes = [choose_recipe(dataset, given, updates=150, limit=limit) for limit in (None, TimeLimit(600))]
    assert [recipe.settings["batch_size"] for recipe in recipes] == [five, five] != [three, three]


@pytest.mark.parametrize("data", ["small", "mnist"])
def test_a_run_that_may_end_early_is_validated_on_the_way(small, data):
    dataset = small if data == "small" else lengthwise.load_data("mnist")
    given = {"patience": 2, "cell": "gru", "hidden_size": 4, "lr": 0.03}
    assert "validate_every" not in find_recipe(None, dataset, given, budget=None).settings
    once = find_recipe(None, dataset, given | {"patience": None}, budget=None)
    assert once.settings["validate_every"] == (once.updates or 8592)


def labelled_by(place):
    """Sequences of noise whose class is the sign of the sum of the two values from a place on."""
    values = np.random.default_rng(0).normal(size=(600, 12, 1))
    labels = (values[:, place : place + 2, 0].sum(axis=1) > 0).astype(int)
    return lengthwise.load_data(values, labels, name="noise")


@pytest.mark.parametrize(("place", "placement"), [(10, "end"), (0, None)])
def test_windows_of_the_end_are_chosen_where_what_counts_lies_there(place, placement):
    recipe = choose_recipe(labelled_by(place), {"cell": "gru", "hidden_size": 8, "lr": 0.03}, updates=150)
    assert recipe.settings.get("placement") == placement
    assert ("windows at the end" in recipe.reasons[0]) == (placement == "end")


def test_where_windows_lie_is_asked_in_any_time(monkeypatch):
    for name in ("FIRST_UPDATES", "MOST_UPDATES"):
        monkeypatch.setattr(pilot_race, name, 150)
    given = {"cell": "gru", "hidden_size": 8, "lr": 0.03}
    recipe = choose_recipe(labelled_by(10), given, limit=TimeLimit(1e-6))
    assert recipe.settings["placement"] == "end"
    assert [pilot["updates"] for pilot in recipe.pilots] == [150, 150, 150]
