"""What to train next: a few lengths spread over all that might be, finer where the curve bends, then more seeds.

Nothing rests on the choice: which of the lengths that were tried is recommended is for the test of
`lengthwise.analysis` to show. It depends on scores alone, so that simulations make the same choices as studies.
"""

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lengthwise.analysis import LengthScores, Looks, Recommendation, lengths_to_extend
from lengthwise.analysis.recommendation import USEFUL
from lengthwise.analysis.variance import differences, moments_of_cases

COARSE = 6
"""Lengths that are tried first."""

AT_ONCE = 2
"""Lengths that are tried together on the way from coarse to fine."""

SEEN_FIRST = 3
"""Lengths that get more than one seed first, at least: chance is told from what differs between their seeds."""

SHOWN = 4.0
"""Standard errors from the margin at which a length is likely to be shown to be enough, at the level of one of several
looks and against several others."""

FAR = 5.0
"""Standard errors beyond the margin at which a single run is likely to be shown to be too poor as it is, by its strict
level, once the noise is known from three seeds of others."""

TRUSTED = 5
"""Seeds from which on the variances that claims are made with forecast what is needed: a length's own counts for more
than what it borrows from noisier ones; see `lengthwise.analysis.moderation.prior_df`."""

WORTHWHILE = 0.1
"""Share of the recommended length that a shorter one must save to be worth trying."""

BLUR = 2.0
"""Standard errors of a difference, from case to case, within which the curve is not seen to bend."""


def next_seeds(
    scores: LengthScores,
    recommendation: Recommendation,
    looks: Looks | None,
    margin: float,
    candidates: Iterable[int] = (),
    *,
    patience: float = math.inf,
) -> dict[int, int]:
    """Return which lengths are trained next, and how many seeds each is to have in all.

    1. Of the candidates, those where the curve bends: `finer_lengths`, one seed each.
    2. The lengths in question, and the best others if these are fewer than three: the seeds of the first look at
       several. Then, where the curve bends now, these at once; and lengths whose single run does not put them out of
       the question: those that are far off not before others have three seeds, which may show it.
    3. If one is recommended: the middle candidate between it and the next shorter that was tried, if the shortest of
       those between would save a tenth of it; then the seeds of the first look at several for that next shorter one, if
       it is open and has fewer.
    4. The open length that seems to be enough, and those that it has yet to be told from: the seeds of their next look.

    Where nothing is recommended, nor would be by the last look, that is all: see `is_out_of_reach`.

    Parameters
    ----------
    scores : LengthScores
    recommendation : Recommendation
        Made of the scores with `looks`.
    looks : Looks or None
        When the study is looked at; without, no seeds are added.
    margin : float
        How much worse than the best is still good enough, in the score's unit.
    candidates : iterable of int
        Lengths that may be tried; without, none are added.
    patience : float
        Where a length is recommended: how many time steps may be trained to find whether a shorter one would do, as a
        multiple of those that were trained times the share of the length that it would save. Infinite: the study goes
        on to the last look whatever that would show.

    Returns
    -------
    dict of int to int
        Empty where nothing more is to be trained.
    """
    known = sorted(candidates)
    finer = finer_lengths(known, scores, margin) if known else ()
    if looks is None:
        return dict.fromkeys(finer, 1)
    counts = dict(zip(scores.lengths, scores.num_seeds, strict=True))
    if math.isfinite(patience) and is_out_of_reach(scores, recommendation, looks):
        return {}
    first = looks.fewest
    is_scouted = max(counts.values()) >= first
    withholding = [length for length in recommendation.unresolved if is_scouted and counts[length] < first]
    if max(counts.values()) == first:
        far = _far_off(scores, recommendation, withholding)
        if nearer := tuple(length for length in recommendation.unresolved if length not in far):
            withholding = [length for length in withholding if length not in far]
            recommendation = replace(recommendation, unresolved=nearer)
    if finer or withholding:
        return dict.fromkeys(finer, first if is_scouted else 1) | dict.fromkeys(withholding, first)
    sooner = (
        _first_seeds(scores, counts, first, margin)
        or _between(recommendation, counts, known, first)
        or _next_shorter(recommendation, counts, first)
    )
    if sooner or not _is_worth_it(scores, recommendation, looks, patience):
        return sooner
    return lengths_to_extend(scores, recommendation, looks)


