import numpy as np
import pandas as pd
import pytest
from scipy.stats import theilslopes

from lengthwise.study.costs import fitted_costs, seconds_of


def runs_of(seconds):
    lengths = sorted(seconds)
    return pd.DataFrame(
        {
            "seq_len": lengths,
            "flops_per_step": [100 * length for length in lengths],
            "wall_seconds": [seconds[length] for length in lengths],
        }
    )


def test_one_run_on_a_busy_machine_does_not_move_the_line():
    runs = runs_of({4: 2.4, 8: 2.8, 12: 3.2, 16: 3.6, 20: 4.0, 24: 4.4, 28: 15.0})
    fitted = fitted_costs(runs, "wall_seconds", [4, 28, 30])
    assert fitted == pytest.approx({4: 2.4, 28: 4.8, 30: 5.0}, rel=0.03)


def test_the_line_is_scipys():
    seconds = dict(zip(range(3, 30, 3), np.random.default_rng(3).random(9) + np.arange(9), strict=True))
    slope, intercept, *_ = theilslopes(list(seconds.values()), list(seconds))
    fitted = fitted_costs(runs_of(seconds), "wall_seconds", [12, 30])
    assert fitted == {length: intercept + slope * length for length in (12, 30)}


@pytest.mark.parametrize("seconds", [{10: 1.0, 20: 3.0}, {5: 3.0, 10: 2.0, 20: 1.0}])
def test_where_no_line_rises_costs_are_those_of_operations(seconds):
    fitted = fitted_costs(runs_of(seconds), "wall_seconds", [10, 40])
    assert fitted[40] == pytest.approx(4 * fitted[10])


def test_runs_to_come_take_what_runs_took_with_as_many_at_a_time():
    runs = runs_of({4: 2.0, 8: 4.0, 12: 6.0})
    assert seconds_of(runs, {4: 3, 12: 1}, seconds=6.0) == pytest.approx(6.0)
    assert seconds_of(runs, {4: 3, 12: 1}, seconds=0.0) == pytest.approx(12.0)
