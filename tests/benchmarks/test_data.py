import json
import subprocess
import sys
from importlib.util import find_spec

import pytest

from benchmarks import data

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="caches and limits are Linux's")


def test_training_from_disk_is_checked_against_memory(tmp_path, capsys):
    data.check(tmp_path)
    assert capsys.readouterr().out == "training from disk gives the bits that training from memory gives\n"


def test_a_file_is_timed_in_a_process_of_limited_memory(tmp_path):
    path = tmp_path / "large.npy"
    data.make_file(path, 700)
    command = [sys.executable, "-m", "benchmarks.data", "child", "train", str(path), str(4 * data.GIGABYTE), "1"]
    done = subprocess.run(command, cwd=data.ROOT, capture_output=True, text=True, check=True)
    figures = json.loads(done.stdout)
    assert figures["gigabytes"] == 256 * 100 * 125 * 4 / 1e9  # one step of 256 sequences
    assert figures["seconds"] > 0


@pytest.mark.skipif(find_spec("aeon") is None, reason="aeon is not installed")
def test_a_ts_file_is_read_beside_aeon(tmp_path, capsys):
    data.ts(0.3, tmp_path, repeats=1)
    assert "aeon" in capsys.readouterr().out
