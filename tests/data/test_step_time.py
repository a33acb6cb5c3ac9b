"""How long a step is."""

import numpy as np
import pandas as pd
import pytest

from lengthwise.data import load_data
from lengthwise.data.description import describe
from lengthwise.data.folds import fold_of
from lengthwise.data.step_time import DAY, MONTH, span_in_words, step_seconds_of
from lengthwise.errors import UsageError
from tests.data.made import walks


def table(step, count=40, steps=12):
    """Sequences whose rows are `step` apart."""
    rows = np.arange(count * steps)
    time = pd.Timestamp("2026-01-01") + pd.to_timedelta(rows % steps * step, unit="s")
    label = np.where(rows // steps % 2, "a", "b")
    return pd.DataFrame({"id": rows // steps, "time": time, "x": np.sin(rows), "label": label})


def test_dates_tell_it_in_every_split_and_fold():
    dataset = load_data(table(600))
    assert dataset.step_seconds == 600
    assert fold_of(dataset, 5, 0, 0).dataset.step_seconds == 600


def test_forecasts_know_it_too():
    hours = pd.date_range("2026-01-01", periods=300, freq="h")
    frame = pd.DataFrame({"time": hours, "y": np.sin(np.arange(300)) + 2})
    assert load_data(frame, task="forecasting", horizon=2).step_seconds == 3600
    months = pd.DataFrame({"time": pd.date_range("2000-01-01", periods=200, freq="MS"), "y": frame.y[:200]})
    assert load_data(months, task="forecasting", horizon=2).step_seconds == MONTH


def test_numbers_tell_nothing_and_a_rate_does():
    values, targets = walks()
    assert load_data(values, targets).step_seconds is None
    dataset = load_data(values, targets, rate=50)
    assert dataset.step_seconds == 0.02
    assert ("rate", "50 steps a second: a step is 20 ms") in describe(dataset).lines()


def test_a_rate_counts_more_than_dates_and_must_be_above_0():
    assert load_data(table(600), rate=4).step_seconds == 0.25
    with pytest.raises(UsageError, match="rate"):
        load_data(table(600), rate=0)


def test_irregular_dates_have_no_step():
    random = np.random.default_rng(0)
    days = np.datetime64("2026-01-01", "ns") + np.cumsum(random.integers(1, 10**6, 50)).astype("timedelta64[s]")
    assert step_seconds_of([days], None) is None


@pytest.mark.parametrize(
    ("steps", "seconds", "words"),
    [(1, 0.02, "20 ms"), (45, 1 / 30, "1.5 s"), (90, DAY, "90 days"), (3, DAY, "3 days"), (24, 900.0, "6 hours"),
     (12, MONTH, "1 year"), (5, MONTH, "5 months"), (61, 60.0, "61 minutes"), (1, 1 / 44100, "22.7 µs")],
)  # fmt: skip
def test_a_time_is_said_in_the_largest_unit_that_fits(steps, seconds, words):
    assert span_in_words(steps, seconds) == words
