"""A series in each row and a column for each date or year."""

import numpy as np
import pandas as pd
import pytest

import lengthwise
from lengthwise.data.dated_columns import series_of_rows
from lengthwise.data.options import Options

ROWS, DATES = 12, pd.date_range("2020-01-22", periods=100)
HEADERS = {
    "years": [str(year) for year in range(1924, 2024)],
    "the World Bank's years": [f"{year} [YR{year}]" for year in range(1924, 2024)],
    "ISO": DATES.strftime("%Y-%m-%d").tolist(),
    "Johns Hopkins": [f"{day.month}/{day.day}/{day:%y}" for day in DATES],
    "German": DATES.strftime("%d.%m.%Y").tolist(),
    "months": pd.date_range("2001-01", periods=100, freq="MS").strftime("%Y-%m").tolist(),
    "months by name": pd.date_range("2001-01", periods=100, freq="MS").strftime("%b-%Y").tolist(),
}


def table_of(header, **names):
    values = np.random.default_rng(0).normal(size=(ROWS, len(header))).cumsum(axis=1).round(2)
    table = pd.DataFrame(values, columns=header)
    for name, column in (names or {"place": [f"Place {row}" for row in range(ROWS)]}).items():
        table.insert(0, name, column)
    return table, values


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_each_row_is_a_series(header):
    table, values = table_of(header)
    frame, rows, notes, doubts = series_of_rows(table, Options())
    assert list(frame) == ["place", "time", "value"]
    np.testing.assert_array_equal(frame.value, values.ravel())
    np.testing.assert_array_equal(rows, np.arange(ROWS).repeat(100))
    assert frame.time.iloc[:100].is_monotonic_increasing
    assert (frame.time.iloc[0], doubts) == (frame.time.iloc[100], ())
    assert notes[0].startswith(f"each row is a series, and {header[0]} to {header[-1]} are its ")


@pytest.mark.parametrize(("header", "seconds"), [("ISO", 86400.0), ("years", 365.2425 * 86400)])
def test_it_is_forecast_with_no_option(tmp_path, header, seconds):
    table, _ = table_of(HEADERS[header])
    table.to_csv(tmp_path / "places.csv", index=False)
    dataset = lengthwise.load_data(tmp_path / "places.csv")
    assert (dataset.task, dataset.outlook.target, dataset.step_seconds) == ("forecasting", "value", seconds)
    assert lengthwise.load_data(table).checksum == dataset.checksum


def test_series_begin_and_end_with_their_values():
    table, values = table_of(HEADERS["years"])
    table = table.astype(object)
    table.iloc[3, 1:31], table.iloc[5, 91:], table.iloc[7, 50] = "..", None, None
    frame, *_ = series_of_rows(table, Options())
    lengths = frame.groupby("place", sort=False).size().tolist()
    assert lengths == [100, 100, 100, 70, 100, 90, 100, 100, *[100] * 4]
    assert frame.value[frame.place == "Place 3"].iloc[0] == values[3, 30]


def test_several_columns_may_name_a_series_and_cells_of_these_be_empty():
    table, _ = table_of(HEADERS["Johns Hopkins"], country=["A", "A", "B"] * 4, state=[*"abcdefgh", *[None] * 4])
    assert series_of_rows(table, Options()) is None  # three rows of A have no state
    table["state"] = [*"abcdefgh", *[None] * 2, "i", "j"]
    frame, *_ = series_of_rows(table.drop(index=9), Options())
    assert list(frame) == ["state", "time", "value"]
    assert frame.state.unique().tolist() == [*"abcdefgh", "-", "i", "j"]


def test_words_that_repeat_may_be_labels_and_are_doubted():
    table, _ = table_of(HEADERS["ISO"], kind=["a", "b"] * 6, place=[f"Place {row}" for row in range(ROWS)])
    assert series_of_rows(table, Options()).doubts == (
        "the series are forecast, and kind left out: target=COLUMN, if one is the label of each row",
    )


def test_curves_with_a_label_are_classified_as_before():
    table, values = table_of(HEADERS["ISO"])
    waves = np.sin(np.arange(100) / 9 + np.arange(ROWS)[:, None]) + 1e-3 * values
    crops = pd.DataFrame(waves, columns=HEADERS["ISO"]).assign(crop=["oats", "rye", "peas"] * 4)
    assert lengthwise.load_data(crops).task == "classification"
    assert lengthwise.load_data(crops.drop(columns="crop").assign(field=table.place)).task == "forecasting"


def test_rows_without_names_are_numbered():
    table, _ = table_of(HEADERS["ISO"], size=np.arange(ROWS))
    frame, _, notes, _ = series_of_rows(table, Options())
    assert frame.row.unique().tolist() == [str(row) for row in range(ROWS)]
    assert notes[0].endswith("size is left out")


@pytest.mark.parametrize(
    ("table", "options"),
    [
        (table_of(HEADERS["years"], size=np.arange(ROWS))[0], {}),  # numbers beside numbers: perhaps wavelengths
        (table_of(HEADERS["ISO"], label=["a", "b"] * 6)[0], {}),
        (table_of(HEADERS["ISO"], kind=["a", "b"] * 6)[0], {}),
        (table_of(HEADERS["ISO"][::-1])[0], {}),
        (table_of(HEADERS["ISO"][:7])[0], {}),
        (table_of([f"d_{day}" for day in range(100)])[0], {}),
        (table_of([f"{row}-{column}" for row in range(1, 11) for column in range(1, 11)])[0], {}),
        (table_of([f"{1100 + 2.5 * step}" for step in range(100)])[0], {}),
        (table_of(HEADERS["ISO"])[0], {"layout": "long"}),
        (table_of(HEADERS["ISO"])[0], {"target": "place"}),
        (table_of(HEADERS["ISO"])[0], {"task": "classification"}),
    ],
)
def test_what_may_be_something_else_stays_as_it_is(table, options):
    assert series_of_rows(table, Options.make(options)) is None
