"""A study from Python: `Study(...).run()` does what ``lengthwise study`` does, with the same names and defaults."""

import itertools
from collections.abc import Callable, Iterable
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from lengthwise._internal.extras import required
from lengthwise._internal.interrupts import interruptible
from lengthwise._internal.threads import check_threads
from lengthwise.analysis.looks import Looks
from lengthwise.data import Dataset, Task, is_known, load_data
from lengthwise.engine.protocol import data_of
from lengthwise.errors import RunError, UsageError
from lengthwise.networks.backend import make_engine
from lengthwise.networks.module_network import module_from
from lengthwise.study.budget import Budget
from lengthwise.study.design import DEFAULT_BUDGET, DEFAULT_SEEDS, OWN, Design
from lengthwise.study.execution import Executor, LocalThreads, Message, RunEnded, carry_out
from lengthwise.study.run import Job
from lengthwise.study.store import Store, exclusive, run_key
from lengthwise.tasks.baselines import Baseline, baseline_of
from lengthwise.tasks.metrics import ACCURACY, Metric
from lengthwise.tasks.tasks import TASKS
from lengthwise.training.environment import describe_environment
from lengthwise.training.keyword_settings import takes_settings
from lengthwise.training.loop import network_for, settings_of_module
from lengthwise.training.settings import Settings

if TYPE_CHECKING:
    from torch import nn

    from lengthwise.networks.module_network import Factory

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class StudyStarted:
    """A study is about to begin or to go on.

    Attributes
    ----------
    design : Design
    pending : list of Settings
        The runs to carry out, in no order.
    stored : DataFrame
        The runs that are stored already; see `Study.results`.
    workers : int
        How many runs are carried out at a time; 0 if the executor does not tell.
    out : Path or None
    metric : Metric
        What the runs' scores are.
    later : list of Settings
        The runs that may be added to these, until the question is decided.
    """

    design: Design
    pending: list[Settings]
    stored: pd.DataFrame
    workers: int
    out: Path | None
    metric: Metric = ACCURACY
    later: list[Settings] = field(default_factory=list)


@dataclass(frozen=True)
class StudyCompiling:
    """The engine's machine code is not in its cache, and is being made."""


@dataclass(frozen=True)
class StudyEnded:
    """All runs have ended, or the study was asked to stop.

    Attributes
    ----------
    complete : bool
    """

    complete: bool


StudyEvent = StudyStarted | StudyCompiling | Message | StudyEnded
StudyCallback = Callable[[StudyEvent], None]


