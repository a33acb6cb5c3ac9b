"""Which column of a table has which use."""

import numpy as np
import pandas as pd
import pytest

from lengthwise.data.columns import find_columns, numbered
from lengthwise.data.options import Options
from lengthwise.errors import DataError, UsageError


def frame(**columns):
    """Make a table of two sequences of three steps."""
    usual = {"id": [0, 0, 0, 1, 1, 1], "x": [0.5, 0.1, 0.4, 0.9, 0.2, 0.7], "label": list("aaabbb")}
    return pd.DataFrame(usual | columns)


def find(table, **options):
    return find_columns(table, Options.make(options), "the frame")


DAYS = [f"2026-01-0{day}" for day in (1, 2, 3)] * 2


@pytest.mark.parametrize("name", ["unique_id", "item_id", "#Sequence ID", "Series", "trial", "Case_ID"])
def test_names_of_sequences_are_known(name):
    assert find(frame().rename(columns={"id": name})).sequence == (name,)


@pytest.mark.parametrize("name", ["ds", "time_idx", "Timestamp", "DATE", "time", "t"])
def test_names_of_times_are_known(name):
    assert find(frame(**{name: [0, 1, 2] * 2})).time == (name,)


def test_t_is_not_preferred_to_a_date_and_a_temperature_is_no_time():
    assert find(frame(t=[1.5, 1.2, 1.4] * 2, date=DAYS)).time == ("date",)
    found = find(frame(T=[1.5, 1.2, 1.4] * 2))
    assert (found.time, found.rest) == ((), ("x", "T"))
    assert found.notes == ("T is not taken for the time, as its values do not count: time=T, if it is",)


def test_whole_degrees_are_no_time_and_a_shuffled_clock_is():
    assert find(frame(T=[21, 25, 22, 24, 20, 23])).time == ()
    assert find(frame(t=[20, 0, 10, 10, 20, 0])).time == ("t",)


def test_a_column_of_dates_is_the_time_whatever_its_name():
    found = find(frame(Zeit=DAYS))
    assert found.time == ("Zeit",)
    assert found.notes == ("Zeit holds dates, and is taken for the time: time=none, if it is not",)


def test_dates_beside_hours_or_times_of_day_belong_together():
    assert find(frame(date=DAYS, hour=[1, 2, 3] * 2)).time == ("date", "hour")
    assert find(frame(Date=DAYS, Time=["10:00:00", "11:00:00", "12:00:00"] * 2)).time == ("Date", "Time")
    assert find(frame(date=DAYS, Hour=["01:00 AM", "02:00 AM", "01:00 PM"] * 2)).time == ("date", "Hour")
    assert find(frame(date=[20260101, 20260101, 20260102] * 2, time=[0, 1200, 30] * 2)).time == ("date", "time")
    assert find(frame(date=[f"{day} 10:00" for day in DAYS], hour=[1, 2, 3] * 2)).time == ("date",)
    parts = {"year": [2026] * 6, "month": [1] * 6, "day": [1, 2, 3] * 2, "hour": [0] * 6}
    assert find(frame(**parts)).time == ("year", "month", "day", "hour")


def test_time_may_be_no_column():
    assert find(frame(time=[0, 1, 2] * 2), time="none").time == ()


def test_the_target_is_never_a_group():
    table = frame().rename(columns={"label": "subject"})
    found = find(table, target="subject")
    assert (found.target, found.group) == ("subject", None)
    found = find(frame().rename(columns={"id": "subject"}), sequence="subject")
    assert (found.sequence, found.group) == (("subject",), None)


def test_of_several_names_of_a_sequence_the_person_is_the_group():
    found = find(frame(night=[0, 0, 1, 0, 0, 1], subject=[0, 0, 0, 1, 1, 1]), sequence=["subject", "night"])
    assert (found.sequence, found.group) == (("subject", "night"), "subject")
    codes, names = numbered(frame(night=[0, 0, 1, 0, 0, 1]), ("id", "night"))
    assert (codes.tolist(), names) == ([0, 0, 1, 2, 2, 3], ["0, 0", "0, 1", "1, 0", "1, 1"])


