"""The .ts format, and the problems in aeon's package."""

import subprocess
import sys

import numpy as np
import pytest
from aeon.datasets import load_from_ts_file
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data import aeon_names, load_data
from lengthwise.data.options import Options
from lengthwise.data.ts_files import read_ts
from lengthwise.errors import DataError, UsageError
from tests.data.made import gathered, in_order, walks

CARRIED = ["ArrowHead", "BasicMotions", "GunPoint", "ItalyPowerDemand", "JapaneseVowels"]


def write_ts(path, sequences, labels, *, regression=False):
    """Write sequences, each (steps, F), in the format of its description."""
    equal = len({len(own) for own in sequences}) == 1
    features = sequences[0].shape[1]
    label = "@targetLabel true" if regression else f"@classLabel true {' '.join(sorted(set(map(str, labels))))}"
    lines = [
        "# made for a test", "@problemName made", "@timeStamps false", "@missing true",
        f"@univariate {str(features == 1).lower()}", f"@dimension {features}", f"@equalLength {str(equal).lower()}",
        label, "@data",
    ]  # fmt: skip
    for own, target in zip(sequences, labels, strict=True):
        channels = [",".join("?" if np.isnan(value) else repr(float(value)) for value in channel) for channel in own.T]
        lines.append(":".join([*channels, str(target)]))
    path.write_text("\n".join(lines) + "\n")
    return path


@given(st.integers(1, 3), st.booleans(), st.integers(0, 1000))
def test_sequences_come_back_as_they_were_written(tmp_path_factory, features, unequal, seed):
    values, targets = walks(count=12, features=features, seed=seed)
    lengths = np.random.default_rng(seed).integers(1, 13, 12) if unequal else np.full(12, 12)
    sequences = [own[:length] for own, length in zip(values, lengths, strict=True)]
    path = write_ts(tmp_path_factory.mktemp("ts") / "made.ts", sequences, targets)
    dataset = load_data(path, standardize="none")
    expected = load_data(sequences, targets, standardize="none")
    np.testing.assert_array_equal(in_order(gathered(dataset)[0]), in_order(gathered(expected)[0]))
    assert dataset.checksum == expected.checksum


def test_a_training_and_a_test_file_are_one_data_set_whichever_is_named(tmp_path):
    values, targets = walks()
    write_ts(tmp_path / "made_TRAIN.ts", values[:40], targets[:40])
    write_ts(tmp_path / "made_TEST.ts", values[40:], targets[40:])
    by_train, by_test, by_folder = (load_data(tmp_path / name) for name in ("made_TRAIN.ts", "made_TEST.ts", "."))
    assert by_train.checksum == by_test.checksum == by_folder.checksum
    assert [len(by_train.split(name)) for name in ("train", "validation", "test")] == [34, 6, 20]
    raw = load_data(tmp_path / "made_TRAIN.ts", standardize="none")
    np.testing.assert_array_equal(raw.test.values, values[40:])


def test_a_target_that_is_a_number_is_regression(tmp_path):
    values, targets = walks()
    dataset = load_data(write_ts(tmp_path / "made.ts", values, targets / 4, regression=True))
    assert dataset.task == "regression"


def test_a_missing_value_is_refused_with_its_file(tmp_path):
    values, targets = walks()
    values[45, 3, 1] = np.nan
    write_ts(tmp_path / "made_TRAIN.ts", values[:40], targets[:40])
    path = write_ts(tmp_path / "made_TEST.ts", values[40:], targets[40:])
    with pytest.raises(DataError, match=r"made_TEST.ts: the value of sequence 5, step 3, feature 1 is missing"):
        load_data(path, missing="refuse")
    load_data(f"{path}?missing=forward")


@pytest.mark.parametrize("content", ["", "nonsense", "@data\n", "@data\n1,2,3\n", "@classLabel true a\n@data\nx,y:a\n"])
def test_a_file_that_is_not_of_the_format_is_refused(tmp_path, content):
    (tmp_path / "made.ts").write_text(content)
    with pytest.raises(DataError, match=r"made\.ts"):
        load_data(tmp_path / "made.ts")


@pytest.mark.parametrize(
    ("tags", "lines"),
    [
        ("@classLabel true A b", ["1,2:3,4:A", " 5,6:7,8: b "]),
        ("@classLabel true a b", ["1,?:3,4:a", "nan,6:7,8:b"]),
        ("@classLabel true banana pear", ["1,2:3,4:banana", "5,6:7,8:pear"]),
        ("@targetLabel true", ["1,2:3,4:1.5", "5,6:7,8:?"]),
        ("@classLabel true a b\n@timestamps true", ["(0,1.0),(1,2.0):(0,3.0),(1,4.0):a"]),
        ("@classLabel true a b\n@equalLength false", ["1,2,3:4,5,6:a", "1:2:b"]),
    ],
    ids=["labels", "missing values", "nan in a label", "no label", "timestamps", "lengths"],
)
def test_a_file_says_what_aeons_reader_finds_in_it(tmp_path, tags, lines):
    path = tmp_path / "made.ts"
    path.write_text("\n".join(["# made", "@univariate false", tags, "@data", *lines]) + "\n")
    values, targets = load_from_ts_file(str(path))
    read = read_ts(path, Options())
    np.testing.assert_array_equal(read.targets, targets)
    lengths = [2] * len(values) if read.lengths is None else read.lengths
    for own, length, expected in zip(read.values, lengths, values, strict=True):
        np.testing.assert_array_equal(own[:length], expected.T.astype(np.float32))


def test_what_is_usual_is_read_without_aeon(tmp_path):
    values, targets = walks()
    path = write_ts(tmp_path / "made.ts", values, targets)
    program = f"import lengthwise, sys; lengthwise.load_data({str(path)!r}); print('aeon' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_folder_with_several_problems_is_refused(tmp_path):
    for name in ("one_TRAIN.ts", "two_TRAIN.ts"):
        (tmp_path / name).touch()
    with pytest.raises(UsageError, match=r"has several problems: name one of one_TRAIN.ts, two_TRAIN.ts"):
        load_data(tmp_path)


@pytest.mark.parametrize("name", CARRIED)
def test_a_problem_of_aeon_is_what_its_reader_returns(name):
    assert name in aeon_names()
    dataset = load_data(f"aeon:{name}?standardize=none")
    from importlib.resources import files  # noqa: PLC0415 - beside what it is for

    values, targets = load_from_ts_file(str(files("aeon.datasets") / "data" / name / f"{name}_TEST.ts"))
    for index in range(len(values)):
        np.testing.assert_array_equal(dataset.test.sequence(index), values[index].T.astype(np.float32))
        assert dataset.classes[dataset.test.targets[index]] == targets[index]
    assert (dataset.train.lengths is not None) == (name == "JapaneseVowels")


def test_a_problem_that_aeon_does_not_have_is_refused_with_those_that_it_has():
    with pytest.raises(UsageError, match=r"aeon has no problem 'ECG': choose from .*JapaneseVowels"):
        load_data("aeon:ECG")
