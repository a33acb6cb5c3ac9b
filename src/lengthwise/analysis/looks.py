"""Looking at a study more than once without fooling oneself.

Who tests at 5 % after three seeds, again after five, again after seven … and stops at the first success is wrong far
more often than one time in twenty. `Looks` says beforehand after how many seeds one looks, and gives each look a
stricter level, so that all looks together keep the promise.

The levels spend the allowed error as Lan and DeMets [1]_ do, with the spending function that is like Pocock's: about
as strict at every look, so that a study whose answer is clear ends at the first one. They are computed for normal
statistics with independent increments and applied to the p-values of t-tests, the "significance level approach" [2]_
(section 4.4). That approach errs where much is spent while each variance is estimated from two or three seeds [3]_;
here all lengths share the estimate, and `docs/recommendation.md` shows the rate of errors that simulation finds.

References
----------
.. [1] Lan, K. K. G. and DeMets, D. L. (1983). Discrete sequential boundaries for clinical trials. Biometrika 70(3),
   659-663.
.. [2] Jennison, C. and Turnbull, B. W. (2000). Group Sequential Methods with Applications to Clinical Trials.
   Chapman & Hall/CRC.
.. [3] Rom, D. M. and McTague, J. A. (2020). Exact critical values for group sequential designs with small sample
   sizes. Journal of Biopharmaceutical Statistics 30(4), 752-764.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lengthwise.errors import UsageError

GROWTH = 1.5
"""How many times the seeds of the look before a look has, rounded up."""

FINER = 1.25
"""The same of studies that begin with single runs. They have a stricter level at first, so that they can be looked at
oftener: what is clear after seven seeds does not get an eighth.
"""

SPENT_EARLY = {1: 0.02, 2: 0.04}
"""Share of the allowed error that is spent by the end of a look at one seed or at two, where more looks come.

