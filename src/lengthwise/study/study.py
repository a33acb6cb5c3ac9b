"""A study from Python: `Study(...).run()` does what ``lengthwise study`` does, with the same names and defaults."""

import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from lengthwise.analysis import check_question
from lengthwise.data import Dataset, load_data
from lengthwise.errors import UsageError
from lengthwise.study.budget import Budget
from lengthwise.study.command import Command, begin_command
from lengthwise.study.events import StudyCallback
from lengthwise.study.execution import Executor
from lengthwise.study.lock import exclusive
from lengthwise.study.network_design import OWN
from lengthwise.study.networks import begin_networks
from lengthwise.study.objective import begin_objective, refuse_others
from lengthwise.study.outcome import Run
from lengthwise.study.plan import USUAL_PATIENCE, AsDesigned, Plan, UntilDecided, widest, with_looks
from lengthwise.study.recipe import Recipe, RecipeName
from lengthwise.study.reopening import trainer_of
from lengthwise.study.run_rows import run_key
from lengthwise.study.runner import Runner
from lengthwise.study.store import Store
from lengthwise.study.stored import Clock, StoredStudy
from lengthwise.study.time_limit import TimeLimit, as_time_limit
from lengthwise.study.trainer import Trainer
from lengthwise.study.trials import Trials, begin_trials, trial_design
from lengthwise.tasks.named_metrics import Direction, named_metric
from lengthwise.training.keyword_settings import separate_data_options, takes_settings_and_data_options

if TYPE_CHECKING:
    from lengthwise.networks.module_network import Factory


