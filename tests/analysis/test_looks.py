import numpy as np
import pytest
from scipy.stats import norm

from lengthwise.analysis import Looks
from lengthwise.analysis.looks import SPENT_EARLY, spent
from lengthwise.errors import UsageError


def test_the_boundaries_are_the_published_ones():
    # Lan-DeMets' boundaries of the Pocock type, five equal looks, one-sided 0.025.
    boundaries = norm.isf(Looks((3, 6, 9, 12, 15)).levels(0.025))
    np.testing.assert_allclose(boundaries, [2.4380, 2.4268, 2.4101, 2.3966, 2.3859], atol=2e-4)


@pytest.mark.parametrize("seeds", [(3, 5, 7, 9), (2, 20), tuple(range(2, 30))])
def test_the_levels_together_spend_what_is_allowed(seeds):
    random = np.random.default_rng(0)
    steps = np.diff(seeds, prepend=0)
    paths = np.cumsum(random.normal(size=(100_000, len(seeds))) * np.sqrt(steps), axis=1) / np.sqrt(seeds)
    crossed = np.any(paths > norm.isf(Looks(seeds).levels(0.05)), axis=1)
    assert crossed.mean() == pytest.approx(0.05, abs=0.003)


def test_a_single_look_has_the_whole_level():
    assert Looks((5,)).levels(0.05) == pytest.approx((0.05,))


@pytest.mark.parametrize(("up_to", "count"), [(0, 0), (1, 1), (2, 1), (4, 2), (5, 3), (99, 4)])
def test_levels_up_to_some_seeds_are_the_first_of_all(up_to, count):
    looks = Looks((1, 3, 5, 8))
    assert looks.levels(0.05, up_to) == looks.levels(0.05)[:count]


def test_what_may_be_spent_grows_to_all():
    shares = [spent(fraction, 0.05) for fraction in (0.1, 0.4, 0.7, 1.0)]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(0.05)


def test_looks_end_with_the_last_number():
    assert Looks.growing(first=3, last=10).seeds == (3, 5, 8, 10)
    assert Looks.growing(first=3, last=3).seeds == (3,)
    looks = Looks((3, 7, 10))
    assert [looks.after(number) for number in (1, 3, 5, 7, 10)] == [3, 7, 7, 10, None]


def test_a_look_at_single_runs_comes_before_the_others_and_spends_little():
    looks = Looks.from_single_runs(first=3, last=12)
    assert looks.seeds == (1, 3, 4, 5, 7, 9, 12)
    assert (looks.fewest, Looks((3, 5)).fewest, Looks((1,)).fewest) == (3, 3, 1)
    single, *others = looks.levels(0.05)
    assert single == pytest.approx(SPENT_EARLY[1] * 0.05)
    assert others == pytest.approx(Looks((3, 4, 5, 7, 9, 12)).levels(0.05), rel=0.04)
    assert Looks((2, 12)).levels(0.05)[0] == pytest.approx(SPENT_EARLY[2] * 0.05)
    assert Looks.from_single_runs(first=2, last=12).levels(0.05)[2:] == pytest.approx(others, rel=0.02)


@pytest.mark.parametrize("seeds", [(), (0, 3), (3, 3), (5, 4)])
def test_looks_that_do_not_ascend_from_one_are_refused(seeds):
    with pytest.raises(UsageError, match="must ascend from at least 1"):
        Looks(seeds)


def test_a_last_look_before_the_first_is_refused():
    with pytest.raises(UsageError, match="last must not be below first"):
        Looks.growing(first=3, last=2)
