"""What a study trains next, decided by what its store holds."""

from dataclasses import dataclass, replace
from typing import Protocol

from lengthwise.analysis import Looks, check_question, lengths_to_extend
from lengthwise.errors import UsageError
from lengthwise.study.answer import DEFAULT_CONFIDENCE, find_answers, margin_of, scores_of
from lengthwise.study.design import Design
from lengthwise.study.store import Store

DEFAULT_MAX_SEEDS = 15
SEEDS_A_LOOK = 2
"""Seeds that are added between two looks at an undecided study."""


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
    """Adds seeds, where they help, until the study's question is decided.

    The answer is looked at repeatedly, with a correction for that; see `lengthwise.analysis.Looks`. The looks are those
    of the design.

    Parameters
    ----------
    margin, confidence : float
        As for `lengthwise.Study.answers`.

    Raises
    ------
    UsageError
        If a number is out of range.
    """

    margin: float | None = None
    confidence: float = DEFAULT_CONFIDENCE

    def __post_init__(self) -> None:
        check_question(self.margin, self.confidence)

    def extended(self, store: Store) -> Design:
        """Return the design with more seeds for the lengths whose place is open."""
        looks = store.looks
        if looks is None:
            return store.design
        wanted: dict[int, int] = {}
        for answer in find_answers(store, margin=margin_of(store, self.margin), confidence=self.confidence):
            if answer.recommendation is not None:
                scores = scores_of(store, answer.runs, "validation")
                for length, count in lengths_to_extend(scores, answer.recommendation, looks).items():
                    wanted[length] = max(count, wanted.get(length, 0))
        return replace(store.design, more_seeds=store.design.more_seeds | wanted)


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
    return Looks.every(SEEDS_A_LOOK, first=seeds, last=max_seeds)


def widest(design: Design) -> Design:
    """Return the design with every seed that may be added to it: at each length, those of the last look."""
    if not design.looks:
        return design
    return replace(design, more_seeds=dict.fromkeys(design.seq_lens, design.looks[-1]))
