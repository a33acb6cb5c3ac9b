"""The elementary functions, over their whole range and against float64."""

import numba
import numpy as np
import pytest

from lengthwise.engine.simd import elementary
from lengthwise.engine.simd.vectors import LANES, load, pointer, store


def applied(function, x):
    """Return a function of vectors at every number of `x`, whose length is a multiple of the lanes."""

    @numba.njit
    def run(x, out):
        for i in range(0, len(x), LANES):
            store(function(load(pointer(x), i)), pointer(out), i)

    out = np.full_like(x, np.nan)
    run(x, out)
    return out


def units_away(values, exact):
    """Return how far values are from the exact ones, in units in the last place of float32."""
    return np.abs(values - exact) / np.spacing(np.abs(exact).astype(np.float32))


def sweep(low, high):
    """Return numbers from `low` to `high`: evenly spread, and crowded around zero."""
    even = np.linspace(low, high, 1 << 20)
    small = np.geomspace(1e-30, min(abs(low), abs(high)) or max(abs(low), abs(high)), 1 << 19)
    crowded = np.concatenate([-small, small])
    return np.concatenate([even, crowded[(crowded >= low) & (crowded <= high)]]).astype(np.float32)


def test_tanh_is_within_6_units_in_the_last_place():
    x = sweep(-20, 20)
    assert units_away(applied(elementary.tanh, x), np.tanh(x.astype(np.float64))).max() <= 6


def test_exp_is_within_2_units_in_the_last_place():
    x = sweep(-87, 0)
    assert units_away(applied(elementary.exp, x), np.exp(x.astype(np.float64))).max() <= 2


def test_exp_is_clamped_to_its_range():
    ends = applied(elementary.exp, np.resize(np.float32([-1000, -87, 0, 1000]), LANES * 4))[:4]
    np.testing.assert_array_equal(ends[[0, 3]], ends[[1, 2]])
    assert ends[2] == 1


def test_the_logistic_function_is_within_3e_7():
    x = sweep(-40, 40)
    assert np.abs(applied(elementary.sigmoid, x) - 1 / (1 + np.exp(-x.astype(np.float64)))).max() <= 3e-7


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
def test_a_nan_stays_a_nan(name):
    assert np.isnan(applied(getattr(elementary, name), np.full(LANES, np.nan, np.float32))).all()
