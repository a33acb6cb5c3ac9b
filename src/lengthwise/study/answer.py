"""The answer of a study: for each configuration, what every length gives and costs, and which is long enough.

Choices are made on the validation split, so the recommendation rests on it; scores on the test split stand beside
it and choose nothing.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from lengthwise.analysis import LengthSummary, Recommendation, check_question, recommend, sentence_of, summarize
from lengthwise.data.step_time import span_in_words
from lengthwise.study.cases import Cases, cases_of, complete_seeds, scores_of, without_begun
from lengthwise.study.costs import COSTS, costs_by_length, seconds_of
from lengthwise.study.store import Store
from lengthwise.tasks.baselines import Baseline
from lengthwise.tasks.metrics import Metric
from lengthwise.windows import Placement

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_CONFIDENCE = 0.95

QUESTIONS: dict[Placement, str] = {
    "end": "How many of the last steps are needed?",
    "any": "How many steps are needed, wherever in a sequence they are?",
    "start": "After how many steps can it be told?",
}
"""What is asked, by where the windows lie."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What a study found for one configuration.

    Attributes
    ----------
    configuration : dict of str to Any
        The settings in which it differs from the study's other configurations; empty if there is one only.
    runs : DataFrame
        Its finished runs; with folds, those of seeds of which no fold is missing.
    validation, test : tuple of LengthSummary
        Mean score of each length with its intervals, on both splits; `test` is empty where there is no such split.
    costs : DataFrame
        By ``seq_len``; see `lengthwise.study.costs.costs_by_length`.
    learning_curves : DataFrame
        How every run stood at each validation: ``seq_len``, ``seed``, ``update``, ``seconds``, ``train_loss``,
        ``train_score``, ``val_score``, ``val_loss``.
    evaluations : DataFrame
        Score and loss on the test split at every length judged: ``seq_len``, ``seed``, ``eval_len``, ``score``,
        ``loss``, and ``metrics``, JSON.
    anytime : DataFrame
        Score on the test split after every step of the longest window: ``seq_len``, ``seed``, ``steps``,
        ``score``; empty if the study has no `eval_lens`.
    recommendation : Recommendation or None
        None if there is one length only.
    confidence : float
        Of the intervals and of the recommendation.
    metric : Metric
        What the scores are.
    baseline : Baseline or None
        The score of an answer that needs no training, if one is known.
    placement : {"end", "any", "start"} or None
        Where in a sequence the windows lie; see `question`. None where that is not for the study to say.
    cases : Cases
        What the lengths were chosen by.
    seconds : float
        What the study's runs took, in all; 0 if that is not known yet.
    step_seconds : float or None
        How long a step of a sequence is, if that is known.
    num_steps : int or None
        Time steps of the longest sequence, if they are known.
    failed : tuple of int
        The lengths of which runs failed, and none is complete: they are not compared.
    """

    configuration: dict[str, Any]
    runs: "pd.DataFrame"
    validation: tuple[LengthSummary, ...]
    test: tuple[LengthSummary, ...]
    costs: "pd.DataFrame"
    learning_curves: "pd.DataFrame"
    evaluations: "pd.DataFrame"
    anytime: "pd.DataFrame"
    recommendation: Recommendation | None
    confidence: float
    metric: Metric
    baseline: Baseline | None
    placement: Placement | None
    cases: Cases
    seconds: float = 0.0
    step_seconds: float | None = None
    num_steps: int | None = None
    failed: tuple[int, ...] = ()

    def span(self, seq_len: int) -> str:
        """Return how long so many steps are, such as ``2 s``; "" if that is not known."""
        return "" if self.step_seconds is None else span_in_words(seq_len, self.step_seconds)

    @property
    def name(self) -> str:
        """The configuration in words, such as ``cell gru, hidden_size 64``."""
        return ", ".join(f"{name} {value}" for name, value in self.configuration.items())

    @property
    def question(self) -> str:
        """Which question is answered."""
        return "How long is long enough?" if self.placement is None else QUESTIONS[self.placement]

    @property
    def score_label(self) -> str:
        """What the scores that choose are, at an axis: ``validation accuracy (%)``."""
        return f"{self.cases.split} {self.metric.label}".strip()

    @property
    def sentence(self) -> str:
        """The answer in a sentence; one before it if no length is shown to do better than the baseline."""
        return self.sentence_for(self.recommendation)

    def sentence_for(self, recommendation: Recommendation | None) -> str:
        """Return the sentence of a recommendation that rests on the same runs, such as with another margin."""
        if recommendation is None:
            return self.baseline_sentence + self._one_length + self._failed_sentence
        flops = self.costs.flops_per_step
        operations = dict(zip(self.costs.index.tolist(), flops.tolist(), strict=True)) if flops.notna().all() else None
        return (
            self.baseline_sentence
            + sentence_of(
                recommendation,
                operations,
                seconds=self._seconds_to_decide(recommendation),
                cases=self.cases.title,
                step_seconds=self.step_seconds,
                num_steps=self.num_steps,
            )
            + self._failed_sentence
        )

    @property
    def _failed_sentence(self) -> str:
        if not self.failed:
            return ""
        *first, last = map(str, self.failed)
        if first:
            return f" Lengths {', '.join(first)} and {last} are not compared, since their runs failed."
        return f" Length {last} is not compared, since its runs failed."

    @property
    def beats_baseline(self) -> bool:
        """Whether a length is shown to do better than the baseline: by its interval, or its mean if there is none."""
        known = self.baseline
        return known is None or any(self._beats(summary, known.validation) for summary in self.validation)

    def _beats(self, summary: LengthSummary, score: float) -> bool:
        worst = summary.over_both.lower if self.metric.higher_is_better else summary.over_both.upper
        return self.metric.is_better(summary.mean if np.isnan(worst) else worst, than=score)

    @property
    def baseline_sentence(self) -> str:
        """What is said first: that no length is shown to do better than the baseline, with a space after it, or ""."""
        if self.baseline is None or self.beats_baseline:
            return ""
        score = self.metric.text(self.baseline.validation)
        score = f"{score} %" if self.metric.percent else f"{self.metric.title} {score}"
        where = " on the validation split" if self.cases.split else ""
        if self.cases.folds:
            where = f" on the same {self.cases.title}"
        return f"No length is shown to do better than {self.baseline.title} ({score}{where}). "

    @property
    def _one_length(self) -> str:
        tried = self.validation[0]
        steps = "1 step was" if tried.seq_len == 1 else f"{tried.seq_len} steps were"
        score = f"{self.metric.title} {self.metric.text(tried.mean)}{' %' if self.metric.percent else ''}"
        return f"So far only {steps} tried ({score}): lengths can be compared from two on."

    def _seconds_to_decide(self, recommendation: Recommendation) -> float | None:
        """Return about how long it would take to settle it, or of single runs, to compare them.

        None if it is settled, no reasonable time would do, or it is not known how long the runs took.
        """
        more = recommendation.more_seeds
        if recommendation.seq_len is None and recommendation.num_seeds < 2:
            more = dict.fromkeys(recommendation.bounds, 1)
        is_known = self.runs.wall_seconds.notna().all()
        return self.seconds_of_seeds(more) if more and is_known else None

    def seconds_of_seeds(self, more: dict[int, int]) -> float:
        """Return about how many seconds so many more seeds of each length will take, with all their folds."""
        runs = {length: count * self.cases.runs_a_seed for length, count in more.items()}
        return seconds_of(self.runs, runs, self.seconds)

    def table(self) -> "pd.DataFrame":
        """Return one row a length: scores with their intervals, costs, and how the length was tested."""
        import pandas as pd  # noqa: PLC0415 - heavy

        rows = []
        known = [("val_" if self.cases.split else "", self.validation)]
        known += [("test_", self.test)] if self.test else []
        for place, validation in enumerate(self.validation):
            cost = self.costs.loc[validation.seq_len]
            row: dict[str, Any] = {"seq_len": validation.seq_len, "seeds": validation.num_seeds}
            for split, summaries in known:
                summary = summaries[place]
                row[f"{split}{self.metric.name}"] = summary.mean
                for source in ("both", "seeds", "sequences"):
                    interval = getattr(summary, f"over_{source}")
                    row[f"{split}lower_{source}"], row[f"{split}upper_{source}"] = interval
            row |= {name: cost[name] for name in COSTS}
            if self.recommendation is not None:
                row["verdict"] = self.recommendation.test(validation.seq_len).verdict
                row["recommended"] = self.recommendation.seq_len == validation.seq_len
            rows.append(row)
        return pd.DataFrame(rows).set_index("seq_len")


def question_of(store: Store, margin: float | None, confidence: float | None) -> tuple[float, float]:
    """Return the margin and the confidence that are asked for: those given, else what the study was last run with.

    Where that is not known either, the usual margin of the metric, and `DEFAULT_CONFIDENCE`.

    Raises
    ------
    UsageError
        If one is out of range.
    """
    known_margin, known_confidence = store.question
    margin = known_margin if margin is None else margin
    confidence = known_confidence if confidence is None else confidence
    confidence = DEFAULT_CONFIDENCE if confidence is None else confidence
    check_question(margin, confidence)
    return usual_margin(store) if margin is None else margin, confidence


def usual_margin(store: Store) -> float:
    """Return the margin where none is given: of an error, a share of the baseline's.

    Where no baseline is known, the mean of the best length stands in its place, or where that is 0, the worst length's;
    of several configurations the smallest of these, so that the margin is too wide for none.
    """
    return store.metric.usual_margin(_reference(store))


def _reference(store: Store) -> float:
    if store.baseline is not None:
        return store.baseline.validation
    best: list[float] = []
    for means in store.mean_scores():
        ends = (max(means), min(means))[:: store.metric.sign]
        best.append(ends[0] or ends[1])
    return min(best, key=abs, default=1.0)


def find_answers(store: Store, *, margin: float, confidence: float) -> list[Answer]:
    """Return the answer for each configuration of a study; see `lengthwise.Study.answers`.

    None of a configuration of which no run has finished, or with folds, of which no seed has them all.
    """
    runs = store.runs()
    found = []
    for configuration in store.design.configurations():
        chosen = np.ones(len(runs), np.bool_)
        for name, value in configuration.items():
            column = runs[name]
            chosen &= (column.isna() if value is None else column == value).to_numpy()
        tried = without_begun(store, runs[chosen])
        complete = complete_seeds(store, tried[tried.status == "finished"])
        if not complete.empty:
            answer = _answer(store, configuration, complete, margin, confidence)
            failed = set(tried.seq_len[tried.status == "failed"]) - set(complete.seq_len)
            found.append(replace(answer, failed=tuple(map(int, sorted(failed)))))
    return found


_KEPT: WeakKeyDictionary[Store, tuple[tuple[Any, ...], list[Answer]]] = WeakKeyDictionary()


def answers_now(store: Store, *, margin: float, confidence: float) -> list[Answer]:
    """Return what `find_answers` does, worked out once for as long as no run is added; not to be changed."""
    state = (store.version, store.rounds, margin, confidence)
    known, found = _KEPT.get(store, ((), []))
    if known != state:
        found = find_answers(store, margin=margin, confidence=confidence)
        _KEPT[store] = state, found
    return [replace(answer, seconds=store.seconds) for answer in found]


def _answer(
    store: Store, configuration: dict[str, Any], runs: "pd.DataFrame", margin: float, confidence: float
) -> Answer:
    validation, *tests = (scores_of(store, runs, split) for split in store.subject.splits)
    names = runs.set_index("id")[["seq_len", "seed"]]
    learning_curves, evaluations, anytime = (
        names.join(frame.set_index("run"), how="inner").reset_index(drop=True)
        for frame in (store.validations(), store.evaluations(), store.anytime())
    )
    several = len(validation.lengths) > 1
    return Answer(
        configuration=configuration,
        runs=runs,
        validation=summarize(validation, confidence),
        test=summarize(tests[0], confidence) if tests else (),
        costs=costs_by_length(runs),
        learning_curves=learning_curves,
        evaluations=evaluations.query("split == 'test'").drop(columns="split"),
        anytime=anytime,
        recommendation=(
            recommend(validation, margin=margin, confidence=confidence, looks=store.looks) if several else None
        ),
        confidence=confidence,
        metric=store.metric,
        baseline=store.baseline,
        cases=cases_of(store, validation),
        seconds=store.seconds,
        step_seconds=store.subject.step_seconds,
        num_steps=store.subject.num_steps,
        placement=configuration.get("placement", store.design.settings.get("placement", (None,))[0]),
    )