Such looks are to see what is out of the question and what is clear: a difference has no variance of its own there, or
one of a single degree of freedom. They leave the others their levels.
"""

GRID = 1001
"""Points of the integration over where the statistic was at the look before."""

FARTHEST = 9.0
"""Standard deviations at which the normal density counts as zero."""

HALVINGS = 60
"""How often the interval with a boundary is halved: until float64 has no number between its ends."""


@dataclass(frozen=True)
class Looks:
    """After how many seeds a study is looked at; fixed before the first look.

    Parameters
    ----------
    seeds : tuple of int
        Seeds of a length at each look: ascending, the first at least 1.

    Raises
    ------
    UsageError
        If the numbers do not ascend from at least 1.

    Examples
    --------
    >>> looks = Looks.growing(first=3, last=12)
    >>> looks.seeds
    (3, 5, 8, 12)
    >>> [round(level, 4) for level in looks.levels(0.05)]
    [0.0179, 0.0154, 0.0193, 0.0229]
    """

    seeds: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "seeds", tuple(int(number) for number in self.seeds))
        if not self.seeds or self.seeds[0] < 1 or any(b <= a for a, b in zip(self.seeds, self.seeds[1:], strict=False)):
            raise UsageError(
                f"The looks are after {self.seeds} seeds, but must ascend from at least 1: such as (3, 5, 7)."
            )

    @classmethod
    def growing(cls, *, first: int, last: int, growth: float = GROWTH) -> "Looks":
        """Return looks after `first` seeds, after `growth` times as many each time, rounded up, and after `last`."""
        if last < first:
            raise UsageError(f"Looks from {first} to {last} seeds cannot be: last must not be below first.")
        seeds = [first]
        while seeds[-1] < last:
            seeds.append(min(math.ceil(growth * seeds[-1]), last))
        return cls(tuple(seeds))

    @classmethod
    def from_single_runs(cls, *, first: int, last: int) -> "Looks":
        """Return a look at one seed, by which lengths are seen to be out of the question, before those of `growing`."""
        return cls((1, *cls.growing(first=first, last=last, growth=FINER).seeds))

    @property
    def fewest(self) -> int:
        """The fewest seeds by which chance is told apart: those of the first look at more than one, if there is any."""
        return next((number for number in self.seeds if number > 1), 1)

    def levels(self, alpha: float, up_to: int | None = None) -> tuple[float, ...]:
        """Return the one-sided level of each look, which together spend `alpha`.

        Parameters
        ----------
        alpha : float
        up_to : int, optional
            Seeds beyond which no level is asked for; each takes milliseconds, and does not depend on those after it.
        """
        count = sum(number <= up_to for number in self.seeds) if up_to is not None else len(self.seeds)
        return tuple(_look(self.seeds, alpha, place).level for place in range(count))

    def after(self, num_seeds: int) -> int | None:
        """Return the seeds of the first look that takes more than `num_seeds`, None after the last."""
        return next((number for number in self.seeds if number > num_seeds), None)


def spent(fraction: float, alpha: float) -> float:
    """Return how much of `alpha` may be spent when this fraction of the seeds is there.

    The Pocock-like function, α log(1 + (e - 1) u).

    >>> round(spent(1.0, 0.05), 12), round(spent(0.5, 0.05), 4)
    (0.05, 0.031)
    """
    return alpha * math.log1p((math.e - 1) * fraction)


class _Look(NamedTuple):
    """A look, and where the statistic is before it.

    Attributes
    ----------
    level : float
        One-sided.
    bound : float
        Which S_j crosses where Z_j > c_j.
    x, density : ndarray of shape (points,)
        A grid, and the density of S_j-1 on it on the paths that crossed no boundary before.
    """

    level: float
    bound: float
    x: NDArray[np.float64]
    density: NDArray[np.float64]


@lru_cache(maxsize=512)
def _look(seeds: tuple[int, ...], alpha: float, place: int) -> _Look:
    """Find a look's boundary c_j from P(not crossed before, Z_j > c_j) = what is spent at look j [1]_.

    On the scale of a Brownian motion S with S_j = Z_j √u_j (Armitage, McPherson and Rowe's recursion).
    """
    from scipy.special import ndtr  # noqa: PLC0415 - heavy

    if place == 0:
        x, density = np.zeros(1), np.ones(1)  # S_0 = 0 for certain
    else:
        before = _look(seeds, alpha, place - 1)
        x, density = _uncrossed(before.x, before.density, _scale(seeds, place - 1), before.bound)
    bound = _boundary(
        x, density, _scale(seeds, place), _allowed(seeds, alpha, place) - _allowed(seeds, alpha, place - 1)
    )
    return _Look(float(ndtr(-bound / _fraction(seeds, place) ** 0.5)), bound, x, density)


def _fraction(seeds: tuple[int, ...], place: int) -> float:
    """Return the share of the seeds that are there at a look, 0 before the first."""
    return seeds[place] / seeds[-1] if place >= 0 else 0.0


def _scale(seeds: tuple[int, ...], place: int) -> float:
    """Return the standard deviation of the step from the look before to this one."""
    return float((_fraction(seeds, place) - _fraction(seeds, place - 1)) ** 0.5)


def _allowed(seeds: tuple[int, ...], alpha: float, place: int) -> float:
    """Return how much of `alpha` may be spent by the end of a look, 0 before the first."""
    if place < 0:
        return 0.0
    is_early = seeds[place] in SPENT_EARLY and place < len(seeds) - 1
    return SPENT_EARLY[seeds[place]] * alpha if is_early else spent(_fraction(seeds, place), alpha)


def _boundary(x: NDArray[np.float64], density: NDArray[np.float64], scale: float, spend: float) -> float:
    """Return the bound that S_j, normal about S_j-1 = x, crosses with the probability `spend`."""
    from scipy.special import ndtr  # noqa: PLC0415 - heavy

    mass = _weights(x) * density

    def excess(bound: float) -> float:
        return float(np.sum(mass * ndtr((x - bound) / scale))) - spend

    if excess(FARTHEST) >= 0:
        return FARTHEST
    # It falls with the bound: halves, and not a method of scipy.optimize, which takes a quarter of a second to import.
    low, high = -FARTHEST, FARTHEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return (low + high) / 2


def _uncrossed(
    x: NDArray[np.float64], density: NDArray[np.float64], scale: float, bound: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a grid up to the bound, and the density of S_j on it."""
    y = np.linspace(-FARTHEST, bound, GRID)
    kernel = np.exp(-0.5 * ((y[:, None] - x) / scale) ** 2) / (scale * np.sqrt(2 * np.pi))
    return y, np.asarray(kernel @ (_weights(x) * density))


def _weights(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Simpson's weights on an even grid with an odd number of points; 1 for the single point S_0."""
    if x.size == 1:
        return np.ones(1)
    weights = np.full(x.size, 2.0)
    weights[1::2] = 4.0
    weights[[0, -1]] = 1.0
    return weights * float(x[1] - x[0]) / 3


class Stage(NamedTuple):
    """The levels that hold for comparisons of this many seeds.

    Attributes
    ----------
    num_seeds : int
    enough : tuple of float
        The level of "enough" where 1, 2, … L - 1 lengths share the allowed error.
    poor : float
        The level of "too poor", for each comparison.
    """

    num_seeds: int
    enough: tuple[float, ...]
    poor: float


def stages(num_seeds: tuple[int, ...], confidence: float, looks: Looks | None) -> tuple[Stage, ...]:
    """Return the numbers of seeds at which lengths may be compared, ascending, with their levels.

    Parameters
    ----------
    num_seeds : tuple of int
        Seeds of each length.
    confidence : float
        Of the recommendation.
    looks : Looks or None
        None if the study is looked at once.
    """
    alpha = 1 - confidence
    others = len(num_seeds) - 1
    enough = [alpha * (1 - alpha) / sharing for sharing in range(1, others + 1)]
    poor = alpha / others
    if looks is None:
        return tuple(Stage(number, tuple(enough), poor) for number in sorted(set(num_seeds)))
    most = max(num_seeds)
    reached = [number for number in looks.seeds if number <= most]
    levels = [looks.levels(level, most) for level in enough]
    return tuple(map(Stage, reached, zip(*levels, strict=True), looks.levels(poor, most)))
