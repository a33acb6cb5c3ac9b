"""What does not match in a folder with a matrix for each channel is said, with the file and what would be right."""

import gzip
import re
import shutil

import pytest

from lengthwise.data import load_data
from lengthwise.errors import DataError, UsageError
from tests.data.made_channels import STEPS, flat, har, lines, matrix


def spoil_rows(folder):
    matrix(folder / "train/Inertial Signals/body_acc_y_train.txt", 23)


def spoil_width(folder):
    matrix(folder / "train/Inertial Signals/body_acc_y_train.txt", 24, steps=11)


def spoil_header(folder):
    header = " ".join(f"t{step}" for step in range(STEPS))
    matrix(folder / "test/Inertial Signals/body_acc_y_test.txt", 6, header=header)


def spoil_cell(folder):
    path = folder / "train/Inertial Signals/body_acc_y_train.txt"
    rows = [line.split() for line in path.read_text().splitlines()]
    rows[9][4] = "high"
    lines(path, map(" ".join, rows))


def spoil_labels(folder):
    lines(folder / "test/y_test.txt", [1, 2, 3])


def spoil_people(folder):
    lines(folder / "train/subject_train.txt", [1] * 25)


def spoil_empty(folder):
    (folder / "train/Inertial Signals/body_acc_y_train.txt").write_text("")


def spoil_pointer(folder):
    (folder / "train/Inertial Signals/body_acc_y_train.txt").write_text("version https://git-lfs.github.com/spec/v1\n")


def spoil_split(folder):
    shutil.copy(folder / "train/Inertial Signals/body_acc_y_train.txt", folder / "body_acc_y.txt")


def spoil_twice(folder):
    shutil.copy(
        folder / "train/Inertial Signals/body_acc_y_train.txt", folder / "train/Inertial Signals/body_acc_y.txt"
    )


SPOILED = {
    "rows": (
        spoil_rows,
        (
            "{train}/body_acc_y_train.txt has 23 rows, but train/Inertial Signals/body_acc_x_train.txt has 24: every "
            "channel needs a row for each sequence."
        ),
    ),
    "width": (
        spoil_width,
        (
            "{train}/body_acc_y_train.txt has 11 columns, but test/Inertial Signals/body_acc_x_test.txt has 12: "
            "channels need the same steps; if it is none, move it to another folder."
        ),
    ),
    "header": (
        spoil_header,
        (
            "{folder}/test/Inertial Signals/body_acc_y_test.txt has 12 columns, as the channels have, but also t0: a "
            "matrix of a channel has numbers alone, and no names of columns."
        ),
    ),
    "cell": (
        spoil_cell,
        (
            "{train}/body_acc_y_train.txt, line 10: column 5 has high, but a matrix of a channel has numbers alone: "
            "mend the cell, or leave it empty and say with missing= what to do with it."
        ),
    ),
    "labels": (
        spoil_labels,
        (
            "{folder}/test/y_test.txt has 3 lines, but test/Inertial Signals/body_acc_x_test.txt has 6 rows: one "
            "label is needed for each."
        ),
    ),
    "people": (
        spoil_people,
        (
            "{folder}/train/subject_train.txt has 25 lines, but train/Inertial Signals/body_acc_x_train.txt has 24 "
            "rows: one subject is needed for each."
        ),
    ),
    "empty": (
        spoil_empty,
        "{train}/body_acc_y_train.txt is empty, but lies among matrices of channels: write it again, or remove it.",
    ),
    "pointer": (
        spoil_pointer,
        "{train}/body_acc_y_train.txt is a pointer of Git LFS, and not the file itself: fetch that with git lfs pull.",
    ),
    "split": (
        spoil_split,
        (
            "{folder}/body_acc_y.txt is of no split, but train/Inertial Signals/body_acc_y_train.txt is of the train "
            "split: name the split of every file at its end, as in body_acc_y_train.txt, or of none."
        ),
    ),
    "twice": (
        spoil_twice,
        "{train}/body_acc_y_train.txt and {train}/body_acc_y.txt are the same channel, body_acc_y: remove one of them.",
    ),
    "a channel": (
        lambda folder: (folder / "test/Inertial Signals/body_gyro_x_test.txt").unlink(),
        (
            "{folder} has channel body_gyro_x in the train split, train/Inertial Signals/body_gyro_x_train.txt, but "
            "not in the test split: every split needs every channel."
        ),
    ),
    "labels of a split": (
        lambda folder: (folder / "test/y_test.txt").unlink(),
        (
            "{folder} has channels in the test split, but no labels: give it a file called y_test.txt, with the label "
            "of each row of test/Inertial Signals/body_acc_x_test.txt on a line."
        ),
    ),
    "people of a split": (
        lambda folder: (folder / "test/subject_test.txt").unlink(),
        (
            "{folder}/train/subject_train.txt names the subject of each sequence, but the test split has no such "
            "file: give it one, or choose group=none."
        ),
    ),
    "all labels": (
        lambda folder: [path.unlink() for path in folder.rglob("y_t*.txt")],
        (
            "{folder} has a matrix for each channel, as test/Inertial Signals/body_acc_x_test.txt, but no file of "
            "labels: give it one called y_test.txt, with the label of each row on a line."
        ),
    ),
}


@pytest.mark.parametrize("spoiled", SPOILED)
def test_what_does_not_match_is_said_with_its_file(tmp_path, spoiled):
    har(tmp_path)
    spoil, message = SPOILED[spoiled]
    spoil(tmp_path)
    with pytest.raises(DataError) as caught:
        load_data(tmp_path)
    assert str(caught.value) == message.format(folder=tmp_path, train=f"{tmp_path}/train/Inertial Signals")


def test_a_damaged_file_is_named(tmp_path):
    flat(tmp_path, ending=".csv", sep=",")
    packed = gzip.compress((tmp_path / "y_acc.csv").read_bytes())
    (tmp_path / "y_acc.csv").unlink()
    matrix(tmp_path / "z_acc.csv", 30, sep=",")
    (tmp_path / "y_acc.csv.gz").write_bytes(packed[:-40])
    with pytest.raises(DataError, match=r"y_acc\.csv\.gz cannot be read"):
        load_data(tmp_path)


def test_options_that_do_not_fit_are_refused(tmp_path):
    flat(tmp_path)
    lines(tmp_path / "age.txt", range(30))
    for given, message in (
        ({"features": "z_acc"}, f"features has z_acc, but the channels of {tmp_path} are x_acc, y_acc."),
        (
            {"group": "person"},
            (
                f"group is 'person', but must be the name of a file with a group on each line, without its ending, or "
                f"none: {tmp_path} has age."
            ),
        ),
        (
            {"task": "forecasting"},
            (
                f"task is forecasting, but {tmp_path} has a label for each sequence, which is no series to forecast: "
                f"leave task out."
            ),
        ),
    ):
        with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
            load_data(tmp_path, **given)
    with pytest.raises(
        UsageError, match=r"the option target does not apply to .*, a folder with a matrix for each chan"
    ):
        load_data(tmp_path, target="age")
