"""Rows that are years or days, with a column for each of their months or hours."""

import numpy as np
import pandas as pd
import pytest

from lengthwise.data import load_data
from lengthwise.data.options import Options
from lengthwise.data.period_rows import parts_of_periods
from lengthwise.errors import UsageError

DAYS = 40
CLOCKS = {
    "HE": [f"HE{hour}" for hour in range(1, 25)],
    "hour_": [f"hour_{hour:02d}" for hour in range(24)],
    "plain": [str(hour) for hour in range(24)],
    "plain, by their ends": [str(hour) for hour in range(1, 25)],
    "times": [f"{hour:02d}:00" for hour in range(24)],
    "with seconds": [f"{hour}:00:00" for hour in range(24)],
    "German": [f"Stunde {hour}" for hour in range(24)],
    "ranges": [f"{hour:02d}:00-{hour + 1:02d}:00" for hour in range(24)],
    "half hours": [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(0, 1440, 30)],
    "quarters, by their ends": [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(15, 1441, 15)],
}


def days_of(names, days=DAYS):
    """A table of days, and its numbers in the order of time."""
    values = np.arange(days * len(names)) % 17 + np.random.default_rng(0).normal(size=days * len(names)).round(3)
    table = pd.DataFrame(values.reshape(days, -1), columns=names)
    table.insert(0, "Date", pd.date_range("2026-02-20", periods=days).strftime("%Y-%m-%d"))
    return table, values


@pytest.mark.parametrize("names", CLOCKS.values(), ids=CLOCKS)
def test_a_row_a_day_is_one_series(names):
    table, values = days_of(names)
    shuffled = table.iloc[::-1][[*names[::-1], "Date"]]
    series, rows, note = parts_of_periods(shuffled.reset_index(drop=True), Options())
    np.testing.assert_array_equal(series.value, values)
    step = 24 * 60 // len(names)
    assert series.time.tolist() == pd.date_range("2026-02-20", periods=len(values), freq=f"{step}min").tolist()
    np.testing.assert_array_equal(rows, np.arange(DAYS)[::-1].repeat(len(names)))
    assert note.startswith(f"each row is a day, and {names[0]} to {names[-1]} are its ")


def test_it_is_forecast_hour_by_hour_with_no_option(tmp_path):
    table, _ = days_of(CLOCKS["HE"], days=80)
    table.to_csv(tmp_path / "load.csv", index=False)
    dataset = load_data(tmp_path / "load.csv")
    assert (dataset.task, dataset.step_seconds, dataset.outlook.target) == ("forecasting", 3600.0, "value")
    with pytest.raises(UsageError, match=r"load\.csv has a row for each step|no column"):
        load_data(tmp_path / "load.csv", layout="long", target="value")
    assert load_data(tmp_path / "load.csv", layout="long", target="HE3").outlook.target == "HE3"


def test_days_of_several_meters_are_several_series():
    table, values = days_of(CLOCKS["times"], days=10)
    both = pd.concat([table.assign(meter="a"), table.assign(meter="b")], ignore_index=True)
    series, _, _ = parts_of_periods(both, Options())
    assert list(series) == ["meter", "time", "value"]
    np.testing.assert_array_equal(series.value[series.meter == "b"], values)


def test_days_of_the_week_and_totals_are_left_out():
    table, _ = days_of(CLOCKS["HE"], days=14)
    table["weekday"], table["total"] = pd.to_datetime(table.Date).dt.day_name(), 1.0
    series, _, note = parts_of_periods(table, Options())
    assert list(series) == ["time", "value"]
    assert note.endswith("layout=long, if a row is a step; weekday, total are left out")


def test_a_last_day_that_has_not_ended_ends_the_series():
    table, values = days_of(CLOCKS["times"], days=10)
    table.loc[9, CLOCKS["times"][7:]] = None
    table.loc[0, CLOCKS["times"][:2]] = None
    series, _, _ = parts_of_periods(table, Options())
    np.testing.assert_array_equal(series.value, values[2 : 9 * 24 + 7])
    assert str(series.time.iloc[0]) == "2026-02-20 02:00:00"


@pytest.mark.parametrize(
    ("change", "options"),
    [
        (lambda table: table.assign(label="a"), {}),
        (lambda table: table.assign(kind=["a", "b"] * 5), {}),
        (lambda table: table.drop(columns="07:00"), {}),
        (lambda table: table.drop(columns="Date"), {}),
        (lambda table: table.assign(Date=table.Date + " 03:00"), {}),
        (lambda table: pd.concat([table, table]), {}),
        (lambda table: table, {"target": "07:00"}),
        (lambda table: table, {"layout": "long"}),
        (lambda table: table, {"task": "classification"}),
    ],
)
def test_what_may_be_something_else_stays_as_it_is(change, options):
    table, _ = days_of(CLOCKS["times"], days=10)
    assert parts_of_periods(change(table), Options.make(options)) is None


def test_years_of_months_need_no_task(tmp_path):
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    values = np.random.default_rng(1).normal(size=(30, 12)).round(2)
    table = pd.DataFrame(values, columns=months)
    table.insert(0, "Year", np.arange(1990, 2020))
    table["J-D"] = values.mean(axis=1)
    table.loc[29, months[8:]] = None
    table.to_csv(tmp_path / "anomalies.csv", index=False)
    dataset = load_data(tmp_path / "anomalies.csv", standardize="none")
    assert (dataset.task, dataset.outlook.target) == ("forecasting", "value")
    assert any("J-D is left out" in note for note in dataset.reading.notes)
    several = pd.concat([table.assign(Station="A"), table.assign(Station="B")], ignore_index=True)
    series, _, _ = parts_of_periods(several, Options())
    assert list(series) == ["Station", "time", "value"]
