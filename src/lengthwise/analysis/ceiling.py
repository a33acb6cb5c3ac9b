"""Each length against a perfect score: no other length can have more than 100 %.

A length that is shown to lose less than the margin against a perfect score loses less than that against any other
length, however noisy that one is, and however seldom it was trained. Say that R runs on n cases gave k wrong answers in
all. For a length that truly loses the share δ or more, two p-values have to be small:

- That of Student's t-test of k / (R n) against δ, by the length's own variance over seeds and over cases. It sees that
  answers are wrong together.
- 1 / E, where E says how much likelier the answers are if the share ρ is wrong than if δ is, as a mean over two ρ:

      E = mean over ρ in {0, δ / 10} of  (ρ / δ)^k  ((1 - ρ) / (1 - δ))^(R n - k)

  Where no answer is wrong the variances are zero and show nothing, but so many right answers still have the chance
  (1 - δ)^(R n). Where answers are wrong independently of one another, E is a non-negative supermartingale of mean 1 or
  less, so the p-value holds at whatever number of seeds one stops to look ([1]_, [2]_): these tests need no planned
  looks. Answers may be right in part: a^(1-x) b^x is no more than (1 - x) a + x b.

References
----------
.. [1] Ville, J. (1939). Étude critique de la notion de collectif. Gauthier-Villars.
.. [2] Ramdas, A., Grünwald, P., Vovk, V. and Shafer, G. (2023). Game-theoretic statistics and safe anytime-valid
   inference. Statistical Science 38(4), 576-601.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from lengthwise.analysis.scores import LengthScores
from lengthwise.analysis.variance import Array, Bools, Differences, moments_of_cases

RATES = (0.0, 0.1)
"""What a good length is taken to lose, as shares of δ."""

MOST_SEEDS = 24
"""Where the search for a number of seeds ends: fewer cases are better compared with other lengths."""

MOST_LOSS = 0.999
"""The largest δ whose likelihood is worked out."""

HALVINGS = 40
"""Of the interval in which a bound is looked for: far below what is written of it."""


class Losses(NamedTuple):
    """What lengths lose against a perfect score: arrays of shape (L,), or of any one shape.

    Attributes
    ----------
    loss : ndarray
        The share of wrong answers.
    seeds, cases : ndarray
        Its variance from seeds (it falls as one over their number) and from cases.
    df : ndarray
        Degrees of freedom of their sum.
    num_seeds : ndarray
        Seeds that were seen; 0 where fewer than two were, and nothing is known.
    num_answers : ndarray
        Answers of a seed.
    """

    loss: Array
    seeds: Array
    cases: Array
    df: Array
    num_seeds: Array
    num_answers: Array

    def after(self, num_seeds: Array) -> "Losses":
        """Return the same after so many seeds, were the scores as they are."""
        return self._replace(seeds=self.seeds * self.num_seeds / num_seeds, num_seeds=num_seeds)

    def p_values(self, margin: Array | float) -> Array:
        """Return the p-values of "the margin or more is lost"."""
        from scipy.special import stdtr, xlogy  # noqa: PLC0415 - heavy

        may_pass = (self.num_seeds > 0) & (self.loss < margin)
        asked = np.where(may_pass, margin, 0.5).clip(max=MOST_LOSS)
        with np.errstate(divide="ignore", invalid="ignore"):
            by_variance = stdtr(self.df, (self.loss - asked) / np.sqrt(self.seeds + self.cases))
        answers = self.num_seeds * self.num_answers
        wrong = answers * self.loss
        log_evidence = np.logaddexp.reduce(
            [xlogy(wrong, rate) + (answers - wrong) * (np.log1p(-rate * asked) - np.log1p(-asked)) for rate in RATES]
        )
        by_counting = np.exp(np.minimum(np.log(len(RATES)) - log_evidence, 0.0))
        return np.where(may_pass, np.maximum(by_variance, by_counting), 1.0)

    def bounds(self, level: float) -> Array:
        """Return what is lost at most, each with the confidence 1 - `level`; 1 where nothing is known."""
        low, high = self.loss, np.ones_like(self.loss)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            is_shown = self.p_values(middle) <= level
            low, high = np.where(is_shown, low, middle), np.where(is_shown, middle, high)
        return high


class Ceiling(NamedTuple):
    """The lengths of a study, held against a perfect score.

    Attributes
    ----------
    losses : Losses
    p_value : ndarray of shape (L,)
        Of the hypothesis that the length is worse than perfect by the margin or more.
    level : float
        γ, what all these hypotheses together are held against.
    margin : float
        δ.
    """

    losses: Losses
    p_value: Array
    level: float
    margin: float

    def passes(self, sharing: int) -> Bools:
        """Return whether each length is shown to lose less than the margin where so many share the error, (L,)."""
        return np.asarray(self.p_value <= self.level / sharing)

    def bounds(self, sharing: int) -> Array:
        """Return what each length loses at most where so many share the error, (L,)."""
        return self.losses.bounds(self.level / sharing)

    def seeds_needed(self, place: int, sharing: int) -> int | None:
        """Return how many more seeds like those seen would show that a length loses less than the margin, or None."""
        alone = Losses(*(column[place] for column in self.losses))
        more = np.arange(1, MOST_SEEDS + 1)
        is_shown = alone.after(alone.num_seeds + more).p_values(self.margin) <= self.level / sharing
        return int(more[np.argmax(is_shown)]) if is_shown.any() else None


def below_perfect(scores: LengthScores, margin: float, confidence: float) -> Ceiling | None:
    """Hold each length against a perfect score; None where answers that are right or wrong are not known.

    Parameters
    ----------
    scores : LengthScores
        A length is judged by all of its seeds, if these are two or more.
    margin, confidence : float
        As of `lengthwise.analysis.recommend`.
    """
    if scores.num_answers is None:
        return None
    alpha = 1 - confidence
    losses = _losses(scores)
    return Ceiling(losses, losses.p_values(margin), alpha * (1 - alpha), margin)


@lru_cache(maxsize=6)  # a page asks for them once a margin
def _losses(scores: LengthScores) -> Losses:
    """Return what each length loses."""
    of_lengths = [
        _loss(scores, length, number) for length, number in zip(scores.lengths, scores.num_seeds, strict=True)
    ]
    return Losses(*map(np.concatenate, zip(*of_lengths, strict=True)))


def _loss(scores: LengthScores, length: int, num_seeds: int) -> Losses:
    """Return what one length loses, each array of shape (1,)."""
    values = scores.block_by_case((length,), num_seeds) if num_seeds > 1 else None
    if values is None:
        return Losses(*np.array([[1.0], [0.0], [0.0], [1.0], [0.0], [0.0]]))
    moments = moments_of_cases(values, scores.case_weights)
    found = Differences(
        difference=moments.mean - 1,
        seeds=moments.seeds[0],
        seed_df=np.array([num_seeds - 1.0]),
        cases=(moments.cases - moments.residual)[0].clip(min=0),
        case_df=np.array([moments.case_df]),
    )
    sizes = np.array([[float(num_seeds)], [scores.num_answers or 0.0]])
    loss = np.round(-found.difference, 12).clip(0, 1)  # none is wrong if rounding alone says so
    return Losses(loss, found.seeds, found.cases, found.df, *sizes)
