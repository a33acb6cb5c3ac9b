"""Bad input on the command line: exit code 2, one line that says what is allowed, and nothing written."""

import pytest

import lengthwise
from lengthwise.cli import main
from tests.processes import error_line
from tests.processes import lengthwise as command

TRAIN = [
    (["--seq-len", "0"], "seq_len is 0, but must be 1 or more"),
    (["--seq-len", "-5"], "seq_len is -5, but must be 1 or more"),
    (["--seq-len", "29"], "seq_len is 29, but the sequences have 28 steps: choose 1 to 28"),
    (["--hidden-size", "0"], "hidden_size is 0, but must be 1 to 100000"),
    (["--hidden-size", "100001"], "hidden_size is 100001, but must be 1 to 100000"),
    (["--num-layers", "0"], "num_layers is 0, but must be 1 to 1000"),
    (["--num-layers", "-1"], "num_layers is -1, but must be 1 to 1000"),
    (["--batch-size", "0"], "batch_size is 0, but must be 1 or more"),
    (["--batch-size", "55001"], "batch_size is 55001, but the train split has 55000 sequences"),
    (["--lr", "0"], "lr is 0.0, but must be a number above 0"),
    (["--lr", "-0.1"], "lr is -0.1, but must be a number above 0"),
    (["--lr", "nan"], "lr is nan, but must be a number above 0"),
    (["--lr", "inf"], "lr is inf, but must be a number above 0"),
    (["--epochs", "0"], "epochs is 0, but must be 1 to 1000000000"),
    (["--steps", "0"], "steps is 0, but must be 1 to 1000000000"),
    (["--patience", "0"], "patience is 0, but must be 1 or more"),
    (["--patience", "1.5"], 'unable to convert "1.5" into int'),
    (["--validate-every", "0"], "validate_every is 0, but must be 1 or more"),
    (["--ema-decay", "1"], "ema_decay is 1.0, but must be a number above 0 and below 1: 0.999 is usual"),
    (["--seed", "-1"], "seed is -1, but must be 0 to 9223372036854775807"),
    (["--seed", "9223372036854775808"], "but must be 0 to 9223372036854775807"),
    (["--threads", "0"], "threads is 0, but must be 1 to 1024"),
    (["--threads", "1025"], "threads is 1025, but must be 1 to 1024"),
    (["--sampling", "random"], 'Choose from: "blocks", "crops", "shuffle", "ordered"'),
    (["--optimizer", "newton"], 'Choose from: "adam_tf1", "adam"'),
    (["--initializer", "zeros"], 'Choose from: "glorot", "uniform_unit_scaling"'),
    (["--engine", "tensorflow"], "tensorflow"),
    (["--cell", "transformer"], 'Choose from: "rnn", "rnn_relu", "gru", "lstm"'),
    (["--seq-len", "x"], 'unable to convert "x" into int'),
    (["--seq-len", "1.5"], 'unable to convert "1.5" into int'),
    (["--lr", "fast"], 'unable to convert "fast" into float'),
    (["--seq-len"], "--seq-len requires an argument"),
    (["--quiet=maybe"], 'unable to convert "maybe" into bool'),
    (["--seqlen", "3"], "Unknown option: --seqlen. Did you mean --seq-len?"),
    (["mnist", "more"], "there is no argument 'more' here"),
    (["--data", "nowhere"], "data 'nowhere' is neither a folder nor the name of a data set"),
    (["--data", "."], "contains no data set"),
    (["--out", "."], "exists already, and is not overwritten"),
    (["--resume", "nowhere"], "nowhere is not a run folder: there is no such folder"),
    (["--resume", "."], ". is not a run folder: it has no run.json"),
    (["--resume", ".", "--lr", "0.1"], "--lr does not go with --resume"),
    (["--resume", ".", "--hidden-size", "31"], "--hidden-size does not go with --resume"),
    (["--resume", ".", "--out", "x"], "--out does not go with --resume"),
]

