"""Choosing a recipe for data by pilot trainings.

What is chosen, and how:

- batch size: by the number of training sequences, see `lengthwise.training.data_defaults.usual_batch_size`; every
  sequence takes part (`sampling` "shuffle").
- cell, size and learning rate: successive halving over `CANDIDATES` (Jamieson and Talwalkar, Non-stochastic best arm
  identification and hyperparameter optimization, 2016). All are trained for few updates, the better half for twice as
  many, until one is left. While none has learnt anything, none is dropped, up to `PATIENT_UPDATES`.
- updates: twice as many again and again, as long as that makes the loss smaller by `WORTH`.
- a learning rate of one cycle, weights averaged over the last twentieth of the updates, and a gradient of norm 1 at
  most.

Pilots are counted in updates and never in seconds, so that the same data give the same recipe on every machine. What
the user gave is kept: it takes the place of what the candidates have, and of what is filled in.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from lengthwise._internal.argument_checks import check_choice
from lengthwise._internal.interrupts import Stopped, StopRequest, interruptible
from lengthwise._internal.threads import check_threads
from lengthwise.data.dataset import Dataset
from lengthwise.data.sources import split_name
from lengthwise.errors import UsageError
from lengthwise.study.budget import Budget
from lengthwise.study.pilots import Pilot, error_without_network, train_pilots
from lengthwise.study.recipe import (
    PilotStarted,
    Recipe,
    RecipeCallback,
    RecipeChosen,
    RecipeEvent,
    RecipeName,
)
from lengthwise.training.data_defaults import usual_batch_size
from lengthwise.training.keyword_settings import DEFAULTS
from lengthwise.training.setup import network_for, samplers_for
from lengthwise.training.settings import Settings

CANDIDATES: tuple[dict[str, Any], ...] = (
    {"cell": "gru", "hidden_size": 32, "lr": 0.03},
    {"cell": "gru", "hidden_size": 32, "lr": 0.01},
    {"cell": "gru", "hidden_size": 32, "lr": 0.003},
    {"cell": "gru", "hidden_size": 64, "lr": 0.01},
)
"""What pilots try, the usual first; of equals the first is taken."""

USUAL: dict[str, Any] = {"num_layers": 1, "sampling": "shuffle", "lr_schedule": "one_cycle", "clip_norm": 1.0}
"""What every candidate has."""

LONGEST_PILOT = 256
"""Steps of the longest window of a pilot."""

FIRST_UPDATES, PATIENT_UPDATES, MOST_UPDATES = 150, 600, 9600
"""Updates of the first pilots; those up to which none is dropped while nothing is learnt; most of the last ones."""

GIVE_UP_UPDATES = 2400
"""Updates after which pilots end if nothing was learnt."""

LEARNT = 0.9
"""Something is learnt where the error is at most this share of what it is without a network."""

WORTH = 0.97
"""Twice as many updates are worth it if the error becomes this share of what it was, or less."""

AVERAGED_SHARE = 20
"""Weights are averaged over about the last of so many parts of the updates."""

LARGEST_DECAY = 0.999

MNIST_AVERAGE: dict[str, Any] = {"ema_decay": LARGEST_DECAY}
"""What a study of MNIST adds to the lecture's recipe: its trainings differ less between seeds."""


def is_mnist(dataset: Dataset) -> bool:
    """Return whether these are the lecture's data."""
    return split_name(dataset.name)[0] == "mnist"


