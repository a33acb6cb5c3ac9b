"""Folders with a matrix for each channel, as UCI HAR is published, and what is none."""

import gzip

import numpy as np
import pytest

from lengthwise.cli import main
from lengthwise.data import load_data
from lengthwise.errors import DataError
from tests.data.made_channels import STEPS, flat, har, lines, matrix


def all_values(dataset):
    return np.concatenate([np.asarray(dataset.split(name).values) for name in ("train", "validation", "test")])


def in_some_order(values):
    return sorted(sequence.tobytes() for sequence in np.ascontiguousarray(values, np.float32))


def test_uci_har_is_read_without_options(tmp_path):
    values = har(tmp_path)
    dataset = load_data(tmp_path, standardize="none")
    assert dataset.features == ("body_acc_x", "body_acc_y", "body_gyro_x")
    assert dataset.classes == ("WALKING", "WALKING UPSTAIRS", "LAYING")
    assert [len(dataset.split(name)) for name in ("train", "validation", "test")] == [20, 4, 6]
    np.testing.assert_array_equal(dataset.test.values, values["test"])
    np.testing.assert_array_equal(dataset.test.targets, [0, 1, 2, 0, 1, 2])
    drawn = np.concatenate([dataset.train.values, dataset.validation.values])
    assert in_some_order(drawn) == in_some_order(values["train"])
    assert (dataset.grouped_by, dataset.group_names) == ("subject", ("1", "2", "3", "4", "5", "6", "101", "102"))
    assert len(np.unique(dataset.validation.groups)) == 1
    assert dataset.reading.notes == (
        "3 channels are each a matrix, with a sequence of 12 steps in a row: body_acc_x, body_acc_y, body_gyro_x",
        "the labels are the lines of train/y_train.txt, test/y_test.txt",
        (
            "groups, never divided between splits that are drawn, are the lines of train/subject_train.txt, "
            "test/subject_test.txt: group=none, if they are none"
        ),
        "left out: test/X_test.txt, train/X_train.txt, with 30 columns, where channels have 12",
        "the classes are named by activity_labels.txt",
    )
    assert load_data(dataset.name).checksum == dataset.checksum


def test_a_validation_folder_is_the_validation_split(tmp_path):
    values = har(tmp_path, rows=(("train", 12), ("valid", 6), ("test", 6)))
    dataset = load_data(tmp_path, standardize="none", group="none")
    np.testing.assert_array_equal(dataset.train.values, values["train"])
    np.testing.assert_array_equal(dataset.validation.values, values["valid"])
    assert (dataset.group_names, dataset.train.groups) == ((), None)


def test_persons_in_several_splits_are_noted(tmp_path):
    har(tmp_path)
    lines(tmp_path / "test" / "subject_test.txt", [1, 1, 2, 2, 9, 9])
    note = (
        "2 of 7 groups are in several splits, as the files say: 1, 2: the test split does not tell how well others "
        "would be known"
    )
    assert note in load_data(tmp_path).reading.notes


def test_a_split_may_be_small(tmp_path):
    har(tmp_path, rows=(("train", 12), ("val", 3), ("test", 1)))
    for part, labels in (("train", "ab" * 6), ("val", "aba"), ("test", "b")):
        lines(tmp_path / part / f"y_{part}.txt", labels)
    dataset = load_data(tmp_path)
    assert [len(dataset.split(name)) for name in ("train", "validation", "test")] == [12, 3, 1]
    assert (dataset.classes, dataset.test.targets.tolist()) == (("a", "b"), [1])


def test_a_folder_of_one_split_is_split_at_random_by_group(tmp_path):
    values = har(tmp_path)
    dataset = load_data(tmp_path / "train", standardize="none")
    assert dataset.features == ("body_acc_x", "body_acc_y", "body_gyro_x")
    assert in_some_order(all_values(dataset)) == in_some_order(values["train"])
    assert "all files are of the train split, so that splits of it are drawn" in dataset.reading.notes
    people = [set(dataset.split(name).groups.tolist()) for name in ("train", "validation", "test")]
    assert sum(map(len, people)) == len(set.union(*people)) == 6


