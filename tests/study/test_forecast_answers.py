"""Studies of series whose order is known: what is read relative to the last value must not change the answer."""

import numpy as np
import pandas as pd
import pytest

import lengthwise

SETTINGS = {"cell": "gru", "hidden_size": 16, "num_layers": 1, "lr": 0.01, "batch_size": 32, "recipe": "notebook"}


def autoregression(*weights, level=50.0, steps=2000):
    series = np.random.default_rng(0).normal(size=steps)
    for step in range(len(weights), steps):
        series[step] += sum(weight * series[step - 1 - lag] for lag, weight in enumerate(weights))
    return level + series


@pytest.mark.parametrize(
    ("weights", "relative", "enough"),
    [((0.7,), "none", 1), ((1.2, -0.8), "none", 2), ((), "none", 1), ((1.0,), "difference", 1)],
    ids=["first order", "second order", "noise", "walk"],
)
def test_the_order_of_a_series_is_found_by_default(weights, relative, enough):
    data = lengthwise.load_data(autoregression(*weights), task="forecasting", horizon=1, lookback=8, name="series")
    assert data.outlook.relative == relative
    study = lengthwise.Study(data, seq_lens="1,2,3,8", seeds=3, budget="steps=500", **SETTINGS).run()
    (answer,) = study.answers()
    assert answer.recommendation.seq_len == enough
    assert answer.beats_baseline == (relative == "none")
    assert ("No length is shown to do better than the naive forecast" in answer.sentence) == (relative != "none")


def test_a_season_is_among_the_default_lengths_and_is_the_answer():
    random = np.random.default_rng(0)
    series = 20 + 3 * random.normal(size=1400)
    for step in range(7, 1400):
        series[step] = series[step - 7] + 0.3 * random.normal()
    data = lengthwise.load_data(series, task="forecasting", horizon=1, lookback=30, name="weeks")
    assert data.outlook.season == 7
    study = lengthwise.Study(data, budget="steps=600", **SETTINGS)
    assert {6, 7, 8, 14, 21, 28} <= set(study.design.candidates)
    assert 7 in study.design.seq_lens
    study.run()
    (answer,) = study.answers()
    assert answer.recommendation.seq_len == 7
    assert "the value of 7 steps before" in answer.sentence


def test_the_answer_names_the_column_that_is_forecast(tmp_path):
    values = autoregression(0.7)
    path = tmp_path / "power.csv"
    pd.DataFrame({"load": values, "wind": np.roll(values, 3)}).to_csv(path, index=False)
    data = lengthwise.load_data(path, task="forecasting", target="load", horizon=1, lookback=4)
    out = tmp_path / "study"
    lengthwise.Study(data, seq_lens="1,4", seeds=3, budget="steps=50", out=out, **SETTINGS).run()
    (answer,) = lengthwise.Study.load(out).answers()
    assert answer.metric.title == "mean absolute scaled error of load"
    assert "mean absolute scaled error of load" in answer.sentence
