"""What keeps a length open, and what more seeds would show of it."""

from typing import NamedTuple

import numpy as np

from lengthwise.analysis import counting, power
from lengthwise.analysis.ceiling import Ceiling
from lengthwise.analysis.procedure import Comparisons, Verdicts
from lengthwise.analysis.variance import Array


class Outlook(NamedTuple):
    """Why a length is open, and what would help.

    Attributes
    ----------
    place : int
        Of the length.
    unresolved : tuple of int
        The places of those that it has yet to be told from; none if a perfect score is what it is held against.
    num_seeds : int
        Seeds in the smallest of these comparisons, or of the length itself.
    seeds_needed : int or None
        About how many more would show that it is enough; None if no reasonable number would.
    promising : bool
        Whether it seems to be enough: the estimates are within the margin, or there are none yet.
    cases_limit : bool
        Whether the cases' share of the variance is what stands in the way.
    """

    place: int
    unresolved: tuple[int, ...]
    num_seeds: int
    seeds_needed: int | None
    promising: bool
    cases_limit: bool


def outlooks(
    comparisons: Comparisons,
    verdicts: Verdicts,
    margin: float,
    confidence: float,
    ceiling: Ceiling | None = None,
) -> dict[int, Outlook]:
    """Return the outlook of each open length by its place: against all others or a perfect score, which takes less."""
    open_places = np.flatnonzero(~verdicts.enough & ~verdicts.poor).tolist()
    seems_poor = np.min(comparisons.difference, axis=1) <= -margin
    alpha = 1 - confidence
    # As many lengths as seem too poor will not pass, however many seeds there are.
    level = alpha * (1 - alpha) / (1 + int(np.sum(seems_poor[open_places])))
    found = {place: _against_others(comparisons, verdicts, place, margin, level) for place in open_places}
    if ceiling is None:
        return found
    perfect = {place: _against_perfect(ceiling, place, int(verdicts.sharing)) for place in open_places}
    return {place: min(perfect[place] or others, others, key=_cost) for place, others in found.items()}


def _cost(outlook: Outlook) -> float:
    """Return how many more trainings of any length it would take to show that a length is enough."""
    return np.inf if outlook.seeds_needed is None else outlook.seeds_needed * (1 + len(outlook.unresolved))


def _against_perfect(ceiling: Ceiling, place: int, sharing: int) -> Outlook | None:
    """Return the outlook of a length that may be shown to lose less than the margin against a perfect score."""
    needed = ceiling.seeds_needed(place, sharing)
    number = int(ceiling.losses.num_seeds[place])
    return None if needed is None else Outlook(place, (), number, needed, promising=True, cases_limit=False)


def _against_others(comparisons: Comparisons, verdicts: Verdicts, place: int, margin: float, level: float) -> Outlook:
    others = np.flatnonzero(np.arange(len(comparisons.p_value)) != place)
    unknown = others[comparisons.num_seeds[place, others] == 0]
    if unknown.size:
        return Outlook(place, tuple(unknown.tolist()), 1, None, promising=True, cases_limit=False)
    failed = comparisons.p_value[place, others] > level_now(comparisons, verdicts)[place, others]
    unresolved = others[failed]
    cases = comparisons.cases[place, unresolved]
    least = counting.least_variance(margin, comparisons.num_answers[place, unresolved])
    known = power.Evidence(
        distance=comparisons.difference[place, unresolved] + margin,
        seeds=np.maximum(comparisons.seeds[place, unresolved], least - cases),
        cases=cases,
        case_df=comparisons.case_df[place, unresolved],
        num_seeds=comparisons.num_seeds[place, unresolved],
        num_lengths=len(comparisons.p_value),
    )
    num_seeds = int(known.num_seeds.min())
    needed = power.seeds_to_show_enough(known, level)
    without_cases = known._replace(cases=np.zeros_like(known.cases))
    return Outlook(
        place=place,
        unresolved=tuple(unresolved.tolist()),
        num_seeds=num_seeds,
        seeds_needed=None if needed is None else max(needed - num_seeds, 1),
        promising=bool(known.distance.min() > 0),
        cases_limit=needed is None and power.seeds_to_show_enough(without_cases, level) is not None,
    )


def most_promising(outlooks: dict[int, Outlook], recommended: int) -> Outlook | None:
    """Return the open length to go on with: of those that could still change the answer, the soonest to be shown.

    Once a length is recommended, only shorter ones could, and one that seems too poor is not worth more seeds.
    """
    if recommended < 0:
        able = [each for each in outlooks.values() if each.promising] or list(outlooks.values())
    else:
        able = [each for each in outlooks.values() if each.promising and each.place < recommended]
    return min(able, key=lambda each: np.inf if each.seeds_needed is None else each.seeds_needed, default=None)


def level_now(comparisons: Comparisons, verdicts: Verdicts) -> Array:
    """Return what the p-values of the lengths that are open were held against, (L, L)."""
    level = comparisons.levels[int(verdicts.sharing) - 1]
    return np.asarray(np.broadcast_to(level, comparisons.p_value.shape))
