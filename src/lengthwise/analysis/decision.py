"""From scores to the recommendation: the comparisons, put together, and what more seeds could show."""

from typing import NamedTuple

import numpy as np

from lengthwise.analysis import power
from lengthwise.analysis.looks import Looks
from lengthwise.analysis.procedure import Comparisons, Stage, against_all, compare, stages, walk
from lengthwise.analysis.recommendation import LengthTest, Recommendation, Verdict
from lengthwise.analysis.scores import LengthScores
from lengthwise.analysis.variance import Differences, differences, moments_of_runs, moments_of_sequences
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
        At least two lengths. Where two have different numbers of seeds, they are compared by equally many, the first.
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
    comparisons = _compare_all(scores, margin, stages(scores.num_seeds, confidence, looks))
    enough, poor = against_all(comparisons)
    end = walk(enough, poor)
    recommended, stopped_at = int(end.recommended), int(end.stopped_at)
    tests = _tests(scores, comparisons, stopped_at)
    best = max(tests, key=lambda test: scores.metric.sign * test.mean)
    found = _Open.of(comparisons, stopped_at, margin, comes_first=recommended < 0)
    lengths = scores.lengths
    return Recommendation(
        seq_len=lengths[recommended] if recommended >= 0 else None,
        decided=found is None and recommended >= 0,
        margin=margin,
        confidence=confidence,
        best_seq_len=best.seq_len,
        open_seq_len=None if found is None else lengths[stopped_at],
        unresolved=() if found is None else tuple(lengths[place] for place in found.unresolved),
        num_seeds=min(scores.num_seeds) if found is None else found.num_seeds,
        seeds_needed=0 if found is None else found.seeds_needed,
        sequences_limit=found is not None and found.sequences_limit,
        tests=tests,
        metric=scores.metric,
    )


def check_question(margin: float | None, confidence: float) -> None:
    """Raise `UsageError` if no study could answer with this margin, None being the usual one, and confidence."""
    if margin is not None and not 0 < margin < np.inf:
        raise UsageError(f"margin is {margin}, but must be positive, such as 0.005 for half a percentage point.")
    if not 0.5 < confidence < 1:
        raise UsageError(f"confidence is {confidence}, but must lie between 0.5 and 1, such as 0.95.")


def _compare_all(scores: LengthScores, margin: float, plan: tuple[Stage, ...]) -> Comparisons:
    """Compare each two lengths by the largest planned number of seeds that both have.

    How far a pair has come may depend on what was seen before, but the result for a given number of seeds does not;
    the levels cover every planned number.
    """
    counts, size = np.array(scores.num_seeds), len(scores.lengths)
    everything = Comparisons.unknown(size)
    for stage in plan:
        there = np.flatnonzero(counts >= stage.num_seeds)
        block = np.ix_(there, there)
        part = compare(_differences(scores, there.tolist(), stage.num_seeds), margin, stage, size - 1)
        for whole, values in zip(everything, part, strict=True):
            whole[block] = values
    return everything


def _differences(scores: LengthScores, places: list[int], num_seeds: int) -> Differences:
    lengths = [scores.lengths[place] for place in places]
    sign = scores.metric.sign
    if scores.per_sequence is None:
        return differences(moments_of_runs(sign * np.stack([scores.first(s, num_seeds) for s in lengths])))
    values = [scores.first_by_sequence(s, num_seeds) for s in lengths]
    return differences(moments_of_sequences(sign * np.stack([v for v in values if v is not None])))