def is_out_of_reach(scores: LengthScores, recommendation: Recommendation, looks: Looks) -> bool:
    """Return whether nothing is recommended, and more seeds, up to the last look's, would hardly change that.

    Asked from the look on that follows the first at several seeds. Where the cases are too few for any number of seeds,
    the study ends, unless its bound is a useful one. Else it ends where far more seeds are forecast than the last look
    has, by the usual noise or, from five seeds on, by the noise that claims allow for: what R seeds forecast may be too
    high by as much as the last look's seeds over R. What a length loses against a perfect score is forecast as it is.
    """
    number, last = recommendation.num_seeds, looks.seeds[-1]
    if recommendation.seq_len is not None or number <= looks.fewest:
        return False
    if recommendation.is_against_perfect:
        return not lengths_to_extend(scores, recommendation, looks)
    if recommendation.seeds_needed is not None:
        by_claims = number + recommendation.seeds_needed if number >= TRUSTED else 0.0
        return number * max(_seeds_forecast(scores, recommendation), by_claims) > last**2
    shown = recommendation.best_bound
    is_useful = shown is not None and shown.bound <= USEFUL * recommendation.margin
    return recommendation.cases_limit and not is_useful


def _seeds_forecast(scores: LengthScores, recommendation: Recommendation) -> float:
    """Return with about how many seeds the open length would be shown to be enough, by the usual noise of a seed.

    That is the median of the lengths' variances: one training that fails, or a length that is noisier than all others,
    does not speak for them, as it does in the cautious variances that claims are made with.
    """
    test = recommendation.test(recommendation.open_seq_len or recommendation.best_seq_len)
    return 2 * _usual_variance(scores) * (SHOWN / (recommendation.margin + test.difference)) ** 2


def _usual_variance(scores: LengthScores) -> float:
    """Return the median of the variances of lengths with several seeds."""
    of_lengths = [scores.scores[scores.seq_lens == length] for length in scores.lengths]
    return float(np.median([np.var(each, ddof=1) for each in of_lengths if len(each) > 1]))


def _far_off(scores: LengthScores, recommendation: Recommendation, single: list[int]) -> list[int]:
    """Return lengths with a single run that is likely to be shown to be too poor once the noise is known better."""
    if not single:
        return []
    means = dict(zip(scores.lengths, _means(scores), strict=True))
    offset = recommendation.margin - FAR * math.sqrt(2 * _usual_variance(scores))
    nearest = means[recommendation.open_seq_len or recommendation.best_seq_len] + offset
    return [length for length in single if means[length] < nearest]


def best_two(scores: LengthScores) -> dict[int, int]:
    """Return one more seed for that of the best two lengths that has fewer, or for both.

    It is what a study trains that may not train what `next_seeds` returns: the length that did best is its best guess.
    Comparisons count at planned numbers of seeds, so that these do no harm there.

    >>> best_two(LengthScores([5, 10, 10, 20], [0, 0, 1, 0], [0.90, 0.95, 0.97, 0.955]))
    {20: 2}
    """
    counts = dict(zip(scores.lengths, scores.num_seeds, strict=True))
    best = np.array(scores.lengths)[np.argsort(-_means(scores), kind="stable")[:2]].tolist()
    fewest = min(counts[length] for length in best)
    return {length: fewest + 1 for length in sorted(best) if counts[length] == fewest}


def _first_seeds(scores: LengthScores, counts: dict[int, int], first: int, margin: float) -> dict[int, int]:
    """Return the lengths in question that lack the seeds of the first look at several, and at first the best others."""
    wanted = {length for length in in_question(scores, margin) if counts[length] < first}
    if wanted and max(counts.values()) < first:
        best = np.argsort(-_means(scores), kind="stable")[:SEEN_FIRST]
        wanted |= {scores.lengths[place] for place in best}
    return dict.fromkeys(sorted(wanted), first)


