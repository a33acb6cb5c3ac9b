"""Values, differences or ratios: what is chosen for series of known kinds."""

import numpy as np
import pytest

from lengthwise.data.relative import choose_relative, is_stable


def autoregression(*weights, steps=400, seed=0):
    series = np.random.default_rng(seed).normal(size=steps)
    for step in range(len(weights), steps):
        series[step] += sum(weight * series[step - 1 - lag] for lag, weight in enumerate(weights))
    return series


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("weights", "expected"),
    [((), "none"), ((0.8,), "none"), ((1.2, -0.6), "none"), ((1.0,), "difference"), ((1.5, -0.5), "difference")],
)
def test_values_are_chosen_where_the_level_is_stable(weights, expected, seed):
    assert choose_relative([50 + autoregression(*weights, seed=seed)]).relative == expected


@pytest.mark.parametrize("seed", range(5))
def test_differences_are_chosen_where_there_is_a_trend(seed):
    assert choose_relative([autoregression(seed=seed) + np.arange(400) / 20]).relative == "difference"


@pytest.mark.parametrize("seed", range(5))
def test_ratios_are_chosen_where_changes_grow_with_the_level(seed):
    growing = np.exp(0.01 * np.arange(400) + 0.02 * autoregression(1.0, seed=seed))
    assert choose_relative([growing]).relative == "ratio"
    assert choose_relative([growing], may_be_ratio=False).relative == "difference"
    assert choose_relative([growing - 2]).relative == "difference"


def test_a_season_alone_does_not_hide_that_the_level_is_stable():
    series = autoregression() + 5 * np.sin(2 * np.pi * np.arange(400) / 24)
    assert choose_relative([series], season=24).relative == "none"


def test_another_level_at_the_end_makes_differences():
    series = autoregression()
    series[320:] += 12
    choice = choose_relative([series])
    assert choice.relative == "difference"


def test_of_several_series_most_count():
    stable, walks = [[autoregression(*weights, seed=seed) for seed in range(3)] for weights in ((), (1.0,))]
    assert choose_relative([*stable, walks[0]]).relative == "none"
    assert choose_relative([*walks, stable[0]]).relative == "difference"


def test_a_short_series_says_why_it_is_read_as_differences():
    assert choose_relative([np.arange(9.0) % 2]) == (
        "difference",
        "the training part is too short to show that its level is stable",
    )


def test_a_constant_series_is_no_test():
    assert choose_relative([np.ones(100), autoregression()]).relative == "none"


def test_scale_and_origin_change_nothing():
    series = autoregression(0.8)
    assert choose_relative([series]).reason == choose_relative([3e8 + 1e-3 * series]).reason


def test_a_level_that_hardly_helps_makes_differences_unless_the_horizon_is_long():
    slow = autoregression(0.98, steps=4000)
    assert choose_relative([slow]) == (
        "difference",
        "its level is stable in the training part, but hardly helps to forecast",
    )
    assert choose_relative([slow], horizon=24).relative == "none"
    assert is_stable([slow])
    assert not is_stable([autoregression(1.0)])
