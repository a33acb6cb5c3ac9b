"""What a study trains next, decided by what its store holds."""

from dataclasses import dataclass, replace
from typing import Protocol

from lengthwise.analysis import LengthScores, Looks, Recommendation, check_question, lengths_to_extend
from lengthwise.errors import UsageError
from lengthwise.study.answer import DEFAULT_CONFIDENCE, find_answers, margin_of, scores_of
from lengthwise.study.design import SEEDS_A_LOOK, Design
from lengthwise.study.scouting import finer_lengths, in_question
from lengthwise.study.store import Store


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
        """Return the design with the lengths and seeds that are to be trained next."""
        design = store.design
        margin = margin_of(store, self.margin)
        finer: set[int] = set()
        wanted: dict[int, int] = {}
        for answer in find_answers(store, margin=margin, confidence=self.confidence):
            scores = scores_of(store, answer.runs, "validation")
            if design.candidates:
                failed = set(design.seq_lens) - set(scores.lengths)
                finer.update(finer_lengths(set(design.candidates) - failed, scores, margin))
            for length, count in _more_seeds(scores, answer.recommendation, store.looks, margin).items():
                wanted[length] = max(count, wanted.get(length, 0))
        if finer:
            return replace(design, seq_lens=tuple(sorted({*design.seq_lens, *finer})))
        return replace(design, more_seeds=design.more_seeds | wanted)


def _more_seeds(
    scores: LengthScores, recommendation: Recommendation | None, looks: Looks | None, margin: float
) -> dict[int, int]:
    """Return the seeds that lengths should have in all: first those of the first look, if a length is in question."""
    if looks is None or recommendation is None:
        return {}
    counts = dict(zip(scores.lengths, scores.num_seeds, strict=True))
    first = looks.seeds[0]
    early = {length: first for length in in_question(scores, margin) if counts[length] < first}
    return early or lengths_to_extend(scores, recommendation, looks)


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
