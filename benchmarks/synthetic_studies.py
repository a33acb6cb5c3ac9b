"""Synthetic studies whose truth is known, and how often the recommendation is wrong about them.

Letters: S studies, L lengths, R seeds, n cases.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from lengthwise.analysis import LengthScores, Looks, lengths_to_extend, recommend
from lengthwise.analysis.looks import stages
from lengthwise.analysis.moderation import moderate
from lengthwise.analysis.procedure import bounds, compare, judge
from lengthwise.analysis.variance import differences, moments_of_cases, moments_of_runs
from lengthwise.study.plan import USUAL_PATIENCE
from lengthwise.study.scouting import best_two, first_lengths, next_seeds

Scores = NDArray[np.float64]

MARGIN = 0.005
CONFIDENCE = 0.95
SEED_DEVIATION = 0.0038
"""Of the accuracy of the notebook's network at window 19, over 20 seeds."""

AVERAGED_DEVIATION = 0.0021
"""The same with averaged weights, over lengths 18 to 28 of MNIST; a seed's scores at two lengths correlate 0.5."""

FAILURE = 20 * MARGIN
"""How far off a failed training is."""


@dataclass(frozen=True)
class Curve:
    """The true means of the lengths, as distances from the best in margins; -1 and below is too poor.

    Attributes
    ----------
    name : str
    worth : tuple of float
    deviations : tuple of float, or float
        The seeds' standard deviations, relative to `deviation`.
    noise : {"normal", "skewed", "failing"}
        "skewed": turned gamma variables of skewness 1, low scores farther off. "failing": normal, and one training in
        twenty, at whichever length, is far off.
    correlation : float
        Between the scores of a seed at two lengths.
    decay : float
        Correlation of what is a length's own with the same at the next length, falling as a power of the distance.
    deviation : float
        The unit of `deviations`.
    """

    name: str
    worth: tuple[float, ...]
    deviations: tuple[float, ...] | float = 1.0
    noise: str = "normal"
    correlation: float = 0.0
    decay: float = 0.0
    deviation: float = SEED_DEVIATION

    @property
    def truth(self):
        """(L,) the true scores."""
        return 0.95 + MARGIN * np.array(self.worth)

    @property
    def is_poor(self):
        """(L,) whether recommending the length is an error; worse by exactly the margin is."""
        return np.array(self.worth) <= -1

    @property
    def shortest(self):
        """The place of the answer that is right."""
        return int(np.flatnonzero(~self.is_poor)[0])

    def scores(self, random, num_studies, num_seeds):
        """Draw scores, (S, L, R)."""
        size = len(self.worth)
        of_length = self._draw(random, (num_studies, size, num_seeds))
        if self.decay:
            steps = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
            of_length = np.einsum("st,itr->isr", np.linalg.cholesky(self.decay**steps), of_length)
        of_seed = self._draw(random, (num_studies, 1, num_seeds))
        noise = np.sqrt(1 - self.correlation) * of_length + np.sqrt(self.correlation) * of_seed
        deviations = np.broadcast_to(self.deviations, size) * self.deviation
        scores = self.truth[:, None] + deviations[:, None] * noise
        if self.noise == "failing":
            scores -= FAILURE * (random.random(scores.shape) < 0.05)
        return scores

    def _draw(self, random, shape):
        if self.noise == "skewed":
            # A gamma variable of shape 4 has skewness 1; turned, so that low scores are farther off than high ones.
            return (4 - random.gamma(4, size=shape)) / 2
        return random.normal(size=shape)


def following(worth, power):
    """Return deviations that grow (or shrink, for a negative power) with the distance from the best."""
    return tuple((1 - distance) ** power for distance in worth)


NOISY = 10**0.5
"""Relative deviation of a length whose variance is tenfold."""

SATURATING = (-16, -8, -4, -2, -1, -0.5, -0.25, 0)
TO_THE_END = (-7, -6, -5, -4, -3, -2, -1, 0)
BENT = (-4, -3, -2, -1, -0.5, 0)
MNIST = tuple(
    float(score - 97.75) / 0.5
    for score in np.interp(
        range(1, 29),
        (1, 6, 12, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28),
        (24.6, 57, 82.8, 93.1, 95.45, 96.17, 96.67, 97.13, 97.4, 97.5, 97.6, 97.67, 97.7, 97.75),
    )
)
"""About what the notebook's network reaches on MNIST with averaged weights; between lengths that were tried, a line."""
CROWD = (-1, -0.5, -0.5, -0.5, -0.5, -0.5, -0.5, 0)

