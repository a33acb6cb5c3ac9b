"""Synthetic studies whose truth is known, and how often the recommendation is wrong about them.

Letters: S studies, L lengths, R seeds, n sequences.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from lengthwise.analysis import Looks
from lengthwise.analysis.procedure import against_all, compare, stages, walk
from lengthwise.analysis.variance import differences, moments_of_runs

MARGIN = 0.005
CONFIDENCE = 0.95
SEED_DEVIATION = 0.0038
"""Of the accuracy of the notebook's network at window 19, over 20 seeds."""


@dataclass(frozen=True)
class Curve:
    """What lengths are truly worth, as distances from the best in margins; -1 and below is too poor.

    `deviations` are the seeds' standard deviations, relative to SEED_DEVIATION.
    """

    name: str
    worth: tuple[float, ...]
    deviations: tuple[float, ...] | float = 1.0
    skewed: bool = False

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
        shape = (num_studies, len(self.worth), num_seeds)
        # A gamma variable of shape 4 has skewness 1; turned, so that some trainings fail and none excels.
        noise = (4 - random.gamma(4, size=shape)) / 2 if self.skewed else random.normal(size=shape)
        deviations = np.broadcast_to(self.deviations, len(self.worth)) * SEED_DEVIATION
        return self.truth[:, None] + deviations[:, None] * noise


CURVES = (
    Curve("two lengths, the shorter worse by exactly the margin", (-1, 0)),
    Curve("the same, the shorter noisier (3 ×)", (-1, 0), (3, 1)),
    Curve("the same, the longer noisier (3 ×)", (-1, 0), (1, 3)),
    Curve("the same, skewed: some trainings fail", (-1, 0), skewed=True),
    Curve("plateau, then exactly the margin below it", (-1, -1, -1, 0, 0, 0, 0, 0)),
    Curve("saturating: half as far from the plateau at each length", (-16, -8, -4, -2, -1, -0.5, -0.25, 0)),
    Curve("rising to the end", (-7, -6, -5, -4, -3, -2, -1, 0)),
    Curve("peak, exactly the margin below it on both sides", (-1, 0, -1)),
    Curve("peak, gentle", (-4, -2, -1, 0, 0, -1, -1, -2)),
    Curve("peak, steep", (-12, -4, -1, 0, -0.2, -4, -8, -12)),
    Curve("too long by more and more", (-1, 0, -1, -1.5, -2, -3)),
    Curve("two lengths, the longer worse by exactly the margin", (0, -1)),
    Curve("a dip", (-8, -1, 0, -4, 0, 0)),
)
FLAT = Curve("flat", (0, 0, 0, 0, 0, 0, 0, 0))


def decide(scores, *, confidence=CONFIDENCE, looks=None):
    """Walk through each study, (S, L, R) -> S; with `looks`, judged by the level of the last."""
    *_, num_lengths, num_seeds = scores.shape
    stage = stages((num_seeds,) * num_lengths, confidence, looks)[-1]
    found = differences(moments_of_runs(scores))
    return walk(*against_all(compare(found, MARGIN, stage, num_lengths - 1)))


def errors_at_any_look(curve, scores, looks: Looks):
    """Return whether a poor length is recommended at some look, and whether any length is, each (S,)."""
    wrong = np.zeros(len(scores), bool)
    found = wrong.copy()
    for number in looks.seeds:
        recommended = decide(scores[..., :number], looks=looks).recommended
        wrong |= is_error(curve, recommended)
        found |= recommended >= 0
    return wrong, found


def is_error(curve, recommended):
    """(S,) whether a length is recommended that is truly too poor."""
    return (recommended >= 0) & curve.is_poor[recommended]


def values_by_sequence(curve, random, num_studies, num_seeds, num_sequences, *, base, spread, num_windows=10):
    """Draw shares of correct windows, (S, L, R, n), of sequences that differ in hardness, also from length to length.

    The best length's chance is `base`. A sequence's chance is that of its length, plus its own, plus its own at this
    length, plus the seed's luck: all symmetric and bounded, so that the mean is the truth.
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
        deviations = tuple(random.choice([0.1, 0.3, 0.5, 1, 1, 2], size=num_lengths).tolist())
    else:
        deviations = float(random.choice([0.1, 0.3, 0.6, 1]))
    return Curve("random", tuple(worth.tolist()), deviations), int(random.choice([3, 5, 10, 20]))
