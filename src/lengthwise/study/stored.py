"""What a study that is stored shows, and is told: its design, its results and its answer."""

from pathlib import Path
from shlex import quote
from time import monotonic
from typing import TYPE_CHECKING, Any

from lengthwise._internal.extras import required
from lengthwise.analysis import Looks
from lengthwise.errors import UsageError
from lengthwise.study.answer import Answer, answers_now, find_answers, question_of
from lengthwise.study.answer_file import write_answer
from lengthwise.study.ask_and_tell import ask, tell
from lengthwise.study.design import Design
from lengthwise.study.recipe import Recipe
from lengthwise.study.results import results_of
from lengthwise.study.store import Store
from lengthwise.study.trial import Trial
from lengthwise.tasks.baselines import Baseline
from lengthwise.tasks.metrics import Metric

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


class StoredStudy:
    """A study as its store has it; `lengthwise.Study` is one that can go on.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        self._store = store

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
        return self._store.folder

    @property
    def num_steps(self) -> int:
        """Time steps of the data's sequences, T."""
        return self._store.num_steps

    @property
    def metric(self) -> Metric:
        """What lengths are compared by."""
        return self._store.metric

    @property
    def baseline(self) -> Baseline | None:
        """The score of an answer that needs no training, if one is known."""
        return self._store.baseline

    @property
    def recipe(self) -> Recipe:
        """What is trained where the user did not say."""
        return self._store.recipe

    @property
    def looks(self) -> Looks | None:
        """When a study that adds seeds until it is decided is looked at; None if it was never run so."""
        return self._store.looks

    @property
    def seconds(self) -> float:
        """Time for which the study has been run, in all."""
        return self._store.seconds

    @property
    def results(self) -> "pd.DataFrame":
        """One row a run that has ended: its settings, ``metric``, ``val_score``, ``test_score``, costs, status.

        ``val_accuracy`` and ``test_accuracy`` are the scores where those are shares of right classes. Of trainings of
        the user's own, ``val_score`` is what was told, and what was told beside it has columns too.
        """
        return results_of(self._store)

    def to_polars(self) -> "pl.DataFrame":
        """Return `results` as a polars frame.

        Raises
        ------
        UsageError
            If polars is not installed.
        """
        frame: pl.DataFrame = required("polars", "a polars frame", "polars").from_pandas(self.results)
        return frame

    def answers(self, *, margin: float | None = None, confidence: float | None = None) -> list[Answer]:
        """Return the answer for each configuration.

        Parameters
        ----------
        margin : float, optional
            How much worse than the best is still good enough: 0.005 is half a percentage point of accuracy. By default
            what the study was last run with, or else 0.005; of an error, two hundredths of the baseline's.
        confidence : float, optional
            Of intervals and of the recommendation. By default what the study was last run with, or else 0.95.

        Returns
        -------
        list of Answer
            In the order of `Design.configurations`; configurations of which no run has finished are left out.

        Raises
        ------
        UsageError
            If no run has finished, or a number is out of range.
        """
        found = self.answers_so_far(margin=margin, confidence=confidence)
        if not found:
            what = "seed of the study has all its folds" if self.has_finished_run else "run of the study has finished"
            reasons = self.results.reason.dropna()
            why = "" if reasons.empty else f"; the last failed: {reasons.iloc[-1]}"
            where = "" if self._store.folder is None else f" {quote(str(self._store.folder))}"
            raise UsageError(f"no {what}{why or f': go on with it with --resume{where}, in a longer time.'}")
        return found

    def answers_so_far(self, *, margin: float | None = None, confidence: float | None = None) -> list[Answer]:
        """Return the same as `answers` of a study that may be under way: nothing if there is no answer yet."""
        margin, confidence = question_of(self._store, margin, confidence)
        return find_answers(self._store, margin=margin, confidence=confidence)

    def sentence_so_far(self, *, margin: float | None = None, confidence: float | None = None) -> str:
        """Return how the answer of the first configuration stands; "" if there is none yet."""
        margin, confidence = question_of(self._store, margin, confidence)
        found = answers_now(self._store, margin=margin, confidence=confidence)
        return found[0].sentence if found else ""

    def write_answer(
        self, folder: Path | None = None, *, margin: float | None = None, confidence: float | None = None
    ) -> list[Path]:
        """Write the answer as it stands, ``answer.json``, into a folder, by default the study's own.

        Returns
        -------
        list of Path
            The file; nothing if there is no folder, or no answer yet.

        Raises
        ------
        UsageError
            If `margin` or `confidence` is out of range.
        RunError
            If it cannot be written.
        """
        folder = self.out if folder is None else folder
        found = [] if folder is None else self.answers_so_far(margin=margin, confidence=confidence)
        return [write_answer(found, folder, self.seconds + self.recipe.seconds)] if folder and found else []

    @property
    def has_finished_run(self) -> bool:
        """Whether a run has finished."""
        return bool((self.results.status == "finished").any())

    def ask(self, *, lease: str | float | None = None, wait: bool = True) -> Trial | None:
        """Return the trial to make next, of a study of trainings of your own; None if there is none.

        Several processes may ask one study at a time, each with its own `Study.load`: a trial is given to one of them.

        Parameters
        ----------
        lease : str or float, optional
            How long the trial is yours, such as ``"2h"``, before it is given to another; then it may be told by any
            process. By default while this process lives, so that it is given to another if this one is killed.
        wait : bool
            Whether to wait where what comes next depends on trials that other processes are making.

        Returns
        -------
        Trial or None
            None if the question is decided, or all is trained that is to be; also if nothing else can be made before
            the trials are told that this process took, or that have a lease.

        Raises
        ------
        UsageError
            If the study trains networks.
        RunError
            If a process runs the study, or the store cannot be written.
        """
        return ask(self._store, lease=lease, wait=wait)

    def tell(self, trial: Trial, scores: Any = None, *, error: str | None = None) -> bool:
        """Store what came of a trial.

        Parameters
        ----------
        trial : Trial
            What `ask` returned.
        scores : float, array_like or mapping
            As an `objective` returns them.
        error : str, optional
            Why it failed, in place of scores.

        Returns
        -------
        bool
            Whether it was stored: not if another process told it before, to which it was given.

        Raises
        ------
        UsageError
            If it is no trial of the study.
        RunError
            If a process runs the study, or the store cannot be written.
        """
        return tell(self._store, trial, scores, error)

    def give_up(self, trial: Trial) -> None:
        """Let another process have a trial, or this one again later."""
        self._store.asked.give_up(trial)


class Clock:
    """Notes in the store how long a study has been run."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._noted = monotonic()

    def note(self) -> None:
        """Add what has passed since the last time."""
        now = monotonic()
        self._store.add_seconds(now - self._noted)
        self._noted = now