def choose_recipe(
    dataset: Dataset,
    given: Mapping[str, Any] | None = None,
    *,
    seq_len: int | None = None,
    updates: int | None = None,
    workers: int | None = None,
    callback: RecipeCallback = lambda _event: None,
) -> Recipe:
    """Choose what to train on a data set, by pilot trainings.

    Parameters
    ----------
    dataset : Dataset
    given : mapping of str to Any, optional
        Settings that the user gave, which are kept; of several values of one, pilots use the first.
    seq_len : int, optional
        Steps of the pilots' windows; the longest there are by default, at most `LONGEST_PILOT`.
    updates : int, optional
        Updates of the trainings, if the user said how many; then they are not chosen.
    workers : int, optional
        Pilots that are trained at a time, on which the recipe does not depend; one for each processor by default.
    callback : callable
        Told of every `RecipeEvent`.

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
    length = min(dataset.num_steps, LONGEST_PILOT) if seq_len is None else seq_len
    began = time.monotonic()
    with _pilots(dataset, kept, length, check_threads(workers), callback) as pilots:
        pilots.race(updates)
        if updates is None:
            pilots.prolong()
    recipe = replace(pilots.recipe(updates), seconds=time.monotonic() - began)
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
) -> Recipe:
    """Return the recipe of a study.

    Parameters
    ----------
    recipe : {"auto", "notebook"} or Recipe, optional
        What was asked for.
    dataset : Dataset
    given : mapping of str to Any
        Settings that the user gave.
    budget : Budget, optional
        What the user gave.
    module : torch.nn.Module, optional
        One like those that are trained, if they are of the user's.
    workers, callbacks
        As for `choose_recipe`.

    Raises
    ------
    UsageError
        If there is no recipe of that name, or modules of the user's are to have one that is chosen.
    """
    if isinstance(recipe, Recipe):
        return recipe
    if recipe is None:
        return Recipe("notebook", without(MNIST_AVERAGE, given)) if is_mnist(dataset) else Recipe("notebook", {})
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

    updates = None if budget is None else budget_updates(dataset, given, budget)
    return choose_recipe(dataset, given, updates=updates, workers=workers, callback=callback)


def without(settings: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that are not given."""
    return {name: value for name, value in settings.items() if name not in given}


def budget_updates(dataset: Dataset, given: Mapping[str, Any], budget: Budget) -> int:
    """Return how many updates a budget allows the first candidate at the longest window of a pilot."""
    kept = first_values(given)
    usual = USUAL | CANDIDATES[0] | {"batch_size": usual_batch_size(len(dataset.train))}
    settings = Settings(data=dataset.name, seq_len=min(dataset.num_steps, LONGEST_PILOT), **(usual | kept))
    steps_per_epoch = samplers_for(settings, dataset, ("train",))["train"].steps_per_epoch
    return budget.updates(network_for(settings, dataset), settings.seq_len, settings.batch_size, steps_per_epoch)


