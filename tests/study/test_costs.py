import numpy as np
import pandas as pd
import pytest
from scipy.stats import theilslopes

from lengthwise.study.costs import COSTS, costs_by_length, fitted_costs, seconds_of


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


def timed(seconds_per_step):
    """Runs of 100 updates: lengths, and what a step of each run of them took."""
    rows = [(length, each) for length, of_runs in seconds_per_step.items() for each in of_runs]
    lengths, seconds = (np.array(column) for column in zip(*rows, strict=True))
    costs = dict.fromkeys(COSTS, 1.0) | {"seconds_per_step": seconds, "seconds": 100 * seconds, "updates": 100}
    return pd.DataFrame({"seq_len": lengths} | costs | {"flops_per_step": 10 * lengths})


def test_a_length_with_few_runs_costs_what_the_line_through_all_runs_gives():
    of_busy = {4: [1.4], 8: [1.8], 12: [2.2, 2.2], 16: [2.6], 24: [3.4], 26: [3.6, 3.6, 3.7], 28: [9.0]}
    costs = costs_by_length(timed(of_busy))
    assert costs.seconds_per_step[28] == pytest.approx(3.8, rel=0.02)
    assert costs.seconds[28] == 100 * costs.seconds_per_step[28]
    assert costs.seconds_per_step[26] == 3.6  # three runs: their median
    assert costs.flops_per_step[28] == 280


def test_no_length_costs_nothing():
    runs = runs_of({4: 2.4, 8: 2.8, 12: 3.2})
    assert fitted_costs(runs, "wall_seconds", []) == {}
    assert seconds_of(runs, {}, seconds=1.0) == 0


def test_two_lengths_cost_what_their_runs_took():
    costs = costs_by_length(timed({4: [1.0, 2.0], 8: [5.0]}))
    assert costs.seconds_per_step.to_dict() == {4: 1.5, 8: 5.0}


def test_times_that_were_not_told_are_not_known():
    runs = timed({4: [1.0], 8: [2.0], 12: [3.0]})
    runs.loc[1, ["seconds_per_step", "seconds"]] = None
    costs = costs_by_length(runs)
    assert costs.seconds_per_step.isna().tolist() == [False, True, False]
    assert costs.seconds_per_step[12] == 3.0
