"""``lengthwise export``."""

import numpy as np
import onnxruntime
import pytest
import torch

import lengthwise
from tests.processes import lengthwise as command


@pytest.fixture(scope="module")
def run(small_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    lengthwise.train(small_folder, seq_len=5, batch_size=16, steps=20, quiet=True, out=folder)
    return folder


def test_a_run_becomes_a_file_of_another_program(run, small, tmp_path):
    for to in ("torch", "onnx", "safetensors"):
        result = command("export", str(run), "--to", to, "--out", str(tmp_path / to))
        assert (result.returncode, result.stdout) == (0, f"written to {tmp_path / to}\n")
    model = lengthwise.load_torch(torch.load(tmp_path / "torch"))
    x = (small.test.values[:, 1:6] / np.float32(255)).astype(np.float32)
    (logits,) = onnxruntime.InferenceSession(tmp_path / "onnx").run(None, {"windows": x})
    accuracy = (logits.argmax(1) == small.test.targets).mean()
    assert accuracy == pytest.approx(model.evaluate(small, seq_len=5).accuracy_by_start[1])


def test_what_is_wrong_is_a_sentence_and_an_exit_code(run, tmp_path):
    (tmp_path / "there").touch()
    for arguments, sentence in (
        ((str(tmp_path), "--to", "onnx", "--out", "x"), "is not a run folder"),
        ((str(run), "--to", "onnx", "--out", str(tmp_path / "there")), "exists already, and is not overwritten"),
    ):
        result = command("export", *arguments)
        assert result.returncode == 2
        assert sentence in result.stderr
