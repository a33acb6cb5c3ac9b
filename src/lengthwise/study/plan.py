"""What a study trains next, decided by what its store holds."""

from dataclasses import dataclass, replace
from typing import Protocol

from lengthwise.analysis import LengthScores, Looks, check_question
from lengthwise.errors import UsageError
from lengthwise.study.answer import Answer, answers_now, question_of
from lengthwise.study.cases import scores_of
from lengthwise.study.design import DEFAULT_MAX_SEEDS, Design
from lengthwise.study.scouting import best_two, next_seeds
from lengthwise.study.store import Store
from lengthwise.study.time_limit import TimeLimit

USUAL_PATIENCE = 1.0
"""How much more may be trained to find whether a length that is shorter by all of it would do, as a multiple of what
was; of one that is shorter by half of it half as much."""

SCOUTING_SHARE = 0.4
"""Share of a limited time after which no further lengths are tried."""


class Plan(Protocol):
    """Decides what a study trains next; a function of the store, so that a study that was stopped goes on the same."""

    def extended(self, store: Store) -> Design:
        """Return the design with what is to be trained next; the store's own design when nothing more is."""
        ...


class AsDesigned:
    """Trains what the design names, and no more."""

    def extended(self, store: Store) -> Design:
        """Return the design as it is."""
        return store.design


@dataclass(frozen=True)
class UntilDecided:
    """Adds lengths and seeds, where they help, until the study's question is decided.

    Where the design has candidates, lengths are tried from coarse to fine first, each with the design's seeds. Then the
    lengths in question get the seeds of the first look, and those that are still to be told apart get more.

    The answer is looked at repeatedly, with a correction for that; see `lengthwise.analysis.Looks`. The looks are those
    of the design.

    A study also ends where an answer is known and a shorter one would take too long to show, or where more seeds
    would not show it; and what would not be done in the time that is left is not begun.

    Parameters
    ----------
    margin, confidence : float
        As for `lengthwise.Study.answers`.
    patience : float
        Where a length is recommended: how many time steps may be trained to find whether a shorter one would do, as a
        multiple of those that were trained times the share of the length that it would save; infinite to go on to the
        last look.
    limit : TimeLimit, optional
        When the study is to end.

    Raises
    ------
    UsageError
        If a number is out of range.
    """

    margin: float | None = None
    confidence: float | None = None
    patience: float = USUAL_PATIENCE
    limit: TimeLimit | None = None

    def __post_init__(self) -> None:
        check_question(self.margin, self.confidence)

    def extended(self, store: Store) -> Design:
        """Return the design with the lengths and seeds that are to be trained next."""
        design = store.design
        margin, confidence = question_of(store, self.margin, self.confidence)
        wanted: dict[int, int] = {}
        for answer in answers_now(store, margin=margin, confidence=confidence):
            for length, count in self._next_seeds(store, answer, margin).items():
                wanted[length] = max(count, wanted.get(length, 0))
        return replace(
            design,
            seq_lens=tuple(sorted({*design.seq_lens, *wanted})),
            more_seeds=design.more_seeds
            | {length: count for length, count in wanted.items() if count > len(design.seeds)},
        )

    @property
    def _may_scout(self) -> bool:
        return self.limit is None or self.limit.share(SCOUTING_SHARE).left > 0

    def _next_seeds(self, store: Store, answer: Answer, margin: float) -> dict[int, int]:
        """Return which lengths of a configuration are trained next, and how many seeds each is to have."""
        if answer.recommendation is None:
            return {}
        scores = scores_of(store, answer.runs, "validation")
        failed = set(store.design.seq_lens) - set(scores.lengths)
        candidates = set(store.design.candidates) - failed if self._may_scout else set[int]()
        for allowed in (candidates, set[int]()):  # where the time does not suffice for new lengths, it may for seeds
            more = next_seeds(scores, answer.recommendation, store.looks, margin, allowed, patience=self.patience)
            if found := self._affordable(more, scores, answer):
                return self._single_first(found, scores, answer, store.looks)
        # What is left of the time tells which of the best two is the better guess.
        is_cut = bool(more) and answer.recommendation.seq_len is None
        return self._affordable(best_two(scores), scores, answer) if is_cut else {}

    def _affordable(self, wanted: dict[int, int], scores: LengthScores, answer: Answer) -> dict[int, int]:
        """Return what can be trained in the time left: of new lengths fewer, spread as widely; of seeds all or none."""
        left = dict(wanted)
        while self.limit is not None and left:
            if _seconds_of(left, scores, answer) <= self.limit.left:
                break
            left = {} if left.keys() <= set(scores.lengths) else _thinned(left)
        return left

    def _single_first(
        self, wanted: dict[int, int], scores: LengthScores, answer: Answer, looks: Looks | None
    ) -> dict[int, int]:
        """Return what is wanted, or the first seeds of lengths with a single run, if it left no time for them.

        `next_seeds` lets those wait that are far off. But to be compared with a single run keeps every bound wide, and
        the shortest cost little.
        """
        found = answer.recommendation
        if self.limit is None or looks is None or found is None or found.seq_len is not None:
            return wanted
        counts = dict(zip(scores.lengths, scores.num_seeds, strict=True))
        waiting = {length for length in found.unresolved if counts[length] < looks.fewest} - wanted.keys()
        if not waiting:
            return wanted
        single = dict.fromkeys(sorted(waiting), looks.fewest)
        fits = _seconds_of(single, scores, answer) <= self.limit.left < _seconds_of(wanted | single, scores, answer)
        return single if fits else wanted


