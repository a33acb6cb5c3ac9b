"""From scores to the recommendation: the comparisons, put together, and what more seeds could show."""

from functools import lru_cache
from typing import Any

import numpy as np

from lengthwise.analysis.ceiling import Ceiling, below_perfect
from lengthwise.analysis.looks import Looks, Stage, stages
from lengthwise.analysis.moderation import judge_single_runs, moderate
from lengthwise.analysis.outlook import Outlook, level_now, most_promising, outlooks
from lengthwise.analysis.procedure import Comparisons, Verdicts, bounds, compare, judge
from lengthwise.analysis.recommendation import Chance, LengthTest, Recommendation, Verdict
from lengthwise.analysis.scores import LengthScores
from lengthwise.analysis.variance import (
    Array,
    Bools,
    Differences,
    Moments,
    differences,
    moments_of_cases,
    moments_of_runs,
    of_divisions,
    unpaired,
)
from lengthwise.errors import UsageError


def recommend(
    scores: LengthScores, *, margin: float = 0.005, confidence: float = 0.95, looks: Looks | None = None
) -> Recommendation:
    """Recommend the shortest length that is not worse than the best by more than a margin.

    A length that truly is worse than the truly best by the margin or more is recommended in at most 1 - `confidence`
    of all studies, whatever the shape of the curve; `docs/recommendation.md` says why, and how far simulation
    bears it out.

    >>> rng = np.random.default_rng(1)
    >>> worth = {7: 0.80, 14: 0.93, 21: 0.96, 28: 0.961}
    >>> seq_lens, seeds = np.repeat(list(worth), 8), np.tile(np.arange(8), 4)
    >>> scores = LengthScores(seq_lens, seeds, np.repeat(list(worth.values()), 8) + 0.002 * rng.normal(size=32))
    >>> recommend(scores).seq_len
    21

    Parameters
    ----------
    scores : LengthScores
        At least two lengths. Where two have different numbers of seeds, they are compared by as many as both have. A
        length with a single run is compared cautiously, to see whether it is out of the question.
    margin : float
        How much worse is still good enough, in the score's unit; positive.
    confidence : float
        Above 0.5, below 1.
    looks : Looks, optional
        The plan, if seeds are added until the question is decided; then comparisons are of the seeds of a planned
        look, at its level. Without it the study must be looked at once.

    Raises
    ------
    UsageError
        If there is a single length, or a number is out of range.
    """
    if len(scores.lengths) < 2:
        raise UsageError(
            f"All runs have the length {scores.lengths[0]}, but a recommendation compares lengths: give at least two."
        )
    check_question(margin, confidence)
    chance = _chance(scores)
    plan = stages(scores.num_seeds, confidence, looks)
    comparisons = _compare_all(scores, margin, plan, scores.num_answers or np.inf if chance == "shown" else np.inf)
    ceiling = below_perfect(scores, margin, confidence)
    verdicts = judge(comparisons, ceiling)
    recommended = int(verdicts.recommended)
    outlook_of = outlooks(comparisons, verdicts, margin, confidence, ceiling)
    bound = bounds(comparisons, verdicts, margin, ceiling)
    if scores.metric.percent:
        bound = np.where(bound < 1, bound, np.inf)  # that an accuracy is not worse by more than 100 points says nothing
    tests = _tests(scores, comparisons, ceiling, verdicts, outlook_of, bound)
    best = max(tests, key=lambda test: scores.metric.sign * test.mean)
    found = most_promising(outlook_of, recommended)
    lengths = scores.lengths
    return Recommendation(
        seq_len=lengths[recommended] if recommended >= 0 else None,
        decided=found is None,
        margin=margin,
        confidence=confidence,
        best_seq_len=best.seq_len,
        open_seq_len=None if found is None else lengths[found.place],
        unresolved=() if found is None else tuple(lengths[place] for place in found.unresolved),
        num_seeds=min(scores.num_seeds) if found is None else found.num_seeds,
        seeds_needed=0 if found is None else found.seeds_needed,
        cases_limit=found is not None and found.cases_limit,
        tests=tests,
        metric=scores.metric,
        chance=chance,
        hidden_loss=_hidden_loss(scores, comparisons, ceiling, recommended, margin, confidence),
    )


ROUNDED = 1e-20
"""A variance over cases that rounding alone may have made."""


