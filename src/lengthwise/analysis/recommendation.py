"""The recommendation: what a study has shown about which length is long enough."""

from dataclasses import dataclass
from typing import Literal

from lengthwise.tasks.metrics import Metric

Verdict = Literal["enough", "too poor", "open"]
"""Shown to be worse than every other length by less than the margin; than one by more; neither."""


Chance = Literal["shown", "absent", "absent without cases"]
"""Whether scores change with the seed, and where they do not, whether cases are known by which lengths are compared."""

USEFUL = 2.0
"""Margins up to which a bound is worth telling though another length has a lower one."""

ALIKE = 1.1
"""How many times the lowest bound that of a shorter length may be, to be told instead."""


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
        The other length that is hardest to stand against: the largest p-value.
    difference : float
        Mean score less that of `against`.
    bound : float
        What this length costs at most against the best. The bounds of all lengths that are not too poor hold
        together, with the study's confidence; infinite where nothing is known.
    p_value : float
        Of the hypothesis that the length is worse than some other by the margin or more (the largest of the
        comparisons'), or than a perfect score, if that is less.
    level : float
        What the p-value of an open length is held against.
    verdict : {"enough", "too poor", "open"}
    seeds_needed : int or None
        Of an open length: about how many more seeds would show that it is enough. None if no reasonable number would.
    """

    seq_len: int
    mean: float
    against: int
    difference: float
    bound: float
    p_value: float
    level: float
    verdict: Verdict
    seeds_needed: int | None

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
        Whether the question is settled: a length is recommended, and every shorter one is shown, or at least seems, to
        be too poor. If not, `open_seq_len` is what more seeds could show.
    margin, confidence : float
        What was asked.
    best_seq_len : int
        The length with the best mean score. It has no part in the procedure.
    open_seq_len : int or None
        The open length that more seeds would show to be enough soonest; None if decided.
    unresolved : tuple of int
        The lengths that it has yet to be told from; none if it is held against a perfect score.
    num_seeds : int
        Seeds in the smallest of those comparisons, or of the open length; of any length if nothing is open.
    seeds_needed : int or None
        About how many more seeds of these lengths would show that it is enough; 0 if decided, None if no reasonable
        number would.
    cases_limit : bool
        Whether the share of the cases in the variance is what keeps it open.
    tests : tuple of LengthTest
        Of all lengths, from the longest down.
    metric : Metric
        What the scores are.
    chance : {"shown", "absent", "absent without cases"}
        Whether runs of a length differ. Absent where every length with several seeds has the same scores for all of
        them, case by case: what is left of the confidence is then about other cases, if these are known.
    hidden_loss : float or None
        What so few cases could hide of what the recommended length costs, where it is right on each of them, or a
        longer one does as well on each; None if that is less than the margin.
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
    cases_limit: bool
    tests: tuple[LengthTest, ...]
    metric: Metric
    chance: Chance
    hidden_loss: float | None

    def test(self, seq_len: int) -> LengthTest:
        """Return the test of a length."""
        return next(test for test in self.tests if test.seq_len == seq_len)

    @property
    def bounds(self) -> dict[int, float]:
        """What each length costs at most against the best, by length, ascending: in the score's unit, never negative.

        Together they hold with the study's confidence for all lengths that are not too poor.
        """
        return {test.seq_len: test.bound for test in reversed(self.tests)}

    @property
    def best_bound(self) -> LengthTest | None:
        """The shortest length with a useful bound (two margins) or one about as low as the lowest; None if none.

        It is what a study that is not decided has to offer. A bound as large as the largest of all mean scores tells
        nothing: no accuracy falls by more than itself.
        """
        largest = max(abs(test.mean) for test in self.tests)
        known = [test for test in reversed(self.tests) if test.verdict != "too poor" and test.bound < largest]
        most = max(USEFUL * self.margin, ALIKE * min((test.bound for test in known), default=0.0))
        return next((test for test in known if test.bound <= most), None)

    @property
    def more_seeds(self) -> dict[int, int]:
        """How many more seeds of which lengths would settle it, by length: what minutes are worked out from.

        Empty if the question is decided, or if no reasonable number of seeds would do.
        """
        if self.open_seq_len is None or not self.seeds_needed:
            return {}
        return dict.fromkeys(sorted({self.open_seq_len, *self.unresolved}), self.seeds_needed)

    @property
    def is_against_perfect(self) -> bool:
        """Whether the open length is best shown to be enough by what it loses against a perfect score."""
        return self.open_seq_len is not None and not self.unresolved

    def is_too_short(self, seq_len: int) -> bool:
        """Return whether a length is too poor because it is short: every shorter one is too poor as well.

        Where a shorter length is open or enough, its shortness is not what is wrong with it.
        """
        return all(test.verdict == "too poor" for test in self.tests if test.seq_len <= seq_len)
