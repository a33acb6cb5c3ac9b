"""Seasons of series of known kinds."""

import numpy as np
import pytest

from lengthwise.data.seasons import find_season


def noise(steps=600, seed=0):
    return np.random.default_rng(seed).normal(size=steps)


def seasonal(period, steps=600, seed=0):
    return 2 * np.sin(2 * np.pi * np.arange(steps) / period) + noise(steps, seed)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("period", [4, 7, 12, 24])
def test_a_season_is_found_in_noise_and_on_a_trend(period, seed):
    assert find_season([seasonal(period, seed=seed)]) == period
    assert find_season([seasonal(period, seed=seed) + np.arange(600) / 10]) == period


@pytest.mark.parametrize("seed", range(20))
def test_there_is_no_season_in_noise_and_in_walks(seed):
    for series in (noise(seed=seed), noise(seed=seed).cumsum(), noise(seed=seed).cumsum().cumsum()):
        assert find_season([series]) == 1


def test_what_the_time_step_suggests_is_preferred():
    weekly = np.tile(np.r_[np.ones(5), 0, 0].repeat(24) + np.tile(np.sin(2 * np.pi * np.arange(24) / 24), 7), 6)
    series = weekly + 0.1 * noise(len(weekly))
    assert find_season([series], usual=(24, 168)) in (24, 168)
    few = seasonal(12, steps=60, seed=1)
    assert (find_season([few]), find_season([few], usual=(12,))) == (1, 12)


def test_a_usual_season_that_is_not_there_is_not_taken():
    assert find_season([noise()], usual=(7, 24)) == 1
    assert find_season([noise(20)], usual=(365,)) == 1


def test_series_too_short_for_any_season_have_none():
    assert find_season([noise(8)]) == 1
    assert find_season([np.ones(100)]) == 1


def test_several_series_are_looked_at_together():
    parts = [seasonal(12, steps=80, seed=seed) for seed in range(12)]
    assert find_season(parts) == 12
