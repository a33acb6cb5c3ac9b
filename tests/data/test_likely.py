"""What a table is likely for, where no option says it."""

import numpy as np
import pandas as pd
import pytest

import lengthwise
from lengthwise.data.column_names import SPLIT
from lengthwise.data.column_search import ColumnSearch
from lengthwise.data.doubts import doubts
from lengthwise.data.likely import with_likely_use
from lengthwise.data.options import Options
from lengthwise.errors import UsageError

RANDOM = np.random.default_rng(0)
DAYS = pd.date_range("2026-01-01", periods=120)


def trials(**more):
    """Make twelve sequences of ten steps of one sensor."""
    frame = pd.DataFrame({"trial": np.repeat(np.arange(12), 10), "t": np.tile(np.arange(10), 12)})
    return frame.assign(force=RANDOM.normal(size=120), **more)


def days(**columns):
    """Make a series of 120 days."""
    return pd.DataFrame({"date": DAYS} | columns)


def use(table, **options):
    found, notes, doubts = with_likely_use(table, Options.make(options), "the frame")
    return found.task, found.target, " | ".join((*notes, *doubts))


def test_one_column_of_numbers_beside_dates_is_forecast():
    task, target, note = use(days(sales=RANDOM.normal(size=120)))
    assert (task, target) == ("forecasting", "sales")
    assert note == "sales is the only column of numbers besides date, and is forecast: task=forecasting"
    assert use(pd.DataFrame({"value": RANDOM.normal(size=120)}))[:2] == ("forecasting", "value")


def test_series_of_several_shops_are_forecast():
    table = pd.concat([days(shop=shop, sales=RANDOM.normal(size=120)) for shop in "ab"])
    assert use(table)[:2] == ("forecasting", "sales")
    table = table.rename(columns={"shop": "unique_id", "date": "ds", "sales": "y"})
    assert use(table)[:2] == ("forecasting", "y")
    data = lengthwise.load_data(table)
    assert (data.task, data.outlook.horizon, data.features) == ("forecasting", 1, ("y",))


def test_a_number_that_is_named_and_has_dates_is_forecast_from_all_columns():
    table = days(close=RANDOM.normal(size=120), volume=RANDOM.normal(size=120))
    task, target, note = use(table, target="close")
    assert (task, target) == ("forecasting", "close")
    assert "task=step_regression, to predict it from the other columns at the same date" in note


@pytest.mark.parametrize(
    ("columns", "chosen"),
    [
        (["open", "Close", "volume"], "Close"),
        (["p (mbar)", "T (degC)", "wv (m/s)"], "T (degC)"),
        (["HUFL", "MUFL", "OT"], "OT"),
        (["flow", "level", "torque"], "torque, the last,"),
    ],
)
def test_of_several_numbers_with_dates_one_is_forecast_and_that_is_warned_of(columns, chosen):
    table = days(**dict.fromkeys(columns, 0)).assign(**{name: RANDOM.normal(size=120) for name in columns})
    target = chosen.removesuffix(", the last,")
    others = ", ".join(name for name in columns if name != target)
    task, found, doubt = use(table)
    assert (task, found) == ("forecasting", target)
    assert doubt == (
        f"of 3 columns of numbers, {chosen} is forecast, from all of them: target=COLUMN, if another is to be: {others}"
    )
    assert use(table, task="forecasting")[:2] == (task, found)
    data = lengthwise.load_data(table)
    assert data.outlook.target == target
    assert doubts(data) == (doubt,)
    assert doubts(lengthwise.load_data(table, target=target)) == ()


def test_a_number_with_a_usual_name_is_forecast_beside_words_and_of_several_series():
    table = days(weather=RANDOM.choice(["wet", "dry", "fog"], 120), temp=RANDOM.normal(size=120), load=np.arange(120.0))
    table["load"] += RANDOM.normal(size=120)
    assert use(table[["date", "weather", "temp", "load"]])[:2] == ("forecasting", "load")
    shops = pd.concat([days(shop=shop, price=RANDOM.normal(size=120), sales=RANDOM.normal(size=120)) for shop in "ab"])
    assert use(shops)[:2] == ("forecasting", "sales")


def test_whole_numbers_of_few_kinds_beside_others_may_be_a_label_and_are_asked_for():
    table = days(x=RANDOM.normal(size=120), y2=RANDOM.normal(size=120), fall=RANDOM.integers(0, 2, 120))
    with pytest.raises(UsageError, match=r"3 columns of numbers: x, y2, fall\. If one is the label.* target=fall\."):
        use(table)
    counts = days(a=RANDOM.integers(0, 9, 120), b=RANDOM.integers(0, 9, 120))
    assert use(counts)[:2] == ("forecasting", "b")


def test_a_column_that_never_changes_is_neither_forecast_nor_a_label():
    table = pd.concat([days(building=number, meter=0, reading=RANDOM.normal(size=120)) for number in range(3)])
    task, target, note = use(table)
    assert (task, target) == ("forecasting", "reading")
    assert note.startswith("reading is the only column of numbers besides date, building, meter, and is forecast")