def test_an_id_that_is_different_in_every_row_names_no_sequence():
    found = find(frame(id=range(6), date=[f"2026-01-0{day}" for day in range(1, 7)]), task="forecasting", target="x")
    assert found.sequence == ()
    assert "id is different in every row, and is not taken for the name of a sequence" in found.notes


def test_series_with_the_same_times_are_told_apart_by_the_only_column_that_does():
    table = pd.DataFrame({"date": DAYS, "store": list("aaabbb"), "sales": np.arange(6.0), "note": list("cdcdcd")})
    found = find(table.drop(columns="note"), task="forecasting")
    assert found.sequence == ("store",)
    assert "sequence=store" in found.notes[0]
    two = pd.DataFrame({"ds": [1, 1, 1, 1], "a": list("xxyy"), "b": list("uvuv"), "y": np.arange(4.0)})
    assert find(two, task="forecasting").sequence == ("a", "b")


@pytest.mark.parametrize(
    ("table", "options", "error", "message"),
    [
        (frame().drop(columns="id"), {}, UsageError, r"no column for the sequence of each row: .* layout=wide"),
        (frame().drop(columns="label"), {}, UsageError, r"no column for the label .* target=COLUMN, or .*forecasting"),
        (frame(), {"time": ["id", "hour"]}, UsageError, "has no column 'hour': its columns are id, x, label"),
        (frame().set_axis(["id", "x", "x"], axis=1), {}, DataError, "has two columns called x"),
    ],
)
def test_what_is_missing_is_refused_with_the_option(table, options, error, message):
    with pytest.raises(error, match=message):
        find(table, **options)


def test_hours_and_rare_rows_with_the_same_time_tell_no_series_apart():
    hours = pd.DataFrame({"date": DAYS[:3] * 2, "slot": ["10:00"] * 3 + ["11:00"] * 3, "sales": np.arange(6.0)})
    assert find(hours, task="forecasting").sequence == ()
    twice = pd.DataFrame({"date": [*range(9), 8], "flag": [*"a" * 9, "b"], "sales": np.arange(10.0)})
    assert find(twice, task="forecasting").sequence == ()


def test_a_column_of_splits_may_have_other_names_and_words():
    assert find(frame(set=["Training", "val", "Test"] * 2)).split == "set"
    assert find(frame(set=["red", "blue", "red"] * 2)).split is None


def test_series_that_stand_one_below_the_other_are_not_glued():
    frame = pd.DataFrame({"region": np.repeat(["N", "S"], 10), "week": [*range(10)] * 2, "sales": np.arange(20) % 7})
    found = find(frame, task="forecasting")
    assert (found.sequence, found.time) == (("region",), ("week",))
    blocks = frame.drop(columns="week")
    with pytest.raises(UsageError, match=r"2 words in column region, .* give sequence=region, or time=none"):
        find(blocks, task="forecasting")
    assert find(blocks, task="forecasting", time="none").sequence == ()
    assert find(frame[:10].drop(columns="region"), task="forecasting").time == ("week",)


def test_numbers_may_tell_series_apart():
    frame = pd.DataFrame({"date": np.repeat(np.arange(9), 3), "shop": [1, 2, 3] * 9, "sales": np.arange(27) * 7 % 25})
    found = find(frame, task="forecasting")
    assert found.sequence == ("shop",)
    assert found.notes == ("several rows have the same time, and shop tells their series apart: sequence=shop",)


def test_y_is_no_target_beside_another_axis_with_its_unit():
    with pytest.raises(UsageError, match="no column for the label"):
        find(frame().drop(columns=["label", "x"]).assign(**{"X [m/s²]": range(6), "y": range(6)}))
