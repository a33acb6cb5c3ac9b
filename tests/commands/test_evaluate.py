"""``lengthwise evaluate``."""

import pytest

import lengthwise
from lengthwise.cli import main


@pytest.fixture(scope="module")
def run(small_folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "run"
    return lengthwise.train(small_folder, out=out, quiet=True, seq_len=5, hidden_size=7, batch_size=16)


def printed(capsys, *arguments):
    assert main(["evaluate", *map(str, arguments)]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out.splitlines()


def test_a_run_is_evaluated_as_its_training_was(run, capsys):
    rows = printed(capsys, run.out)
    assert rows[0] == "exact evaluation, every window of every test sequence: 400 windows of 5 steps"
    assert rows[1].startswith(
        f"test accuracy {run.evaluation.accuracy:.4f}   loss {run.evaluation.loss:.4f}   balanced"
    )
    assert rows[3] == "    0 … 3   " + " ".join(f"{value:.3f}" for value in run.evaluation.accuracy_by_start)


def test_another_length_and_split_are_judged(run, capsys):
    rows = printed(capsys, run.out, "--seq-len", 7, "--split", "validation", "--threads", 1)
    expected = lengthwise.evaluate(run.out, seq_len=7, split="validation")
    assert rows[0] == "exact evaluation, every window of every validation sequence: 40 windows of 7 steps"
    assert rows[1].startswith(f"validation accuracy {expected.accuracy:.4f}   loss {expected.loss:.4f}   balanced")


def test_several_lengths_are_judged_in_a_table(run, capsys):
    rows = printed(capsys, run.out, "--seq-len", "2,5:7:2")
    assert rows[0].strip() == "exact evaluation, every window of every test sequence"
    assert rows[2].split() == ["seq_len", "windows", "accuracy", "loss", "balanced", "accuracy", "macro", "f1"]
    expected = lengthwise.evaluate(run.out, seq_len=[2, 5, 7]).values()
    for row, one in zip(rows[4:7], expected, strict=True):
        metrics = (one.accuracy, one.loss, *one.metrics.values())
        assert row.split() == [str(one.seq_len), str(one.num_windows), *(f"{value:.4f}" for value in metrics)]


@pytest.mark.parametrize("in_file", ["7", '"1:3"', "[1, 3]"])
def test_lengths_on_the_command_line_replace_those_of_a_file(run, tmp_path, monkeypatch, capsys, in_file):
    expected = {words: printed(capsys, run.out, *words) for words in ((), ("--seq-len", "2"), ("--seq-len", "2,5"))}
    (tmp_path / "pyproject.toml").write_text(f"[tool.lengthwise.evaluate]\nseq_len = {in_file}\n")
    monkeypatch.chdir(tmp_path)
    for words in (("--seq-len", "2"), ("--seq-len", "2,5")):
        assert printed(capsys, run.out, *words) == expected[words]
    assert printed(capsys, run.out) != expected[()]


@pytest.mark.parametrize("wrong", ["0", "9", "-1", "x", "3:1"])
def test_a_length_that_is_none_is_refused_in_a_sentence(run, capsys, wrong):
    assert main(["evaluate", str(run.out), f"--seq-len={wrong}"]) == 2
    assert "seq_len " in capsys.readouterr().err


def test_other_data_are_judged(run, small_folder, capsys):
    assert printed(capsys, run.out, "--data", small_folder) == printed(capsys, run.out)
