"""Tables in long form: CSV, Parquet and frames."""

import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lengthwise.data import load_data
from lengthwise.errors import DataError, UsageError
from tests.data.made import gathered, in_order


def table(count=20, *, longest=9, seed=0):
    """Make a table of sequences of 1 to `longest` steps, two features, two classes."""
    random = np.random.default_rng(seed)
    return pd.concat([
        pd.DataFrame({
            "id": f"s{number}",
            "t": np.arange(length),
            "x": random.normal(size=length).astype(np.float32),
            "z": random.normal(size=length).astype(np.float32),
            "label": "ab"[number % 2],
        })
        for number, length in enumerate(random.integers(1, longest + 1, count))
    ], ignore_index=True)  # fmt: skip


def write(frame, path):
    """Write a table in the format of the file's ending."""
    if path.name.endswith(".parquet"):
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False)
    return path


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".parquet"])
def test_a_file_is_the_table_that_was_written(tmp_path, ending):
    frame = table()
    dataset = load_data(write(frame, tmp_path / f"walks{ending}"))
    assert dataset.checksum == load_data(frame).checksum
    assert (dataset.features, dataset.classes) == (("x", "z"), ("a", "b"))


@given(st.integers(3, 25), st.integers(2, 9), st.integers(0, 1000))
def test_rows_in_any_order_give_each_sequence_its_steps_in_the_order_of_time(count, longest, seed):
    frame = table(count, longest=longest, seed=seed)
    assume(frame.id.duplicated().any())
    shuffled = frame.sample(frac=1, random_state=seed).reset_index(drop=True)
    expected = {(len(own), own.x.iloc[0], own.x.iloc[-1]) for _, own in frame.groupby("id")}
    dataset = load_data(shuffled, standardize="none")
    found = {
        (len(own), own[0, 0], own[-1, 0])
        for name in ("train", "validation", "test")
        for own in map(dataset.split(name).sequence, range(len(dataset.split(name))))
    }
    assert found == expected


def test_without_a_column_of_time_rows_count_in_their_order(tmp_path):
    frame = table()
    assert load_data(write(frame.drop(columns="t"), tmp_path / "a.csv")).checksum == load_data(frame).checksum


def test_times_may_be_dates_in_text(tmp_path):
    frame = table()
    frame["t"] = (pd.Timestamp("2026-01-01") + pd.to_timedelta(frame.t, "D")).dt.strftime("%Y-%m-%d")
    path = write(frame.sample(frac=1, random_state=0), tmp_path / "a.csv")
    assert in_order(gathered(load_data(path))[0]).shape == in_order(gathered(load_data(frame))[0]).shape


def test_columns_are_named_by_options_in_the_name_or_beside_it(tmp_path):
    frame = table().rename(columns={"id": "walk", "t": "at", "label": "what kind"})
    path = write(frame, tmp_path / "a.csv")
    named = load_data(f"{path}?sequence=walk&time=at&target=what%20kind&features=z")
    beside = load_data(path, sequence="walk", time="at", target="what kind", features=["z"])
    assert named.checksum == beside.checksum
    assert named.name == beside.name == f"{path}?sequence=walk&time=at&target=what kind&features=z"
    assert load_data(named.name).checksum == named.checksum
    assert named.input_size == 1


def test_a_column_called_split_is_used():
    frame = table()
    frame["split"] = frame.id.map(lambda name: ("train", "validation", "test")[int(name[1:]) % 3])
    dataset = load_data(frame)
    assert [len(dataset.split(name)) for name in ("train", "validation", "test")] == [7, 7, 6]


def test_a_column_called_subject_keeps_a_persons_sequences_together():
    frame = table()
    frame["subject"] = frame.id.map(lambda name: int(name[1:]) // 4)
    frame["x"] = frame["subject"].astype(float)
    dataset = load_data(frame, standardize="none", features=["x", "z"])
    seen = [set(dataset.split(name).values[:, 0, 0]) for name in ("train", "validation", "test")]
    assert sum(map(len, seen)) == len(set.union(*seen)) == 5
    assert dataset.features == ("x", "z")


def test_a_missing_value_is_refused_with_its_line(tmp_path):
    frame = table().sample(frac=1, random_state=1).reset_index(drop=True)
    row = 17
    frame.loc[row, "z"] = np.nan
    step = frame.t[row]
    path = write(frame, tmp_path / "a.csv")
    message = f"a.csv, line {row + 2}: the value of sequence {frame.id[row]}, step {step}, feature 1 \\(z\\) is missing"
    with pytest.raises(DataError, match=message):
        load_data(path, missing="refuse")


def change(frame, row, column, value):
    frame[column] = frame[column].astype(object)
    frame.loc[row, column] = value
    return frame


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda f: change(f, 3, "z", "high"), "line 5: column z has high, but features must be numbers"),
        (lambda f: change(f, 3, "id", None), "line 5: column id is empty, but every row needs its sequence"),
        (lambda f: change(f, 3, "label", None), "line 5: column label is empty, but every row needs its target"),
        (lambda f: change(f, 1, "t", 0), "line 3: sequence s0 has t 0 for the second time, first in line 2"),
        (lambda f: change(f, 1, "t", "noon"), "line 3: t is noon, but a time is a number, or a date"),
        (lambda f: change(f, 1, "label", "b"), "line 3: label is b, but a in line 2 of the same sequence"),
        (lambda f: f.iloc[:0], "has no rows: one for each time step is needed"),
    ],
)
def test_invalid_rows_are_refused_with_their_line(tmp_path, edit, message):
    path = write(edit(table()), tmp_path / "a.csv")
    with pytest.raises(DataError, match=message):
        load_data(path)


