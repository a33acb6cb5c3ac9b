"""`scripts/pytorch_tests.py` on a made folder in the place of PyTorch's sources."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "pytorch_tests.py"

TEST_NN = """
import pytest
from torch.nn import GRU, LSTM
from torch.nn.modules import rnn

def test_gru_runs():
    import torch
    assert GRU(2, 3)(torch.zeros(4, 1, 2))[0].shape == (4, 1, 3)

def test_lstm_is_pytorchs():
    assert LSTM.__module__ == rnn.LSTM.__module__ == "torch.nn.modules.rnn"

def test_rnn_is_ours():
    assert rnn.RNN.__module__ == "lengthwise.torch.modules"

@pytest.mark.skip
def test_sequence_is_skipped():
    pass

def test_linear_is_not_selected():
    raise AssertionError
"""

NOT_IN_THE_LIST = """
def test_gru_passes():
    pass
"""


@pytest.fixture
def sources(tmp_path):
    folder = tmp_path / "test"
    folder.mkdir()
    (folder / "test_nn.py").write_text(TEST_NN)
    (folder / "test_jit.py").write_text("import a_module_that_nobody_has\n")
    (folder / "test_other.py").write_text(NOT_IN_THE_LIST)
    return tmp_path


def run(*arguments):
    command = [sys.executable, SCRIPT, *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_tests_that_pass_with_pytorchs_classes_alone_are_named_and_counted(sources):
    ended = run(sources)
    lines = ended.stdout.splitlines()
    assert ended.returncode == 1, ended.stderr
    (failed,) = (line for line in lines if line.startswith("failed: "))
    assert failed.endswith(" test_lstm_is_pytorchs")
    assert lines.count("test_jit.py could not be run:") == 2
    assert [line for line in lines if line.endswith(" passed")] == ["test_nn.py: 2 passed", "test_jit.py: 0 passed"]
    assert lines[-3:] == [
        "torch.nn: 2 passed, 1 failed, 1 skipped",
        "lengthwise.torch: 2 passed, 1 failed, 1 skipped",
        "1 of those that pass with torch.nn's classes do not with lengthwise.torch's",
    ]


def test_files_that_are_given_are_run_in_place_of_the_list(sources):
    ended = run(sources, "test_other.py")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines() == [
        "test_other.py: 1 passed",
        "torch.nn: 1 passed, 0 failed, 0 skipped",
        "lengthwise.torch: 1 passed, 0 failed, 0 skipped",
        "0 of those that pass with torch.nn's classes do not with lengthwise.torch's",
    ]


def test_a_folder_without_tests_is_refused(tmp_path):
    ended = run(tmp_path)
    assert ended.returncode == 2
    assert f"{tmp_path} has no folder test: give the folder of PyTorch's source code" in ended.stderr
