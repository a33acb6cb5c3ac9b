"""Choosing a recipe for data by pilot trainings; `lengthwise.study.pilot_race` makes them.

What is chosen, and how:

- batch size: by the number of training sequences, see `lengthwise.training.data_defaults.usual_batch_size`; every
  sequence takes part (`sampling` "crops").
- cell, size and learning rate: successive halving over `CANDIDATES` (Jamieson and Talwalkar, Non-stochastic best arm
  identification and hyperparameter optimization, 2016). All are trained for few updates, the better half for twice as
  many, until one is left. While none has learnt anything, none is dropped, up to `PATIENT_UPDATES`.
- updates: twice as many again and again, as long as the error becomes smaller by half of the margin that the task's
  metric usually has. A validation split of fewer sequences than `ENOUGH_TO_TELL` cannot tell that; then there are
  `UPDATES_FOR_FEW`.
- a learning rate of one cycle, weights averaged over the last twentieth of the updates, and a gradient of norm 1 at
  most.

Pilots are counted in updates and not in seconds, so that the same data give the same recipe on every machine, unless
the user limits the time. What the user gave is kept: it takes the place of what the candidates have, and of what is
filled in.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from lengthwise._internal.argument_checks import check_choice
from lengthwise._internal.interrupts import Stopped, interruptible
from lengthwise._internal.threads import check_threads
from lengthwise.data.dataset import Dataset
from lengthwise.errors import UsageError
from lengthwise.study.budget import Budget
from lengthwise.study.network_design import as_budget
from lengthwise.study.pilot_race import CANDIDATES, LONGEST_PILOT, USUAL, PilotRace, usual_decay, without
from lengthwise.study.recipe import (
    Recipe,
    RecipeCallback,
    RecipeChosen,
    RecipeEvent,
    RecipeName,
)
from lengthwise.study.time_limit import TimeLimit
from lengthwise.training.data_defaults import (
    chosen_placement,
    defaults_for,
    is_mnist,
    placed,
    usual_batch_size,
    with_defaults_for,
)
from lengthwise.training.settings import Settings
from lengthwise.training.setup import network_for, samplers_for

LONGEST_FORECAST_PILOT = 32
"""Steps of the longest window of a pilot that forecasts a series without a season."""

MNIST_SHARE = 8
"""In a study of MNIST, weights are averaged over about the last of so many parts of the updates: 0.999 for 8,592."""


def choose_recipe(
    dataset: Dataset,
    given: Mapping[str, Any] | None = None,
    *,
    seq_len: int | None = None,
    updates: int | None = None,
    workers: int | None = None,
    callback: RecipeCallback = lambda _event: None,
    limit: TimeLimit | None = None,
    folds: int | None = None,
) -> Recipe:
    """Choose what to train on a data set, by pilot trainings.

    Parameters
    ----------
    dataset : Dataset
    given : mapping of str to Any, optional
        Settings that the user gave, which are kept; of several values of one, pilots use the first.
    seq_len : int, optional
        Steps of the pilots' windows; by default those of `pilot_length`.
    updates : int, optional
        Updates of the trainings, if the user said how many; then they are not chosen.
    workers : int, optional
        Pilots that are trained at a time, on which the recipe does not depend; one for each processor by default.
    callback : callable
        Told of every `RecipeEvent`.
    limit : TimeLimit, optional
        When the study is to end, of which the pilots take at most a fifth; no more updates are chosen than
        leave time for a study. What is chosen then depends on the machine.
    folds : int, optional
        Folds of the study, 0 for none; by default as usual for the data, or fewer where the time is short.

    Returns
    -------
    Recipe

    Raises
    ------
    UsageError
        If what was given does not fit the data.
    KeyboardInterrupt
        After Ctrl-C.
    """
    kept = first_values(given or {})
    dataset = placed(dataset, chosen_placement(dataset, kept))
    length = pilot_length(dataset) if seq_len is None else seq_len
    began = time.monotonic()
    with _pilots(dataset, kept, length, check_threads(workers), callback, limit, folds) as pilots:
        pilots.race(updates)
        chosen = pilots.prolong() if updates is None else updates
        pilots.place(chosen)
        found = pilots.recipe(chosen, is_chosen=updates is None)
    recipe = replace(found, seconds=time.monotonic() - began)
    callback(RecipeChosen(recipe))
    return recipe


def find_recipe(
    recipe: RecipeName | Recipe | None,
    dataset: Dataset,
    given: Mapping[str, Any],
    *,
    budget: Budget | None,
    module: Any = None,
    workers: int | None = None,
    callbacks: Iterable[RecipeCallback] = (),
    limit: TimeLimit | None = None,
    folds: int | None = None,
) -> Recipe:
    """Return the recipe of a study.

    Parameters
    ----------
    recipe : {"auto", "notebook"} or Recipe, optional
        What was asked for. If nothing was: the lecture's for modules of the user's, and with averaged weights for
        MNIST; for all other data one that is chosen.
    dataset : Dataset
    given : mapping of str to Any
        Settings that the user gave.
    budget : Budget, optional
        What the user gave.
    module : torch.nn.Module, optional
        One like those that are trained, if they are of the user's.
    workers, callbacks, limit, folds
        As for `choose_recipe`.

    Raises
    ------
    UsageError
        If there is no recipe of that name, or modules of the user's are to have one that is chosen.
    """
    if isinstance(recipe, Recipe):
        return recipe
    if recipe is None:
        if module is not None:
            return Recipe("notebook", {})
        if is_mnist(dataset):
            return recipe_for_mnist(dataset, given, budget)
        recipe = "auto"
    check_choice("recipe", recipe, RecipeName)
    if recipe == "notebook":
        return Recipe("notebook", {})
    if module is not None:
        raise UsageError(
            "recipe is 'auto', but a recipe is chosen for built-in networks only: leave it out where make_module is "
            "given."
        )
    listeners = list(callbacks)

    def callback(event: RecipeEvent) -> None:
        for listener in listeners:
            listener(event)

    dataset = placed(dataset, chosen_placement(dataset, given))
    updates = None
    if budget is not None:
        length = pilot_length(dataset)
        updates = budget_updates(dataset, usual_settings(dataset) | dict(given), budget, length)
    return choose_recipe(dataset, given, updates=updates, workers=workers, callback=callback, limit=limit, folds=folds)


def recipe_of_training(
    dataset: Dataset,
    given: Mapping[str, Any],
    *,
    workers: int | None = None,
    callback: RecipeCallback = lambda _event: None,
) -> Recipe:
    """Choose a recipe for a training of its own, with pilots of its length: that which was given, or the usual one.

    Parameters
    ----------
    dataset, given, workers, callback
        As for `choose_recipe`; `given` may have `seq_len`, and `steps` or `epochs` in place of updates to be chosen.
    """
    kept = {name: value for name, value in given.items() if name not in ("seq_len", "steps", "epochs", "seed")}
    dataset = placed(dataset, chosen_placement(dataset, given))
    length = given.get("seq_len", defaults_for(dataset)["seq_len"])
    updates = given.get("steps")
    if updates is None and "epochs" in given:
        updates = budget_updates(dataset, usual_settings(dataset) | kept, Budget("epochs", given["epochs"]), length)
    recipe = choose_recipe(dataset, kept, seq_len=length, updates=updates, workers=workers, callback=callback)
    return replace(recipe, settings=without(recipe.settings, ("validate_every",)))


def recipe_for_mnist(dataset: Dataset, given: Mapping[str, Any], budget: Budget | None) -> Recipe:
    """Return the recipe of a study of MNIST: the lecture's, with averaged weights unless their decay was given."""
    if "ema_decay" in given:
        return Recipe("notebook", {})
    # Averaged weights are best at the end, and the best of several validations would only add noise.
    updates = budget_updates(dataset, given, as_budget(budget), dataset.num_steps)
    decay = usual_decay(updates, MNIST_SHARE)
    reasons = (
        f"recipe notebook: the lecture's network, and weights averaged with decay {decay:g}",
        "because: the data are the lecture's; averaged weights differ less between seeds",
    )
    once = {"validate_every": updates} if given.get("patience") is None else {}
    settings = without({"ema_decay": decay} | once, given)
    return Recipe("notebook", settings, reasons=reasons)