class Study:
    """Networks trained on windows of many lengths, with several seeds each.

    Parameters
    ----------
    data : str, Path or Dataset
        As for `lengthwise.train`.
    network : callable, optional
        Takes a seed and returns the `torch.nn.Module` to train with it, in place of a built-in network; see
        docs/pytorch.md.
    seq_lens : str or iterable of int, optional
        Lengths: ``"1:28"``, ``"1:28:3"``, ``"4,8,16"``, ``"all"``, or numbers. By default all of 28, or about 12 spread
        over longer sequences.
    seeds : int or iterable of int
        How many seeds (0, 1, …), or which.
    budget : str or Budget
        What is equal between lengths: ``"epochs=2"``, ``"steps=8592"``, ``"timesteps=…"``, ``"flops=…"``.
    eval_lens : str or iterable of int, optional
        Lengths that each network is judged at beside its own; with them, also after every step of the longest window.
    out : str or Path, optional
        Folder of the study's store, which must hold no study yet; in memory without.
    **settings
        Every field of `lengthwise.Settings` but those above, `epochs` and `steps`; a list or tuple of values makes the
        study their product.

    Raises
    ------
    UsageError
        If a value is out of range or does not fit the data, or `out` holds a study already.

    Examples
    --------
    ::

        study = lengthwise.Study("mnist", seq_lens="4:28:4", seeds=3).run()
        (answer,) = lengthwise.answers(study)
        print(answer.sentence)
        study.results.groupby("seq_len").test_accuracy.mean()
    """

    def __init__(
        self,
        data: str | Path | Dataset = "mnist",
        *,
        make_module: "Factory | None" = None,
        seq_lens: str | Iterable[int] | None = None,
        seeds: int | Iterable[int] = DEFAULT_SEEDS,
        budget: str | Budget = DEFAULT_BUDGET,
        eval_lens: str | Iterable[int] | None = None,
        out: str | Path | None = None,
        **settings: Any,
    ) -> None:
        dataset = load_data(data)
        module = None
        if make_module is not None:
            module = module_from(make_module, 0)
            settings = settings_of_module(module, settings)
        design = Design.make(
            dataset, seq_lens=seq_lens, seeds=seeds, budget=budget, eval_lens=eval_lens, settings=settings
        )
        design.runs(dataset, module)
        folder = None if out is None else Path(out)
        if folder is not None:
            _refuse_existing(folder, design)
        self._dataset: Dataset | None = dataset
        self._folder = folder
        self._factory = make_module
        packages = dict.fromkeys(
            package for run in design.combinations() for package in Settings(**run).backend.packages
        )
        environment = describe_environment(tuple(packages)) | {
            "data_checksum": dataset.checksum,
            "num_steps": dataset.num_steps,
            "task": dataset.task,
            "baseline": baseline_of(dataset).to_dict(),
            "block": dataset.num_outputs if TASKS[dataset.task].at_end else 1,
        }
        with nullcontext() if folder is None else exclusive(folder):
            self._store = Store.create(folder, design, environment)

    @classmethod
    def load(
        cls,
        folder: str | Path,
        *,
        data: Dataset | None = None,
        make_module: "Factory | None" = None,
        read_only: bool = False,
    ) -> Self:
        """Open a study that was made before.

        Parameters
        ----------
        folder : str or Path
        data : Dataset, optional
            The data, where the study was made with data in memory and is to be gone on with.
        make_module : callable, optional
            What makes the modules, where the study trains some and is to be gone on with.
        read_only : bool
            Whether only to look at it.

        Raises
        ------
        UsageError
            If the folder holds no study.
        RunError
            If its store cannot be read.
        """
        self = cls.__new__(cls)
        self._folder = Path(folder)
        self._dataset = data
        self._factory = make_module
        self._store = Store.open(self._folder, read_only=read_only)
        return self

    @property
    def design(self) -> Design:
        """What the study trains."""
        return self._store.design

    @property
    def store(self) -> Store:
        """Where the results are."""
        return self._store

    @property
    def out(self) -> Path | None:
        """The study's folder."""
        return self._folder

    @property
    def num_steps(self) -> int:
        """Time steps of the data's sequences, T."""
        return int(self._store.environment["num_steps"])

    @property
    def metric(self) -> Metric:
        """What lengths are compared by."""
        task: Task = self._store.environment["task"]
        return TASKS[task].metric

    @property
    def block(self) -> int:
        """How many neighbouring sequences are one case: 1, or the horizon, over which forecasts overlap."""
        return int(self._store.environment["block"])

    @property
    def baseline(self) -> Baseline:
        """What it takes to be worth training."""
        return Baseline.from_dict(self._store.environment["baseline"])

    @property
    def looks(self) -> Looks | None:
        """When a study that adds seeds until it is decided is looked at; None if it was never run so."""
        return Looks(self.design.looks) if self.design.looks else None

    @looks.setter
    def looks(self, looks: Looks) -> None:
        self._store.design = replace(self.design, looks=looks.seeds)

    def add_seeds(self, counts: dict[int, int]) -> None:
        """Give some lengths more seeds: how many in all, by length."""
        self._store.design = replace(self.design, more_seeds=self.design.more_seeds | counts)

    @property
    def results(self) -> pd.DataFrame:
        """One row a run that has ended: its settings, ``metric``, ``val_score``, ``test_score``, costs, status.

        ``val_accuracy`` and ``test_accuracy`` are the scores where those are shares of right classes.
        """
        return self._store.runs()

    def to_polars(self) -> "pl.DataFrame":
        """Return `results` as a polars frame.

        Raises
        ------
        UsageError
            If polars is not installed.
        """
        frame: pl.DataFrame = required("polars", "a polars frame", "polars").from_pandas(self.results)
        return frame

    def extend(self, *, seq_lens: str | Iterable[int] | None = None, seeds: int | Iterable[int] | None = None) -> Self:
        """Add lengths or seeds; what was trained stays.

        Parameters
        ----------
        seq_lens : str or iterable of int, optional
            Lengths to add.
        seeds : int or iterable of int, optional
            How many seeds in all, or which to add.
        """
        design = self.design
        dataset = self.dataset
        wider = Design.make(
            dataset,
            seq_lens=design.seq_lens if seq_lens is None else seq_lens,
            seeds=design.seeds if seeds is None else seeds,
            budget=design.budget,
            eval_lens=design.eval_lens,
            settings=design.settings,
        )
        self._store.design = replace(
            design,
            seq_lens=tuple(sorted({*design.seq_lens, *wider.seq_lens})),
            seeds=tuple(dict.fromkeys((*design.seeds, *wider.seeds))),
        )
        return self

    @property
    def dataset(self) -> Dataset:
        """The data, loaded by name if need be.

        Raises
        ------
        RunError
            If they are no longer those of the study.
        """
        if self._dataset is None:
            self._dataset = load_data(self.design.data)
        known = self._store.environment["data_checksum"]
        if self._dataset.checksum != known:
            raise RunError(
                f"{self.design.data} is not what the study was made on: its checksum is {self._dataset.checksum}, but "
                f"the study's is {known}."
            )
        return self._dataset

    @property
    def loaded(self) -> Dataset | None:
        """The data, if they are in memory already."""
        return self._dataset

    def pending(self, *, retry_failed: bool = False) -> list[Settings]:
        """Return the runs that are not stored yet, with `retry_failed` also those that failed."""
        done = self._store.stored()
        return [
            settings
            for settings in self.design.runs(self.dataset, self._module())
            if (status := done.get(run_key(settings))) is None or (retry_failed and status == "failed")
        ]

    def later(self) -> list[Settings]:
        """Return the runs that may be added to those of the design, at most: every length up to the last look."""
        design, looks = self.design, self.looks
        if looks is None:
            return []
        widest = replace(design, more_seeds=dict.fromkeys(design.seq_lens, looks.seeds[-1]))
        module = self._module()
        planned = set(design.runs(self.dataset, module))
        return [settings for settings in widest.runs(self.dataset, module) if settings not in planned]

    def run(
        self,
        *,
        executor: Executor | None = None,
        workers: int | None = None,
        retry_failed: bool = False,
        callbacks: Iterable[StudyCallback] = (),
    ) -> Self:
        """Carry out the runs that are missing.

        Parameters
        ----------
        executor : Executor, optional
            Where to carry them out: anything like the executors of `concurrent.futures`. Threads of this process by
            default.
        workers : int, optional
            Threads, one for each processor by default; each carries out one run at a time.
        retry_failed : bool
            Whether to carry out once more what failed.
        callbacks : iterable of callable
            Each is called with every `StudyEvent`.

        Returns
        -------
        Study
            This one.

        Raises
        ------
        RunError
            If another process runs the study, a worker is lost, or the store cannot be written.
        KeyboardInterrupt
            After Ctrl-C; what had ended is stored.
        """
        listeners = list(callbacks)

        def emit(event: StudyEvent) -> None:
            if isinstance(event, RunEnded):
                self._store.add(event.outcome)
            for listener in listeners:
                listener(event)

        with ExitStack() as stack:
            if self._folder is not None:
                stack.enter_context(exclusive(self._folder))
            interrupted = stack.enter_context(interruptible())
            count = check_threads(workers)
            self._check_factory()
            pending = self.pending(retry_failed=retry_failed)
            if executor is None:
                chosen: Executor = stack.enter_context(LocalThreads(count))
                self._prepare(pending, emit)
            else:
                chosen, count = executor, 0
            emit(StudyStarted(self.design, pending, self.results, count, self._folder, self.metric))
            longest = max(itertools.chain(self.design.seq_lens, self.design.eval_lens))
            jobs = [Job(settings, self.design.eval_lens, longest, self._factory) for settings in pending]
            complete = carry_out(jobs, self._payload(executor), chosen, emit, interrupted)
            emit(StudyEnded(complete))
        if not complete:
            raise KeyboardInterrupt
        return self

    def _module(self) -> "nn.Module | None":
        """Return a module like those that are trained, if there is one and it is known how to make it."""
        return None if self._factory is None else module_from(self._factory, 0)

    def _check_factory(self) -> None:
        """Raise `UsageError` if the study trains modules, and nobody said how to make them."""
        names = self.design.settings.get("module_name")
        if names is not None and self._factory is None:
            raise UsageError(
                f"the study trains the PyTorch module {names[0]}: go on with it in Python, with "
                f"Study.load({str(self._folder)!r}, make_module=…)."
            )

    def _payload(self, executor: Executor | None) -> str | Dataset:
        """Return what workers get: the name of data that they can load, unless they share our memory."""
        by_name = executor is not None and not getattr(executor, "shares_data", False)
        return self.design.data if by_name and is_known(self.design.data) else self.dataset

    def _prepare(self, pending: list[Settings], emit: StudyCallback) -> None:
        """Compile the engine for every cell before the clocks of the runs start."""
        train = self.dataset.train.whole
        data = data_of(train.values, train.targets)
        of_each = {
            (settings.backend, settings.cell, settings.gru_variant): settings
            for settings in pending
            if settings.module_name is None
        }
        for settings in of_each.values():
            network = network_for(settings, self.dataset)
            with make_engine(network, settings.seq_len, settings.batch_size, backend=settings.backend) as engine:
                engine.prepare(data, on_compile=lambda: emit(StudyCompiling()))


takes_settings(Study.__init__, without=OWN)


def _refuse_existing(folder: Path, design: Design) -> None:
    try:
        store = Store.open(folder)
    except UsageError:
        return
    differences = design.differences(store.design)
    store.close()
    if differences:
        raise UsageError(
            f"{folder} holds a study with other options ({'; '.join(differences)}): go on with that one with --resume, "
            f"add lengths or seeds to it with --extend, or name another folder with --out."
        )
    raise UsageError(f"{folder} holds this study already: go on with it with --resume {folder}.")