def _tests(scores: LengthScores, comparisons: Comparisons, stopped_at: int) -> tuple[LengthTest, ...]:
    enough, poor = against_all(comparisons)
    means = [float(scores.scores[scores.seq_lens == s].mean()) for s in scores.lengths]
    oriented = scores.metric.sign * np.array(means)
    last = max(stopped_at, 0)
    tests = []
    for place in reversed(range(len(means))):
        others = np.flatnonzero(np.arange(len(means)) != place)
        lower = comparisons.lower[place, others]
        # Where nothing is known, the best of the others is the hardest.
        hardest = int(others[np.lexsort((-oriented[others], lower))[0]])
        verdict: Verdict = "enough" if enough[place] else "too poor" if poor[place] else "open"
        tests.append(
            LengthTest(
                seq_len=scores.lengths[place],
                mean=means[place],
                against=scores.lengths[hardest],
                difference=float(oriented[place] - oriented[hardest]),
                lower_bound=float(lower.min()),
                upper_bound=float(comparisons.upper[place, others].min()),
                p_value=float(comparisons.p_value[place, others].max()),
                level=float(comparisons.enough_level[place, hardest]),
                verdict=verdict,
                reached=place >= last,
            )
        )
    return tuple(tests)


class _Open(NamedTuple):
    """Why a length is open, and what would help."""

    unresolved: tuple[int, ...]
    num_seeds: int
    seeds_needed: int | None
    sequences_limit: bool

    @classmethod
    def of(cls, comparisons: Comparisons, place: int, margin: float, *, comes_first: bool) -> "_Open | None":
        """Return what is open where the walk stopped; None if nothing is.

        A length that seems too poor (the estimate says so) is not worth more seeds, except at the start of the walk
        (`comes_first`), where nothing is recommended before it is shown.
        """
        if place < 0:
            return None
        others = np.flatnonzero(np.arange(len(comparisons.enough)) != place)
        unknown = others[comparisons.num_seeds[place, others] == 0]
        if unknown.size:
            return cls(tuple(unknown.tolist()), 1, None, sequences_limit=False)
        distance = comparisons.difference[place, others] + margin
        seems_poor = bool(distance.min() <= 0)
        if seems_poor and not comes_first:
            return None
        if seems_poor:
            unresolved = others[[int(np.argmin(comparisons.upper[place, others]))]]
        else:
            unresolved = others[~comparisons.enough[place, others]]
        known = power.Evidence(
            distance=comparisons.difference[place, unresolved] + margin,
            seeds=comparisons.seeds[place, unresolved],
            sequences=comparisons.sequences[place, unresolved],
            df=comparisons.df[place, unresolved],
            num_seeds=comparisons.num_seeds[place, unresolved],
        )
        num_seeds = int(known.num_seeds.min())
        level = float((comparisons.poor_level if seems_poor else comparisons.enough_level)[place, unresolved].max())
        search = power.seeds_to_show_poor if seems_poor else power.seeds_to_show_enough
        needed = search(known, level)
        without = search(known._replace(sequences=np.zeros_like(known.sequences)), level)
        return cls(
            unresolved=tuple(unresolved.tolist()),
            num_seeds=num_seeds,
            seeds_needed=None if needed is None else max(needed - num_seeds, 1),
            sequences_limit=needed is None and without is not None,
        )


def lengths_to_extend(scores: LengthScores, recommendation: Recommendation, looks: Looks) -> dict[int, int]:
    """Return which lengths should get more seeds, and how many each is to have in all.

    The open length and those it has yet to be told from, up to their next look; nothing if the question is decided or
    the looks are used up. What the data say may decide who gets seeds, since each comparison counts at planned
    numbers of seeds only.

    >>> scores = LengthScores([10, 10, 20, 20], [0, 1, 0, 1], [0.90, 0.92, 0.91, 0.93])
    >>> looks = Looks((2, 4, 8))
    >>> lengths_to_extend(scores, recommend(scores, looks=looks), looks)
    {10: 4, 20: 4}
    """
    counts = dict(zip(scores.lengths, scores.num_seeds, strict=True))
    wanted: dict[int, int] = {}
    if recommendation.open_seq_len is None:
        return wanted
    for other in recommendation.unresolved:
        pair = (recommendation.open_seq_len, other)
        target = looks.after(min(counts[seq_len] for seq_len in pair))
        for seq_len in pair:
            if target is not None and counts[seq_len] < target:
                wanted[seq_len] = max(target, wanted.get(seq_len, 0))
    return dict(sorted(wanted.items()))
