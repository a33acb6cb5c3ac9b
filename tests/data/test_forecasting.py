"""Origins, cuts in time, and what forecasts are held against, written out by hand."""

import numpy as np
import pandas as pd
import pytest

import lengthwise
from lengthwise.data import add_options
from lengthwise.errors import DataError, UsageError

STEPS, HORIZON, LOOKBACK, SEASON = 60, 3, 8, 4
CUTS = {"train": (0, 36), "validation": (36, 48), "test": (48, 60)}
"""First step that is forecast for a split, and the first that no longer is; shares of 0.2."""

OPTIONS = {"task": "forecasting", "horizon": HORIZON, "lookback": LOOKBACK, "season": SEASON}
SHARES = {"validation": 0.2, "test": 0.2}


def walk(seed=0, steps=STEPS):
    return 50 + np.random.default_rng(seed).normal(size=steps).cumsum()


def naive_origins(split):
    """The origins of a split, one after another."""
    first, end = CUTS[split]
    return [
        origin
        for origin in range(STEPS)
        if origin + 1 >= max(first, LOOKBACK) and origin + HORIZON < end
    ]  # fmt: skip


@pytest.mark.parametrize("split", CUTS)
@pytest.mark.parametrize("relative", ["difference", "ratio", "none"])
def test_every_origin_has_its_past_its_future_and_its_seasonal_naive_forecast(split, relative):
    series = walk()
    found = lengthwise.load_data(series, relative=relative, **OPTIONS, **SHARES).split(split)
    origins = naive_origins(split)
    assert found.values.shape == (len(origins), LOOKBACK, 1)
    for i, origin in enumerate(origins):
        np.testing.assert_allclose(found.numbers[i], series[origin + 1 : origin + 1 + HORIZON], rtol=1e-5)
        naive = [series[origin + k - SEASON] for k in range(1, HORIZON + 1)]
        np.testing.assert_allclose(found.reference.forecasts[i], naive, rtol=1e-6)
        past = series[origin + 1 - LOOKBACK : origin + 1]
        seen = {"difference": past - past[-1], "ratio": past / past[-1] - 1, "none": past}[relative]
        assert np.corrcoef(found.values[i, :, 0], seen)[0, 1] == pytest.approx(1, abs=1e-5)


def test_a_horizon_longer_than_the_season_repeats_the_last_season():
    series = walk()
    found = lengthwise.load_data(series, **OPTIONS | {"horizon": 6, "season": 2}, **SHARES).test
    np.testing.assert_allclose(found.reference.forecasts[0], np.tile(series[46:48], 3), rtol=1e-6)


def test_errors_are_scaled_by_the_seasonal_naive_error_before_the_first_cut():
    series = walk()
    expected = np.mean([abs(series[t] - series[t - SEASON]) for t in range(SEASON, 36)])
    for split in CUTS:
        scale = lengthwise.load_data(series, **OPTIONS, **SHARES).split(split).reference.scale
        np.testing.assert_allclose(scale, expected, rtol=1e-6)


def test_nothing_after_a_cut_changes_what_is_before_it():
    series = walk()
    other = series.copy()
    other[36:] += 100
    one, changed = (lengthwise.load_data(data, **OPTIONS, **SHARES).train for data in (series, other))
    np.testing.assert_array_equal(one.values, changed.values)
    np.testing.assert_array_equal(one.targets, changed.targets)


def test_values_and_targets_of_the_training_split_are_standardised():
    train = lengthwise.load_data(walk(), **OPTIONS, **SHARES).train
    for array in (train.values, train.targets):
        assert array.mean() == pytest.approx(0, abs=1e-5)
        assert array.std() == pytest.approx(1, abs=1e-5)


def test_many_series_of_a_table_are_cut_at_the_same_fractions(tmp_path):
    walks = {"a": walk(1), "b": walk(2, 80)}
    rows = [(name, t, value, t % 2) for name, series in walks.items() for t, value in enumerate(series)]
    pd.DataFrame(rows, columns=["id", "t", "sales", "weekend"]).to_csv(tmp_path / "shop.csv", index=False)
    dataset = lengthwise.load_data(tmp_path / "shop.csv", target="sales", **OPTIONS, **SHARES)
    assert dataset.task == "forecasting"
    assert dataset.features == ("sales", "weekend")
    assert dataset.num_outputs == HORIZON
    assert len(dataset.test) == (12 - HORIZON + 1) + (16 - HORIZON + 1)
    np.testing.assert_allclose(dataset.test.numbers[0], walks["a"][48:51], rtol=1e-5)
    np.testing.assert_allclose(dataset.test.numbers[-1], walks["b"][-3:], rtol=1e-5)
    again = lengthwise.load_data(dataset.name)
    assert again.checksum == dataset.checksum


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"horizon": None}, "but no horizon is given: give horizon"),
        ({"horizon": 0}, "horizon is 0, but must be 1 or more"),
        ({"relative": "ratio", "shift": -100}, "ratios need values above 0"),
        ({"lookback": 34}, "but 37 are needed to forecast 3 steps from a look-back of 34"),
        ({"horizon": 13, "lookback": 2}, "the validation split gets 12, but 13 are needed"),
    ],
)
def test_series_that_cannot_be_forecast_are_refused_with_a_sentence(options, sentence):
    series = walk() + options.pop("shift", 0)
    with pytest.raises((UsageError, DataError), match=sentence):
        lengthwise.load_data(series, **OPTIONS | options, **SHARES)


def test_an_exactly_periodic_series_cannot_be_scaled():
    with pytest.raises(DataError, match="repeats exactly with a season of 4"):
        lengthwise.load_data(np.tile([1.0, 2, 3, 4], 15), **OPTIONS, **SHARES)


def test_of_several_columns_the_one_to_forecast_must_be_named():
    frame = pd.DataFrame({"a": walk(), "b": walk(1)})
    with pytest.raises(UsageError, match="several columns that could be forecast: name one of a, b"):
        lengthwise.load_data(frame, **OPTIONS)


def test_a_horizon_without_the_task_is_refused():
    with pytest.raises(UsageError, match="horizon applies only to forecasting"):
        lengthwise.load_data(np.zeros((9, 4)), np.arange(9) % 3, horizon=3)


def test_options_of_the_command_line_become_options_of_the_name():
    assert add_options("a.csv?season=7&task=forecasting", {"season": 12, "horizon": 2}) == (
        "a.csv?task=forecasting&horizon=2&season=12"
    )