class Study(StoredStudy):
    """Networks, or trainings of your own, of many lengths, with several seeds each.

    Parameters
    ----------
    data : str, Path or Dataset
        As for `lengthwise.train`.
    make_module : callable, optional
        Takes a seed and returns the `torch.nn.Module` to train with it, in place of a built-in network; see
        docs/pytorch.md.
    objective : callable or Command, optional
        Makes trainings of your own in place of networks on `data`: a function of ``seq_len`` and ``seed``, and with
        `folds` of ``fold``, that returns a score, an array with a score for each case, or a mapping with ``score`` or
        ``cases``, ``seconds``, and anything more; or a `lengthwise.Command`. See docs/any-trainer.md.
    direction : {"maximize", "minimize"}, optional
        With `objective`: whether a higher score is better; by default what the name of the `metric` says.
    baseline : float, optional
        With `objective`: the score of an answer that needs no training.
    axes : mapping of str to iterable, optional
        With `objective`: what else it is given by name, and its values, such as ``{"model": ["lstm", "gru"]}``. Each
        combination is a configuration with an answer of its own.
    seq_lens : str or iterable of int, optional
        Lengths: ``"1:28"``, ``"1:28:3"``, ``"4,8,16"``, ``"all"``, or numbers. By default some of them are tried, from
        coarse to fine: of all up to 28; of longer sequences, of all up to 12 and some spread over the rest.
    seeds : int or iterable of int, optional
        How many seeds (0, 1, …), or which. By default as many as it takes to decide, the more where lengths are hard to
        tell apart.
    budget : str or Budget, optional
        What is equal between lengths: ``"epochs=2"``, ``"steps=8592"``, ``"timesteps=…"``, ``"flops=…"``. By default
        what the recipe says: as many updates as the pilot trainings need, or with the lecture's, 8592.
    folds : int, optional
        Trainings of each length and seed, each judged on another part of the training and validation sequences, which
        it was not trained on; 0 for one, judged on the validation split. By default 5, or as many as there are groups
        (up to 20), where the validation split was drawn and has less than 1,000 sequences or groups; otherwise 0.
    eval_lens : str or iterable of int, optional
        Lengths that each network is judged at beside its own; with them, also after every step of the longest window.
    recipe : {"auto", "notebook"} or Recipe, optional
        What is trained where neither `budget` nor a setting says: chosen for the data by pilot trainings, which are
        made before this returns, or the lecture's. By default chosen; for MNIST the lecture's with averaged weights,
        for `make_module` the lecture's. See `lengthwise.Recipe`.
    out : str or Path, optional
        Folder of the study's store, which must hold no study yet; in memory without.
    workers : int, optional
        Pilot trainings that are made at a time; one for each processor by default.
    callbacks : iterable of callable
        Each is told of the pilot trainings; see `lengthwise.events`.
    time : str, float or TimeLimit, optional
        When `run` is to end with the best answer that there is, counted from now: ``"90s"``, ``"2m"``, ``"1h30m"``, or
        seconds. At most a fifth of it goes into pilot trainings.
    **settings
        Every field of `lengthwise.Settings` but those above, `epochs` and `steps`; a list or tuple of values makes the
        study their product. And what `data` are read with, such as `task`, `horizon` and `target`, as for `load_data`.
        With `objective`, the `metric` alone: what a score is called.

    Raises
    ------
    UsageError
        If a value is out of range or does not fit the data, or `out` holds a study already.
    KeyboardInterrupt
        After Ctrl-C during the pilot trainings.

    Examples
    --------
    ::

        study = lengthwise.Study("mnist", seq_lens="4:28:4", seeds=3).run()
        (answer,) = study.answers()
        print(answer.sentence)
        study.results.groupby("seq_len").test_accuracy.mean()
    """

    def __init__(
        self,
        data: str | Path | Dataset = "mnist",
        *,
        make_module: "Factory | None" = None,
        objective: Callable[..., Any] | Command | None = None,
        direction: Direction | None = None,
        baseline: float | None = None,
        axes: Mapping[str, Iterable[Any]] | None = None,
        seq_lens: str | Iterable[int] | None = None,
        seeds: int | Iterable[int] | None = None,
        budget: str | Budget | None = None,
        eval_lens: str | Iterable[int] | None = None,
        folds: int | None = None,
        recipe: RecipeName | Recipe | None = None,
        out: str | Path | None = None,
        workers: int | None = None,
        callbacks: Iterable[StudyCallback] = (),
        time: str | float | TimeLimit | None = None,
        **settings: Any,
    ) -> None:
        self._trainer: Trainer
        self._limit = as_time_limit(time)
        folder = None if out is None else Path(out)
        of_networks = {"make_module": make_module, "budget": budget, "eval_lens": eval_lens, "recipe": recipe}
        if objective is not None:
            refuse_others({"data": None if data == "mnist" else data} | of_networks | settings)
            begin: Any = begin_command if isinstance(objective, Command) else begin_objective
            self._trainer, store = begin(
                folder,
                objective,
                seq_lens=seq_lens,
                seeds=seeds,
                folds=folds,
                metric=settings.get("metric"),
                direction=direction,
                baseline=baseline,
                axes=axes,
            )
            super().__init__(store)
            return
        if direction is not None or baseline is not None or axes is not None:
            raise UsageError(
                "direction, baseline and axes go with objective: of our own networks the first two are known, and "
                "several values of a setting make configurations."
            )
        settings, options = separate_data_options(settings)
        self._trainer, store = begin_networks(
            folder,
            load_data(data, **options),
            settings,
            factory=make_module,
            seq_lens=seq_lens,
            seeds=seeds,
            budget=budget,
            eval_lens=eval_lens,
            folds=folds,
            recipe=recipe,
            workers=workers,
            callbacks=callbacks,
            limit=self._limit,
        )
        super().__init__(store)

    @classmethod
    def _of(cls, trainer: Trainer, store: Store, limit: TimeLimit | None = None) -> Self:
        """Return a study with what it consists of."""
        self = cls.__new__(cls)
        self._trainer, self._store, self._limit = trainer, store, limit
        return self

    @classmethod
    def told(
        cls,
        name: str = "trials",
        *,
        seq_lens: str | Iterable[int],
        seeds: int | Iterable[int] | None = None,
        folds: int | None = None,
        metric: str | None = None,
        direction: Direction | None = None,
        baseline: float | None = None,
        axes: Mapping[str, Iterable[Any]] | None = None,
        margin: float | None = None,
        confidence: float | None = None,
        out: str | Path | None = None,
    ) -> Self:
        """Make a study whose trainings are made elsewhere: `ask` says which, and `tell` is told their scores.

        Parameters
        ----------
        name : str
            What the trainings are called.
        seq_lens, seeds, folds, direction, baseline, axes, out
            As for a study with an `objective`; a trial has the values of axes in its `configuration`.
        metric : str, optional
            What a score is called.
        margin, confidence : float, optional
            The question; see `answers`.

        Raises
        ------
        UsageError
            If a value is out of range, it is not known which scores are better, or `out` holds a study already.
        """
        design = trial_design(name, seq_lens, seeds, folds, axes)
        found = named_metric(metric, direction)
        folder = None if out is None else Path(out)
        check_question(margin, confidence)
        self = cls._of(Trials(found), begin_trials(folder, design, found, baseline, {"kind": "told"}))
        self._store.ask(margin, confidence)
        return self

    @classmethod
    def load(
        cls,
        folder: str | Path,
        *,
        data: Dataset | None = None,
        make_module: "Factory | None" = None,
        objective: Callable[..., Any] | None = None,
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
        objective : callable, optional
            What makes the trainings, where those are the user's own and the study is to be gone on with.
        read_only : bool
            Whether only to look at it.

        Raises
        ------
        UsageError
            If the folder holds no study, or what was given does not go with it.
        RunError
            If its store cannot be read.
        """
        store = Store.open(Path(folder), read_only=read_only)
        return cls._of(trainer_of(store, data=data, make_module=make_module, objective=objective), store)

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
        wider = self._trainer.widened(design, seq_lens, seeds)
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
        UsageError
            If the study has none of its own.
        """
        return self._trainer.dataset

    @property
    def loaded(self) -> Dataset | None:
        """The data, if they are in memory already."""
        return self._trainer.loaded

    def pending(self, *, retry_failed: bool = False) -> list[Any]:
        """Return the runs that are not stored yet, with `retry_failed` also those that failed."""
        done = self._store.stored()
        return [
            run
            for run in self._trainer.runs(self.design)
            if (status := done.get(run_key(run))) is None or (retry_failed and status == "failed")
        ]

    def later(self) -> list[Run]:
        """Return the runs that may be added to those of the design, at most: every length up to the last look."""
        planned = set(self._trainer.runs(self.design))
        return [run for run in self._trainer.runs(widest(self.design)) if run not in planned]

    def run(
        self,
        *,
        until_decided: bool | None = None,
        margin: float | None = None,
        confidence: float | None = None,
        max_seeds: int | None = None,
        executor: Executor | None = None,
        workers: int | None = None,
        retry_failed: bool = False,
        callbacks: Iterable[StudyCallback] = (),
        time: str | float | TimeLimit | None = None,
    ) -> Self:
        """Carry out the runs that are missing, and write the answer into the study's folder, however this ends.

        Parameters
        ----------
        until_decided : bool, optional
            Whether to add lengths and seeds, where they help, until the question is decided; by default where `seeds`
            were not given, and not where a length is known to be enough and a shorter one would take long to show. The
            answer is then looked at repeatedly, with a correction for that; the looks are planned when the study is
            first run so, and kept in its store. See `lengthwise.analysis.Looks`.
        margin, confidence : float, optional
            The question that `until_decided` is about, as for `answers`; they are kept in the store.
        max_seeds : int, optional
            With `until_decided`: seeds of a length after which it is left undecided; 12 by default. A length that is
            right nearly always may get three times as many.
        executor : Executor, optional
            Where to carry them out: anything like the executors of `concurrent.futures`. Threads of this process by
            default.
        workers : int, optional
            Threads, one for each processor by default; each carries out one run at a time.
        retry_failed : bool
            Whether to carry out once more what failed.
        callbacks : iterable of callable
            Each is called with every event; see `lengthwise.events`.
        time : str, float or TimeLimit, optional
            When to end with the best answer that there is; see `Study`. By default as it was made.

        Returns
        -------
        Study
            This one.

        Raises
        ------
        UsageError
            If a number is out of range, or with `until_decided`, if `max_seeds` is less than the study's seeds, or
            those are fewer than 2.
        RunError
            If another process runs the study, a worker is lost, or the store cannot be written.
        KeyboardInterrupt
            After Ctrl-C; what had ended is stored.
        """
        check_question(margin, confidence)
        if until_decided is None:
            adds_seeds, adds_lengths = bool(self.design.looks), bool(self.design.candidates)
        else:
            adds_seeds = adds_lengths = until_decided
        limit = self._limit if time is None else as_time_limit(time)
        patience = math.inf if until_decided else USUAL_PATIENCE
        plan: Plan = AsDesigned()
        if adds_seeds or adds_lengths:
            plan = UntilDecided(margin, confidence, patience=patience, limit=limit)
        with ExitStack() as stack:
            if self.out is not None:
                stack.enter_context(exclusive(self.out))
            self._trainer.check(self.out)
            self._store.asked.refuse_any()
            if adds_seeds:
                self._store.design = with_looks(self.design, max_seeds, may_change=self.results.empty)
            self._store.ask(margin, confidence)
            stack.callback(self.write_answer)
            clock = Clock(self._store)
            stack.callback(clock.note)
            with Runner(
                self._store,
                self._trainer,
                executor=executor,
                workers=workers,
                callbacks=callbacks,
                limit=limit,
                answer=lambda: self.sentence_so_far(margin=margin, confidence=confidence),
            ) as runner:
                pending, so_far = self.pending(retry_failed=retry_failed), ""
                while True:
                    if pending:
                        self._store.begin_round()
                    is_complete = runner.carry_out(pending, self.later(), so_far)
                    clock.note()
                    design = plan.extended(self._store) if is_complete else self.design
                    if design == self.design:
                        return self
                    so_far = self.sentence_so_far(margin=margin, confidence=confidence)
                    self._store.design = design
                    pending = self.pending()


takes_settings_and_data_options(Study.__init__, without=OWN)