def first_values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first of the values of each setting, where several are given."""
    return {name: value[0] if isinstance(value, list | tuple) else value for name, value in given.items()}


class _Pilots:
    """The pilots of one recipe.

    Parameters
    ----------
    dataset : Dataset
    given : dict of str to Any
    seq_len : int
    workers : int
    callback : callable
    stop : StopRequest
    """

    def __init__(
        self,
        dataset: Dataset,
        given: dict[str, Any],
        seq_len: int,
        workers: int,
        callback: RecipeCallback,
        stop: StopRequest,
    ) -> None:
        self._dataset, self._given, self._seq_len = dataset, given, seq_len
        self._workers, self._callback, self._stop = workers, callback, stop
        self._usual = USUAL | {"batch_size": usual_batch_size(len(dataset.train))}
        self._without = error_without_network(dataset)
        self._best: list[Pilot] = []
        self._made: list[Pilot] = []
        overlaid = [candidate | {name: given[name] for name in candidate if name in given} for candidate in CANDIDATES]
        self._candidates = [one for place, one in enumerate(overlaid) if one not in overlaid[:place]]
        self._candidate = self._candidates[0]

    def race(self, updates: int | None) -> None:
        """Choose one of the candidates by successive halving, each of at most so many updates."""
        now = FIRST_UPDATES if updates is None else min(FIRST_UPDATES, updates)
        left = self._candidates
        while len(left) > 1:
            losses = [pilot.loss for pilot in self._train(left, now)]
            order = sorted(range(len(left)), key=lambda place: losses[place])
            is_last = updates is not None and 2 * now > updates
            if is_last:
                left = [left[order[0]]]
            elif self._has_learnt(losses[order[0]]) or now >= PATIENT_UPDATES:
                left = [left[place] for place in sorted(order[: len(left) // 2])]
            now *= 2
        self._candidate = left[0]
        self._best = [pilot for pilot in self._made if self._is_of(pilot, self._candidate)]

    def prolong(self) -> None:
        """Train the candidate that was chosen for twice as many updates, as long as that is worth it."""
        now = 2 * self._best[-1].settings.steps if self._best and self._best[-1].settings.steps else 2 * FIRST_UPDATES
        while now <= MOST_UPDATES:
            (pilot,) = self._train([self._candidate], now)
            before = self._best[-1].loss if self._best else float("inf")
            self._best.append(pilot)
            if pilot.loss > WORTH * before and (self._has_learnt(min(pilot.loss, before)) or now >= GIVE_UP_UPDATES):
                return
            now *= 2

    def recipe(self, updates: int | None) -> Recipe:
        """Return what was found."""
        chosen = updates
        if chosen is None:
            enough = min(pilot.loss for pilot in self._best) / WORTH
            chosen = next(pilot.settings.steps for pilot in self._best if pilot.loss <= enough)
        settings = self._usual | self._candidate | {"ema_decay": usual_decay(chosen or 1)}
        if updates is None:
            settings["validate_every"] = chosen
        settings = without(settings, self._given)
        recipe = Recipe("auto", settings, updates=chosen if updates is None else None)
        pilots = tuple(
            {"settings": self._shown(pilot), "updates": pilot.settings.steps, "loss": pilot.loss}
            for pilot in self._made
        )
        return replace(recipe, reasons=self._reasons(settings | self._given, chosen), pilots=pilots)

    def _train(self, candidates: Sequence[dict[str, Any]], updates: int) -> list[Pilot]:
        runs = [self._settings(candidate, updates) for candidate in candidates]
        for place, settings in enumerate(runs):
            self._callback(PilotStarted(len(self._made) + place + 1, self._most(updates), settings))
        pilots = train_pilots(runs, self._dataset, workers=self._workers, stop=self._stop)
        self._made += pilots
        return pilots

    def _settings(self, candidate: dict[str, Any], updates: int) -> Settings:
        filled = self._usual | {"ema_decay": usual_decay(updates)} | candidate | self._given
        fixed = {"data": self._dataset.name, "seq_len": self._seq_len, "steps": updates}
        return Settings(**filled | fixed | {"patience": None, "validate_every": None})

    def _has_learnt(self, loss: float) -> bool:
        return loss <= LEARNT * self._without

    def _most(self, updates: int) -> int:
        """Return how many pilots there are at most, counted from those that are about to begin."""
        doublings = 0
        while updates << (doublings + 1) <= MOST_UPDATES:
            doublings += 1
        return len(self._made) + len(self._candidates) + doublings

    def _is_of(self, pilot: Pilot, candidate: dict[str, Any]) -> bool:
        return all(getattr(pilot.settings, name) == value for name, value in candidate.items())

    def _shown(self, pilot: Pilot) -> dict[str, Any]:
        return {name: getattr(pilot.settings, name) for name in CANDIDATES[0]}

    def _reasons(self, settings: dict[str, Any], updates: int | None) -> tuple[str, str]:
        cell, units, lr = (settings.get(name, DEFAULTS[name]) for name in ("cell", "hidden_size", "lr"))
        batch = settings.get("batch_size", DEFAULTS["batch_size"])
        what = f"recipe auto: {cell} of {units} units, lr {lr}, batch {batch}, {updates} updates, averaged weights"
        if not self._made:
            return what, "because: nothing was left to choose by pilot trainings"
        best = min(pilot.loss for pilot in self._best) if self._best else float("nan")
        why = (
            f"because: best of {len(self._candidates)} in {len(self._made)} pilot trainings at {self._seq_len} steps "
            f"(error {best:.3g}, without a network {self._without:.3g}); {len(self._dataset.train)} training sequences"
        )
        if not self._has_learnt(best):
            why += "; no pilot was better than no network"
        return what, why


@contextmanager
def _pilots(
    dataset: Dataset, given: dict[str, Any], seq_len: int, workers: int, callback: RecipeCallback
) -> Iterator[_Pilots]:
    """Give the pilots of a recipe, which Ctrl-C ends."""
    with interruptible() as stop:
        try:
            yield _Pilots(dataset, given, seq_len, workers, callback, stop)
        except Stopped:
            raise KeyboardInterrupt from None


def usual_decay(updates: int) -> float:
    """Return the decay by which weights are averaged over about the last twentieth of so many updates.

    >>> usual_decay(600), usual_decay(100_000)
    (0.9667, 0.999)
    """
    return min(LARGEST_DECAY, max(0.5, round(1 - AVERAGED_SHARE / updates, 4)))