def test_classes_of_dates_are_no_series():
    assert use(days(x=RANDOM.normal(size=120), label=np.arange(120) // 7 % 2)) == (None, None, "")


def test_an_option_of_forecasts_says_that_series_are_forecast():
    assert use(days(a=RANDOM.normal(size=120), b=RANDOM.normal(size=120)), horizon=7, target="a")[0] == "forecasting"


@pytest.mark.parametrize("labels", [["tile", "wood"], [0.0, 1.0], [True, False]])
def test_the_column_that_alone_is_the_same_in_each_sequence_is_its_label(labels):
    table = trials(surface=np.repeat(np.array(labels, object)[np.arange(12) % 2], 10))
    task, target, note = use(table)
    assert (task, target) == (None, "surface")
    assert note.startswith("surface alone is the same in all rows of a sequence, and is taken for its label")
    data = lengthwise.load_data(table)
    assert (data.task, data.num_classes, data.features) == ("classification", 2, ("force",))


def test_a_number_of_each_sequence_is_a_target_and_an_id_is_none():
    table = trials(wear=np.repeat(RANDOM.normal(size=12), 10), part_id=np.repeat(np.arange(12) % 3, 10))
    assert use(table)[:2] == (None, "wear")


def test_of_two_columns_that_are_the_same_in_each_sequence_none_is_taken():
    table = trials(quality=np.repeat(np.arange(12) % 2, 10), batch=np.repeat(np.arange(12) % 3, 10))
    assert use(table) == (None, None, "")


def test_the_last_column_is_the_label_if_it_alone_has_words():
    states = np.array(["low", "high"])[(RANDOM.normal(size=120).cumsum() > 0).astype(int)]
    task, target, note = use(days(flow=RANDOM.normal(size=120), state=states))
    assert (task, target) == (None, "state")
    assert note.startswith("state is the last column and the only one of words")
    flow = RANDOM.normal(size=120)
    assert use(days(state=states, flow=flow, heat=flow)) == (None, None, "")
    assert use(days(flow=flow, heat=flow, weekday=DAYS.day_name())) == (None, None, "")
    assert use(days(flow=flow, wind=states, state=states)) == (None, None, "")


def test_one_column_of_words_is_one_of_tokens():
    table = pd.DataFrame({"id": np.repeat(np.arange(12), 10), "word": RANDOM.choice(["a", "b", "c"], size=120)})
    assert use(table)[:2] == ("language", "word")


def test_what_is_told_is_kept():
    table = days(sales=RANDOM.normal(size=120))
    assert use(table, task="step_regression") == ("step_regression", None, "")
    assert use(table, features="sales") == (None, None, "")


def test_a_text_and_its_label_in_each_row_are_read_as_words_or_characters():
    genes = ["".join(RANDOM.choice(list("ACGT"), size=30)) for _ in range(40)]
    data = lengthwise.load_data(pd.DataFrame({"gene": genes, "class": ["a", "b"] * 20}))
    assert (data.task, data.features, data.num_steps) == ("classification", tuple("ACGT"), 30)
    table = pd.DataFrame(
        {"review": [f"What a {word} film it was." for word in ["good", "bad"] * 20], "stars": [5.5, 1.5] * 20}
    )
    data = lengthwise.load_data(table, target="stars")
    assert (data.task, data.features) == ("regression", (".", "a", "bad", "film", "good", "it", "was", "what"))
    assert (data.num_steps, data.train.lengths) == (7, None)


def test_a_file_of_numbers_one_a_line_is_a_series_and_no_text(tmp_path):
    path = tmp_path / "series.txt"
    path.write_text("\n".join(f"{value:.3f}" for value in RANDOM.normal(size=200)))
    assert lengthwise.load_data(path).task == "forecasting"
    assert lengthwise.load_data(path, task="language", lookback=16).task == "language"


def test_words_of_few_kinds_beside_a_text_are_its_label_wherever_they_stand():
    texts = [" ".join(RANDOM.choice(["win", "call", "now", "later"], 9)) for _ in range(60)]
    table = pd.DataFrame({"kind": np.array(["ham", "spam"])[np.arange(60) % 2], "number": np.arange(60), "sms": texts})
    table["number"] = table.number.map("S{}".format)
    task, target, note = use(table)
    assert (task, target) == (None, "kind")
    assert note.startswith("kind alone has words of few kinds beside the texts of sms, and is taken for their label")
    data = lengthwise.load_data(table)
    assert (data.task, data.classes, data.num_steps) == ("classification", ("ham", "spam"), 9)


def test_the_last_of_several_usual_names_is_forecast():
    table = days(temp=RANDOM.normal(size=120), clouds=RANDOM.normal(size=120), traffic_volume=RANDOM.normal(size=120))
    assert use(table)[:2] == ("forecasting", "traffic_volume")


def test_a_column_of_years_beside_dates_is_no_time_of_day():
    hours = pd.DataFrame({"dteday": np.repeat(DAYS[:40], 24), "yr": 0, "hr": np.tile(np.arange(24), 40)})
    hours["cnt"] = RANDOM.normal(size=960)
    data = lengthwise.load_data(hours)
    assert (data.task, data.outlook.target) == ("forecasting", "cnt")
    assert "the time is dteday with hr: time=dteday, if it is dteday alone" in data.reading.notes


def kept(*kinds, rows=240):
    """Labels of rows that change after every 20."""
    return np.repeat(np.array(kinds)[np.arange(rows // 20) % len(kinds)], 20)


def test_the_only_column_of_few_kinds_that_stay_is_the_label_of_rows_and_that_is_warned_of():
    numbers = {name: RANDOM.normal(size=240) for name in ("af3", "t7")}
    task, target, doubt = use(pd.DataFrame(numbers | {"eye": kept(0, 1)}))
    assert (task, target) == (None, "eye")
    assert doubt == (
        "eye, the only column of whole numbers of few kinds, is taken for the label of each row: target=COLUMN, if "
        "another is, or task=forecasting"
    )
    hours = pd.DataFrame({"time": pd.date_range("2026", periods=240, freq="h")} | numbers)
    assert use(hours.assign(failure=kept(0, 1)))[1] == "failure"
    assert use(hours.rename(columns={"af3": "load"}).assign(failure=kept(0, 1)))[:2] == ("forecasting", "load")
    task, target, doubt = use(pd.DataFrame({"state": kept("walk", "sit")} | numbers))
    assert (task, target, doubt.split(",")[1]) == (None, "state", " the only column of words")


@pytest.mark.parametrize(
    "columns",
    [
        {"eye": np.arange(240) % 2, "x": RANDOM.normal(size=240), "z": RANDOM.normal(size=240)},
        {"x": RANDOM.normal(size=240), "eye": kept(0, 1), "z": RANDOM.normal(size=240)},
        {"x": RANDOM.normal(size=240), "eye": kept(0, 1), "hand": kept(0, 0, 1)},
        {"x": kept("a", "b"), "z": kept("c", "d"), "eye": RANDOM.normal(size=240)},
    ],
)
def test_what_changes_often_stands_in_the_middle_or_is_not_alone_is_no_label(columns):
    assert use(pd.DataFrame(columns))[1] != "eye"
    assert "label of each row" not in use(pd.DataFrame(columns))[2]


def test_of_words_alone_at_dates_nothing_is_forecast():
    words = RANDOM.choice(["a", "b", "c"], (2, 120))
    assert use(days(first=words[0], second=words[1])) == (None, None, "")
    assert use(days(word=words[0], number=RANDOM.normal(size=120), other=words[1])) == (None, None, "")


@pytest.mark.parametrize("words", [("Training", "PublicTest", "PrivateTest"), ("train", "test", "test")])
def test_a_column_of_splits_is_known_by_its_words(words, tmp_path):
    parts = [words[0]] * 20 + [words[1]] * 8 + [words[2]] * 8
    pixels = [" ".join(map(str, row)) for row in np.random.default_rng(0).integers(0, 255, (36, 9))]
    table = pd.DataFrame({"emotion": [0, 1, 2] * 12, "pixels": pixels, "Usage": parts})
    table.to_csv(tmp_path / "faces.csv", index=False)
    dataset = lengthwise.load_data(tmp_path / "faces.csv")
    assert (dataset.task, dataset.num_classes) == ("classification", 3)
    sizes = (20, 8, 8) if words[1] == "PublicTest" else (17, 3, 16)
    assert tuple(len(dataset.split(name)) for name in ("train", "validation", "test")) == sizes


def test_words_for_one_split_alone_or_beside_others_are_no_splits():
    for words in (["train"] * 40, ["test", "exam"] * 20):
        frame = pd.DataFrame({"kind": words, "value": np.arange(40.0)})
        assert ColumnSearch(frame, Options(), "frame").one("split", SPLIT) is None
    frame = pd.DataFrame({"kind": ["train", "test"] * 20, "value": np.arange(40.0)})
    assert ColumnSearch(frame, Options(), "frame").one("split", SPLIT) == "kind"


def test_a_number_of_each_row_names_neither_sequences_nor_series():
    times = pd.date_range("2026-01-01", periods=40).repeat(4)
    sales = pd.DataFrame({"date": times, "store_nbr": [1, 1, 2, 2] * 40, "family": ["dairy", "bread"] * 80})
    sales = sales.assign(sales=RANDOM.normal(size=160), onpromotion=RANDOM.integers(0, 99, 160))
    for number in (np.arange(160), np.arange(160).astype(str)):
        sales.insert(0, "id", number)
        dataset = lengthwise.load_data(sales)
        assert (dataset.task, dataset.outlook.target) == ("forecasting", "sales")
        assert dataset.features == ("sales", "onpromotion")
        del sales["id"]
