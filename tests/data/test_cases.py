"""Files of the kinds that people asked for help with, small ones of our own: read right, or refused with what helps."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

import lengthwise
from lengthwise.data.step_time import MONTH
from lengthwise.errors import LengthwiseError

RANDOM = np.random.default_rng(0)
FORECAST: dict[str, Any] = {"task": "forecasting", "horizon": 1}
DAYS = pd.date_range("2026-01-01", periods=90)
HOURS = pd.date_range("2026-01-01", periods=240, freq="h")


class Case(NamedTuple):
    """What a file is called, what is in it, with which options it is read, and what is found, or the refusal."""

    name: str
    text: str | Callable[[Path], None]
    options: dict[str, Any]
    found: dict[str, Any]
    said: str = ""
    refused: str = ""


def sequences(count=24, steps=8, **more):
    """Make a table of sequences of two classes, whose names of columns are to be given."""
    frame = pd.DataFrame({
        "id": np.repeat(np.arange(count), steps), "t": np.tile(np.arange(steps), count),
        "x": RANDOM.normal(size=count * steps).round(3),
        "label": np.repeat(np.array(["a", "b"])[np.arange(count) % 2], steps),
    })  # fmt: skip
    return frame.assign(**more)


def csv(frame, **how):
    return frame.to_csv(index=False, **how)


def daily(name="sales", days=DAYS, **more):
    return pd.DataFrame({"date": days, name: (20 + RANDOM.normal(size=len(days))).round(2)} | more)


def beats():
    rows = [np.r_[RANDOM.normal(size=9 + at % 5).round(3), np.zeros(8 - at % 5), at % 3] for at in range(60)]
    return "\n".join(",".join(f"{cell:.4e}" for cell in row) for row in rows) + "\n"


def two_axes(path):
    np.savez(path, X=RANDOM.normal(size=(60, 3, 40)).cumsum(axis=2), y=np.array(["left", "right"])[np.arange(60) % 2])


def one_hot(path):
    np.savez(path, X=RANDOM.normal(size=(60, 40, 3)), y=np.eye(2)[np.arange(60) % 2])


def folders(path):
    for at, (_, own) in enumerate(sequences().groupby("id")):
        (path / own.label.iloc[0]).mkdir(parents=True, exist_ok=True)
        own[["x"]].to_csv(path / own.label.iloc[0] / f"{at}.csv", index=False)


def stages(nights=2, people=10, steps=30):
    rows = [(who, night, epoch) for who in range(people) for night in range(nights) for epoch in range(steps)]
    frame = pd.DataFrame(rows, columns=["subject", "night", "epoch"])
    return frame.assign(f1=RANDOM.normal(size=len(frame)).round(3), stage=RANDOM.choice(["W", "REM"], len(frame)))


def pauses():
    rows = sequences(12, 20).rename(columns={"id": "subject"})
    seconds = rows.t * 20 + 600_000 * (rows.t >= 10)
    rows = rows.assign(timestamp=pd.Timestamp("2026-03-01") + pd.to_timedelta(seconds, "ms"), activity=rows.x > 0)
    return rows[["subject", "timestamp", "x", "activity"]].sample(frac=1, random_state=0)


LABELLED = [
    Case("index.csv", csv(sequences().reset_index(names="Unnamed: 0")), {}, {"features": ("x",)},
         "Unnamed: 0 counts rows"),
    Case("group.csv", csv(sequences(group_id=lambda f: f.id % 5)), {}, {"features": ("x",)},
         "group_id never changes within"),
    Case("spaces.csv", csv(sequences()).replace("label", " class_label", 1), {}, {"classes": ("a", "b")}),
    Case("none.csv", csv(sequences()).replace(",a", ",None"), {}, {"classes": ("None", "b")}),
    Case("float.csv", csv(sequences(label=lambda f: (f.id % 2).astype(float))), {}, {"task": "classification"},
         "whole numbers"),
    Case("subject.csv", csv(sequences().rename(columns={"label": "subject"})), {"target": "subject"},
         {"group_names": ()}),
    Case("semicolon.csv", csv(sequences(), sep=";", decimal=","), {}, {"features": ("x",)},
         "with , as the decimal sign"),
    Case("old.csv", lambda path: path.write_bytes(csv(sequences()).replace("x", "größe", 1).encode("cp1252")), {},
         {"features": ("größe",)}, "read as cp1252"),
    Case("axes.csv", csv(sequences().rename(columns={"x": "X [m/s²]"}).assign(y=1.5)), {"target": "label"},
         {"task": "classification"}),
    Case("clock.csv",
         csv(sequences(4, 8, t=lambda f: [f"2026-03-29T0{1 + (k > 3)}:59:5{k}+0{1 + (k > 3)}:00" for k in f.t])),
         {}, {"num_steps": 8}),
    Case("beats.csv", beats(), {}, {"num_steps": 17, "num_classes": 3}, "looks like padding: padding=0"),
    Case("axes.npz", two_axes, {}, {"num_steps": 40, "input_size": 3}, "layout=channels_last"),
    Case("hot.npz", one_hot, {}, {"num_classes": 2}, "one 1 in each row"),
    Case("recordings", folders, {}, {"classes": ("a", "b")}),
    Case("nights.csv", csv(stages()), {"target": "stage"}, {"task": "tagging", "grouped_by": "subject"},
         "subject and night tell sequences apart"),
    Case("people.csv", csv(pauses()), {}, {"task": "tagging"}, "12 gaps of time cut recordings"),
    Case("machine.csv", csv(pd.DataFrame({"f": RANDOM.normal(size=900), "label": np.arange(900) // 7 % 2})), {},
         {"task": "tagging"}, "one recording, divided by time"),
    Case("wear.csv", csv(sequences(wear=lambda f: f.x.rolling(3).mean().fillna(0)).drop(columns="label")),
         {"target": "wear"},
         {"task": "step_regression"}),
    Case("next.csv", csv(sequences(note=lambda f: RANDOM.integers(60, 66, len(f))).rename(columns={"id": "piece"})),
         {"target": "note"}, {"task": "tagging"}, "piece tells sequences apart"),
    Case("notes.csv", csv(sequences(note=lambda f: RANDOM.integers(60, 66, len(f)))[["id", "t", "note"]]),
         {"task": "language"}, {"task": "language", "num_classes": 6}),
    Case("users.csv",
         csv(pauses().rename(columns={"subject": "user", "timestamp": "timestamp_ms"})
             .assign(timestamp_ms=lambda f: f.timestamp_ms.astype("datetime64[ms]").astype(np.int64))),
         {}, {"features": ("x",)}, "read as Unix time in milliseconds"),
    Case("state.csv", csv(pd.DataFrame({"f": RANDOM.normal(size=90), "state": np.repeat(["on", "off"] * 3, 15)})),
         {}, {}, refused="no column for the sequence of each row: its columns are f, state"),
    Case("texts.csv",
         csv(pd.DataFrame({"text": [f"said {who}, and {who}" for who in "abcdefghijklmnopqr"], "label": [1, 0] * 9})),
         {}, {"task": "classification", "num_steps": 5}, "each row's text is a sequence of words"),
    Case("rows.csv", csv(sequences(row_id=lambda f: f.id.astype(str) + "_" + f.t.astype(str)).drop(columns=["id", "t"])
                         .sample(frac=1, random_state=0)),
         {}, {}, refused="no column for the sequence of each row"),
    Case("letters.csv", csv(sequences(letter=lambda f: RANDOM.choice(list("acgt"), len(f))).drop(columns=["x", "t"])
                            .assign(position=lambda f: f.groupby("id").cumcount())),
         {}, {"features": tuple(f"letter={letter}" for letter in "acgt")}),
    Case("one.csv", csv(pd.DataFrame({"number": range(30), "label": ["a", "b"] * 15})), {"layout": "wide"}, {},
         refused="one column of numbers, number"),
    Case("fault.csv", csv(pd.DataFrame({"x": RANDOM.normal(size=90), "label": np.arange(90) // 9 % 2 * 1.0})), {},
         {"task": "tagging"}, "task=step_regression, if its whole numbers are no classes"),
    Case("repeats.csv",
         csv(pd.DataFrame({"rep": np.repeat(np.arange(24), 8), "frame": np.tile(np.arange(8), 24),
                           "x": RANDOM.normal(size=192), "label": np.repeat(list("ab") * 12, 8)})
             .assign(rep=lambda f: f.rep // 2)),
         {}, {"task": "classification", "num_steps": 8}, "rep and label tell sequences apart"),
    Case("writers.csv",
         csv(sequences(writer=lambda f: f.id // 6, number=lambda f: f.id % 6).drop(columns=["id", "t"])), {},
         {"features": ("x",), "num_steps": 8}, "group=writer keeps those of one writer in one split"),
    Case("camel.csv", csv(sequences().rename(columns={"id": "SessionId"})), {}, {"num_steps": 8}),
    Case("seconds.csv", csv(sequences().rename(columns={"id": "probe", "t": "sec"})), {"time": ("sec",)},
         {"num_steps": 8}, "probe tells sequences apart"),
    Case("four.csv", "text\n" + "".join(f"{a} {b} dog runs\n" for a in "bcdefghi" for b in "klmnop"),
         {"task": "language"}, {"task": "language"}, "each row's text is a document"),
    Case("weekdays.csv",
         csv(daily("load", HOURS, dow=np.arange(240) % 7, label=np.arange(240) // 11 % 2)), {}, {"task": "tagging"},
         "all rows are one recording"),
    Case("weekday.csv",
         csv(daily("load", HOURS, weekday=np.arange(240) % 7, label=np.arange(240) // 11 % 2).drop(columns="date")), {},
         {"task": "tagging"}, "all rows are one recording"),
    Case("births.csv",
         csv(sequences(birthdate=lambda f: 19500101 + 10000 * (f.id % 40)).rename(columns={"t": "visit"})),
         {}, {"num_steps": 8, "features": ("x",)}, "birthdate never changes within a sequence"),
    Case("counts.csv", csv(sequences().rename(columns={"t": "tick"}).drop(columns="id")), {},
         {"task": "classification", "num_steps": 8}, "a sequence begins wherever tick begins again"),
    Case("counted.csv",
         csv(sequences(label=lambda f: f.x > 0).rename(columns={"t": "frame"}).drop(columns="id")), {},
         {"task": "tagging", "num_steps": 8}, "a sequence begins wherever frame begins again"),
    Case("phone.txt", "33 Walking 1 -0.6\n33 Walking 2 0.5\n33 Walking 3 0.4\n" * 9, {}, {},
         refused="column1 (33), column2 (Walking)"),
]  # fmt: skip

SERIES = [
    Case("long.csv", csv(pd.concat([daily("y", unique_id=k).rename(columns={"date": "ds"}) for k in "ABC"])), FORECAST,
         {"input_size": 1}),
    Case("panel.csv", csv(pd.concat([daily(series="p1"), daily(series="p2").assign(sales=3.0)])), FORECAST, {},
         "p2 left out"),
    Case("gap.csv", csv(daily("load", HOURS).drop(range(100, 125))), FORECAST, {}, "1 gap"),
    Case("twice.csv", csv(daily("load", HOURS.insert(9, HOURS[8]))), FORECAST, {}, refused="line 11: there is"),
    Case("twice.csv", csv(daily("load", HOURS.insert(9, HOURS[8]))), FORECAST | {"duplicates": "mean"}, {},
         "1 row has the same time"),
    Case("semicolon.csv", csv(daily(), sep=";", decimal=","), FORECAST, {}, "with , as the decimal sign"),
    Case("newest.csv", csv(daily()[::-1]), FORECAST, {}, "the newest rows come first"),
    Case("nodate.csv", csv(daily()[["sales"]][::-1]), FORECAST, {}, "rows are in the order of the file"),
    Case("thousands.csv", csv(daily(sales=[f"{1000 + k:,}" for k in range(90)])), FORECAST, {}, refused="thousands=,"),
    Case("points.csv", csv(daily(sales=[f"{1000 + k:,}.5" for k in range(90)])), FORECAST, {}, ", between thousands"),
    Case("either.csv", csv(daily(date=[f"0{1 + k % 9}/0{1 + k // 9}/2026" for k in range(81)] + ["01/10/2026"] * 9)),
         FORECAST,
         {}, refused="dayfirst=true"),
    Case("day.csv", csv(daily(date=DAYS.strftime("%d/%m/%Y"))), FORECAST, {}, "read as day, month and year"),
    Case("number.csv", csv(daily(date=DAYS.strftime("%d%m%Y").astype(int))), FORECAST, {},
         "read as day, month and year"),
    Case("missing.csv", csv(daily()).replace("2026-01-09,", "2026-01-09,?\n2026-01-09,", 1),
         FORECAST | {"duplicates": "first"}, {}, "1 value"),
    Case("offsets.csv",
         csv(daily("load", HOURS, date=[f"{h:%Y-%m-%dT%H:%M}+0{k > 99:d}:00" for k, h in enumerate(HOURS)])),
         FORECAST | {"duplicates": "mean"}, {}),
    Case("keys.csv", csv(pd.concat([daily(store=s, item=i) for s in (1, 2) for i in "xy"])), FORECAST, {},
         "sequence=store,item"),
    Case("hour.csv", csv(daily("load", HOURS, hour=HOURS.hour).assign(date=HOURS.strftime("%Y-%m-%d"))), FORECAST, {},
         "the time is date with hour"),
    Case("kaggle.csv", csv(daily(id=range(90))), FORECAST, {"input_size": 1}, "id is different in every row"),
    Case("footer.csv", csv(daily()) + "\nSales of the shop: all of them\n", FORECAST, {}, "no part of the table"),
    Case("quarters.csv", csv(daily(date=[f"{1990 + k // 4}Q{1 + k % 4}" for k in range(90)])), FORECAST, {}),
    Case("plain.csv", csv(daily(), header=False), FORECAST, {}, "no line of names"),
    Case("parts.csv", csv(daily(year=DAYS.year, month=DAYS.month, day=DAYS.day, wind="NW").drop(columns="date")),
         FORECAST, {},
         "wind is no number"),
    Case("months.csv", "Month,Sales\n" + "".join(f"{1 + k // 12}-{1 + k % 12:02},{k % 7}\n" for k in range(36)),
         FORECAST, {}),
    Case("unix.csv", csv(daily(date=1_767_225_600 + 3600 * np.arange(90))), FORECAST, {"step_seconds": 3600.0},
         "Unix time"),
    Case("days.csv",
         csv(daily(YEAR=DAYS.year, MO=DAYS.month, DY=DAYS.day).drop(columns="date")), FORECAST,
         {"step_seconds": 86400.0}, "the time is YEAR, MO, DY"),
    Case("daynumber.csv",
         csv(daily(year=DAYS.year, month=DAYS.month, tag=DAYS.day).drop(columns="date")), FORECAST,
         {"step_seconds": 86400.0}, "the time is year, month, tag"),
    Case("comment.txt",
         "# 1:Date 2:Time 3:Temp\n" + "".join(f"{h:%d.%m.%Y} {h:%H:%M} {k % 7}.5\n" for k, h in enumerate(HOURS)),
         FORECAST | {"target": "3:Temp"}, {"step_seconds": 3600.0}),
    Case("korean.csv",
         lambda path: path.write_bytes(csv(daily("기온").rename(columns={"date": "날짜"})).encode("cp949")),
         FORECAST, {}, "with encoding=, such as cp949 or"),
    Case("switch.csv", csv(daily(holiday=DAYS.dayofweek == 6)), FORECAST, {"features": ("sales", "holiday")}),
    Case("lines.txt",
         "CLIMATE DATA\nMISSING VALUE = -9999\n\nSTAID, SOUID,    DATE,   TG\n"
         + "".join(f"    27,100522,{d:%Y%m%d},{k % 9:5d}\n" for k, d in enumerate(DAYS)),
         FORECAST | {"target": "TG"}, {"step_seconds": 86400.0}, "the first 2 lines are no part of the table"),
    Case("years.csv",
         csv(pd.DataFrame(RANDOM.normal(size=(9, 12)).round(2), columns=pd.date_range("2001", periods=12, freq="MS")
                          .strftime("%b")).assign(YEAR=range(2001, 2010), Annual=1.5)),
         FORECAST, {"step_seconds": MONTH}, "each row is a year, and Jan to Dec are its months"),
    Case("quarter.csv",
         csv(daily("gdp", year=np.arange(90) // 4 + 1990, qtr=np.arange(90) % 4 + 1).drop(columns="date")),
         FORECAST, {"step_seconds": 3 * MONTH}, "the time is year, qtr"),
    Case("week.csv",
         csv(pd.DataFrame({"Year": np.arange(156) // 52 + 2016, "Week": np.arange(156) % 52 + 1, "flu": range(156)})
             .assign(flu=lambda f: f.flu % 11)),
         FORECAST, {"step_seconds": 7 * 86400.0}, "the time is Year, Week"),
    Case("week54.csv",
         csv(pd.DataFrame({"Year": 2016, "Week": np.arange(54) + 1, "flu": np.arange(54) % 11})), FORECAST, {},
         refused="line 54: Year 2016, Week 53 is not a week of a year; choose time=none"),
    Case("ending.csv", csv(daily("load", HOURS, HE=HOURS.hour + 1).assign(date=HOURS.strftime("%Y%m%d"))), FORECAST,
         {"step_seconds": 3600.0}, "the time is date with HE"),
    Case("accounts.csv", csv(daily(sales=[f"({k % 7}.5)" if k % 3 else f"{k % 5}.5" for k in range(90)])), FORECAST,
         {"features": ("sales",)}, "with ( ) as the sign of negative numbers"),
    Case("pointer.csv", "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12345\n", FORECAST, {},
         refused="is a pointer of Git LFS"),
    Case("page.csv", "<!DOCTYPE html>\n<html><body>Not found</body></html>\n", FORECAST, {},
         refused="is a page of the web"),
    Case("lines.csv", '{"id": 1, "x": [1, 2], "label": "a"}\n' * 9, FORECAST, {}, refused="is JSON: rename it"),
    Case("total.csv", csv(daily(date=DAYS.strftime("%Y-%m-%d")).rename(columns={"date": "day"})) + "Total,1800\n",
         FORECAST, {}, "the last row has Total in column day"),
    Case("spans.csv",
         csv(daily("load", HOURS, date=[f"{h:%d.%m.%Y %H:%M} - {h:%d.%m.%Y %H:%M}" for h in HOURS])
             .rename(columns={"date": "MTU (CET)"})),
         FORECAST, {"step_seconds": 3600.0}),
    Case("stamp.csv", csv(daily("TT", HOURS, date=HOURS.strftime("%Y%m%d%H")).rename(columns={"date": "MESS_DATUM"})),
         FORECAST, {"step_seconds": 3600.0}, "MESS_DATUM holds dates"),
    Case("Monthly-train.csv", csv(pd.DataFrame(RANDOM.normal(size=(4, 60)).cumsum(axis=1).round(3)).add_prefix("V")),
         FORECAST,
         {}, "each row is a sequence of 60 steps"),
]  # fmt: skip


@pytest.mark.parametrize("case", [*LABELLED, *SERIES], ids=lambda case: case.name)
def test_what_people_have_is_read_right_or_refused_with_what_helps(case, tmp_path):
    path = tmp_path / case.name
    if isinstance(case.text, str):
        path.write_text(case.text)
    else:
        case.text(path)
    if case.refused:
        with pytest.raises(LengthwiseError) as refusal:
            lengthwise.load_data(path, **case.options)
        assert case.refused in str(refusal.value)
        return
    data = lengthwise.load_data(path, **case.options)
    assert {name: getattr(data, name) for name in case.found} == case.found
    assert case.said in " | ".join(data.reading.notes)
