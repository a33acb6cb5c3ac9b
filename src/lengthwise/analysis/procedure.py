"""Which lengths are enough: the tests, and how many lengths may be declared enough together.

Everything here is arithmetic on arrays with any leading axes, so that the simulation that checks the error rate runs
the very code that recommends. The reasons are in `docs/recommendation.md`.

For lengths s and t, better scores being higher, δ the margin and α = 1 - confidence, γ = α (1 - α):

    p_st            p-value of "μ_s ≤ μ_t - δ";  p_s = max_t p_st is that of "s is worse than the best by δ or more"
                    (or that of "s is worse than perfect by δ or more", if less: `lengthwise.analysis.ceiling`)
    s is too poor   if for some other t  "μ_s ≥ μ_t - δ"  is rejected at level α / (L - 1)
    m               lengths that are not too poor
    s is enough     if p_s ≤ γ / k,  for the smallest k with which all but at most k - 1 of the m lengths pass
    s is open       otherwise

That is Hochberg's step-up procedure for the m hypotheses, of which at most m - 1 are true. The shortest length that is
enough is recommended; which lengths are open does not matter.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lengthwise.analysis import counting
from lengthwise.analysis.ceiling import Ceiling
from lengthwise.analysis.looks import Stage
from lengthwise.analysis.variance import Array, Bools, Differences

Ints = NDArray[np.int64]


class Comparisons(NamedTuple):
    """Each length (row) against each other (column), all of shape (..., L, L); the diagonal is to be ignored.

    Attributes
    ----------
    difference : ndarray
        Row less column, positive where the row is better.
    seeds, cases : ndarray
        Its variance from seeds and from cases.
    case_df, df : ndarray
        Degrees of freedom of the latter, and of their sum.
    p_value : ndarray
        Of the hypothesis that the row is worse by the margin or more.
    poor : ndarray of bool
        Whether the row is shown to be worse by more than the margin.
    num_seeds : ndarray
        The seeds that were compared, 0 for none; it may have fewer axes.
    levels : ndarray of shape (L - 1, L, L) or (L - 1, 1, 1)
        What the p-value is held against where 1, 2, … L - 1 lengths share the allowed error.
    num_answers : ndarray
        Answers of all seeds that are right or wrong, infinite where scores are something else; it may have fewer axes.
    """

    difference: Array
    seeds: Array
    cases: Array
    case_df: Array
    df: Array
    p_value: Array
    poor: Bools
    num_seeds: Array
    levels: Array
    num_answers: Array

    @property
    def standard_error(self) -> Array:
        """The standard error of `difference`."""
        return np.sqrt(self.seeds + self.cases)

    @classmethod
    def unknown(cls, num_lengths: int) -> "Comparisons":
        """Return arrays of shape (L, L) for lengths of which nothing is known."""
        shape = (num_lengths, num_lengths)
        return cls(
            difference=np.zeros(shape),
            seeds=np.full(shape, np.inf),
            cases=np.zeros(shape),
            case_df=np.full(shape, np.inf),
            df=np.ones(shape),
            p_value=np.ones(shape),
            poor=np.zeros(shape, bool),
            num_seeds=np.zeros(shape),
            levels=np.zeros((num_lengths - 1, *shape)),
            num_answers=np.full(shape, np.inf),
        )


class Verdicts(NamedTuple):
    """What the comparisons show of each length.

    Attributes
    ----------
    enough, poor : ndarray of shape (..., L), bool
        Shown to be worse than every other by less than the margin; than some other by more.
    sharing : ndarray of shape (...), int64
        How many lengths share the allowed error in the test that the open lengths did not pass.
    recommended : ndarray of shape (...), int64
        The shortest length that is enough; -1 if none is.
    """

    enough: Bools
    poor: Bools
    sharing: Ints
    recommended: Ints


def compare(found: Differences, margin: float, stage: Stage, num_answers: float = np.inf) -> Comparisons:
    """Test each length against each other.

    Parameters
    ----------
    found : Differences
        Oriented so that higher is better, with moderated variances.
    margin : float
        δ.
    stage : Stage
        The levels.
    num_answers : float
        Of all seeds, if they are right or wrong: then differences vary by no less than so many would.
    """
    from scipy.special import stdtr  # noqa: PLC0415 - heavy

    error, df = found.standard_error, found.df
    distance = found.difference + margin
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(error > 0, distance / error, np.inf * np.sign(distance))
    statistic = np.nan_to_num(statistic, nan=0.0, posinf=np.inf, neginf=-np.inf)
    p_value = stdtr(df, -statistic)
    answers = np.array(float(num_answers))
    return Comparisons(
        difference=found.difference,
        seeds=found.seeds,
        cases=found.cases,
        case_df=found.case_df,
        df=df,
        p_value=np.maximum(p_value, counting.p_values(distance, margin, answers)),
        poor=1 - p_value <= stage.poor,
        num_seeds=np.array(float(stage.num_seeds)),
        levels=np.array(stage.enough)[:, None, None],
        num_answers=answers,
    )


def judge(comparisons: Comparisons, ceiling: Ceiling | None = None) -> Verdicts:
    """Return which lengths are enough, and which too poor.

    Parameters
    ----------
    comparisons : Comparisons
    ceiling : Ceiling, optional
        Of a single study: what is shown of each length against a perfect score, and so against any other.
    """
    own = np.eye(comparisons.p_value.shape[-1], dtype=bool)
    poor = np.any(comparisons.poor & ~own, axis=-1)
    left = np.sum(~poor, axis=-1)  # m; the best of them is not too poor, so at most m - 1 could be passed wrongly
    enough, sharing = _enough(comparisons, ceiling, poor, left)
    recommended = np.where(enough.any(axis=-1), np.argmax(enough, axis=-1), -1)
    return Verdicts(enough, poor, sharing, recommended)


def _enough(comparisons: Comparisons, ceiling: Ceiling | None, poor: Bools, left: Ints) -> tuple[Bools, Ints]:
    """Return which lengths are enough, by Hochberg's procedure, and by how many those that are open share the error."""
    own = np.eye(poor.shape[-1], dtype=bool)
    enough = np.zeros_like(poor)
    for sharing in reversed(range(1, len(comparisons.levels) + 1)):
        passes = np.all((comparisons.p_value <= comparisons.levels[sharing - 1]) | own, axis=-1)
        if ceiling is not None:
            passes |= ceiling.passes(sharing)
        passes &= ~poor
        needed = np.where(sharing >= left - 1, 1, left - sharing + 1)
        enough = np.where((passes.sum(axis=-1) >= needed)[..., None], passes, enough)
    unproven = left - enough.sum(axis=-1)
    # All enough: the bounds that go with it are those of a single step, shared by all that could be wrong.
    sharing_now = np.where(unproven == 0, left - 1, np.minimum(unproven, left - 1))
    return enough, np.maximum(sharing_now, 1)