def _seconds_of(wanted: dict[int, int], scores: LengthScores, answer: Answer) -> float:
    """Return about how long it takes until each of these lengths has so many seeds."""
    counts = dict(zip(scores.lengths, scores.num_seeds, strict=True))
    return answer.seconds_of_seeds({length: count - counts.get(length, 0) for length, count in wanted.items()})


def _thinned(wanted: dict[int, int]) -> dict[int, int]:
    """Return every other length from the longest down; nothing if only two are left.

    >>> _thinned({20: 3, 22: 3, 24: 3, 26: 3, 28: 3})
    {20: 3, 24: 3, 28: 3}
    """
    kept = sorted(sorted(wanted)[::-2]) if len(wanted) > 2 else []
    return {length: wanted[length] for length in kept}


def plan_looks(seeds: int, max_seeds: int) -> Looks:
    """Return when a study that begins with `seeds` seeds and goes to `max_seeds` is looked at.

    Raises
    ------
    UsageError
        If `max_seeds` is less than `seeds`, or that is less than 2.
    """
    if max_seeds < seeds or seeds < 2:
        raise UsageError(
            f"max_seeds is {max_seeds} and the study has {seeds} seeds, but a study that adds seeds begins with 2 or "
            f"more and ends with no fewer."
        )
    return Looks.growing(first=seeds, last=max_seeds)


def widest(design: Design) -> Design:
    """Return the design with every seed that may be added to it: at each length, those of the last look."""
    if not design.looks:
        return design
    last = design.looks[-1]
    return replace(
        design, more_seeds={length: max(last, design.more_seeds.get(length, 0)) for length in design.seq_lens}
    )


def with_looks(design: Design, max_seeds: int | None, *, may_change: bool) -> Design:
    """Return the design with its looks planned, where that was not done or may still change; else as it is.

    Raises
    ------
    UsageError
        If `max_seeds` does not go with the design's seeds; see `plan_looks`.
    """
    if design.looks and (max_seeds is None or not may_change):
        return design
    first = Looks(design.looks).fewest if design.looks else len(design.seeds)
    last = DEFAULT_MAX_SEEDS if max_seeds is None else max_seeds
    looks = plan_looks(first, last)
    if design.looks[:1] == (1,):
        looks = Looks.from_single_runs(first=first, last=last)
    return replace(design, looks=looks.seeds)