def _hidden_loss(
    scores: LengthScores,
    comparisons: Comparisons,
    ceiling: Ceiling | None,
    place: int,
    margin: float,
    confidence: float,
) -> float | None:
    """Return what the cases could hide where the length recommended is right on each, or a longer one does as well.

    None if that is less than the margin.

    A loss on a share p of all cases is not seen on n of them with the chance (1 - p)^n: with 95 % confidence, p is at
    most 3 / n, about (Hanley and Lippman-Hand 1983, JAMA 249(13), 1743-1745).
    """
    if place < 0 or scores.per_case is None or not (scores.metric.percent and scores.metric.higher_is_better):
        return None
    compared = comparisons.num_seeds[place, place + 1 :] > 0
    alike = compared & (comparisons.cases[place, place + 1 :] <= ROUNDED)
    loss = float(1 - (1 - confidence) ** (1 / scores.per_case.shape[1]))
    is_perfect = ceiling is not None and ceiling.losses.loss[place] == 0
    return loss if (alike.any() or is_perfect) and loss > margin else None


def _chance(scores: LengthScores) -> Chance:
    """Return whether scores change with the seed, as far as lengths with several show it.

    Where all answers of the best are right, they would be alike by chance too.
    """
    if scores.metric.is_accuracy and scores.scores.max() == 1:
        return "shown"
    several = False
    for seq_len in scores.lengths:
        of_length = scores.seq_lens == seq_len
        values = scores.scores[of_length, None] if scores.per_case is None else scores.per_case[of_length]
        if not np.all(values == values[0]):
            return "shown"
        several = several or len(values) > 1
    if not several:
        return "shown"
    return "absent without cases" if scores.per_case is None else "absent"


def check_question(margin: float | None, confidence: float | None) -> None:
    """Raise `UsageError` if no study could answer with this margin and confidence, None being the usual one."""
    if margin is not None and not 0 < margin < np.inf:
        raise UsageError(f"margin is {margin}, but must be positive, such as 0.005 for half a percentage point.")
    if confidence is not None and not 0.5 < confidence < 1:
        raise UsageError(f"confidence is {confidence}, but must lie between 0.5 and 1, such as 0.95.")


def _compare_all(scores: LengthScores, margin: float, plan: tuple[Stage, ...], num_answers: float) -> Comparisons:
    """Compare each two lengths by the largest planned number of seeds that both have.

    `num_answers` are those of a seed, if they are right or wrong; else it is infinite.

    How far a pair has come may depend on what was seen before, but the result for a given number of seeds does not;
    the levels cover every planned number.
    """
    everything = Comparisons.unknown(len(scores.lengths))
    for stage in plan:
        if stage.num_seeds > 1:
            lengths, block = _there(scores, stage)
            found = _moderated(scores, lengths, stage.num_seeds, margin)
            part = compare(found, margin, stage, stage.num_seeds * num_answers)
            everything = _filled(everything, block, part, np.ones(part.difference.shape, bool))
    if plan and plan[0].num_seeds == 1:
        there = everything.num_seeds > 0
        known = everything.seeds[there] * everything.num_seeds[there]
        lengths, block = _there(scores, plan[0])
        if known.size and not scores.overlap:
            once = differences(_own_moments(scores, lengths, 1))
            known_df = (everything.num_seeds[there].min() - 1) * (there.any(axis=0).sum() - 1)
            part = compare(judge_single_runs(once, known, known_df), margin, plan[0], num_answers)
            everything = _filled(everything, block, part, ~there[block])
    return everything


def _there(scores: LengthScores, stage: Stage) -> tuple[tuple[int, ...], tuple[Any, ...]]:
    """Return the lengths that have come to a stage, and the places of their pairs in the whole."""
    places = np.flatnonzero(np.array(scores.num_seeds) >= stage.num_seeds)
    return tuple(scores.lengths[place] for place in places), np.ix_(places, places)


def _moderated(scores: LengthScores, lengths: tuple[int, ...], num_seeds: int, margin: float) -> Differences:
    """Return the differences of lengths, positive where better, with moderated variances."""
    moments = _own_moments(scores, lengths, num_seeds)
    paired = scores.paired(lengths, num_seeds)
    if paired.all():
        found = moderate(differences(moments), margin)
    else:
        found = moderate(differences(unpaired(moments, paired)), margin, differences(unpaired(moments)))
    return found if not scores.overlap else of_divisions(found, num_seeds, scores.overlap)