def test_a_matrix_called_y_acc_or_y_is_a_channel_and_a_vector_is_the_labels(tmp_path):
    values = flat(tmp_path / "one")
    dataset = load_data(tmp_path / "one", standardize="none")
    assert (dataset.features, dataset.classes) == (("x_acc", "y_acc"), ("0", "1"))
    assert in_some_order(all_values(dataset)) == in_some_order(values)
    flat(tmp_path / "two", names=("x", "y", "z"))
    dataset = load_data(tmp_path / "two")
    assert (dataset.features, dataset.num_classes) == (("x", "y", "z"), 2)
    assert dataset.reading.notes[1] == "the labels are the lines of labels.txt"


@pytest.mark.parametrize("name", ["{name}_{part}", "{part}_{name}", "{name}-{part}", "{name}.{part}"])
def test_the_split_may_be_in_the_names_of_a_flat_folder(tmp_path, name):
    values = {}
    for part, rows in (("train", 20), ("test", 8)):
        values[part] = np.stack(
            [matrix(tmp_path / f"{name.format(name=own, part=part)}.csv", rows, seed=at, sep=",")
             for at, own in enumerate(("acc_x", "acc_z"))],
            axis=2,
        )  # fmt: skip
        lines(tmp_path / f"{name.format(name='target', part=part)}.csv", ["up", "down"] * (rows // 2))
    dataset = load_data(tmp_path, standardize="none")
    assert (dataset.features, dataset.classes) == (("acc_x", "acc_z"), ("down", "up"))
    np.testing.assert_array_equal(dataset.test.values, values["test"])
    assert dataset.test.targets.tolist() == [1, 0] * 4


def test_channels_of_the_same_name_have_their_folders_in_it(tmp_path):
    for folder in ("acc", "gyro"):
        for axis in "xy":
            matrix(tmp_path / folder / f"{axis}.txt", 20, seed=ord(axis))
    lines(tmp_path / "activity.txt", [row % 2 for row in range(20)])
    assert load_data(tmp_path).features == ("acc/x", "acc/y", "gyro/x", "gyro/y")


def test_words_of_several_parts_quotes_and_names_of_columns_are_understood(tmp_path):
    values = flat(tmp_path)
    lines(tmp_path / "labels.txt", ["label", *['"walking up"', '"lying"'] * 15])
    lines(tmp_path / "user.txt", ["user_id", *[f"{row // 3:02}" for row in range(30)]])
    dataset = load_data(tmp_path, standardize="none")
    assert (dataset.classes, dataset.grouped_by) == (("lying", "walking up"), "user")
    assert dataset.group_names[:2] == ("00", "01")
    order = [in_some_order(values[at : at + 1])[0] for at in range(30)]
    for name in ("train", "validation", "test"):
        split = dataset.split(name)
        rows = [order.index(sequence.tobytes()) for sequence in np.ascontiguousarray(split.values)]
        assert split.targets.tolist() == [1 - row % 2 for row in rows]


def test_tables_as_pandas_writes_them_have_a_first_line_that_counts(tmp_path):
    header = ",".join(map(str, range(STEPS)))
    values = [matrix(tmp_path / f"{name}.csv", 20, seed=at, sep=",", header=header) for at, name in enumerate("ab")]
    lines(tmp_path / "y.csv", [0, *[row % 2 for row in range(20)]])
    dataset = load_data(tmp_path, standardize="none")
    assert in_some_order(all_values(dataset)) == in_some_order(np.stack(values, axis=2))


def test_compressed_matrices_decimal_commas_and_missing_values(tmp_path):
    values = flat(tmp_path, ending=".csv", sep=";")
    for name in ("x_acc", "y_acc"):
        path = tmp_path / f"{name}.csv"
        text = path.read_text().replace(".", ",")
        path.unlink()
        with gzip.open(tmp_path / f"{name}.csv.gz", "wt") as file:
            file.write(text)
    assert in_some_order(all_values(load_data(tmp_path, standardize="none"))) == in_some_order(values)
    matrix(tmp_path / "z_acc.csv", 30, sep=";")
    text = (tmp_path / "z_acc.csv").read_text().splitlines()
    cells = text[4].split(";")
    text[4] = ";".join([*cells[:2], "", *cells[3:]])
    (tmp_path / "z_acc.csv").write_text("\n".join(text))
    with pytest.raises(DataError, match=r"z_acc\.csv: the value of row 5, column 3 is missing"):
        load_data(tmp_path, missing="refuse")
    assert load_data(tmp_path, missing="zero").features == ("x_acc", "y_acc", "z_acc")


def test_a_missing_value_of_the_test_split_is_found_in_its_file(tmp_path):
    har(tmp_path)
    path = tmp_path / "test" / "Inertial Signals" / "body_acc_y_test.txt"
    rows = [line.split() for line in path.read_text().splitlines()]
    rows[2][6] = "nan"
    lines(path, map(" ".join, rows))
    with pytest.raises(DataError, match=r"body_acc_y_test\.txt: the value of row 3, column 7 is missing"):
        load_data(tmp_path, missing="refuse")


def test_real_labels_are_predicted_as_numbers(tmp_path):
    flat(tmp_path)
    targets = np.random.default_rng(0).normal(size=30).round(3)
    lines(tmp_path / "labels.txt", targets)
    dataset = load_data(tmp_path, standardize="none")
    assert dataset.task == "regression"
    found = np.concatenate([dataset.split(name).targets.ravel() for name in ("train", "validation", "test")])
    np.testing.assert_allclose(sorted(found), sorted(targets))


def test_classes_keep_their_numbers_if_their_names_do_not_fit(tmp_path):
    har(tmp_path)
    lines(tmp_path / "activity_labels.txt", ["1 WALKING", "2 LAYING"])
    dataset = load_data(tmp_path)
    assert dataset.classes == ("1", "2", "3")
    note = "activity_labels.txt has no name for class 3, so the classes keep their numbers"
    assert dataset.reading.notes[-1] == note
    assert load_data(tmp_path, task="regression").task == "regression"


def test_classes_written_as_real_numbers_are_named_in_their_order(tmp_path):
    flat(tmp_path)
    np.savetxt(tmp_path / "labels.txt", [2.0, 10.0] * 15)
    lines(tmp_path / "class_names.csv", ["number,name", "10,fast", "2,slow", "3,still"])
    assert load_data(tmp_path).classes == ("slow", "fast")


def test_one_of_several_files_of_labels_is_taken_and_the_others_are_named(tmp_path):
    flat(tmp_path)
    lines(tmp_path / "class.txt", [row % 3 for row in range(30)])
    lines(tmp_path / "classes.txt", ["up", "down"])
    lines(tmp_path / "age.txt", range(30))
    dataset = load_data(tmp_path)
    assert dataset.num_classes == 2
    assert dataset.reading.notes[-1] == "left out: class.txt, age.txt, with one number a line"
    assert load_data(tmp_path, group="class").grouped_by == "class"


def test_all_splits_have_their_labels_from_files_of_one_name(tmp_path):
    har(tmp_path)
    lines(tmp_path / "train" / "labels_train.txt", [row % 2 for row in range(24)])
    lines(tmp_path / "test" / "labels_test.txt", [row % 2 for row in range(6)])
    (tmp_path / "test" / "y_test.txt").unlink()
    dataset = load_data(tmp_path)
    assert dataset.num_classes == 2
    assert "the labels are the lines of train/labels_train.txt, test/labels_test.txt" in dataset.reading.notes
    assert "left out: train/y_train.txt, with one number a line" in dataset.reading.notes


def test_texts_and_names_of_classes_may_lie_beside_narrow_channels(tmp_path):
    for name in ("a", "b"):
        matrix(tmp_path / f"{name}.txt", 30, seed=ord(name), steps=2)
    lines(tmp_path / "y.txt", [row % 2 for row in range(30)])
    lines(tmp_path / "activity_labels.txt", ["0 UP", "1 DOWN"])
    lines(tmp_path / "notes.txt", ["made up", "by hand", "on Monday"])
    assert load_data(tmp_path).classes == ("UP", "DOWN")


def test_channels_may_be_chosen(tmp_path):
    values = flat(tmp_path)
    dataset = load_data(tmp_path, features="y_acc", standardize="none")
    assert dataset.features == ("y_acc",)
    assert in_some_order(all_values(dataset)) == in_some_order(values[:, :, 1:])


def test_the_command_shows_how_a_folder_was_read(tmp_path, capsys):
    har(tmp_path)
    assert main(["data", "info", str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert "3 a step: body_acc_x, body_acc_y, body_gyro_x" in shown.out
    assert "the labels are the lines of train/y_train.txt, test/y_test.txt" in shown.out + shown.err
    (tmp_path / "test" / "y_test.txt").unlink()
    assert main(["data", "info", str(tmp_path)]) != 0
    assert capsys.readouterr().err.startswith("lengthwise: ")
