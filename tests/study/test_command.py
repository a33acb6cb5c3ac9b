"""Studies of a command."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

import lengthwise
from lengthwise import Command
from lengthwise.errors import UsageError

ECHO = "printf '0.%02d\\n' {seq_len}"
"""Prints a score that is a hundredth of the length."""


def study(line=ECHO, *, out, seq_lens=(10, 20), seeds=1, metric="mae", **options):
    own = {name: options.pop(name) for name in ("score", "shell", "timeout") if name in options}
    return lengthwise.Study(
        objective=Command(line, **own), seq_lens=seq_lens, seeds=seeds, metric=metric, out=out, **options
    )


def test_a_command_is_carried_out_for_each_trial_and_its_output_is_kept(tmp_path):
    found = study(out=tmp_path, seeds=2).run()
    assert found.results.val_score.tolist() == [0.10, 0.10, 0.20, 0.20]
    folder = tmp_path / "runs" / "len0010-seed1"
    assert (folder / "stdout.txt").read_text() == "0.10\n"
    assert (folder / "stderr.txt").read_text() == ""
    assert list((folder / "out").iterdir()) == []


def test_arguments_are_words_and_no_shell_reads_them(tmp_path):
    line = "printf '%s\\n' '$HOME;' \"a b\" '{x}' {out} {seq_len}"
    study(line, out=tmp_path / "a b", seq_lens=[3]).run()
    folder = tmp_path / "a b" / "runs" / "len0003-seed0"
    assert (folder / "stdout.txt").read_text().splitlines() == ["$HOME;", "a b", "{x}", str(folder / "out"), "3"]


def test_a_shell_is_used_where_it_is_asked_for_and_what_is_filled_in_is_quoted(tmp_path):
    line = "cd {out} && echo $((100 - {seq_len})) > score.txt; cat score.txt | head -1"
    found = study(line, out=tmp_path / "a $b", shell=True).run()
    assert found.results.val_score.tolist() == [90.0, 80.0]


def test_the_score_is_found_in_a_file_and_named_by_its_key(tmp_path):
    line = """sh -c 'echo "{\\"val_mae\\": 0.$1}" > "$2/m.json"' sh {seq_len} {out}"""
    found = study(line, out=tmp_path, score="{out}/m.json:val_mae", metric=None).run()
    assert found.results.val_score.tolist() == [0.10, 0.20]
    assert (found.metric.name, found.metric.higher_is_better) == ("val_mae", False)


def test_each_fold_is_a_training(tmp_path):
    found = study("printf '[%d, %d]\\n' {fold} {seq_len}", out=tmp_path, folds=2).run()
    (answer,) = found.answers()
    assert [summary.mean for summary in answer.validation] == [21 / 4, 41 / 4]
    assert (tmp_path / "runs" / "len0010-seed0-fold1").is_dir()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("sh -c 'echo no; echo bad $0 >&2; echo >&2; exit 3' {seq_len}", "exit status 3: bad 7"),
        ("sh -c 'kill -9 $$' {seq_len}", "killed by SIGKILL"),
        ("echo done {seq_len}", "the last line of the output is 'done 7', but must be the score"),
        ("echo nan #{seq_len}", "the last line of the output is 'nan #7', but must be the score"),
        ("echo loss: nan {seq_len}", "the last line of the output is"),
        ("sh -c 'echo nan' {seq_len}", "what was returned is nan, but must be a finite number"),
    ],
)
def test_a_command_that_fails_is_a_failed_run_with_its_reason(tmp_path, line, reason):
    found = study(line, out=tmp_path, seq_lens=[7]).run()
    assert found.results.reason.tolist()[0].startswith(reason)


def test_a_command_that_takes_too_long_is_ended_with_all_that_it_began(tmp_path):
    line = "sh -c 'sleep 60 & echo $! > $1/child; sleep 60' {seq_len} {out}"
    found = study(line, out=tmp_path, seq_lens=[7], timeout=0.5).run()
    assert found.results.reason.tolist() == ["it took longer than the timeout of 0.5 s"]
    assert _has_ended(int((tmp_path / "runs/len0007-seed0/out/child").read_text()))


def test_interrupted_the_command_is_ended_and_its_run_is_pending(tmp_path):
    line = "sh -c 'sleep 60 & echo $! > $1/child; wait' {seq_len} {out}"
    child = tmp_path / "runs/len0020-seed0/out/child"
    found = study(line, out=tmp_path)

    def interrupt():
        while not child.exists() or not child.read_text():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    waiting = threading.Thread(target=interrupt)
    waiting.start()
    with pytest.raises(KeyboardInterrupt):
        found.run()
    waiting.join()
    assert len(found.pending()) == 2
    assert _has_ended(int(child.read_text()))


def _has_ended(process):
    for _ in range(100):
        try:
            os.kill(process, 0)
            if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def test_a_study_of_a_command_is_gone_on_with_by_its_folder_alone(tmp_path):
    study(out=tmp_path).run()
    again = lengthwise.Study.load(tmp_path).extend(seq_lens=[30]).run()
    assert again.results.val_score.tolist() == [0.10, 0.20, 0.30]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"line": "python train.py"}, r"'python train.py' has no \{seq_len\}: write it where the length belongs"),
        ({"line": "nosuchprogram {seq_len}"}, "the command begins with nosuchprogram, but there is no such program"),
        ({"line": "echo '{seq_len}"}, "cannot be split into words: No closing quotation"),
        ({"score": "metrics"}, "score is 'metrics', but must be a JSON file and its key"),
        ({"timeout": "soon"}, "timeout is 'soon', but must be a number with s, m or h"),
        ({"metric": None}, "whether a higher or a lower score is better is not known"),
        ({"folds": 3}, r"folds are given, but the command has no \{fold\}"),
        ({"line": "echo {seq_len} {fold}"}, r"the command has \{fold\}, but it is not known how many there are"),
        ({"out": None}, "a command's output is kept in the study's folder: give out"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, options, sentence):
    with pytest.raises(UsageError, match=sentence):
        study(**{"out": tmp_path} | options)
