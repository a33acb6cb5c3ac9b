"""A disk that is full, or a file that may not grow: one sentence, nothing lost, and on once there is room."""

import json
import os
import resource
import shutil
import signal
import subprocess

import pytest

from tests.processes import error_line
from tests.processes import lengthwise as command
from tests.training.test_train import LONG, assert_same_run, uninterrupted  # noqa: F401 - a fixture

CHECKPOINT = 3 * 4 * 6_000 + 3 * 8 * 4_800
"""Bytes of a checkpoint of the long run, roughly: state and history."""


def limited(size):
    """Return what a process does before it starts: have files that end at `size` bytes, as on a disk that is full."""

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.fixture
def disk(tmp_path):
    """A file system of 450 KB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=450k", "tmpfs", folder], check=False, capture_output=True
    )
    if not mounted or mounted.returncode:
        pytest.skip("only who may mount has a small disk; the tests of a limited file run for all")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_disk_that_fills_up_ends_a_run_in_a_sentence_and_it_goes_on_later(
    small_folder, disk, uninterrupted  # noqa: F811
):  # fmt: skip
    out = disk / "run"
    result = command("train", "--data", small_folder, *LONG, "--out", out)
    assert f"cannot write {out}" in error_line(result, 1)
    assert "No space left on device" in result.stderr
    assert json.loads((out / "run.json").read_text())["status"] in ("running", "failed")
    assert (out / "checkpoint.safetensors").exists()
    assert f"cannot write {out}" in error_line(command("train", "--resume", out), 1)
    subprocess.run(["mount", "-o", "remount,size=20m", disk], check=True)
    resumed = command("train", "--resume", out)
    assert resumed.returncode == 0, resumed.stderr
    assert "resuming after step" in resumed.stdout
    assert_same_run(out, uninterrupted)


def test_a_disk_without_room_for_the_first_file_leaves_nothing_in_the_way(small_folder, disk):
    (disk / "big").write_bytes(b"\0" * (os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize))
    out = disk / "run"
    short = ("train", "--data", small_folder, "--seq-len", "5", "--batch-size", "16", "--steps", "9", "--out", out)
    assert "No space left on device" in error_line(command(*short), 1)
    (disk / "big").unlink()
    assert command(*short).returncode == 0


@pytest.mark.parametrize(
    "size", [200, 40_000, CHECKPOINT + 30_000], ids=["run.json", "the checkpoint", "the event files"]
)
def test_a_file_that_may_not_grow_ends_a_run_in_a_sentence_and_it_goes_on_later(
    small_folder, tmp_path, uninterrupted, size  # noqa: F811
):  # fmt: skip
    out = tmp_path / "run"
    train = ("train", "--data", small_folder, *LONG, "--out", out)
    result = command(*train, preexec_fn=limited(size))
    assert f"cannot write {out}" in error_line(result, 1)
    assert "File too large" in result.stderr
    assert not list(out.glob(".*.*"))  # nothing half-written
    again = command("train", "--resume", out) if (out / "run.json").exists() else command(*train)
    assert again.returncode == 0, again.stderr
    assert_same_run(out, uninterrupted)


def test_more_epochs_without_room_leave_the_finished_run_as_it_was(uninterrupted, tmp_path):  # noqa: F811
    out = tmp_path / "run"
    shutil.copytree(uninterrupted, out)
    result = command("train", "--resume", out, "--epochs", "61", preexec_fn=limited(40_000))
    assert "cannot write" in error_line(result, 1)
    for name in ("model.safetensors", "checkpoint.safetensors"):
        assert (out / name).read_bytes() == (uninterrupted / name).read_bytes()


def test_a_picture_without_room_leaves_the_one_before(tmp_path):
    out = tmp_path / "picture.png"
    assert command("show", "--out", out).returncode == 0
    before = out.read_bytes()
    result = command("show", "--index", "1", "--out", out, preexec_fn=limited(1000))
    assert f"cannot write {out}: File too large" in error_line(result, 1)
    assert out.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["picture.png"]