def pilot_length(dataset: Dataset) -> int:
    """Return the steps of the pilots' windows: the longest there are, at most `LONGEST_PILOT`.

    For forecasts they are those of the season, which has what there is to learn where a series repeats itself; in
    longer windows it is learnt later. Without a season they are at most `LONGEST_FORECAST_PILOT`.
    """
    longest = min(dataset.num_steps, LONGEST_PILOT)
    if dataset.outlook is None:
        return longest
    season = dataset.outlook.season
    return season if 1 < season <= longest else min(longest, LONGEST_FORECAST_PILOT)


def budget_updates(dataset: Dataset, settings: Mapping[str, Any], budget: Budget, seq_len: int) -> int:
    """Return how many updates a budget allows with some settings, and the usual ones, at a length."""
    chosen = Settings(data=dataset.name, **with_defaults_for(dataset, first_values(settings)) | {"seq_len": seq_len})
    steps_per_epoch = samplers_for(chosen, dataset, ("train",))["train"].steps_per_epoch
    return budget.updates(network_for(chosen, dataset), seq_len, chosen.batch_size, steps_per_epoch)


def usual_settings(dataset: Dataset) -> dict[str, Any]:
    """Return the first candidate's settings."""
    return USUAL | CANDIDATES[0] | {"batch_size": usual_batch_size(len(dataset.train))}


def first_values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first of the values of each setting, where several are given."""
    return {name: value[0] if isinstance(value, list | tuple) else value for name, value in given.items()}


@contextmanager
def _pilots(
    dataset: Dataset,
    given: dict[str, Any],
    seq_len: int,
    workers: int,
    callback: RecipeCallback,
    limit: TimeLimit | None,
    folds: int | None,
) -> Iterator[PilotRace]:
    """Give the pilots of a recipe, which Ctrl-C ends."""
    with interruptible() as stop:
        try:
            yield PilotRace(dataset, given, seq_len, workers, callback, stop, limit, folds)
        except Stopped:
            raise KeyboardInterrupt from None
