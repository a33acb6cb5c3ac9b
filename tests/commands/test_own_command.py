"""``lengthwise study --command``."""

import json
import shlex

import pytest

import lengthwise
from lengthwise.cli import main
from lengthwise.report.made import command_of

ECHO = "printf '0.%02d\\n' {seq_len}"


def study(*words, command=ECHO):
    return main(["study", "--command", command, *words])


def test_the_answer_is_printed_and_kept(tmp_path, capsys):
    code = study(
        "--seq-lens", "10,20,30", "--seeds", "2", "--metric", "mae", "--baseline", "0.5", "--out", f"{tmp_path}"
    )
    out = capsys.readouterr().out
    assert code == 0
    assert "10 of 30 steps are enough" in out
    assert "baseline, the baseline: 0.5" in out
    (answer,) = json.loads((tmp_path / "answer.json").read_text())
    assert (answer["recommended"], answer["metric"]) == (10, "mae")


def test_it_goes_on_and_is_extended_by_its_folder(tmp_path, capsys):
    words = ("--seq-lens", "10,20", "--seeds", "1", "--metric", "mae")
    assert study(*words, "--out", f"{tmp_path}") == 0
    assert main(["study", "--resume", f"{tmp_path}"]) == 0
    assert main(["study", "--extend", f"{tmp_path}", "--seq-lens", "30"]) == 0
    assert lengthwise.Study.load(tmp_path).results.seq_len.tolist() == [10, 20, 30]
    assert study(*words, "--resume", f"{tmp_path}") == 2
    assert "leave out --seq-lens, --seeds, --metric, --command" in capsys.readouterr().err
    assert study(*words, "--out", f"{tmp_path}") == 2
    assert "holds this study already" in capsys.readouterr().err


def test_the_command_that_repeats_it_is_read_as_it_was_given(tmp_path):
    words = [
        "--seq-lens",
        "10,20",
        "--seeds",
        "1",
        "--metric",
        "reached",
        "--direction",
        "maximize",
        "--timeout",
        "1m",
    ]
    assert study(*words, "--out", f"{tmp_path / 'one'}") == 0
    again = shlex.split(command_of(lengthwise.Study.load(tmp_path / "one")))
    assert again[:2] == ["lengthwise", "study"]
    assert main([*again[1:], "--out", f"{tmp_path / 'two'}"]) == 0
    one, two = (lengthwise.Study.load(tmp_path / name) for name in ("one", "two"))
    assert one.design == two.design
    assert one.store.environment["told"] == two.store.environment["told"]


def test_lengths_that_failed_are_named_beside_the_answer(tmp_path, capsys):
    command = "sh -c 'test $0 -lt 25 || { echo out of memory >&2; exit 1; }; echo 0.$0' {seq_len}"
    words = ["--seq-lens", "10,20,25,30", "--seeds", "2", "--metric", "mae", "--out", f"{tmp_path}"]
    assert study(*words, command=command) == 0
    said = "failed, and not part of the answer: 4 runs (length 25, 30): exit status 1: out of memory"
    assert said in capsys.readouterr().out
    assert main(["report", f"{tmp_path}"]) == 0
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--score", "x.npy"], "--score goes with --command"),
        (["--shell"], "--shell goes with --command"),
        (["--command", "echo {seq_len}", "--hidden-size", "3"], "hidden_size goes with networks of ours"),
        (["--command", "echo {seq_len}", "--seq-lens", "3"], "whether a higher or a lower score is better"),
        (["--command", "echo {seq_len}", "--metric", "mae"], "seq_lens is not given"),
    ],
)
def test_what_does_not_go_is_refused(words, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["study", *words]) == 2
    assert sentence in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
