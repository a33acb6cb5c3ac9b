"""The pilots of a recipe: a race between candidates by successive halving, and then how many updates are worth it."""

import math
import time
from collections.abc import Container, Mapping, Sequence
from typing import Any

import numpy as np

from lengthwise._internal.interrupts import StopRequest
from lengthwise.data.dataset import Dataset
from lengthwise.data.folds import fold_of, smallest_fold, usual_folds
from lengthwise.lengths import LONGEST_BY_DEFAULT
from lengthwise.study.pilot_errors import error_to_beat, error_without_network
from lengthwise.study.pilots import Pilot, prepare_to_train, train_pilots
from lengthwise.study.recipe import PilotCompiling, PilotStarted, Recipe, RecipeCallback
from lengthwise.study.time_limit import TimeLimit
from lengthwise.tasks.judged_by import task_judged_by
from lengthwise.training.data_defaults import usual_batch_size, usual_placement
from lengthwise.training.keyword_settings import DEFAULTS
from lengthwise.training.settings import Settings

CANDIDATES: tuple[dict[str, Any], ...] = (
    {"cell": "gru", "hidden_size": 32, "lr": 0.03},
    {"cell": "gru", "hidden_size": 32, "lr": 0.01},
    {"cell": "gru", "hidden_size": 32, "lr": 0.003},
    {"cell": "gru", "hidden_size": 64, "lr": 0.01},
)
"""What pilots try, the usual first; of equals the first is taken."""

USUAL: dict[str, Any] = {"num_layers": 1, "sampling": "crops", "lr_schedule": "one_cycle", "clip_norm": 1.0}
"""What every candidate has."""

LONGEST_PILOT = 256
"""Steps of the longest window of a pilot."""

FIRST_UPDATES, PATIENT_UPDATES, MOST_UPDATES = 150, 600, 9600
"""Updates of the first pilots; those up to which none is dropped while nothing is learnt; most of the last ones."""

GIVE_UP_UPDATES = 2400
"""Updates after which pilots end if nothing was learnt."""

LEARNT = 0.9
"""Something is learnt where the error is at most this share of what it is without a network."""

ENOUGH_TO_TELL = 50
"""Validation sequences by which it can be told whether more updates are worth it."""

UPDATES_FOR_FEW = 2400
"""Updates where the validation sequences are fewer."""

AVERAGED_SHARE = 20
"""Weights are averaged over about the last of so many parts of the updates."""

LARGEST_DECAY = 0.999

PILOTS_SHARE = 0.2
"""Most of a limited time that goes into pilots."""

LEAST_UPDATES = 60
"""Fewest updates that a limited time makes of those that would be worth it."""

LEAST_RUNS = 24
"""Trainings that a limited time should suffice for; with folds, so many for each of them."""

PILOT_FOLDS = 3
"""Most folds that a pilot is trained on."""

FEWEST_FOLDS = 3
"""Folds below which a limited time makes trainings shorter, rather than folds fewer."""