OTHERS = [
    (["study", "a.csv", "--time", "clock"], "A column of times is named with the data: 'a.csv?time=clock'"),
    (["evaluate"], "requires an argument"),
    (["evaluate", "nowhere"], "nowhere is not a run folder"),
    (["evaluate", "."], "it has no run.json"),
    (["evaluate", ".", "--split", "dev"], 'Choose from: "train", "validation", "test"'),
    (["show", "--index", "-1"], "index is -1, but the test split has 10000 sequences: choose 0 to 9999"),
    (["show", "--index", "10000"], "choose 0 to 9999"),
    (["show", "--seq-len", "29"], "seq_len is 29, but the sequences have 28 steps: choose 1 to 28"),
    (["show", "--seq-len", "0"], "seq_len is 0, but the sequences have 28 steps"),
    (["show", "--start", "10"], "start is 10, but a window of 19 of 28 steps begins at 0 to 9"),
    (["show", "--start", "-1"], "start is -1, but a window of 19 of 28 steps begins at 0 to 9"),
    (["show", "--out", "picture.gif"], "a picture's name ends in .png, .svg or .pdf"),
    (["layouts", "--batch-size", "0"], "batch_size is 0, but the training split has 55000 sequences"),
    (["layouts", "--batch-size", "55001"], "choose 1 to 55000"),
    (["layouts", "--data", "nowhere"], "data 'nowhere' is neither a folder nor the name of a data set"),
    (["trian"], 'Unknown command "trian"'),
    (["--colour"], "--colour"),
]


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder to be in, which holds a file that is nobody's."""
    (tmp_path / "notes.txt").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def assert_refused(arguments, words, capsys, folder):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("lengthwise: ")
    assert captured.err.count("\n") == 1
    assert words in captured.err
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def names(cases):
    return [" ".join(arguments) for arguments, _ in cases]


@pytest.mark.parametrize(("arguments", "words"), TRAIN, ids=names(TRAIN))
def test_train_refuses(arguments, words, capsys, elsewhere):
    assert_refused(["train", *arguments], words, capsys, elsewhere)


@pytest.mark.parametrize(("arguments", "words"), OTHERS, ids=names(OTHERS))
def test_it_refuses(arguments, words, capsys, elsewhere):
    assert_refused(arguments, words, capsys, elsewhere)


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (["train", "--seq-len", "40"], 2, "seq_len is 40, but the sequences have 28 steps: choose 1 to 28."),
        (["train", "--data", "/dev/null"], 2, "/dev/null is a pipe or a device, and no file"),
        (["train", "--out", "/dev/null/run"], 1, "cannot write /dev/null/run: Not a directory."),
        (["train", "--hidden-size", "99999", "--num-layers", "999"], 1, "there is not enough memory for this"),
        (["train", "--data", "x" * 300], 1, "File name too long"),
    ],
    ids=["usage", "data", "out", "memory", "name"],
)
def test_a_process_ends_with_the_exit_code_and_no_traceback(tmp_path, arguments, exit_code, words):
    assert words in error_line(command(*arguments, cwd=tmp_path), exit_code)
    assert list(tmp_path.iterdir()) == []


def test_data_that_cannot_be_believed_are_a_failure(small_folder, tmp_path):
    for path in small_folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes()[:-3])
    line = error_line(command("train", "--data", tmp_path), 1)
    assert f"{tmp_path}/train-images-idx3-ubyte.gz is a corrupt gzip file" in line


def test_a_corrupt_checkpoint_is_a_failure(small, tmp_path, capsys):
    out = tmp_path / "run"
    lengthwise.train(small, out=out, quiet=True, seq_len=5, hidden_size=7, batch_size=16, steps=3)
    assert main(["evaluate", str(out), "--data", "mnist"]) == 2  # 28 inputs, and not 6
    assert "was made for classification with 6 and 3" in capsys.readouterr().err
    (out / "checkpoint.safetensors").write_bytes(b"\xff" * 100)
    (out / "model.safetensors").write_bytes(b"\xff" * 100)
    data = {"data": small}
    with pytest.raises(lengthwise.RunError, match="is not a valid checkpoint"):
        lengthwise.resume(out, quiet=True, **data)
    assert main(["evaluate", str(out), "--data", "mnist"]) == 1
    assert "model.safetensors cannot be read" in capsys.readouterr().err


def test_an_evaluation_longer_than_the_sequences_is_refused(small_folder, tmp_path, capsys):
    out = tmp_path / "run"
    lengthwise.train(small_folder, out=out, quiet=True, seq_len=5, hidden_size=7, batch_size=16, steps=3)
    assert main(["evaluate", str(out), "--seq-len", "9"]) == 2
    assert "seq_len is 9, but the sequences have 8 steps: choose 1 to 8." in capsys.readouterr().err


def test_an_evaluation_of_an_unfinished_run_says_how_to_finish_it(small_folder, tmp_path, capsys):
    out = tmp_path / "run"
    lengthwise.train(small_folder, out=out, quiet=True, seq_len=5, hidden_size=7, batch_size=16, steps=3)
    (out / "model.safetensors").unlink()
    assert main(["evaluate", str(out)]) == 1
    assert f"finish it with lengthwise train --resume {out}" in capsys.readouterr().err
