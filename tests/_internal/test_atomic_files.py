"""Files that are replaced whole or not at all."""

import os
import stat
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file

from lengthwise._internal.atomic_files import remove_leftovers, replace_arrays, replace_file, replace_text
from lengthwise.errors import RunError
from tests.kills import each_kill


def test_a_file_is_written_and_nothing_is_left_beside_it(tmp_path):
    replace_file(tmp_path / "file.txt", lambda beside: beside.write_text("new"))
    assert [path.name for path in tmp_path.iterdir()] == ["file.txt"]
    assert (tmp_path / "file.txt").read_text() == "new"


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("old")

    def fail(beside):
        beside.write_text("half of the ne")
        raise OSError(28, "No space left on device")

    with pytest.raises(RunError, match=rf"^cannot write {path}: No space left on device\.$"):
        replace_file(path, fail)
    assert [entry.name for entry in tmp_path.iterdir()] == ["file.txt"]
    assert path.read_text() == "old"


def test_a_reader_sees_the_old_file_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("old")

    def write(beside):
        beside.write_text("new")
        assert path.read_text() == "old"
        assert beside.suffix == ".txt"

    replace_file(path, write)
    assert path.read_text() == "new"


def test_a_new_file_may_be_read_by_whom_the_umask_allows(tmp_path):
    before = os.umask(0o027)
    try:
        replace_file(tmp_path / "file.txt", lambda beside: beside.write_text("new"))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file.txt").stat().st_mode) == 0o640


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RunError, match=r"cannot write .*nowhere/file\.txt: No such file or directory"):
        replace_file(tmp_path / "nowhere" / "file.txt", lambda beside: beside.write_text("new"))


def test_arrays_come_back_by_name(tmp_path):
    arrays = {"a": np.arange(6.0).reshape(2, 3), "b": np.zeros(0, np.float32)}
    replace_arrays(tmp_path / "file.safetensors", arrays)
    loaded = load_file(tmp_path / "file.safetensors")
    assert loaded.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(loaded[name], array)


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path):
    kept = ["run.json", ".lock", ".hidden.json", "run.4.json", ".gitignore"]
    for name in [".run.4711.json", ".checkpoint.1.safetensors", *kept]:
        (tmp_path / name).touch()
    remove_leftovers(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)


def test_what_processes_that_are_gone_left_of_this_file_is_removed_by_the_next_write(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    kept = [f".report.{os.getppid()}.html", f".report.{gone.pid}.json", f".other.{gone.pid}.html", ".report.draft.html"]
    for name in [f".report.{gone.pid}.html", f".report.{10**30}.html", *kept]:
        (tmp_path / name).touch()
    replace_file(tmp_path / "report.html", lambda beside: beside.write_text("new"))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*kept, "report.html"])


@pytest.mark.parametrize("name", ["x" * 251 + ".txt", "é" * 125 + ".txt", "x" * 255])
def test_a_file_may_have_the_longest_name(tmp_path, name):
    replace_file(tmp_path / name, lambda beside: beside.write_text("new"))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    for _ in each_kill(lambda _: replace_text(tmp_path / name, "newer")):
        replace_text(tmp_path / name, "new")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_name_with_brackets_is_no_pattern(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    (tmp_path / f".report[1].{gone.pid}.html").touch()
    (tmp_path / f".report1.{gone.pid}.html").touch()
    replace_file(tmp_path / "report[1].html", lambda beside: beside.write_text("new"))
    assert sorted(path.name for path in tmp_path.iterdir()) == [f".report1.{gone.pid}.html", "report[1].html"]


def test_whenever_a_process_is_killed_the_file_is_old_or_new_and_the_next_write_leaves_nothing_else(tmp_path):
    path = tmp_path / "report.html"
    found = []
    replace_text(path, "old")
    for _ in each_kill(lambda _number: replace_text(path, "new")):
        found.append(path.read_text())
        replace_text(path, "old")
        assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]
    assert set(found) <= {"old", "new"}
    assert found[0] == "old"
    assert len(found) > 5
