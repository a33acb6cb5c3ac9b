"""Cuts in time."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data.forecast_cuts import Cut, cut_at_fractions, find_cuts
from lengthwise.data.forecast_series import Line
from lengthwise.data.options import Options


def line(first, steps):
    times = np.arange(first, first + steps)
    return Line("a", np.zeros((steps, 1)), np.ones(steps, bool), np.zeros(steps, bool), times)


def test_fractions_are_of_the_series_own_steps():
    assert cut_at_fractions(200, Options(), horizon=1) == Cut(140, 170, 200)
    assert cut_at_fractions(200, Options(validation=0.2, test=0.1), horizon=50) == Cut(140, 180, 200)


def test_by_default_five_forecasts_of_the_horizon_have_room():
    assert cut_at_fractions(60, Options(), horizon=12) == Cut(28, 44, 60)
    assert cut_at_fractions(20, Options(), horizon=12) == Cut(0, 4, 20)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 300)), min_size=2, max_size=6), st.integers(1, 4))
def test_at_dates_no_series_is_tested_before_another_is_trained(series, horizon):
    lines = [line(first, steps) for first, steps in series]
    cuts = find_cuts(lines, Options(), horizon, at_dates=True)
    for one, (first, steps) in zip(cuts, series, strict=True):
        assert 0 <= one.validation <= one.test <= one.end == steps
        for other, (begin, _) in zip(cuts, series, strict=True):
            trained, validated = first + one.validation - 1, first + one.test - 1
            if one.validation and other.validation < other.test:
                assert trained < begin + other.validation
            if one.test and other.test < other.end:
                assert validated < begin + other.test


def test_dates_have_about_the_fractions_of_all_steps_before_them():
    lines = [line(0, 1000), line(500, 700)]
    cuts = find_cuts(lines, Options(), 1, at_dates=True)
    assert 255 <= sum(cut.end - cut.test for cut in cuts) <= 256
    assert 255 <= sum(cut.test - cut.validation for cut in cuts) <= 257
