"""``lengthwise train``, as it is typed."""

import json
import os
import pty
import re
import shlex
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file

import lengthwise
from lengthwise.cli import main
from lengthwise.training.keyword_settings import DEFAULTS
from tests.processes import environment
from tests.processes import lengthwise as command

SHORT = ["--seq-len", "5", "--hidden-size", "7", "--num-layers", "2", "--batch-size", "16"]


def test_every_setting_is_an_option(small_folder, tmp_path):
    values = {
        "data": str(small_folder), "seq_len": 4, "cell": "lstm", "hidden_size": 6, "num_layers": 2,
        "bidirectional": True, "dropout": 0.25, "pooling": "mean", "gru_variant": "reset_before", "forget_bias": 0.5,
        "batch_size": 10, "lr": 0.01, "epochs": 3, "steps": 40, "sampling": "shuffle", "seed": 5,
        "optimizer": "sgd", "momentum": 0.5, "nesterov": True, "weight_decay": 0.001, "clip_norm": 2.0,
        "lr_schedule": "cosine", "warmup_steps": 3, "initializer": "uniform_unit_scaling", "engine": "simd",
        "device": "cpu", "class_weights": "balanced", "carry_state": False, "patience": 7, "validate_every": 30,
        "ema_decay": 0.5, "tf32": False, "placement": "start", "metric": "log_loss",
    }  # fmt: skip
    assert set(values) == set(DEFAULTS)
    options = []
    for name, value in values.items():
        option = f"--{name.replace('_', '-')}"
        if value is not False:
            options += [option] if value is True else [option, str(value)]
    assert main(["train", *options, "--threads", "2", "--out", str(tmp_path / "run"), "--quiet"]) == 0
    config = json.loads((tmp_path / "run" / "run.json").read_text())["config"]
    assert config == values | {"module_name": None, "threads": 2}


def test_the_command_and_the_function_make_the_same_run(small_folder, tmp_path):
    assert main(["train", "--data", str(small_folder), *SHORT, "--quiet", "--out", str(tmp_path / "run")]) == 0
    result = lengthwise.train(small_folder, seq_len=5, hidden_size=7, num_layers=2, batch_size=16, quiet=True)
    model = load_file(tmp_path / "run" / "model.safetensors")
    for name, values in result.parameters.items():
        np.testing.assert_array_equal(model[name], values)


def test_options_of_the_data_are_those_of_python_by_the_same_names(tmp_path):
    steps = np.arange(120)
    rows = [f"{step},{np.sin(step / 3):.3f},{np.cos(step / 5):.3f}" for step in steps]
    (tmp_path / "shop.csv").write_text("\n".join(["day,sales,visits", *rows]))
    options = {"task": "forecasting", "time": "day", "target": "sales", "features": ("sales", "visits"),
               "horizon": 3, "lookback": 6, "season": 2, "relative": "none", "test": 0.2}  # fmt: skip
    words = []
    for name, value in options.items():
        words += [f"--{name}", ",".join(value) if isinstance(value, tuple) else str(value)]
    small = {"seq_len": 4, "hidden_size": 3, "num_layers": 1, "batch_size": 8, "steps": 5}
    for name, value in small.items():
        words += [f"--{name.replace('_', '-')}", str(value)]
    assert main(["train", "--data", str(tmp_path / "shop.csv"), *words, "--quiet", "--out", str(tmp_path / "run")]) == 0
    result = lengthwise.train(tmp_path / "shop.csv", **options, **small, quiet=True)
    assert result.settings.data == lengthwise.load_data(tmp_path / "shop.csv", **options).name
    assert json.loads((tmp_path / "run" / "run.json").read_text())["config"]["data"] == result.settings.data
    model = load_file(tmp_path / "run" / "model.safetensors")
    for name, values in result.parameters.items():
        np.testing.assert_array_equal(model[name], values)


