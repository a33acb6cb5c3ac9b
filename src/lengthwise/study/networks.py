"""Networks as what a study trains: built-in ones, or PyTorch modules of the user's."""

import itertools
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lengthwise._internal.threads import check_threads
from lengthwise.data import Dataset, is_known, load_data
from lengthwise.engine.protocol import data_of
from lengthwise.errors import RunError, UsageError
from lengthwise.networks.backend import make_engine
from lengthwise.networks.module_network import module_from
from lengthwise.study.budget import Budget
from lengthwise.study.design import Design
from lengthwise.study.environment import describe_study, groups_of
from lengthwise.study.events import StudyCallback
from lengthwise.study.execution import Executor, LocalThreads, shared_threads
from lengthwise.study.existing import refuse_existing
from lengthwise.study.lock import exclusive
from lengthwise.study.network_design import as_budget, make_design, network_runs
from lengthwise.study.outcome import Run
from lengthwise.study.recipe import Recipe, RecipeName
from lengthwise.study.recipe_choice import find_recipe
from lengthwise.study.run import Job, Outcome, execute
from lengthwise.study.store import Store
from lengthwise.study.time_limit import TimeLimit
from lengthwise.training.settings import Settings
from lengthwise.training.setup import network_for, placed_for, settings_of_module

if TYPE_CHECKING:
    from torch import nn

    from lengthwise.networks.module_network import Factory


class Networks:
    """Trains networks; see `lengthwise.study.trainer.Trainer`.

    Parameters
    ----------
    store : Store
        Of the study.
    dataset : Dataset, optional
        Its data; loaded by their name when they are needed, by default.
    factory : callable, optional
        What makes the modules, where the study trains some.
    """

    execute = staticmethod(execute)

    def __init__(self, store: Store, dataset: Dataset | None = None, factory: "Factory | None" = None) -> None:
        self._store = store
        self.loaded = dataset
        self._factory = factory

    @property
    def dataset(self) -> Dataset:
        """The data, loaded by name if need be.

        Raises
        ------
        RunError
            If they are no longer those of the study.
        """
        name = self._store.design.data
        if self.loaded is None:
            self.loaded = load_data(name)
        known = self._store.environment["data_checksum"]
        if self.loaded.checksum != known:
            raise RunError(
                f"{name} is not what the study was made on: its checksum is {self.loaded.checksum}, but the study's "
                f"is {known}."
            )
        return self.loaded

    def check(self, folder: Path | None) -> None:
        """Raise `UsageError` if the study trains modules, and it is not known how to make them."""
        names = self._store.design.settings.get("module_name")
        if names is not None and self._factory is None:
            raise UsageError(
                f"the study trains the PyTorch module {names[0]}: go on with it in Python, with "
                f"Study.load({str(folder)!r}, make_module=…)."
            )

    def runs(self, design: Design) -> list[Run]:
        """Return the settings of every run."""
        return [*network_runs(design, self.dataset, self._module())]

    def widened(
        self, design: Design, seq_lens: str | Iterable[int] | None, seeds: int | Iterable[int] | None
    ) -> Design:
        """Return a design with these lengths and seeds, which fit the data."""
        return make_design(
            self.dataset,
            seq_lens=design.seq_lens if seq_lens is None else seq_lens,
            seeds=design.seeds if seeds is None else seeds,
            budget=design.budget,
            eval_lens=design.eval_lens,
            folds=design.folds,
            settings=design.settings,
        )

    def workers(self, given: int | None) -> int:
        """Return how many networks are trained at a time: one for each processor by default."""
        return check_threads(given, "workers")

    def local(self, workers: int) -> AbstractContextManager[Executor]:
        """Return threads of this process."""
        return LocalThreads(workers)

    def prepare(self, pending: list[Settings], on_compile: Callable[[], None]) -> None:
        """Compile the engine for every cell before the clocks of the runs start."""
        of_each = {
            (settings.backend, settings.cell, settings.gru_variant): settings
            for settings in pending
            if settings.module_name is None
        }
        for settings in of_each.values():
            network = network_for(settings, self.dataset)
            data = data_of(*placed_for(settings, self.dataset).train.whole)
            with make_engine(network, settings.seq_len, settings.batch_size, backend=settings.backend) as engine:
                engine.prepare(data, on_compile=on_compile)

    def jobs(self, design: Design, pending: list[Settings], workers: int) -> list[Job]:
        """Return the jobs of these runs, in their order; those that end last share threads that would stand idle."""
        longest = max(itertools.chain(design.seq_lens, design.eval_lens))
        # Of PyTorch's engine, sums may depend on the number of threads.
        is_ours = all(settings.backend.engine == "simd" and settings.module_name is None for settings in pending)
        threads = shared_threads([run.timesteps for run in pending], workers if is_ours and workers else 1)
        return [
            Job(settings, design.eval_lens, longest, self._factory, count)
            for settings, count in zip(pending, threads, strict=True)
        ]

    def payload(self, *, is_shared: bool) -> str | Dataset:
        """Return what workers get: the name of data that they can load, unless they share our memory."""
        dataset = self.dataset
        return dataset.name if not is_shared and is_known(dataset.name) else dataset

    def failed(self, run: Settings, reason: str) -> Outcome:
        """Return the outcome of a run that failed."""
        return Outcome(run, reason=reason)

    def _module(self) -> "nn.Module | None":
        """Return a module like those that are trained, if there is one and it is known how to make it."""
        return None if self._factory is None else module_from(self._factory, 0)


def begin_networks(
    folder: Path | None,
    dataset: Dataset,
    settings: dict[str, Any],
    *,
    factory: "Factory | None",
    seq_lens: str | Iterable[int] | None,
    seeds: int | Iterable[int] | None,
    budget: str | Budget | None,
    eval_lens: str | Iterable[int] | None,
    folds: int | None,
    recipe: RecipeName | Recipe | None,
    workers: int | None,
    callbacks: Iterable[StudyCallback],
    limit: TimeLimit | None,
) -> tuple[Networks, Store]:
    """Make a study of networks: find what is trained, and make its store; see `lengthwise.Study` for the arguments."""
    module = None
    if factory is not None:
        module = module_from(factory, 0)
        settings = settings_of_module(module, settings)
    budget = None if budget is None else as_budget(budget)

    def complete(recipe: Recipe) -> Design:
        chosen = f"steps={recipe.updates}" if budget is None and recipe.updates is not None else budget
        design = make_design(
            dataset,
            seq_lens=seq_lens,
            seeds=seeds,
            budget=chosen,
            eval_lens=eval_lens,
            folds=recipe.folds if folds is None else folds,
            settings=recipe.settings | settings,
        )
        network_runs(design, dataset, module)
        return design

    if folder is not None:
        refuse_existing(folder, lambda store: complete(store.recipe))
    # What was given is checked before any pilot is trained.
    complete(Recipe("notebook", {}))
    with nullcontext() if folder is None else exclusive(folder):
        found = find_recipe(
            recipe,
            dataset,
            settings,
            budget=budget,
            module=module,
            workers=workers,
            callbacks=callbacks,
            limit=limit,
            folds=folds,
        )
        design = complete(found)
        store = Store.create(folder, design, describe_study(dataset, design, found), groups_of(dataset, design))
    return Networks(store, dataset, factory), store
