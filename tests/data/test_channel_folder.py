"""Which folders have a matrix for each channel, and which are read otherwise."""

import shutil

import pytest

from lengthwise.data import load_data
from lengthwise.data.channel_folder import find_channels
from lengthwise.errors import DataError
from tests.data.made_channels import flat, har, lines, matrix


def test_labels_of_another_name_are_to_be_renamed(tmp_path):
    flat(tmp_path)
    (tmp_path / "labels.txt").rename(tmp_path / "gesture.txt")
    lines(tmp_path / "subject.txt", [row // 3 for row in range(30)])
    with pytest.raises(DataError, match=r"called y\.txt, .* on a line: if gesture\.txt has them, rename it so\.$"):
        load_data(tmp_path)


def test_recordings_of_the_same_shape_are_still_a_folder_of_tables(tmp_path):
    for at in range(24):
        matrix(tmp_path / "ab"[at % 2] / f"rec{at}.txt", 8, seed=at, steps=3)
    lines(tmp_path / "labels.txt", ["walking", "running"])
    (tmp_path / "a" / "rec24.txt").write_text("")
    dataset = load_data(tmp_path)
    assert (dataset.classes, dataset.num_steps, dataset.input_size) == (("a", "b"), 8, 3)
    shutil.rmtree(tmp_path / "b")
    assert find_channels(tmp_path) is None
    lines(tmp_path / "labels.txt", [at % 2 for at in range(12)])  # a label for each file, in their order
    assert find_channels(tmp_path) is None


def test_a_folder_of_tables_with_names_is_none_of_channels(tmp_path):
    for name in ("a", "b"):
        matrix(tmp_path / f"{name}.csv", 30, sep=",", steps=3, header="x,y,z")
    lines(tmp_path / "labels.csv", [row % 2 for row in range(30)])
    assert find_channels(tmp_path) is None


def test_one_matrix_alone_is_no_folder_of_channels(tmp_path):
    flat(tmp_path, names=("X",))
    assert find_channels(tmp_path) is None
    with pytest.raises(DataError) as caught:
        load_data(tmp_path)
    assert str(caught.value) == (
        f"labels.txt in {tmp_path} has a label for each row of X.txt, but no other file has 12 numbers on each line, "
        f"without names of columns, as other channels would: if there is one channel alone, write a table with a "
        f"sequence a row, and its label in the last column."
    )
    (tmp_path / "Z.txt").write_text("")
    with pytest.raises(DataError, match=r"Z\.txt is empty, but lies among matrices of channels: write it again, or"):
        load_data(tmp_path)


def test_files_of_each_split_are_still_forecast_if_asked_for(tmp_path):
    for part in ("train", "test"):
        for name in "ab":
            matrix(tmp_path / f"{name}_{part}.csv", 120, sep=",", steps=2)
    with pytest.raises(DataError, match=r"a_test\.csv, but no file of labels: give it one called y_test\.txt"):
        load_data(tmp_path)
    assert load_data(tmp_path, task="forecasting", target="column1").task == "forecasting"


def test_files_are_told_apart_by_their_place_name_and_shape(tmp_path):
    har(tmp_path)
    found = find_channels(tmp_path)
    assert {(file.part, file.folder) for file in found.channels} == {
        ("train", "Inertial Signals"),
        ("test", "Inertial Signals"),
    }
    assert [found.relative(file) for file in found.labels] == ["test/y_test.txt", "train/y_train.txt"]
    assert [file.name for file in found.people] == ["subject", "subject"]
    assert sorted(file.name for file in found.others if file.is_matrix) == ["X", "X"]
