"""Numbers and text as times."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data.dates import Times, looks_like_time, times_of
from lengthwise.data.options import Options
from lengthwise.errors import UsageError


def read(cells, **options):
    return times_of(pd.Series(cells, name="day"), Options.make(options))


@pytest.mark.parametrize(
    ("cells", "dates"),
    [
        (["2026-01-31", "2026-02-01"], ["2026-01-31", "2026-02-01"]),
        (["2026-01-31 12:30:00", "2026-1-2"], ["2026-01-31T12:30", "2026-01-02"]),
        (["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"], ["2026-10-25T00:30", "2026-10-25T01:30"]),
        (["31/01/2026", "01/02/2026"], ["2026-01-31", "2026-02-01"]),
        (["01/31/2026", "02/01/2026"], ["2026-01-31", "2026-02-01"]),
        (["1.2.26", "2.2.26"], ["2026-02-01", "2026-02-02"]),
        (["31.01.2026 12:00:00,500"], ["2026-01-31T12:00:00.500"]),
        (["1/31/2026 5:00 PM", "1/31/2026 6:30 am"], ["2026-01-31T17:00", "2026-01-31T06:30"]),
        (["14 Jun 2022", "1 Jul 2022"], ["2022-06-14", "2022-07-01"]),
        (["14-Jun-22", "01-Jul-22"], ["2022-06-14", "2022-07-01"]),
        (["June 14, 2022"], ["2022-06-14"]),
        (["Jan-99"], ["1999-01-01"]),
        (["1990Q1", "1990-Q4"], ["1990-01-01", "1990-10-01"]),
        (["Q2 2001"], ["2001-04-01"]),
        (["2026-W01", "2026-W53"], ["2025-12-29", "2026-12-28"]),
        (["1949-01", "1949-12"], ["1949-01-01", "1949-12-01"]),
        ([20260131, 20260201], ["2026-01-31", "2026-02-01"]),
        ([31012026, 1022026], ["2026-01-31", "2026-02-01"]),
        (["31. Januar 2026", "1. März 2026"], ["2026-01-31", "2026-03-01"]),
        (["janv. 2026", "févr. 2026"], ["2026-01-01", "2026-02-01"]),
        (["31-ene-26", "1-ago-26"], ["2026-01-31", "2026-08-01"]),
        (["1 de maio de 2026 12:30"], ["2026-05-01T12:30"]),
        (["2026년 1월 31일", "2026년 12월 1일"], ["2026-01-31", "2026-12-01"]),
        (["T1 1990", "T4 1990"], ["1990-01-01", "1990-10-01"]),
        (["1T1990", "4T1990"], ["1990-01-01", "1990-10-01"]),
        (["01/1990", "12/1990"], ["1990-01-01", "1990-12-01"]),
        (["1990M01", "1990M12"], ["1990-01-01", "1990-12-01"]),
        ([199001, 199012], ["1990-01-01", "1990-12-01"]),
        (["2026. 1. 31.", "2026. 12. 1."], ["2026-01-31", "2026-12-01"]),
        (["20260131:0011", "20260131:0111"], ["2026-01-31T00:11", "2026-01-31T01:11"]),
        (["2026-031", "2026-365"], ["2026-01-31", "2026-12-31"]),
        ([2026031, 2026365], ["2026-01-31", "2026-12-31"]),
        ([2026013117, 2026020100], ["2026-01-31T17:00", "2026-02-01T00:00"]),
        ([202601311730, 202601311740], ["2026-01-31T17:30", "2026-01-31T17:40"]),
        (["2026-01-31 23:00", "2026-01-31 24:00"], ["2026-01-31T23:00", "2026-02-01T00:00"]),
        (["31.01.2026 23:00 - 31.01.2026 24:00"], ["2026-01-31T23:00"]),
        (["31.01.2026 17.30"], ["2026-01-31T17:30"]),
        ([1767225600, 1767225660], ["2026-01-01T00:00:00", "2026-01-01T00:01:00"]),
        (["1767225600.25", "1767225600.5"], ["2026-01-01T00:00:00.25", "2026-01-01T00:00:00.5"]),
        ([1767225600000, 1767225600020], ["2026-01-01T00:00:00", "2026-01-01T00:00:00.02"]),
        ([1767225600000000000, 1767225600000000100], ["2026-01-01", "2026-01-01T00:00:00.0000001"]),
    ],
)
def test_dates_in_many_forms(cells, dates):
    times = read(cells)
    assert times.dated
    assert times.values.tolist() == np.array(dates, "datetime64[ns]").tolist()


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        ([3, 1, 2], [3, 1, 2]),
        (["8,38", "8,39"], [8.38, 8.39]),
        (["00:00:05", "0:01:00.5"], [5, 60.5]),
        (["12:30", "13:00"], [45000, 46800]),
        (["1-11", "1-12", "2-01"], [23, 24, 25]),
        ([1000000, 1000001, 1000002], [1000000, 1000001, 1000002]),
        ([40_000_000_000, 40_020_000_000], [40_000_000_000, 40_020_000_000]),
        ([2**62 + 1, 2**62 + 101], [0, 100]),
    ],
)
def test_numbers_and_times_of_day_stay_numbers(cells, numbers):
    assert read(cells).values.tolist() == numbers


def test_a_date_that_may_begin_with_the_day_or_the_month_is_refused_with_the_option():
    for cells in (["02/01/2026", "03/01/2026"], [3012026, 2012026]):
        with pytest.raises(UsageError, match=r"column day has dates such as .* dayfirst=true or dayfirst=false"):
            read(cells)
        assert read(cells, dayfirst=True).values.max() == np.datetime64("2026-01-03")
        assert read(cells, dayfirst=False).values.max() == np.datetime64("2026-03-01")


def test_a_reading_that_may_be_wrong_is_said():
    assert read(["31/01/2026"]).notes == ("day was read as day, month and year: 31/01/2026 is 2026-01-31",)


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        (["1", "noon", "3"], [False, True, False]),
        (["2026-01-01", "2026-02-30", "2026-03-01"], [False, True, False]),
        (["31/01/2026", "30/02/2026"], [False, True]),
        (["13/01/2026", "14/01/2026", "01/15/2026"], [False, False, True]),
    ],
)
def test_cells_that_are_no_times_are_found(cells, wrong):
    assert np.asarray(read(cells)).tolist() == wrong


def test_text_that_holds_dates_looks_like_time():
    assert looks_like_time(pd.Series(["31.01.2026 12:00:00,000"]))
    assert looks_like_time(pd.Series(["1990Q1"]))
    assert not looks_like_time(pd.Series(["a1", "b2"]))
    assert not looks_like_time(pd.Series([1.5, 2.5]))


@given(
    st.lists(st.datetimes(pd.Timestamp("1971-01-01"), pd.Timestamp("2069-12-31")), min_size=1, max_size=20),
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d %b %Y %H:%M:%S", "%Y/%m/%d %H:%M:%S"]),
)
def test_dates_that_were_written_are_read_back(moments, form):
    expected = pd.Series(moments).dt.floor("s")
    times = read(expected.dt.strftime(form))
    assert isinstance(times, Times)
    assert times.values.tolist() == expected.to_numpy("datetime64[ns]").tolist()
