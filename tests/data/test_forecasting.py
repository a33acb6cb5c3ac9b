"""Origins, cuts in time, and what forecasts are held against, written out by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import lengthwise
from lengthwise.data import add_options
from lengthwise.errors import DataError, UsageError
from lengthwise.tasks.baselines import baseline_of

STEPS, HORIZON, LOOKBACK, SEASON = 60, 3, 8, 4
CUTS = {"train": (0, 36), "validation": (36, 48), "test": (48, 60)}
"""First step that is forecast for a split, and the first that no longer is; shares of 0.2."""

OPTIONS = {"task": "forecasting", "horizon": HORIZON, "lookback": LOOKBACK, "season": SEASON}
SHARES = {"validation": 0.2, "test": 0.2}


def walk(seed=0, steps=STEPS):
    return 50 + np.random.default_rng(seed).normal(size=steps).cumsum()


def naive_origins(split, horizon=HORIZON):
    """The origins of a split, one after another."""
    first, end = CUTS[split]
    return [
        origin
        for origin in range(STEPS)
        if origin + 1 >= max(first, LOOKBACK) and origin + horizon < end
    ]  # fmt: skip


@pytest.mark.parametrize("split", CUTS)
@pytest.mark.parametrize("relative", ["difference", "ratio", "none"])
def test_every_origin_has_its_past_and_its_future(split, relative):
    series = walk()
    found = lengthwise.load_data(series, relative=relative, **OPTIONS, **SHARES).split(split)
    origins = naive_origins(split)
    assert found.values.shape == (len(origins), LOOKBACK, 1)
    for i, origin in enumerate(origins):
        np.testing.assert_allclose(found.numbers[i], series[origin + 1 : origin + 1 + HORIZON], rtol=1e-5)
        past = series[origin + 1 - LOOKBACK : origin + 1]
        seen = {"difference": past - past[-1], "ratio": past / past[-1] - 1, "none": past}[relative]
        assert np.corrcoef(found.values[i, :, 0], seen)[0, 1] == pytest.approx(1, abs=1e-5)


def naive_errors(series, split, season, horizon=HORIZON):
    """The mean absolute error of the latest known value at the same place in the season, for each origin."""
    errors = []
    for origin in naive_origins(split, horizon):
        known = series[: origin + 1]
        for _ in range(horizon):
            known = np.append(known, known[-season])
        errors.append(np.abs(known[origin + 1 :] - series[origin + 1 : origin + 1 + horizon]).mean())
    return errors


def test_a_season_is_repeated_as_often_as_the_horizon_needs():
    series = walk() / 10 + np.tile([0, 5, 9], 20)
    found = lengthwise.load_data(series, **OPTIONS | {"season": 3, "horizon": 5}, **SHARES).test
    np.testing.assert_allclose(found.reference.errors, naive_errors(series, "test", 3, horizon=5), rtol=1e-9)
    assert found.reference.title == "the seasonal naive forecast, the value of 3 steps before"


def test_the_last_value_is_the_baseline_where_it_is_better_on_the_validation_split():
    series = walk()
    found = lengthwise.load_data(series, **OPTIONS, **SHARES)
    assert sum(naive_errors(series, "validation", 1)) < sum(naive_errors(series, "validation", SEASON))
    for split in CUTS:
        np.testing.assert_allclose(found.split(split).reference.errors, naive_errors(series, split, 1), rtol=1e-9)
    assert found.test.reference.title == "the naive forecast, the last value"


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
    for array in (np.asarray(train.values), train.targets):
        assert array.mean() == pytest.approx(0, abs=1e-5)
        assert array.std() == pytest.approx(1, abs=1e-5)


def test_many_series_of_a_table_are_read_by_name_again(tmp_path):
    walks = {"a": walk(1), "b": walk(2)}
    rows = [(name, t, value, t % 2) for name, series in walks.items() for t, value in enumerate(series)]
    pd.DataFrame(rows, columns=["id", "t", "sales", "weekend"]).to_csv(tmp_path / "shop.csv", index=False)
    dataset = lengthwise.load_data(tmp_path / "shop.csv", target="sales", **OPTIONS, **SHARES)
    assert dataset.task == "forecasting"
    assert dataset.features == ("sales", "weekend")
    assert dataset.num_outputs == HORIZON
    assert len(dataset.test) == 2 * (12 - HORIZON + 1)
    np.testing.assert_allclose(dataset.test.numbers[0], walks["a"][48:51], rtol=1e-5)
    np.testing.assert_allclose(dataset.test.numbers[-1], walks["b"][-3:], rtol=1e-5)
    again = lengthwise.load_data(dataset.name)
    assert again.checksum == dataset.checksum


def test_the_next_step_is_forecast_where_no_horizon_is_given():
    dataset = lengthwise.load_data(walk(), task="forecasting")
    assert dataset.outlook.horizon == 1
    assert "the next step is forecast: horizon=1, or more" in dataset.reading.notes
    assert "the next step is forecast: horizon=1, or more" not in lengthwise.load_data(walk(), **OPTIONS).reading.notes


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"horizon": 0}, "horizon is 0, but must be 1 or more"),
        ({"relative": "ratio", "shift": -100}, "ratios need values above 0"),
        ({"lookback": 34}, "but 37 are needed to forecast 3 steps from a look-back of 34"),
        ({"horizon": 13, "lookback": 2}, "the validation split gets 12, but 13 are needed, all of them known"),
    ],
)
def test_series_that_cannot_be_forecast_are_refused_with_a_sentence(options, sentence):
    series = walk() + options.pop("shift", 0)
    with pytest.raises((UsageError, DataError), match=sentence):
        lengthwise.load_data(series, **OPTIONS | options, **SHARES)


def test_an_exactly_periodic_series_cannot_be_scaled():
    with pytest.raises(DataError, match="repeats exactly with a season of 4"):
        lengthwise.load_data(np.tile([1.0, 2, 3, 4], 15), **OPTIONS, **SHARES)


def test_of_several_columns_the_last_is_forecast_where_none_is_named_and_of_features_one_must_be():
    frame = pd.DataFrame({"a": walk(), "b": walk(1)})
    assert lengthwise.load_data(frame, **OPTIONS).outlook.target == "b"
    with pytest.raises(UsageError, match="several columns that could be forecast: name one of a, b"):
        lengthwise.load_data(frame, features=("a", "b"), **OPTIONS)


def test_a_horizon_without_the_task_is_refused():
    with pytest.raises(UsageError, match="horizon applies only to forecasting"):
        lengthwise.load_data(np.zeros((9, 4)), np.arange(9) % 3, horizon=3)


def test_options_of_the_command_line_become_options_of_the_name():
    assert add_options("a.csv?season=7&task=forecasting", {"season": 12, "horizon": 2}) == (
        "a.csv?task=forecasting&horizon=2&season=12"
    )


def test_numbers_far_from_zero_keep_their_differences():
    series = 312_000_000 + np.random.default_rng(0).normal(size=80).cumsum()
    near, far = (lengthwise.load_data(one, **OPTIONS, **SHARES) for one in (series - 312_000_000, series))
    np.testing.assert_allclose(near.train.values, far.train.values, atol=1e-6)
    np.testing.assert_allclose(far.train.numbers[0], series[LOOKBACK : LOOKBACK + HORIZON], rtol=0, atol=1e-5)


def test_a_table_of_numbers_far_from_zero_keeps_their_differences(tmp_path):
    meter = 312_000_000 + np.random.default_rng(0).normal(size=80).cumsum()
    pd.DataFrame({"t": np.arange(80), "meter": meter}).to_csv(tmp_path / "meter.csv", index=False)
    far = lengthwise.load_data(tmp_path / "meter.csv", **OPTIONS, **SHARES)
    near = lengthwise.load_data(meter - 312_000_000, **OPTIONS, **SHARES)
    np.testing.assert_allclose(near.train.values, far.train.values, atol=1e-6)


def test_a_ratio_is_of_the_target_alone():
    degrees = np.random.default_rng(1).normal(size=STEPS)
    frame = pd.DataFrame({"sales": walk(), "degrees": degrees})
    train = lengthwise.load_data(frame, target="sales", relative="ratio", **OPTIONS, **SHARES).train
    assert np.corrcoef(train.values[0, :, 0], walk()[:LOOKBACK])[0, 1] == pytest.approx(1)
    assert np.corrcoef(train.values[0, :, 1], degrees[:LOOKBACK])[0, 1] == pytest.approx(1)


@pytest.mark.parametrize("relative", ["none", "difference"])
def test_what_was_chosen_is_said_and_may_be_given(relative):
    noise = np.random.default_rng(0).normal(size=300)
    series = noise if relative == "none" else noise.cumsum()
    chosen = lengthwise.load_data(series, task="forecasting", horizon=1).outlook
    assert (chosen.relative, chosen.season, chosen.lookback) == (relative, 1, 52)
    words = {"none": "the values themselves", "difference": "differences to the last known value"}
    assert chosen.chosen.startswith(f"forecast: from {words[relative]} (relative={relative}: its level is ")
    assert chosen.chosen.endswith("; no season (season=1: none was found in the training part)")
    given = lengthwise.load_data(series, task="forecasting", horizon=1, relative="ratio" if noise is None else "none")
    assert "relative" not in given.outlook.reasons


def test_a_training_has_the_same_bits_whether_look_backs_are_kept_or_computed_when_they_are_read(monkeypatch):
    def trained():
        data = lengthwise.load_data(walk(), relative="difference", **OPTIONS, **SHARES)
        kept = isinstance(data.train.whole.values, np.ndarray)
        found = lengthwise.train(data, seq_len=3, hidden_size=5, batch_size=4, sampling="crops", steps=40, quiet=True)
        return kept, found.parameters, found.evaluation

    kept = trained()
    monkeypatch.setattr("lengthwise.data.lookbacks.FEW_VALUES", 0)
    read = trained()
    assert (kept[0], read[0]) == (True, False)
    assert all(np.array_equal(kept[1][name], read[1][name]) for name in kept[1])
    assert kept[2].loss == read[2].loss


def daily(steps=400, season=7, seed=0):
    noise = np.random.default_rng(seed).normal(size=steps)
    return 20 + 3 * np.sin(2 * np.pi * np.arange(steps) / season) + 0.5 * noise


def test_the_usual_look_back_reaches_the_season_and_the_one_before():
    def lookback(steps, season):
        return lengthwise.load_data(walk(0, steps), task="forecasting", horizon=6, season=season).outlook.lookback

    assert lookback(100, 1) == 16  # a quarter of the 70 steps to train, less the horizon
    assert lookback(100, 20) == 21
    assert lookback(100, 40) == 16  # more than half
    assert lookback(130, 13) == 27  # twice the season is within a third of 91


def table(series, **columns):
    """A table of some series by name, each with the days from its first one."""
    rows = [
        {"id": name, "date": day, "sales": value}
        for name, (first, values) in series.items()
        for day, value in zip(pd.date_range(first, periods=len(values)), values, strict=True)
    ]
    return pd.DataFrame(rows).assign(**columns)


def test_series_of_unequal_length_are_cut_at_dates():
    frame = table({"long": ("2024-01-01", daily(400)), "late": ("2024-10-01", daily(126, seed=1))})
    dataset = lengthwise.load_data(frame, task="forecasting", horizon=1, lookback=7, season=7)
    # 526 steps, of which the last 79, and the 79 before, are those of the test and of validation.
    dates = np.sort(np.concatenate([frame.date[frame.id == name].to_numpy() for name in ("long", "late")]))
    test = dates[-79]
    validation = dates[dates < test][-79]
    counts = [int(((frame.date >= first) & (frame.date < end)).sum()) for first, end in
              ((validation, test), (test, np.datetime64("2030-01-01")))]  # fmt: skip
    assert [len(dataset.validation), len(dataset.test)] == counts
    assert dataset.reading.notes == ()


def test_series_of_unequal_length_without_times_are_cut_at_fractions_and_that_is_said():
    frame = pd.DataFrame({"id": ["a"] * 100 + ["b"] * 60, "y": np.r_[walk(1, 100), walk(2, 60)]})
    dataset = lengthwise.load_data(frame, task="forecasting", horizon=1, lookback=4)
    assert len(dataset.test) == 15 + 9
    assert any("no times are known: each series is cut at the same fractions" in note for note in dataset.reading.notes)


def test_short_and_constant_series_are_left_out_by_name():
    long = {name: ("2024-01-01", daily(200, seed=seed)) for seed, name in enumerate("abc")}
    short = {"short": ("2024-01-01", daily(20))}
    flat = {"flat": ("2024-01-01", np.full(200, 3.0))}
    whole = lengthwise.load_data(table(long), task="forecasting", horizon=1)
    dataset = lengthwise.load_data(table(long | short | flat), task="forecasting", horizon=1)
    assert dataset.outlook.lookback == whole.outlook.lookback == 34
    assert dataset.reading.notes == (
        "flat left out: it is constant in the training part",
        "short left out: it has fewer than 35 training steps, which a look-back of 34 needs",
    )


def test_a_series_that_begins_in_the_test_is_left_out_by_name():
    frame = table({"a": ("2024-01-01", daily(300)), "new": ("2024-10-20", daily(7))})
    notes = lengthwise.load_data(frame, task="forecasting", horizon=1).reading.notes
    assert notes == ("new left out: nothing of it is in the training part",)


def test_constant_series_alone_are_refused_with_a_sentence():
    with pytest.raises(DataError, match="has no series that changes in its training part"):
        lengthwise.load_data(np.ones(100), task="forecasting", horizon=1)


def test_a_series_of_three_years_by_month_is_enough_for_one_month_and_not_for_twelve():
    months = walk(3, 36)
    dataset = lengthwise.load_data(months, task="forecasting", horizon=1)
    assert [len(dataset.split(split)) for split in CUTS] == [20, 5, 5]
    with pytest.raises(DataError, match="36 steps, too few to forecast 12 ahead, for which at least 52 are needed; "
                                        "choose horizon=6 or less"):  # fmt: skip
        lengthwise.load_data(months, task="forecasting", horizon=12)
    assert len(lengthwise.load_data(months, task="forecasting", horizon=6).test) == 5


def test_missing_values_are_filled_by_the_training_part_and_not_forecast():
    series = walk(4, 200)
    later = series.copy()
    later[150:] += 50
    for data in (series, later):
        data[[20, 60, 160]] = np.nan
    one, changed = (lengthwise.load_data(data, task="forecasting", horizon=1, lookback=3, missing="mean",
                                         relative="none") for data in (series, later))  # fmt: skip
    np.testing.assert_array_equal(one.train.values, changed.train.values)
    mean = np.nanmean(series[:140])
    read = one.train.values[17, :, 0]  # the origin at 20, whose own value is missing
    scaled = (read[2] - read[1]) / (one.train.values[16, 2, 0] - one.train.values[16, 1, 0])
    assert scaled == pytest.approx((mean - series[19]) / (series[18] - series[17]), rel=1e-4)
    assert [len(one.split(split)) for split in CUTS] == [140 - 3 - 2, 29, 30]
    assert one.reading.notes == ("3 values to forecast missing: filled (missing=mean), and not forecast",)


def test_missing_values_are_filled_forward_by_default_and_refused_on_request():
    series = walk(4, 200)
    series[20] = np.nan
    options = {"task": "forecasting", "horizon": 1, "lookback": 3, "relative": "difference"}
    train = lengthwise.load_data(series, **options).train
    assert train.values[17, 1, 0] == train.values[17, 2, 0]
    with pytest.raises(DataError, match="sequence 0, step 20, feature 0 is missing"):
        lengthwise.load_data(series, missing="refuse", **options)


def test_a_missing_value_is_filled_by_that_of_a_season_before_by_default():
    series = daily(300)
    series[100] = np.nan
    dataset = lengthwise.load_data(series, task="forecasting", horizon=1, lookback=8, season=7, relative="none")
    after = 100 - 8  # the origin at 100: the origins begin at 7, and that at 99 would forecast what is missing
    assert dataset.train.values[after, 7, 0] == dataset.train.values[after, 0, 0]
    naive = [abs(series[107] - series[93]), abs(series[108] - series[101])]
    np.testing.assert_allclose(dataset.train.reference.errors[[after + 6, after + 7]], naive, rtol=1e-9)


def test_few_steps_that_are_missing_in_time_are_filled_and_no_window_crosses_many():
    frame = table({"a": ("2024-01-01", daily(300))}).drop(columns="id")
    kept = frame.drop(index=[50, *range(100, 120)])
    dataset = lengthwise.load_data(kept, task="forecasting", horizon=1, lookback=7, season=7)
    assert dataset.reading.notes == (
        "1 step missing in time: filled (by the last value, or that of a season before), and not forecast",
        "1 gap of more than 3 steps in time: no window crosses one",
    )
    # Of 280 steps, 42 are in each judged part. The step that was missing is not forecast, nor the first seven behind
    # the gap.
    assert [len(dataset.split(split)) for split in CUTS] == [280 - 84 - 7 - 1 - 7, 42, 42]
    whole = lengthwise.load_data(kept.reset_index(drop=True).assign(date=range(279)), task="forecasting", horizon=1,
                                 lookback=7, season=7)  # fmt: skip
    assert len(whole.train) == 279 - 84 - 7


def test_a_target_that_is_missing_for_long_is_crossed_by_no_window_unless_asked():
    series = daily(300)
    series[100:120] = np.nan
    options = {"task": "forecasting", "horizon": 1, "lookback": 7, "season": 7}
    assert len(lengthwise.load_data(series, **options).train) == 210 - 7 - 20 - 7
    assert len(lengthwise.load_data(series, missing="forward", **options).train) == 210 - 7 - 20


def test_steps_of_months_are_regular():
    frame = pd.DataFrame({"month": pd.date_range("2010-01-31", periods=120, freq="ME"), "y": daily(120, 12)})
    outlook = lengthwise.load_data(frame, task="forecasting", horizon=1, time="month").outlook
    assert (outlook.step, outlook.season) == ("1 month", 12)


def test_a_series_that_repeats_exactly_is_read_if_its_season_was_not_given():
    dataset = lengthwise.load_data(np.tile([1.0, 2, 5, 4], 25), task="forecasting", horizon=1)
    assert dataset.outlook.season == 4
    assert baseline_of(dataset).validation == 0


def test_look_backs_share_the_memory_of_their_series():
    series = walk(0, 5_000)[:, None] * np.ones(7)
    dataset = lengthwise.load_data(series[None], task="forecasting", horizon=1, lookback=128)
    assert dataset.train.values.shape == (3_500 - 128, 128, 7)
    assert dataset.train.values.nbytes < 2 * series.nbytes
    assert sum(dataset.split(split).values[0].nbytes for split in CUTS) == 3 * 128 * 7 * 4


def test_a_network_learns_from_look_backs_what_it_learns_from_an_array():
    dataset = lengthwise.load_data(walk(0, 150), **OPTIONS)
    copied = replace(
        dataset,
        **{split: replace(part, values=np.asarray(part.values)) for split in CUTS if (part := dataset.split(split))},
    )
    settings = {"hidden_size": 4, "num_layers": 1, "batch_size": 8, "seq_len": 5, "steps": 12, "quiet": True}
    one, other = (lengthwise.train(data, **settings) for data in (dataset, copied))
    for name, values in one.parameters.items():
        np.testing.assert_array_equal(values, other.parameters[name])
    assert one.evaluation.score == other.evaluation.score


def test_a_list_of_series_of_different_lengths_and_a_series_with_dates_are_read():
    one, other = walk(1, 100), walk(2, 60)
    dataset = lengthwise.load_data([one, other], task="forecasting", horizon=1, lookback=4)
    assert len(dataset.train) == (70 - 4) + (42 - 4)
    np.testing.assert_allclose(dataset.train.numbers[-1], other[41], rtol=1e-6)
    dated = pd.Series(one, index=pd.date_range("2026-01-01", periods=100))
    assert lengthwise.load_data(dated, task="forecasting", horizon=1).outlook.step == "1 day"
