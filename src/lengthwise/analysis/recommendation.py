"""The recommendation, and how it is said: what a study has shown about which length is long enough."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lengthwise.tasks.metrics import Metric

Verdict = Literal["enough", "too poor", "open"]
"""Shown to be worse than every other length by less than the margin; than one by more; neither."""


@dataclass(frozen=True)
class LengthTest:
    """How one length compares with all others. Differences are positive where this length is better.

    Attributes
    ----------
    seq_len : int
        The length.
    mean : float
        Its mean score.
    against : int
        The other length that is hardest to stand against: the lowest lower bound.
    difference : float
        Mean score less that of `against`.
    lower_bound : float
        This length is at least this good compared with the best of the others, with the study's confidence.
    upper_bound : float
        At most this good, with the same confidence.
    p_value : float
        Of the hypothesis that the length is worse than some other by the margin or more (the largest of the
        comparisons').
    level : float
        What the p-value is held against.
    verdict : {"enough", "too poor", "open"}
    reached : bool
        Whether the walk from the longest length came here; if not, the verdict has no part in the recommendation.
    """

    seq_len: int
    mean: float
    against: int
    difference: float
    lower_bound: float
    upper_bound: float
    p_value: float
    level: float
    verdict: Verdict
    reached: bool

    @property
    def passed(self) -> bool:
        """Whether the length is shown to be enough."""
        return self.verdict == "enough"


@dataclass(frozen=True)
class Recommendation:
    """Which length is long enough, and on what evidence.

    Attributes
    ----------
    seq_len : int or None
        The shortest length that is shown to be enough; None if none is.
    decided : bool
        Whether the question is settled: a length is recommended, and the next shorter one is shown, or at least
        seems, to be too poor (or there is none). If not, `open_seq_len` is what more seeds could show.
    margin, confidence : float
        What was asked.
    best_seq_len : int
        The length with the best mean score. It has no part in the procedure.
    open_seq_len : int or None
        Where the walk ended without an answer.
    unresolved : tuple of int
        The lengths that it has yet to be told from.
    num_seeds : int
        Seeds in the smallest of those comparisons, or in any if nothing is open.
    seeds_needed : int or None
        About how many more seeds would show whether the open length is enough; 0 if decided, None if it cannot be
        said or more than a thousand would be needed.
    sequences_limit : bool
        Whether the share of the sequences in the variance is what keeps the open length open.
    tests : tuple of LengthTest
        Of all lengths, from the longest down.
    metric : Metric
        What the scores are.
    """

    seq_len: int | None
    decided: bool
    margin: float
    confidence: float
    best_seq_len: int
    open_seq_len: int | None
    unresolved: tuple[int, ...]
    num_seeds: int
    seeds_needed: int | None
    sequences_limit: bool
    tests: tuple[LengthTest, ...]
    metric: Metric

    def test(self, seq_len: int) -> LengthTest:
        """Return the test of a length."""
        return next(test for test in self.tests if test.seq_len == seq_len)

    @property
    def difference(self) -> float:
        """The recommended length's difference from the length hardest to stand against; NaN if there is none."""
        return float("nan") if self.seq_len is None else self.test(self.seq_len).difference

    @property
    def lower_bound(self) -> float:
        """The recommended length is at least this good compared with the best of the others; NaN if there is none."""
        return float("nan") if self.seq_len is None else self.test(self.seq_len).lower_bound

    def sentence(self, costs: Mapping[int, float] | None = None) -> str:
        """Say it in plain words.

        Parameters
        ----------
        costs : mapping of int to float, optional
            Time a step of each length, in any unit.
        """
        return _sentence(self, costs)


def _sentence(found: Recommendation, costs: Mapping[int, float] | None) -> str:
    if found.seq_len is None:
        return _undecided(found)
    parts = [_answer(found, found.seq_len)]
    longest = found.tests[0].seq_len
    if costs is not None and found.seq_len < longest and {found.seq_len, longest} <= set(costs):
        parts[0] += f"; {longest} would cost {costs[longest] / costs[found.seq_len]:.3g} × the time a step"
    too_long = [
        test.seq_len for test in found.tests if test.reached and test.seq_len > found.seq_len and not test.passed
    ]
    if too_long:
        many = "steps are" if len(too_long) == 1 else "are"
        parts.append(f"Longer is not better here: {_listed(too_long[::-1])} {many} worse by more than that")
    if not found.decided:
        parts.append(f"Whether {found.open_seq_len} would do is not decided: {_more_seeds(found)}")
    return ". ".join(parts) + "."


def _answer(found: Recommendation, seq_len: int) -> str:
    test, longest, shortest = found.test(seq_len), found.tests[0].seq_len, found.tests[-1].seq_len
    within = f"less than {found.metric.difference_text(found.margin)}"
    sure = f"with {_percent(found.confidence)} confidence"
    if seq_len == longest and found.decided:
        return _all_needed(found, longest)
    steps = "1 step is" if seq_len == 1 else f"{seq_len} of {longest} steps are"
    if seq_len == longest:
        steps = f"All {longest} steps are"
    start = f"{steps} enough: {sure}, the {found.metric.title} is {within} worse than with any other length tried"
    if seq_len == shortest:
        start = f"{steps} enough: {sure}, even the shortest length tried is {within} worse than any other"
    return f"{start} ({_seen(found, test)})"


def _seen(found: Recommendation, test: LengthTest) -> str:
    if test.seq_len == found.best_seq_len:
        return "it is the best one seen"
    best = found.test(found.best_seq_len)
    return f"seen: {found.metric.difference_text(abs(best.mean - test.mean))} worse than {best.seq_len}, the best"


def _all_needed(found: Recommendation, longest: int) -> str:
    shorter = found.tests[1]
    worse = found.metric.difference_text(abs(shorter.difference))
    side, course = ("below", "rises") if found.metric.higher_is_better else ("above", "falls")
    if shorter.verdict == "too poor":
        start = f"All {longest} steps are needed: {shorter.seq_len} steps are worse ({worse} {side} {shorter.against})"
    else:
        start = f"All {longest} steps seem to be needed: {shorter.seq_len} steps did worse by {worse}"
    return f"{start}. The curve still {course} at its end, so longer sequences might do better still"


def _undecided(found: Recommendation) -> str:
    if found.num_seeds < 2:
        return (
            "Not decided: there are too few seeds to tell the length from chance; "
            "every length needs at least 2 to compare, better 3."
        )
    within = found.metric.difference_text(found.margin)
    return (
        f"Not decided: after {found.num_seeds} seeds it is not yet shown that {found.open_seq_len} steps, the longest "
        f"in question, are less than {within} worse than any other length; {_more_seeds(found)}."
    )


def _more_seeds(found: Recommendation) -> str:
    if found.num_seeds < 2:
        return "there are too few seeds to compare all lengths"
    if found.seeds_needed is not None:
        return f"about {found.seeds_needed} more seed{'s' if found.seeds_needed > 1 else ''} would tell"
    if found.sequences_limit:
        return "more seeds alone would not tell, but judging by more sequences would"
    return "it is too close to the margin for any reasonable number of seeds"


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _listed(numbers: list[int]) -> str:
    *first, last = map(str, numbers)
    return f"{', '.join(first)} and {last}" if first else last
