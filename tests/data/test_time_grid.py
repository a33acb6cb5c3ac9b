"""Steps of time, regular and not."""

import numpy as np
import pandas as pd
import pytest

from lengthwise.data.time_grid import find_grid


def dates(freq, periods=50, start="2020-01-01"):
    return pd.date_range(start, periods=periods, freq=freq).to_numpy()


@pytest.mark.parametrize(
    ("freq", "step", "seasons"),
    [
        ("h", "1 hour", (24, 168)),
        ("15min", "15 minutes", (96,)),
        ("D", "1 day", (7, 365)),
        ("W", "1 week", (52,)),
        ("MS", "1 month", (12,)),
        ("ME", "1 month", (12,)),
        ("QS", "1 quarter", (4,)),
        ("YS", "1 year", ()),
        ("250ms", "0.25 seconds", ()),
    ],
)
def test_a_regular_step_is_named_and_suggests_seasons(freq, step, seasons):
    grid = find_grid([dates(freq)])
    assert (grid.step, grid.is_regular, grid.seasons) == (step, True, seasons)
    assert (grid.increments[0] == 1).all()


@pytest.mark.parametrize("freq", ["h", "D", "MS", "QS", "YS"])
def test_missing_steps_are_counted(freq):
    grid = find_grid([np.delete(dates(freq), [10, 20, 21])])
    assert np.flatnonzero(grid.increments[0] > 1).tolist() == [10, 19]
    assert grid.increments[0][[10, 19]].tolist() == [2, 3]


def test_working_days_are_no_regular_step():
    grid = find_grid([dates("B")])
    assert (grid.step, grid.is_regular) == ("1 day", False)
    assert (grid.increments[0] == 1).all()


def test_numbers_are_times_too():
    grid = find_grid([np.array([*range(0, 200, 5), 220, 225])])
    assert (grid.step, grid.is_regular, grid.increments[0][-2:].tolist()) == ("", True, [5, 1])


def test_one_step_alone_has_no_grid():
    assert not find_grid([dates("h", 1)]).is_regular
