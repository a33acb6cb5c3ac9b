"""The truth about the panel's data sets: the scores of every candidate length with many seeds.

Trained is what a study with no options trains, without a limit of time: its recipe, its folds, its candidates. Lengths
that a few seeds show to be far too poor get no more seeds than these.
"""

import json
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from benchmarks.answer_panel import RESULTS, Entry
from benchmarks.answer_rules import Scores, Trainings
from lengthwise import Study
from lengthwise.study.answer import question_of
from lengthwise.study.cases import scores_of
from lengthwise.study.costs import fitted_costs
from lengthwise.study.network_design import network_runs
from lengthwise.study.pilot_race import AVERAGED_SHARE, usual_decay
from lengthwise.study.recipe import Recipe
from lengthwise.study.recipe_choice import MNIST_SHARE

FEW = 2
"""Seeds that every length has."""

FAR = 5.0
"""Standard errors of a difference, beyond the margin, by which a length is worse than the best if it is out of it."""

EARLY = {1: Fraction(1, 9), 3: Fraction(1, 3)}
"""Parts of the updates after which a search that prunes looks at a training, by ninths."""

EARLY_SEEDS = 2
"""Seeds of the trainings with these parts of the updates."""


@dataclass
class Truth:
    """What many seeds show of a data set.

    Attributes
    ----------
    recipe : str
        The options that repeat what was trained.
    folds : int
        Trainings of a length and a seed are as many, or one where this is 0.
    margin : float
    higher_is_better : bool
    lengths : list of int
        All candidates, or those that the entry names.
    scores : list of list of float
        Of every candidate, one number a seed.
    early : dict of str to list of list of float
        The same of trainings with a part of the updates, such as ``"1/9"``.
    seconds : list of float
        What a training with all its folds takes at each length on one core of a busy machine, about.
    """

    recipe: str
    folds: int
    margin: float
    higher_is_better: bool
    lengths: list[int]
    scores: list[list[float]]
    early: dict[str, list[list[float]]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    @classmethod
    def load_of(cls, entry: Entry) -> "Truth | None":
        """Read the truth about a data set; None if it was not made."""
        path = truth_path(entry)
        return cls(**json.loads(path.read_text())) if path.exists() else None

    def save(self, entry: Entry) -> None:
        """Write the truth about a data set."""
        RESULTS.mkdir(parents=True, exist_ok=True)
        truth_path(entry).write_text(json.dumps(asdict(self), indent=1) + "\n")

    @property
    def num_seeds(self) -> int:
        """Seeds of each length that is truly enough, at least."""
        return min(len(scores) for scores, loss in zip(self.scores, self.losses, strict=True) if loss <= 1)

    @property
    def means(self) -> Scores:
        """The mean score of each length so that higher is better, (L,)."""
        means = np.array([np.mean(scores) for scores in self.scores])
        return means if self.higher_is_better else -means

    @property
    def losses(self) -> Scores:
        """How much worse than the best each length is, in margins, (L,)."""
        losses: Scores = (self.means.max() - self.means) / self.margin
        return losses

    @property
    def shortest(self) -> int:
        """The shortest length that is worse than the best by no more than the margin."""
        return self.lengths[int(np.argmax(self.losses <= 1))]

    def trainings(self) -> Trainings:
        """Return what rules may train."""
        return Trainings(
            tuple(self.lengths),
            oriented(self.scores, self.higher_is_better),
            self.margin,
            {ninths: self._early(share) for ninths, share in EARLY.items()},
        )

    def _early(self, share: Fraction) -> Scores:
        return oriented(self.early[str(share)], self.higher_is_better, max(map(len, self.scores)))


def truth_path(entry: Entry) -> Path:
    """Return the file of the truth about a data set."""
    return RESULTS / f"{entry.name}-truth.json"


def oriented(scores: list[list[float]], higher_is_better: bool, num_seeds: int | None = None) -> Scores:
    """Return scores so that higher is better, (L, R); a length with fewer seeds has these again and again.

    >>> oriented([[0.5], [0.75, 1.0]], higher_is_better=False)
    array([[-0.5 , -0.5 ],
           [-0.75, -1.  ]])
    """
    count = max(map(len, scores)) if num_seeds is None else num_seeds
    found = np.array([np.resize(each, count) for each in scores])
    return found if higher_is_better else -found


def contenders(lengths: list[int], scores: Scores, margin: float) -> list[int]:
    """Return the lengths that may be the best or within the margin of it.

    Parameters
    ----------
    lengths : list of int
    scores : ndarray of shape (L, R)
        Higher is better.
    margin : float
    """
    means = scores.mean(axis=1)
    error = np.sqrt(2 * scores.var(axis=1, ddof=1).mean() / scores.shape[1])
    return [length for length, mean in zip(lengths, means, strict=True) if mean >= means.max() - margin - FAR * error]


def find_truth(entry: Entry, folder: Path, num_seeds: int, workers: int | None = None) -> Truth:
    """Train every length with so many seeds, beyond those that are in the folder, and return the scores."""
    out = folder / f"{entry.name}-truth"
    if out.exists():
        study = Study.load(out)
    else:
        plain = Study(entry.dataset(folder), workers=workers)
        design = plain.design
        lengths = design.candidates if entry.lengths is None else entry.lengths
        study = Study(plain.dataset, seq_lens=lengths, seeds=FEW, recipe=plain.recipe, folds=design.folds, out=out)
    study.run(until_decided=False, workers=workers)
    margin, _ = question_of(study.store, None, None)
    sign = study.metric.higher_is_better
    few = oriented([each[:FEW] for each in scores_by_length(study)], sign)
    more = dict.fromkeys(contenders(list(study.design.seq_lens), few, margin), num_seeds)
    study.store.design = replace(
        study.design,
        more_seeds=more | {length: count for length, count in study.design.more_seeds.items() if count > num_seeds},
    )
    study.run(until_decided=False, workers=workers)
    runs = study.results.query("status == 'finished'")
    seconds = fitted_costs(runs, "wall_seconds", study.design.seq_lens)
    return Truth(
        recipe=study.recipe.as_options(),
        folds=study.design.folds,
        margin=margin,
        higher_is_better=sign,
        lengths=list(study.design.seq_lens),
        scores=scores_by_length(study),
        early={} if entry.lengths else {str(s): early_scores(study, s, workers) for s in EARLY.values()},
        seconds=[round(each * max(1, study.design.folds), 3) for each in seconds.values()],
    )


def early_scores(study: Study, share: Fraction, workers: int | None) -> list[list[float]]:
    """Return the scores of trainings that have a part of the updates of a study's, each as a training of its own."""
    assert study.out is not None
    out = study.out.with_name(f"{study.out.name}-{share.numerator}-of-{share.denominator}")
    if out.exists():
        shorter = Study.load(out, data=study.dataset)
    else:
        (updates,) = {settings.steps for settings in network_runs(study.design, study.dataset)}
        fewer = max(1, round((updates or 1) * share))
        averaged = AVERAGED_SHARE if study.recipe.name == "auto" else MNIST_SHARE
        settings = study.recipe.settings | {"validate_every": fewer, "ema_decay": usual_decay(fewer, averaged)}
        shorter = Study(
            study.dataset,
            seq_lens=study.design.seq_lens,
            seeds=EARLY_SEEDS,
            recipe=Recipe("auto", settings, updates=fewer),
            folds=study.design.folds,
            out=out,
        )
    shorter.run(until_decided=False, workers=workers)
    return scores_by_length(shorter)


def scores_by_length(study: Study) -> list[list[float]]:
    """Return the score on validation of every seed of each length, where all its folds have finished."""
    found = scores_of(study.store, study.results.query("status == 'finished'"), "validation")
    return [found.scores[found.seq_lens == length].round(6).tolist() for length in study.design.seq_lens]