CURVES = (
    Curve("two lengths, the shorter worse by exactly the margin", (-1, 0)),
    Curve("the same, the shorter noisier (3 ×)", (-1, 0), (3, 1)),
    Curve("the same, the longer noisier (3 ×)", (-1, 0), (1, 3)),
    Curve("the same, skewed: low scores are farther off", (-1, 0), noise="skewed"),
    Curve("plateau, then exactly the margin below it", (-1, -1, -1, 0, 0, 0, 0, 0)),
    Curve("saturating: half as far from the plateau at each length", SATURATING),
    Curve("rising to the end", TO_THE_END),
    Curve("peak, exactly the margin below it on both sides", (-1, 0, -1)),
    Curve("peak, gentle", (-4, -2, -1, 0, 0, -1, -1, -2)),
    Curve("peak, steep", (-12, -4, -1, 0, -0.2, -4, -8, -12)),
    Curve("too long by more and more", (-1, 0, -1, -1.5, -2, -3)),
    Curve("two lengths, the longer worse by exactly the margin", (0, -1)),
    Curve("a dip", (-8, -1, 0, -4, 0, 0)),
    Curve("a step", (-10, -10, -10, -10, 0, 0, 0, 0)),
    Curve("all but the longest worse by exactly the margin", (-1,) * 7 + (0,)),
    Curve("the shortest worse by exactly the margin, others between", CROWD),
    Curve("flat", (0,) * 8),
)
CURVE_OF = {curve.name: curve for curve in CURVES}
FLAT, STEP = CURVE_OF["flat"], CURVE_OF["a step"]

NOISES = (
    Curve("noise grows with the distance from the best (its root)", SATURATING, following(SATURATING, 0.5)),
    Curve("noise grows with the distance from the best", BENT, following(BENT, 1)),
    Curve("noise shrinks with the distance from the best (its root)", SATURATING, following(SATURATING, -0.5)),
    Curve("skewed, saturating", SATURATING, noise="skewed"),
    Curve("skewed, others between", CROWD, noise="skewed"),
    Curve("the poor length's variance tenfold, others between", CROWD, (NOISY, *(1,) * 7)),
    Curve("the best length's variance tenfold, others between", CROWD, (*(1,) * 7, NOISY)),
    Curve("the poor length's variance tenfold, others flat", (-1, *(0,) * 7), (NOISY, *(1,) * 7)),
    Curve("every other length's variance tenfold, saturating", SATURATING, (NOISY, 1) * 4),
    Curve("every other length's variance tenfold, the other way", SATURATING, (1, NOISY) * 4),
    Curve("the poor length's variance tenfold, three lengths", (-1, -0.5, 0), (NOISY, 1, 1)),
    Curve("failing trainings, two lengths", (-1, 0), noise="failing"),
    Curve("failing trainings, saturating", SATURATING, noise="failing"),
    Curve("failing trainings, others between", CROWD, noise="failing"),
)
"""Where the variances of differences are not alike; what is given besides is correlation 0.5."""

LAX = tuple(
    replace(curve, correlation=0.5, deviation=MARGIN / 10)
    for curve in (
        Curve("one length of eight twice as noisy, others between", CROWD, (2, *(1,) * 7)),
        Curve("one length of eight three times as noisy, others between", CROWD, (3, *(1,) * 7)),
        Curve("neighbours alike (0.9), distant lengths less, others between", CROWD, decay=0.9),
        Curve("noise in inverse proportion, rising to the end", TO_THE_END, following(TO_THE_END, -1)),
        Curve("noise in inverse proportion, fewer lengths", BENT, following(BENT, -1)),
        Curve("noise in inverse proportion, saturating", SATURATING, following(SATURATING, -1)),
    )
)
"""Where variances that are borrowed mislead, most of all where noise is small: here a tenth of the margin."""


def compared(moments, *, confidence=CONFIDENCE, looks=None):
    """Compare the lengths of each study; with `looks`, by the levels of the last."""
    num_lengths = moments.mean.shape[-1]
    stage = stages((moments.num_seeds,) * num_lengths, confidence, looks)[-1]
    return compare(moderate(differences(moments), MARGIN), MARGIN, stage)