@pytest.mark.parametrize(
    ("edit", "options", "message"),
    [
        (
            lambda f: f.drop(columns="id"),
            {},
            "no column for the sequence of each row: its columns are t, x",
        ),
        (lambda f: f.drop(columns="label"), {}, "no column for the label of each sequence"),
        (lambda f: f, {"target": "kind"}, "has no column 'kind': its columns are id, t, x, z, label"),
        (lambda f: f, {"features": ["y"]}, "has no column 'y'"),
        (lambda f: f[["id", "t", "label"]], {}, "has no columns of features besides id, label, t"),
    ],
)
def test_missing_columns_are_refused(edit, options, message):
    with pytest.raises(UsageError, match=message):
        load_data(edit(table()), **options)


def test_two_columns_of_one_name_are_refused():
    frame = table()
    frame.columns = ["id", "t", "x", "x", "label"]
    with pytest.raises(DataError, match="has two columns called x"):
        load_data(frame)


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe", b"PAR1 broken"])
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_file_that_is_not_a_table_is_refused(tmp_path, content, ending):
    (tmp_path / f"a{ending}").write_bytes(content)
    with pytest.raises((DataError, UsageError), match=f"a{ending}"):
        load_data(tmp_path / f"a{ending}")


def every_label(frame):
    """Give every row of a table its own label: whether its x is positive."""
    return frame.assign(label=np.where(frame.x > 0, "up", "down"))


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_for_tagging_every_step_has_the_label_of_its_row(tmp_path, ending):
    frame = every_label(table()).sample(frac=1, random_state=0)
    dataset = load_data(write(frame, tmp_path / f"walks{ending}"), task="tagging", standardize="none")
    assert (dataset.task, dataset.classes) == ("tagging", ("down", "up"))
    for name in ("train", "validation", "test"):
        split = dataset.split(name)
        own = np.arange(split.values.shape[1]) < split.lengths[:, None]
        np.testing.assert_array_equal(split.targets[own], split.values[own][:, 0] > 0)
        assert not split.targets[~own].any()


def test_a_label_that_changes_in_one_of_many_sequences_is_refused_with_the_task_that_allows_it():
    frame = table()
    frame.loc[1, "label"] = "other"
    with pytest.raises(DataError, match="the same target; for a class at each step choose task=tagging"):
        load_data(frame)


def test_labels_that_change_within_sequences_are_predicted_at_every_step():
    frame = table().assign(label=np.arange(len(table())) % 2)
    dataset = load_data(frame)
    assert dataset.task == "tagging"
    assert "label changes within sequences, so it is predicted at every step: task=tagging" in dataset.reading.notes
    assert load_data(frame.assign(label=frame.label + 0.5)).task == "step_regression"
    assert load_data(frame, task="regression").task == "step_regression"


def test_whole_numbers_that_change_by_little_are_numbers_of_steps_and_others_classes():
    life = pd.DataFrame(
        {"id": np.repeat(np.arange(12), 30), "x": np.arange(360) % 7, "y": np.tile(np.arange(30, 0, -1), 12)}
    )
    counting = load_data(life, target="y")
    assert counting.task == "step_regression"
    assert any("task=tagging, if its whole numbers are classes" in note for note in counting.reading.notes)
    assert load_data(life, target="y", task="tagging").task == "tagging"
    tokens = life.assign(y=np.random.default_rng(0).integers(30, size=360))
    assert load_data(tokens, target="y").task == "tagging"


def test_arrays_are_not_text():
    with pytest.raises(UsageError, match=r"^task is language, but .* has no text or tokens: give a text file"):
        load_data(np.zeros((4, 5, 1)), [0, 1, 0, 1], task="language")


def test_without_pyarrow_a_parquet_file_is_refused_and_a_csv_file_is_read(tmp_path, monkeypatch):
    for ending in (".csv", ".parquet"):
        write(table(), tmp_path / f"walks{ending}")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert load_data(tmp_path / "walks.csv").train.values.size
    with pytest.raises(UsageError, match=r"^reading a Parquet file needs the package pyarrow: .*lengthwise\[parquet\]"):
        load_data(tmp_path / "walks.parquet")


@pytest.mark.parametrize(
    ("name", "scale", "seconds"), [("time_s", 0.02, 0.02), ("Time (ms)", 20, 0.02), ("t", 0.02, None)]
)
def test_a_step_is_a_time_where_the_column_s_name_says_its_unit(name, scale, seconds):
    frame = pd.DataFrame({"id": np.repeat(np.arange(12), 8), name: np.tile(np.arange(8) * scale, 12)})
    data = load_data(frame.assign(x=np.arange(96) % 7 % 3, label=np.repeat(np.arange(12) % 2, 8)))
    assert data.step_seconds == (None if seconds is None else pytest.approx(seconds))
