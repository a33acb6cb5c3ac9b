"""Tables in several files."""

import numpy as np
import pandas as pd
import pytest

from lengthwise.data import load_data
from lengthwise.errors import DataError, UsageError


def write(folder, name, length=8, seed=0, columns=("x", "y")):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(np.random.default_rng(seed).normal(size=(length, 2)), columns=columns).to_csv(path, index=False)
    return path


def test_a_folder_is_a_class_and_a_file_a_sequence(tmp_path):
    for at in range(24):
        write(tmp_path, f"{'abc'[at % 3]}/rec{at}.csv", length=5 + at % 4, seed=at)
    (tmp_path / "README.txt").write_text("Recordings of three kinds, made by hand.\n")
    dataset = load_data(tmp_path)
    assert (dataset.classes, dataset.features) == (("a", "b", "c"), ("x", "y"))
    assert sum(len(dataset.split(name)) for name in ("train", "validation", "test")) == 24
    assert dict(dataset.reading.facts)["columns"] == "sequence file; target folder"
    assert load_data(dataset.name).checksum == dataset.checksum


def test_wide_tables_are_read_without_warnings_of_pandas(tmp_path):
    random = np.random.default_rng(0)
    for at in range(12):
        path = tmp_path / "ab"[at % 2] / f"rec{at}.csv"
        path.parent.mkdir(exist_ok=True)
        np.savetxt(path, random.normal(size=(9, 150)), delimiter=",", fmt="%.3f")
    assert load_data(tmp_path).train.values.shape[1:] == (9, 150)


def test_a_file_may_be_a_class_with_several_sequences(tmp_path):
    for name in ("walk", "run"):
        frame = pd.DataFrame({"id": np.repeat(np.arange(10), 5), "x": np.random.default_rng(0).normal(size=50)})
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    dataset = load_data(tmp_path)
    assert dataset.classes == ("run", "walk")
    assert dict(dataset.reading.facts)["columns"] == "sequence file, id; target folder"


def test_folders_may_be_splits(tmp_path):
    for at in range(24):
        write(tmp_path, f"{('train', 'validation', 'test')[at % 3]}/{'ab'[at % 2]}/rec{at}.csv", seed=at)
    dataset = load_data(tmp_path)
    assert [len(dataset.split(name)) for name in ("train", "validation", "test")] == [8, 8, 8]
    assert dataset.classes == ("a", "b")


def test_a_table_beside_the_files_may_have_their_targets(tmp_path):
    for at in range(12):
        write(tmp_path, f"signals/rec{at}.csv", seed=at)
    lines = ["file;kind", *(f"rec{at};{'ab'[at % 2]}" for at in range(12))]
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    assert load_data(tmp_path).classes == ("a", "b")
    (tmp_path / "labels.csv").write_text("\n".join(lines[:-1]))
    with pytest.raises(DataError, match=r"labels\.csv has no line for signals/rec11\.csv: column file names the file"):
        load_data(tmp_path)


def test_files_without_classes_ask_for_the_target(tmp_path):
    for at in range(3):
        write(tmp_path, f"rec{at}.csv", seed=at)
    with pytest.raises(UsageError, match=r"no column for the label of each sequence.*target=COLUMN"):
        load_data(tmp_path)


def test_files_with_other_columns_and_bad_cells_are_named(tmp_path):
    for at in range(6):
        write(tmp_path, f"{'ab'[at % 2]}/rec{at}.csv", seed=at)
    path = write(tmp_path, "a/rec2.csv", columns=("x", "z"))
    with pytest.raises(DataError, match=r"rec2\.csv has the columns x, z, but .*rec0\.csv has x, y: all files need"):
        load_data(tmp_path)
    path.write_text("x,y\n1,2\n3,high\n")
    with pytest.raises(DataError, match=r"rec2\.csv, line 3: column y has high, but features must be numbers"):
        load_data(tmp_path)