def decide(scores, *, confidence=CONFIDENCE, looks=None):
    """Judge each study, (S, L, R) -> S; with `looks`, by the levels of the last."""
    return judge(compared(moments_of_runs(scores), confidence=confidence, looks=looks))


def decide_by_case(values, weights=None):
    """Judge each study by its cases, (S, L, R, n) -> S."""
    return judge(compared(moments_of_cases(values, weights)))


def errors_at_any_look(curve, scores, looks: Looks):
    """Return whether a poor length is recommended at some look, and whether any length is, each (S,)."""
    wrong = np.zeros(len(scores), bool)
    found = wrong.copy()
    for number in looks.seeds:
        recommended = decide(scores[..., :number], looks=looks).recommended
        wrong |= is_error(curve, recommended)
        found |= recommended >= 0
    return wrong, found


def until_decided(scores, looks, first=None):
    """Play a study that adds seeds to the lengths that are open, as `lengths_to_extend` names them.

    Parameters
    ----------
    scores : ndarray of shape (L, R)
        What each run would give.
    looks : Looks
    first : sequence of int, optional
        Seeds of each length to begin with; as many as the first look by default.

    Returns
    -------
    (place, bool, int)
        What is recommended at the end, -1 for nothing; whether it is decided; and the number of runs.
    """
    have = dict(enumerate([looks.seeds[0]] * len(scores) if first is None else first, start=1))
    while True:
        rows = [(length, seed) for length, number in have.items() for seed in range(number)]
        seq_lens, seeds = np.array(rows).T
        study = LengthScores(seq_lens, seeds, scores[seq_lens - 1, seeds])
        found = recommend(study, margin=MARGIN, confidence=CONFIDENCE, looks=looks)
        more = lengths_to_extend(study, found, looks)
        if not more:
            return -1 if found.seq_len is None else found.seq_len - 1, found.decided, len(rows)
        have |= more


class Played(NamedTuple):
    """How a study ended.

    Attributes
    ----------
    place : int
        Of the length that is recommended, -1 for none.
    guess : int
        Of the recommended length, or if there is none, of that which did best.
    decided : bool
    seq_lens : tuple of int
        Of the trainings.
    """

    place: int
    guess: int
    decided: bool
    seq_lens: tuple[int, ...]


def played(
    scores: Scores,
    looks: Looks,
    *,
    margin: float = MARGIN,
    patience: float = USUAL_PATIENCE,
    lengths: Sequence[int] | None = None,
    most: float = np.inf,
) -> Played:
    """Play a study with no options, which chooses its lengths and seeds as `lengthwise.study.scouting` does.

    Parameters
    ----------
    scores : ndarray of shape (L, R) or (L, R, n)
        What each run would give, in all or on each case; higher is better.
    looks : Looks
    margin, patience : float
    lengths : sequence of int, optional
        Ascending; 1 to L by default.
    most : float
        Trainings beyond which the study does not go, as with a limited time.
    """
    candidates = tuple(range(1, len(scores) + 1) if lengths is None else lengths)
    have = dict.fromkeys(first_lengths(candidates), 1)
    while True:
        rows = [(length, seed) for length, number in have.items() for seed in range(number)]
        seq_lens, seeds = np.array(rows).T
        values = scores[np.searchsorted(candidates, seq_lens), seeds]
        by_case = values if values.ndim > 1 else None
        study = LengthScores(seq_lens, seeds, values if by_case is None else by_case.mean(axis=1), by_case)
        found = recommend(study, margin=margin, confidence=CONFIDENCE, looks=looks)
        more = next_seeds(study, found, looks, margin, candidates, patience=patience)
        if found.seq_len is None and sum((have | more).values()) > most:
            more = best_two(study)
        if not more or sum((have | more).values()) > most:
            place = -1 if found.seq_len is None else candidates.index(found.seq_len)
            guess = candidates.index(found.seq_len or found.best_seq_len)
            return Played(place, guess, found.decided, tuple(seq_lens.tolist()))
        have |= more


def is_error(curve, recommended):
    """(S,) whether a length is recommended that is truly too poor."""
    return (recommended >= 0) & curve.is_poor[recommended]


def bounds_fail(curve, scores):
    """(S,) whether some length that is not shown to be too poor truly costs more than its bound."""
    comparisons = compared(moments_of_runs(scores))
    verdicts = judge(comparisons)
    cost = -MARGIN * np.array(curve.worth)
    return np.any(~verdicts.poor & (cost > bounds(comparisons, verdicts, MARGIN) + 1e-12), axis=-1)