def bounds(comparisons: Comparisons, verdicts: Verdicts, margin: float, ceiling: Ceiling | None = None) -> Array:
    """Return what each length costs at most against the best, (..., L), never negative.

    The bounds of all lengths that are not too poor hold together with the study's confidence, and agree with the
    verdicts: the confidence bounds that go with Holm's and Hochberg's procedures (Strassburger and Bretz 2008, Guilbaud
    2012). Of a length that is enough it is the margin, as long as others are open. That of a length that is too poor
    holds by itself.

    Parameters
    ----------
    comparisons : Comparisons
    verdicts : Verdicts
    margin : float
        δ.
    ceiling : Ceiling, optional
        The same that the lengths were judged with.
    """
    from scipy.special import stdtrit  # noqa: PLC0415 - heavy

    own = np.eye(comparisons.p_value.shape[-1], dtype=bool)
    levels = np.broadcast_to(comparisons.levels, (len(comparisons.levels), *own.shape))
    level = levels[verdicts.sharing - 1]  # (..., L, L)
    known = (level > 0) & ~own
    half = -stdtrit(comparisons.df, np.where(known, level, 0.5)) * np.where(known, comparisons.standard_error, 0.0)
    by_counting = counting.bounds(comparisons.difference, np.where(known, level, 0.5), comparisons.num_answers)
    against = np.maximum(half - comparisons.difference, by_counting)
    cost = np.where(own, 0.0, np.where(known, against, np.inf)).max(axis=-1)
    if ceiling is not None:
        cost = np.minimum(cost, ceiling.bounds(int(verdicts.sharing)))
    several = np.any(~verdicts.enough & ~verdicts.poor, axis=-1, keepdims=True)
    return np.asarray(np.where(verdicts.enough, np.where(several, margin, np.minimum(cost, margin)), cost))
