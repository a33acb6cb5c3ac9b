"""Rows as steps: order, equal times, gaps."""

import numpy as np
import pandas as pd
import pytest

from lengthwise.data import load_data
from lengthwise.errors import DataError

DAYS = pd.date_range("2026-01-01", periods=40).strftime("%Y-%m-%d").tolist()


def forecast(frame, **options):
    return load_data(frame, task="forecasting", horizon=1, lookback=2, season=1, relative="none", **options)


def series(dataset):
    """Return the forecast values of all splits, in order."""
    return np.concatenate([dataset.split(name).numbers[:, 0] for name in ("train", "validation", "test")])


VALUES = np.random.default_rng(0).integers(1, 99, 40).astype(float)


def test_the_newest_rows_first_are_sorted_and_it_is_said():
    dataset = forecast(pd.DataFrame({"day": DAYS[::-1], "x": VALUES[::-1]}))
    np.testing.assert_allclose(series(dataset), VALUES[2:], rtol=1e-5)
    assert "the newest rows come first in the file, and were sorted by day" in dataset.reading.notes


def test_without_a_time_rows_are_in_the_order_of_the_file_and_it_is_said():
    dataset = forecast(pd.DataFrame({"x": VALUES}))
    np.testing.assert_allclose(series(dataset), VALUES[2:], rtol=1e-5)
    assert any("in the order of the file" in note for note in dataset.reading.notes)
    assert not forecast(pd.DataFrame({"x": VALUES, "day": DAYS[::-1]}), time="none").reading.notes[1:]


def test_the_same_time_twice_is_refused_with_both_rows_and_what_helps():
    days = [*DAYS[:20], DAYS[19], *DAYS[20:39]]
    message = (
        r"row 20: there is day 2026-01-20 for the second time, first in row 19: .* Choose duplicates=mean, first or "
        r"last; or name .* sequence=COLUMN; or time=none"
    )
    frame = pd.DataFrame({"day": days, "x": VALUES})
    with pytest.raises(DataError, match=message):
        forecast(frame)
    one = np.delete(VALUES, 20)
    for choice, value in (("first", VALUES[19]), ("last", VALUES[20]), ("mean", VALUES[19:21].mean())):
        one[19] = value
        np.testing.assert_allclose(series(forecast(frame, duplicates=choice)), one[2:], rtol=1e-5)
    assert series(forecast(frame, time="none")).size == 38


def test_the_mean_of_equal_times_leaves_missing_values_out():
    frame = pd.DataFrame({"day": [*DAYS, DAYS[39]], "x": [*VALUES, np.nan]})
    np.testing.assert_allclose(series(forecast(frame, duplicates="mean")), VALUES[2:], rtol=1e-5)


@pytest.mark.parametrize(
    ("times", "fact"),
    [
        (DAYS, "2026-01-01 to 2026-02-09; usually 1 day a step, without gaps"),
        ([*range(20), *range(25, 45)], "0 to 44; usually 1 a step, 1 gap, the longest 6 before row 20"),
        (
            pd.date_range("2020-01-01", periods=40, freq="MS"),
            "2020-01-01 to 2023-04-01; usually 1 month a step, without gaps",
        ),
        (
            [f"2026-01-01T00:{minute:02}:00+01:00" for minute in range(40)],
            "2025-12-31 23:00:00 to 2025-12-31 23:39:00; usually 1 minute a step, without gaps",
        ),
    ],
)
def test_range_step_and_gaps_are_facts(times, fact):
    dataset = forecast(pd.DataFrame({"time": times, "x": VALUES}))
    assert dict(dataset.reading.facts) == {"columns": "time time; target x", "time": fact}
