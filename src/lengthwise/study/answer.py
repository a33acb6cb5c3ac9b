"""The answer of a study: for each configuration, what every length gives and costs, and which is long enough.

Choices are made on the validation split, so the recommendation rests on it; scores on the test split stand beside
it and choose nothing.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lengthwise.analysis import LengthSummary, Recommendation, recommend, summarize
from lengthwise.errors import UsageError
from lengthwise.study.cases import Cases, cases_of, complete_seeds, scores_of
from lengthwise.study.costs import fitted_costs, seconds_of
from lengthwise.study.store import Store
from lengthwise.tasks.baselines import Baseline
from lengthwise.tasks.metrics import Metric
from lengthwise.windows import Placement

DEFAULT_CONFIDENCE = 0.95

QUESTIONS: dict[Placement, str] = {
    "end": "How many of the last steps are needed?",
    "any": "How many steps are needed, wherever in a sequence they are?",
    "start": "After how many steps can it be told?",
}
"""What is asked, by where the windows lie."""

COSTS = ("seconds_per_step", "flops_per_step", "activation_bytes", "seconds", "updates", "timesteps", "flops")


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
        Mean score of each length with its intervals, on both splits.
    costs : DataFrame
        Medians over seeds, by ``seq_len``; see `COSTS`.
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
    baseline : Baseline
        The score of an answer that needs no network.
    placement : {"end", "any", "start"}
        Where in a sequence the windows lie; see `question`.
    cases : Cases
        What the lengths were chosen by.
    seconds : float
        What the study's runs took, in all; 0 if that is not known yet.
    """

    configuration: dict[str, Any]
    runs: pd.DataFrame
    validation: tuple[LengthSummary, ...]
    test: tuple[LengthSummary, ...]
    costs: pd.DataFrame
    learning_curves: pd.DataFrame
    evaluations: pd.DataFrame
    anytime: pd.DataFrame
    recommendation: Recommendation | None
    confidence: float
    metric: Metric
    baseline: Baseline
    placement: Placement
    cases: Cases
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """The configuration in words, such as ``cell gru, hidden_size 64``."""
        return ", ".join(f"{name} {value}" for name, value in self.configuration.items())

    @property
    def question(self) -> str:
        """Which question is answered."""
        return QUESTIONS[self.placement]

    @property
    def sentence(self) -> str:
        """The answer in a sentence; one before it if no length is shown to do better than the baseline."""
        return self.baseline_sentence + self._length_sentence

    @property
    def beats_baseline(self) -> bool:
        """Whether a length is shown to do better than the baseline: by its interval, or its mean if there is none."""
        return any(self._beats_baseline(summary) for summary in self.validation)

    def _beats_baseline(self, summary: LengthSummary) -> bool:
        worst = summary.over_both.lower if self.metric.higher_is_better else summary.over_both.upper
        return self.metric.is_better(summary.mean if np.isnan(worst) else worst, than=self.baseline.validation)

    @property
    def baseline_sentence(self) -> str:
        """What is said first: that no length is shown to do better than the baseline, with a space after it, or ""."""
        if self.beats_baseline:
            return ""
        score = f"{self.metric.text(self.baseline.validation)}{' %' if self.metric.percent else ''}"
        where = f"the same {self.cases.title}" if self.cases.folds else "the validation split"
        return f"No length is shown to do better than {self.baseline.title} ({score} on {where}). "

    @property
    def _length_sentence(self) -> str:
        if self.recommendation is None:
            length = self.validation[0].seq_len
            return f"Only {length} steps were tried: lengths can be compared from two on."
        lengths = [summary.seq_len for summary in self.validation]
        costs = fitted_costs(self.runs, "seconds_per_step", lengths)
        return self.recommendation.sentence(costs, seconds=self.seconds_to_decide, cases=self.cases.title)

    @property
    def seconds_to_decide(self) -> float | None:
        """About how long it would take to settle what is open; None if nothing is, or no reasonable time would."""
        more = {} if self.recommendation is None else self.recommendation.more_seeds
        return self.seconds_of_seeds(more) if more else None

    def seconds_of_seeds(self, more: dict[int, int]) -> float:
        """Return about how many seconds so many more seeds of each length will take, with all their folds."""
        runs = {length: count * self.cases.runs_a_seed for length, count in more.items()}
        return seconds_of(self.runs, runs, self.seconds)

    def table(self) -> pd.DataFrame:
        """Return one row a length: scores with their intervals, costs, and how the length was tested."""
        rows = []
        for validation, test in zip(self.validation, self.test, strict=True):
            cost = self.costs.loc[validation.seq_len]
            row: dict[str, Any] = {"seq_len": validation.seq_len, "seeds": validation.num_seeds}
            for split, summary in (("val", validation), ("test", test)):
                row[f"{split}_{self.metric.name}"] = summary.mean
                for source in ("both", "seeds", "sequences"):
                    interval = getattr(summary, f"over_{source}")
                    row[f"{split}_lower_{source}"], row[f"{split}_upper_{source}"] = interval
            row |= {name: cost[name] for name in COSTS}
            if self.recommendation is not None:
                row["verdict"] = self.recommendation.test(validation.seq_len).verdict
                row["recommended"] = self.recommendation.seq_len == validation.seq_len
            rows.append(row)
        return pd.DataFrame(rows).set_index("seq_len")


def margin_of(store: Store, margin: float | None) -> float:
    """Return the margin that was asked for, or the usual one of the study's metric."""
    return store.metric.usual_margin(store.baseline.validation) if margin is None else margin


def find_answers(store: Store, *, margin: float, confidence: float) -> list[Answer]:
    """Return the answer for each configuration of a study; see `lengthwise.Study.answers`."""
    runs = store.runs()
    finished = runs[runs.status == "finished"]
    if finished.empty:
        raise UsageError("no run of the study has finished: go on with it with --resume.")
    found = []
    for configuration in store.design.configurations():
        chosen = np.ones(len(finished), np.bool_)
        for name, value in configuration.items():
            column = finished[name]
            chosen &= (column.isna() if value is None else column == value).to_numpy()
        complete = complete_seeds(store, finished[chosen])
        if not complete.empty:
            found.append(_answer(store, configuration, complete, margin, confidence))
    if not found:
        raise UsageError("no seed of the study has all its folds: go on with it with --resume.")
    return found


def _answer(
    store: Store, configuration: dict[str, Any], runs: pd.DataFrame, margin: float, confidence: float
) -> Answer:
    validation, test = (scores_of(store, runs, split) for split in ("validation", "test"))
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
        test=summarize(test, confidence),
        costs=runs.groupby("seq_len")[list(COSTS)].median(),
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
        placement=configuration.get("placement", store.design.settings["placement"][0]),
    )