def test_it_prints_shapes_then_lines_then_the_evaluation_then_where_it_is(small_folder, tmp_path):
    out = tmp_path / "run"
    result = command("train", "--data", small_folder, *SHORT, "--epochs", "7", "--out", out)
    assert result.returncode == 0
    assert result.stderr == ""
    rows = result.stdout.splitlines()
    if rows[0].startswith("compiling"):  # on a machine that has no machine code yet
        rows = rows[1:]
    assert rows[0] == "window               (16, 5, 6)  batch, time, features"
    assert "rnn.weight_ih_l0     (7, 6)" in rows
    assert [row[:25] for row in rows if row.startswith("[")] == ["[trn] ep 7  step    500  "]
    assert rows[-5] == "exact evaluation, every window of every test sequence: 400 windows of 5 steps"
    assert re.fullmatch(
        r"test accuracy [01]\.[0-9]{4}   loss [0-9.]+   balanced accuracy [01]\.[0-9]{4}   macro f1 [01]\.[0-9]{4}",
        rows[-4],
    )
    assert rows[-3] == "by window start:"
    assert rows[-1] == f"written to {out}; see it with: tensorboard --logdir {out}"


def test_there_is_no_progress_bar_and_no_escape_code_in_a_file(small_folder, tmp_path):
    result = command("train", "--data", small_folder, *SHORT, "--out", tmp_path / "run")
    assert "\x1b" not in result.stdout
    assert "━" not in result.stdout


def test_there_is_a_progress_bar_on_a_terminal(small_folder, tmp_path):
    controller, terminal = pty.openpty()
    out = tmp_path / "run"
    options = ["train", "--data", str(small_folder), *SHORT, "--epochs", "400", "--out", str(out)]
    process = subprocess.Popen(
        [sys.executable, "-m", "lengthwise", *options], stdout=terminal, stderr=terminal, stdin=terminal,
        env=environment(TERM="xterm-256color"),
    )  # fmt: skip
    os.close(terminal)
    shown = bytearray()
    while True:
        try:
            shown += os.read(controller, 4096)
        except OSError:  # the other side is closed
            break
    os.close(controller)
    text = shown.decode()
    assert process.wait() == 0, text
    assert "━" in text
    assert "steps/s" in text
    assert "/32000" in text
    assert text.splitlines()[-1].startswith("written to ")


def test_quiet_prints_nothing(small_folder, tmp_path):
    result = command("train", "--data", small_folder, *SHORT, "--quiet", "--out", tmp_path / "run")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_run_without_a_name_gets_a_folder_of_its_own(small_folder, tmp_path):
    for _ in range(2):
        assert command("train", "--data", small_folder, *SHORT, "--quiet", cwd=tmp_path).returncode == 0
    folders = [path.name for path in (tmp_path / "runs").iterdir()]
    assert len(folders) == 2
    assert all(re.fullmatch(r"small-rnn-5-[0-9]{8}-[0-9]{6}-[0-9]{6}", name) for name in folders)


def test_the_data_of_a_run_are_found_from_anywhere(small_folder, tmp_path):
    """The folder was given relative to where the run was made."""
    result = command("train", "--data", small_folder.name, *SHORT, "--quiet", "--out", tmp_path / "run",
                     cwd=small_folder.parent)  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert command("train", "--resume", "run", "--epochs", "3", cwd=tmp_path).returncode == 0
    assert command("evaluate", "run", cwd=tmp_path).returncode == 0


def test_a_run_whose_output_nobody_reads_is_made_to_its_end(small_folder, tmp_path):
    line = shlex.join(
        [sys.executable, "-m", "lengthwise", "train", "--data", str(small_folder), *SHORT, "--out", "run"]
    )
    shell = f"({line}; echo $? >code) | exec head -0"
    result = subprocess.run(["/bin/sh", "-c", shell], cwd=tmp_path, capture_output=True, text=True, check=True,
                            env=environment())  # fmt: skip
    assert result.stderr == ""
    assert (tmp_path / "code").read_text() == "0\n"
    assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "finished"


@pytest.mark.parametrize("sampling", ["blocks", "shuffle", "ordered"])
def test_every_sampling_trains(small_folder, tmp_path, sampling):
    out = tmp_path / "run"
    options = ["--data", str(small_folder), *SHORT, "--epochs", "8", "--sampling", sampling, "--quiet"]
    assert main(["train", *options, "--out", str(out)]) == 0
    assert json.loads((out / "run.json").read_text())["test_accuracy"] > 0.9
