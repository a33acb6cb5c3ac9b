"""Series with missing steps and values."""

import numpy as np
import pandas as pd
import pytest

from lengthwise.data.forecast_series import Line, begun, broken_where_unknown, completed, repeated, spaced
from lengthwise.data.time_grid import find_grid
from lengthwise.errors import DataError

NAN = np.nan


def line(values, times=None):
    array = np.array(values, float)
    array = array[:, None] if array.ndim == 1 else array
    return Line("a", array, ~np.isnan(array[:, 0]), np.zeros(len(array), bool), times)


def filled(values, how, training):
    (found,) = completed([line(values)], [training], how, str)
    return found.values[:, 0].tolist()


def test_few_missing_steps_become_steps_and_many_a_break():
    times = np.delete(pd.date_range("2026-01-01", periods=60).to_numpy(), [2, 3, *range(20, 30)])
    (found,) = spaced([line(np.arange(48), times)], find_grid([times]))
    assert len(found) == 50
    assert np.flatnonzero(~found.known).tolist() == [2, 3]
    assert np.flatnonzero(found.breaks).tolist() == [20]
    assert found.runs[[0, 19, 20, 49]].tolist() == [1, 20, 1, 30]
    assert found.times[[2, 3]].tolist() == pd.to_datetime(["2026-01-03", "2026-01-04"]).to_numpy().tolist()
    assert found.values[[1, 4], 0].tolist() == [1, 2]


def test_a_series_begins_and_ends_where_its_target_is_known():
    found = begun(line([NAN, NAN, 3, NAN, 5, NAN]))
    np.testing.assert_array_equal(found.values[:, 0], [3, NAN, 5])


def test_a_long_stretch_without_target_is_a_break():
    found = broken_where_unknown(line([1, NAN, NAN, NAN, 5, *[NAN] * 4, 10, 11]))
    assert np.flatnonzero(found.breaks).tolist() == [5, 6, 7, 8, 9]


def test_the_last_value_is_carried_forward_and_the_mean_of_the_training_part_fills_the_beginning():
    assert filled([NAN, 1, 3, NAN, NAN, 9], "forward", training=3) == [2, 1, 3, 3, 3, 9]


def test_the_mean_is_that_of_the_training_part():
    assert filled([1, NAN, 3, 100, NAN], "mean", training=3) == [1, 2, 3, 100, 2]


def test_zero_fills_with_zero():
    assert filled([1, NAN, 3], "zero", training=2) == [1, 0, 3]


def test_a_series_without_training_values_has_the_mean_of_the_others():
    one, other = completed([line([1, 3]), line([NAN, 5])], [2, 1], "mean", str)
    assert (one.values[:, 0].tolist(), other.values[:, 0].tolist()) == ([1, 3], [2, 5])


def test_a_feature_without_any_training_value_is_refused_by_name():
    with pytest.raises(DataError, match="feature 0 has no value in the whole training part: leave it out"):
        completed([line([NAN, NAN, 5])], [2], "mean", lambda number: f"feature {number}")


def test_a_missing_value_is_repeated_from_as_many_seasons_before_as_it_takes():
    series = line([1, 2, 3, 4, NAN, 6, NAN, NAN, 9])
    (whole,) = completed([series], [9], "zero", str)
    assert repeated(whole, 0, 3).tolist() == [1, 2, 3, 4, 2, 6, 4, 2, 9]
    assert repeated(whole, 0, 1).tolist() == [1, 2, 3, 4, 4, 6, 6, 6, 9]
    assert repeated(whole, 0, 5).tolist() == [1, 2, 3, 4, 0, 6, 2, 3, 9]