def values_by_sequence(curve, random, num_studies, num_seeds, num_sequences, *, base, spread, num_windows=10):
    """Draw shares of correct windows, (S, L, R, n), of sequences that differ in hardness, also from length to length.

    The best length's chance is `base`. A sequence's chance is that of its length, plus its own, plus its own at this
    length, plus what the seed adds: all symmetric and bounded, so that the mean is the truth.
    """
    S, L, R, n = num_studies, len(curve.worth), num_seeds, num_sequences
    chance = (
        base
        + MARGIN * np.array(curve.worth)[:, None, None]
        + random.uniform(-spread, spread, (S, 1, 1, n))
        + random.uniform(-spread, spread, (S, L, 1, n))
        + SEED_DEVIATION * random.normal(size=(S, L, R, 1)).clip(-4, 4)
    )
    return random.binomial(num_windows, chance) / num_windows


GROUP_SIZES = np.array([2, 4, 6, 8, 10, 12, 14, 16, 18, 20])
"""Sequences of each of ten groups."""


def values_by_group(curve, random, num_studies, num_seeds, *, of_group=2.0, of_sequence=4.0):
    """Draw the mean scores of ten groups of 2 to 20 sequences, (S, L, R, 10).

    A group is easier or harder than others, by `of_group` margins at each length besides what it is at all lengths
    (standard deviations); so is a sequence within it, by `of_sequence` margins.
    """
    S, L, n = num_studies, len(curve.worth), len(GROUP_SIZES)
    own = of_group * random.normal(size=(S, L, n)) + of_sequence / np.sqrt(GROUP_SIZES) * random.normal(size=(S, L, n))
    everywhere = 5 * of_group * random.normal(size=(S, 1, n))
    return curve.scores(random, S, num_seeds)[..., None] + MARGIN * (own + everywhere)[:, :, None]


def values_by_fold(curve, random, num_studies, num_seeds, *, num_cases=60, num_folds=5, of_case=2.0):
    """Draw the scores of cases that are each judged by the network of a fold that they are not in, (S, L, R, n).

    Each seed divides them into folds anew, alike for all lengths, and each fold's network has noise of its own, such
    that the mean over the folds has the curve's. A case is easier or harder, by `of_case` margins (standard deviation)
    at each length besides what it is at all lengths.
    """
    S, L, R, n = num_studies, len(curve.worth), num_seeds, num_cases
    of_fold = curve.scores(random, S, R * num_folds).reshape(S, L, R, num_folds)
    of_fold = curve.truth[:, None, None] + np.sqrt(num_folds) * (of_fold - curve.truth[:, None, None])
    folds = random.permuted(np.broadcast_to(np.arange(n) % num_folds, (S, R, n)), axis=-1)
    own = of_case * (random.normal(size=(S, L, 1, n)) + 5 * random.normal(size=(S, 1, 1, n)))
    return np.take_along_axis(of_fold, np.broadcast_to(folds[:, None], (S, L, R, n)), axis=-1) + MARGIN * own


def rate_and_bounds(events, confidence=0.99):
    """Return an observed rate and its exact binomial interval (Clopper-Pearson)."""
    found = binomtest(int(np.count_nonzero(events)), len(events))
    interval = found.proportion_ci(confidence, method="exact")
    return found.statistic, interval.low, interval.high


def random_curve(random):
    """Draw a curve that is hard: lengths at the margin and on both sides of it, noise that differs; and its seeds."""
    num_lengths = int(random.integers(2, 7))
    worth = random.choice([0, -0.2, -0.5, -0.9, -1, -1, -1, -1.2, -1.5, -2, -3, -5], size=num_lengths)
    worth[random.integers(num_lengths)] = 0
    deviations: tuple[float, ...] | float
    if random.random() < 0.5:
        deviations = tuple(random.choice([0.3, 0.5, 1, 1, 1.5], size=num_lengths).tolist())
    else:
        deviations = float(random.choice([0.1, 0.3, 0.6, 1]))
    curve = Curve("random", tuple(worth.tolist()), deviations)
    return replace(curve, correlation=float(random.choice([0, 0.5, 0.8]))), int(random.choice([3, 5, 10, 20]))
