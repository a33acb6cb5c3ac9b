"""One column of times, or several that belong together."""

import numpy as np
import pandas as pd
import pytest

from lengthwise.data.options import Options
from lengthwise.data.times import read_times
from lengthwise.errors import DataError


def read(frame, **options):
    columns = [frame[name] for name in frame]
    return read_times(columns, Options.make(options), lambda row: f"row {row}", "the frame")


def test_a_date_and_an_hour_or_a_time_of_day_are_one_time():
    for beside in ({"hour": [1, 24]}, {"time": ["01:00", "24:00"]}, {"clock": ["01:00:00", "24:00:00"]},
                   {"hour": ["HE01", "HE24"]}, {"time": [100, 2400]}, {"time": ["1.00.00", "24.00.00"]}):  # fmt: skip
        times = read(pd.DataFrame({"date": ["2026-01-01", "2026-01-01"], **beside}))
        assert times.values.tolist() == np.array(["2026-01-01T01", "2026-01-02T00"], "datetime64[ns]").tolist()


def test_year_month_day_and_hour_are_one_time():
    parts = {"year": [2010, 2010], "month": [1, 2], "day": [31, 1], "hour": [23, 0]}
    assert (
        read(pd.DataFrame(parts)).values.tolist()
        == np.array(["2010-01-31T23", "2010-02-01T00"], "datetime64[ns]").tolist()
    )
    months = read(pd.DataFrame(parts)[["year", "month"]])
    assert months.values.tolist() == np.array(["2010-01-01", "2010-02-01"], "datetime64[ns]").tolist()


def test_several_numbers_order_rows_one_after_the_other():
    times = read(pd.DataFrame({"lap": [2, 1, 1, 2], "tick": [0, 5, 3, 0]}))
    assert times.values.tolist() == [2, 1, 0, 2]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"date": ["2026-01-01", None]}, "row 1: column date is empty, but a row needs its time"),
        ({"date": ["2026-01-01", "soon"]}, "row 1: date is soon, but a time is a number, or a date such as"),
        ({"date": ["2026-01-01"], "hour": ["late"]}, "row 0: hour is late, but beside a date a time of day is needed"),
        ({"year": [2026], "month": [13]}, "row 0: year 2026, month 13 is not a date"),
        ({"year": [2026], "colour": ["red"]}, "row 0: colour is red, but after a year the columns of time are month"),
    ],
)
def test_what_is_no_time_is_refused_with_its_row(columns, message):
    with pytest.raises(DataError, match=message):
        read(pd.DataFrame(columns))


def test_an_afternoon_is_no_morning():
    times = read(pd.DataFrame({"date": ["2026-01-01"] * 3, "hour": ["01:00 PM", "12:00 AM", "11:30 pm"]}))
    expected = np.array(["2026-01-01T13:00", "2026-01-01T00:00", "2026-01-01T23:30"], "datetime64[ns]")
    assert times.values.tolist() == expected.tolist()