class PilotRace:
    """The pilots of one recipe.

    Parameters
    ----------
    dataset : Dataset
    given : dict of str to Any
    seq_len : int
    workers : int
    callback : callable
    stop : StopRequest
    limit : TimeLimit, optional
        When the study that follows is to end.
    folds : int, optional
        Folds of the study, 0 for none; by default as usual for the data, or fewer where the time is short.
    """

    def __init__(
        self,
        dataset: Dataset,
        given: dict[str, Any],
        seq_len: int,
        workers: int,
        callback: RecipeCallback,
        stop: StopRequest,
        limit: TimeLimit | None = None,
        folds: int | None = None,
    ) -> None:
        self._limit, self._pace, self._compiling = limit, 0.0, 0.0
        self._folds = usual_folds(dataset) if folds is None else folds
        self._fewest_folds = min(FEWEST_FOLDS, self._folds) if folds is None else folds
        self._dataset, self._given, self._seq_len = dataset, given, seq_len
        self._workers, self._callback, self._stop = workers, callback, stop
        most, fewest = (_least_trained_on(dataset, count) for count in (self._folds, self._fewest_folds))
        self._usual = USUAL | {"batch_size": min(usual_batch_size(most), fewest)}
        metric = given.get("metric")
        self._without = error_without_network(dataset, metric)
        self._worth = task_judged_by(dataset.task, metric).metric.usual_margin(error_to_beat(dataset, metric)) / 2
        self._on = [fold_of(dataset, self._folds, fold, 0).dataset for fold in range(min(self._folds, PILOT_FOLDS))]
        self._can_tell = sum(len(each.validation) for each in self._on or [dataset]) >= ENOUGH_TO_TELL
        self._first = FIRST_UPDATES * (1 if self._can_tell else 2)
        self._best: list[Pilot] = []
        self._made: list[Pilot] = []
        overlaid = [candidate | {name: given[name] for name in candidate if name in given} for candidate in CANDIDATES]
        self._candidates = [one for place, one in enumerate(overlaid) if one not in overlaid[:place]]
        self._candidate = self._candidates[0]

    def race(self, updates: int | None) -> None:
        """Choose one of the candidates by successive halving, each of at most so many updates."""
        now = self._first if updates is None else min(self._first, updates)
        left = self._candidates
        while len(left) > 1:
            if not self._has_time(len(left), now):
                left = left[:1]
                break
            losses = [pilot.loss for pilot in self._train(left, now)]
            order = sorted(range(len(left)), key=lambda place: losses[place])
            if not self._has_time(len(left) // 2, 2 * now) or (updates is not None and 2 * now > updates):
                left = [left[order[0]]]
            elif self._has_learnt(losses[order[0]]) or now >= PATIENT_UPDATES:
                left = [left[place] for place in sorted(order[: len(left) // 2])]
            now *= 2
        self._candidate = left[0]
        self._best = [pilot for pilot in self._made if self._is_of(pilot, self._candidate)]

    def prolong(self) -> int:
        """Train the candidate that was chosen for twice as many updates, as long as that is worth it.

        Returns
        -------
        int
            The fewest updates that do.
        """
        if not self._can_tell:
            return self._in_time(UPDATES_FOR_FEW)
        now = 2 * self._best[-1].updates if self._best else self._first
        while now <= MOST_UPDATES and self._has_time(1 + self._may_place, now):  # two of half the length are placed
            before = min((pilot.loss for pilot in self._best), default=float("inf"))
            (pilot,) = self._train([self._candidate], now)
            self._best.append(pilot)
            is_hopeful = now < GIVE_UP_UPDATES and not self._has_learnt(min(pilot.loss, before))
            if pilot.loss > before - self._worth and not is_hopeful:
                break
            now *= 2
        enough = min((pilot.loss for pilot in self._best), default=0.0) + self._worth
        found = next((pilot.updates for pilot in self._best if pilot.loss <= enough), self._first)
        return self._in_time(found)

    def place(self, updates: int) -> None:
        """Choose windows of the end where those of any place, the usual ones, leave twice the error at half the length.

        What counts lies at the end then, and windows elsewhere do not have it. Where the time is short, the pilots are:
        it is another question that a study answers then, so it is asked in any time.
        """
        if not self._may_place:
            return
        updates = updates if self._has_time(2, updates) else self._first
        half = {"seq_len": self._seq_len // 2}
        both = [self._candidate | half | {"placement": placement} for placement in ("any", "end")]
        anywhere, end = (pilot.loss for pilot in self._train(both, updates))
        if end < anywhere / 2 and end < anywhere - 2 * self._worth:
            self._candidate = self._candidate | {"placement": "end"}

    @property
    def _may_place(self) -> bool:
        """Whether the placement is to be chosen: not of bytes, such as images, whose windows lie anywhere."""
        is_given = "placement" in self._given or self._dataset.train.values.dtype == np.uint8
        return not is_given and self._seq_len > 1 and usual_placement(self._dataset) == "any"

    def recipe(self, updates: int, *, is_chosen: bool) -> Recipe:
        """Return what was found, with so many updates, which the pilots have chosen or the user."""
        settings = self._usual | self._candidate | {"ema_decay": usual_decay(updates)}
        # How many updates do was found; to keep the best of several validations would only add noise.
        if is_chosen and self._given.get("patience") is None:
            settings["validate_every"] = updates
        settings = without(settings, self._given)
        pilots = tuple(
            {"settings": self._shown(pilot), "updates": pilot.updates, "loss": pilot.loss} for pilot in self._made
        )
        reasons = self._reasons(settings | self._given, updates)
        folds = self._folds_in_time(updates)
        return Recipe("auto", settings, updates if is_chosen else None, reasons, pilots, folds=folds)

    def _train(self, candidates: Sequence[dict[str, Any]], updates: int) -> list[Pilot]:
        runs = [self._settings(candidate, updates) for candidate in candidates]
        began = time.monotonic()
        prepare_to_train(runs, self._dataset, self._tell_of_compiling)
        for place, settings in enumerate(runs):
            self._callback(PilotStarted(len(self._made) + place + 1, self._most, settings))
        pilots = train_pilots(
            runs,
            self._dataset,
            folds=self._on,
            workers=self._workers,
            stop=self._stop,
            on_compile=self._tell_of_compiling,
        )
        self._made += pilots
        seconds, rounds = float(np.mean([pilot.seconds for pilot in pilots])), self._rounds(len(runs))
        self._compiling += max(0.0, time.monotonic() - began - rounds * seconds)
        self._pace = seconds / updates
        return pilots

    def _tell_of_compiling(self) -> None:
        self._callback(PilotCompiling())

    def _has_time(self, count: int, updates: int) -> bool:
        """Return whether so many pilots of so many updates end within the pilots' share of the time.

        To compile machine code, which happens once, takes none of that share.
        """
        if self._limit is None:
            return True
        left = self._limit.share(PILOTS_SHARE, paused=self._compiling).left
        return self._rounds(count) * updates * self._pace <= min(left, self._limit.left)

    def _rounds(self, count: int) -> int:
        """Return how many trainings follow each other where there are so many pilots."""
        return math.ceil(count * max(1, len(self._on)) / self._workers)

    def _in_time(self, updates: int) -> int:
        """Return the updates, or as many as leave time for `LEAST_RUNS` trainings, half as long as the longest.

        They are no fewer than `LEAST_UPDATES`, since networks that have learnt nothing answer nothing.
        """
        in_time = self._updates_left / max(1, self._fewest_folds)
        return int(min(updates, max(LEAST_UPDATES, in_time)))

    def _folds_in_time(self, updates: int) -> int | None:
        """Return how many folds leave time for such trainings, where those are fewer than asked for."""
        folds = max(self._fewest_folds, int(min(self._folds, self._updates_left / updates)))
        return folds if folds < self._folds else None

    @property
    def _updates_left(self) -> float:
        """Updates that each of `LEAST_RUNS` trainings, half as long as the longest, could have in the time left."""
        if self._limit is None or not self._pace:
            return math.inf
        of_longest = self._pace * min(self._dataset.num_steps, LONGEST_BY_DEFAULT) / self._seq_len
        return self._limit.left * self._workers / (LEAST_RUNS * of_longest / 2)

    def _settings(self, candidate: dict[str, Any], updates: int) -> Settings:
        usual = self._usual | {"ema_decay": usual_decay(updates), "seq_len": self._seq_len}
        filled = usual | candidate | self._given
        fixed = {"data": self._dataset.name, "steps": updates}
        return Settings(**filled | fixed | {"patience": None, "validate_every": None})

    def _has_learnt(self, loss: float) -> bool:
        return loss <= LEARNT * self._without

    @property
    def _most(self) -> int:
        """How many pilots there are at most: where something is learnt late, and more and more updates are worth it."""
        count, left, now = 0, len(self._candidates), self._first
        while left > 1:
            count += left
            left = left // 2 if now >= PATIENT_UPDATES else left
            now *= 2
        while self._can_tell and now <= MOST_UPDATES:
            count, now = count + 1, 2 * now
        return count + (2 if self._may_place else 0)

    @property
    def _trainings(self) -> int:
        """How many trainings were made."""
        return len(self._made) * max(1, len(self._on))

    def _is_of(self, pilot: Pilot, candidate: dict[str, Any]) -> bool:
        return all(getattr(pilot.settings, name) == value for name, value in candidate.items())

    def _shown(self, pilot: Pilot) -> dict[str, Any]:
        return {name: getattr(pilot.settings, name) for name in CANDIDATES[0]}

    def _reasons(self, settings: dict[str, Any], updates: int) -> tuple[str, str]:
        cell, units, lr = (settings.get(name, DEFAULTS[name]) for name in ("cell", "hidden_size", "lr"))
        batch = settings.get("batch_size", DEFAULTS["batch_size"])
        what = f"recipe auto: {cell} of {units} units, lr {lr:g}, batch {batch}, {updates} updates, averaged weights"
        if "placement" in self._candidate:
            what += ", windows at the end, since those of any place learn less"
        outlook = self._dataset.outlook
        if outlook is not None:
            what += f", relative {outlook.relative}"
        if not self._made:
            return what, "because: nothing was left to choose by pilot trainings"
        best = min(pilot.loss for pilot in self._best) if self._best else float("nan")
        why = (
            f"because: best of {len(self._candidates)} in {self._trainings} pilot trainings at {self._seq_len} steps "
            f"(error {best:.3g}, without a network {self._without:.3g}); {len(self._dataset.train)} training sequences"
        )
        if not self._has_learnt(best):
            why += "; no pilot was better than no network"
        return what, why


def _least_trained_on(dataset: Dataset, folds: int) -> int:
    """Return how many sequences a training with so many folds has, at least."""
    smallest = smallest_fold(dataset, folds, seed=0) if folds else dataset
    return min(len(dataset.train), len(smallest.train))


def usual_decay(updates: int, share: int = AVERAGED_SHARE) -> float:
    """Return the decay by which weights are averaged over about the last of `share` parts of so many updates.

    >>> usual_decay(600), usual_decay(100_000), usual_decay(8592, share=8)
    (0.9667, 0.999, 0.999)
    """
    return min(LARGEST_DECAY, max(0.5, round(1 - share / updates, 4)))


def without(settings: Mapping[str, Any], given: Container[str]) -> dict[str, Any]:
    """Return the settings that are not given."""
    return {name: value for name, value in settings.items() if name not in given}