def _filled(whole: Comparisons, block: tuple[Any, ...], part: Comparisons, where: Bools) -> Comparisons:
    """Return the comparisons with those of a block of lengths put in their places."""
    where = where & ~np.eye(len(where), dtype=bool)
    values = whole._asdict()
    for name, new in part._asdict().items():
        values[name] = values[name].copy()
        values[name][..., *block] = np.where(where, new, values[name][..., *block])
    return Comparisons(**values)


@lru_cache(maxsize=6)  # as many as a study has looks: cases of many runs take memory
def _own_moments(scores: LengthScores, lengths: tuple[int, ...], num_seeds: int) -> Moments:
    """Return the moments of scores that are higher where better; kept, since a page asks for them once a margin."""
    values = scores.block_by_case(lengths, num_seeds)
    sign = scores.metric.sign
    if values is None:
        return moments_of_runs(sign * scores.block(lengths, num_seeds))
    return moments_of_cases(sign * values, scores.case_weights)


def _tests(
    scores: LengthScores,
    comparisons: Comparisons,
    ceiling: Ceiling | None,
    verdicts: Verdicts,
    outlook_of: dict[int, Outlook],
    bound: Array,
) -> tuple[LengthTest, ...]:
    means = [float(scores.scores[scores.seq_lens == s].mean()) for s in scores.lengths]
    oriented = scores.metric.sign * np.array(means)
    level = level_now(comparisons, verdicts)
    tests = []
    for place in reversed(range(len(means))):
        others = np.flatnonzero(np.arange(len(means)) != place)
        # Where nothing is known, the best of the others is the hardest.
        hardest = int(others[np.lexsort((-oriented[others], -comparisons.p_value[place, others]))[0]])
        verdict: Verdict = "enough" if verdicts.enough[place] else "too poor" if verdicts.poor[place] else "open"
        outlook = outlook_of.get(place)
        evidence = float(comparisons.p_value[place, hardest]), float(level[place, hardest])
        if ceiling is not None and ceiling.p_value[place] < evidence[0]:
            evidence = float(ceiling.p_value[place]), ceiling.level / int(verdicts.sharing)
        tests.append(
            LengthTest(
                seq_len=scores.lengths[place],
                mean=means[place],
                against=scores.lengths[hardest],
                difference=float(oriented[place] - oriented[hardest]),
                bound=float(bound[place]),
                p_value=evidence[0],
                level=evidence[1],
                verdict=verdict,
                seeds_needed=None if outlook is None else outlook.seeds_needed,
            )
        )
    return tuple(tests)


FURTHER = 3
"""How many times the seeds of the last look a length may get that is held against a perfect score: they are its own."""


def lengths_to_extend(scores: LengthScores, recommendation: Recommendation, looks: Looks) -> dict[int, int]:
    """Return which lengths should get more seeds, and how many each is to have in all.

    The open length and those it has yet to be told from, up to their next look; nothing if the question is decided or
    the looks are used up. Which lengths get seeds may depend on the data, since each comparison counts at planned
    numbers of seeds only. A length that is held against a perfect score, which counts at any number of seeds, gets
    what that takes, up to three times the seeds of the last look.

    >>> scores = LengthScores([10, 10, 20, 20], [0, 1, 0, 1], [0.90, 0.92, 0.91, 0.95])
    >>> looks = Looks((2, 4, 8))
    >>> lengths_to_extend(scores, recommend(scores, looks=looks), looks)
    {10: 4, 20: 4}
    """
    counts = dict(zip(scores.lengths, scores.num_seeds, strict=True))
    wanted: dict[int, int] = {}
    if recommendation.open_seq_len is None:
        return wanted
    if recommendation.is_against_perfect:
        length, number = recommendation.open_seq_len, counts[recommendation.open_seq_len]
        needed = number + (recommendation.seeds_needed or 0)
        target = needed if needed <= FURTHER * looks.seeds[-1] else looks.after(number)
        return {} if target is None else {length: target}
    for other in recommendation.unresolved:
        pair = (recommendation.open_seq_len, other)
        target = looks.after(min(counts[seq_len] for seq_len in pair))
        for seq_len in pair:
            if target is not None and counts[seq_len] < target:
                wanted[seq_len] = max(target, wanted.get(seq_len, 0))
    return dict(sorted(wanted.items()))