def _between(recommendation: Recommendation, counts: dict[int, int], known: list[int], first: int) -> dict[int, int]:
    """Return the middle candidate between the recommended length and the next shorter tried, if enough may be saved."""
    if recommendation.seq_len is None:
        return {}
    shorter = max((length for length in counts if length < recommendation.seq_len), default=0)
    between = [length for length in known if shorter < length < recommendation.seq_len]
    saves_little = not between or between[0] > (1 - WORTHWHILE) * recommendation.seq_len
    return {} if saves_little else {between[len(between) // 2]: first}


def _next_shorter(recommendation: Recommendation, counts: dict[int, int], first: int) -> dict[int, int]:
    """Return the next length shorter than the recommended one, if a single run is all that speaks against it."""
    shorter = [test for test in recommendation.tests if test.seq_len < (recommendation.seq_len or 0)]
    is_unsure = bool(shorter) and shorter[0].verdict == "open" and counts[shorter[0].seq_len] < first
    return {shorter[0].seq_len: first} if is_unsure else {}


def _is_worth_it(scores: LengthScores, recommendation: Recommendation, looks: Looks, patience: float) -> bool:
    """Return whether an open question is worth more seeds: not if these would not tell, or take too long.

    What the next look is forecast to tell is never too long.
    """
    number = recommendation.num_seeds
    if math.isinf(patience):
        return True
    if recommendation.seeds_needed is None:  # what the first seeds forecast is rough
        return number <= looks.fewest
    if recommendation.seq_len is None or number + recommendation.seeds_needed <= (looks.after(number) or 0):
        return True
    needed = sum(length * count for length, count in recommendation.more_seeds.items())
    saved = 1 - (recommendation.open_seq_len or 0) / recommendation.seq_len
    return bool(needed <= patience * saved * scores.seq_lens.sum())


def first_lengths(candidates: Iterable[int], season: int = 1) -> tuple[int, ...]:
    """Return the lengths that are tried first: about six, evenly spread over the candidates, both ends included.

    The season is among them, since a curve may bend there alone.

    >>> first_lengths(range(1, 29)), first_lengths(range(1, 29), season=7)
    ((1, 6, 12, 17, 23, 28), (1, 6, 7, 12, 17, 23, 28))
    """
    known = sorted(candidates)
    places = np.linspace(0, len(known) - 1, min(COARSE, len(known))).round().astype(int)
    seasonal = {season} if season > 1 and season in known else set()
    return tuple(sorted({known[place] for place in places} | seasonal))


def finer_lengths(candidates: Iterable[int], scores: LengthScores, margin: float) -> tuple[int, ...]:
    """Return lengths to try where the curve bends.

    That is between the shortest within the margin of the best and the next shorter that was tried, and, where the
    longest that was tried is worse than the best by more than the margin, on both sides of the best: a peak may lie
    there. Where cases are few, so that a difference of the margin may be chance, it takes a larger one.

    >>> scores = LengthScores([1, 6, 12, 17, 23, 28], [0] * 6, [0.2, 0.6, 0.8, 0.9, 0.96, 0.964])
    >>> finer_lengths(range(1, 29), scores, margin=0.005)
    (19, 21)

    Parameters
    ----------
    candidates : iterable of int
        All lengths that may be tried.
    scores : LengthScores
        Of those that were.
    margin : float
        How much worse than the best is still good enough, in the score's unit.

    Returns
    -------
    tuple of int
        Ascending; empty where the lengths next to each bend have been tried.
    """
    known = sorted(candidates)
    tried, means = scores.lengths, _means(scores)
    best = int(means.argmax())
    is_near = means >= means[best] - np.maximum(margin, BLUR * _errors_over_cases(scores, best))
    ends = {int(np.argmax(is_near)) - 1} | (set() if is_near[-1] else {best - 1, best})
    bounds = (known[0] - 1, *tried, known[-1] + 1)
    found: set[int] = set()
    for place in ends:
        below, above = bounds[place + 1], bounds[place + 2]
        gap = [length for length in known if below < length < above]
        spread = np.linspace(-1, len(gap), min(AT_ONCE, len(gap)) + 2)[1:-1].round().astype(int)
        found.update(gap[position] for position in spread)
    return tuple(sorted(found))


def in_question(scores: LengthScores, margin: float) -> tuple[int, ...]:
    """Return the lengths that may be the best or within the margin of it, by their means: within two margins of it.

    >>> in_question(LengthScores([5, 10, 20], [0, 0, 0], [0.90, 0.952, 0.96]), margin=0.005)
    (10, 20)
    """
    means = _means(scores)
    return tuple(np.array(scores.lengths)[means >= means.max() - 2 * margin].tolist())


def _means(scores: LengthScores) -> NDArray[np.float64]:
    sign = 1.0 if scores.metric.higher_is_better else -1.0
    return sign * np.array([scores.scores[scores.seq_lens == length].mean() for length in scores.lengths])


def _errors_over_cases(scores: LengthScores, best: int) -> NDArray[np.float64]:
    """Return the standard error, from case to case, of each length's difference from the best; 0 if not known."""
    if scores.per_case is None:
        return np.zeros(len(scores.lengths))
    means = np.stack([scores.per_case[scores.seq_lens == length].mean(axis=0) for length in scores.lengths])
    return np.asarray(np.sqrt(differences(moments_of_cases(means[:, None], scores.case_weights)).cases[best]))
