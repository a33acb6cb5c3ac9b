"""``lengthwise study`` as a process: killed, interrupted, resumed, refused."""

import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from lengthwise.study.study import Study
from tests.processes import LONGEST
from tests.study.test_study import assert_equal

SMALL = ["--recipe", "notebook", "--hidden-size", "4", "--num-layers", "1", "--batch-size", "16"]


def arguments(folder, *more, budget="steps=30"):
    return ["--data", str(folder), "--seq-lens", "2,5,8", "--seeds", "2", "--budget", budget, *SMALL, *more]


def lengthwise(*given, **how):
    command = [sys.executable, "-m", "lengthwise", "study", *given]
    return subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False, **how)


def started(out, *given, by=()):
    """Start a study in a process, by another program or not, and wait until it has stored a run and is at work."""
    command = [*by, sys.executable, "-m", "lengthwise", "study", *given, "--out", str(out), "--workers", "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in process.stdout:
        if line.strip().startswith("2/6"):
            return process
    raise AssertionError(process.stderr.read())


@pytest.fixture(scope="module")
def whole(small_folder, tmp_path_factory):
    """The study that was never interrupted, long enough to be interrupted."""
    out = tmp_path_factory.mktemp("studies") / "whole"
    done = lengthwise(*arguments(small_folder, budget="steps=20000"), "--out", str(out))
    assert done.returncode == 0, done.stderr
    return Study.load(out)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_study_that_was_killed_loses_only_what_was_under_way(small_folder, tmp_path, whole, number):
    out = tmp_path / "study"
    process = started(out, *arguments(small_folder, budget="steps=20000"))
    process.send_signal(number)
    _, errors = process.communicate(timeout=LONGEST)
    stored = len(Study.load(out).results)
    assert 2 <= stored < 6
    if number == signal.SIGKILL:
        assert process.returncode == -signal.SIGKILL
    else:
        assert process.returncode == 130
        assert errors.splitlines() == [f"lengthwise: interrupted; continue with: lengthwise study --resume {out}"]
    done = lengthwise("--resume", str(out))
    assert done.returncode == 0, done.stderr
    assert f"6 runs, {stored} of them stored already" in done.stdout
    assert_equal(Study.load(out), whole)


def test_a_study_that_a_script_has_in_the_background_hears_neither_the_terminal_s_end_nor_its_interrupts(
    small_folder, tmp_path, whole
):
    out = tmp_path / "study"
    background = ["sh", "-c", "trap '' HUP INT; exec \"$@\"", "sh"]  # as nohup and & in a script do
    process = started(out, *arguments(small_folder, budget="steps=20000"), by=background)
    for number in (signal.SIGHUP, signal.SIGINT):
        process.send_signal(number)
    _, errors = process.communicate(timeout=LONGEST)
    assert process.returncode == 0, errors
    assert_equal(Study.load(out), whole)


def test_a_second_process_is_told_that_the_study_is_running_and_by_whom(small_folder, tmp_path):
    out = tmp_path / "study"
    process = started(out, *arguments(small_folder, budget="steps=200000"))
    second = lengthwise("--resume", str(out))
    process.kill()
    process.communicate()
    assert second.returncode == 1
    assert f"the study in {out} is running already: by " in second.stderr
    assert f"process {process.pid}, since" in second.stderr
    assert len(second.stderr.splitlines()) == 1


def test_the_answer_is_a_sentence_and_the_folder_is_named(small_folder, tmp_path):
    out = tmp_path / "study"
    done = lengthwise(*arguments(small_folder), "--out", str(out), "--quiet")
    assert done.returncode == 0, done.stderr
    (sentence,) = done.stdout.splitlines()
    assert sentence == Study.load(out).answers()[0].sentence
    assert (out / "tensorboard").is_dir()
    assert pd.api.types.is_integer_dtype(Study.load(out).results.seq_len)


def test_resuming_with_other_options_is_refused_with_the_difference(small_folder, tmp_path):
    out = tmp_path / "study"
    assert lengthwise(*arguments(small_folder), "--out", str(out)).returncode == 0
    refused = lengthwise("--resume", str(out), "--seeds", "3", "--hidden-size", "5")
    assert refused.returncode == 2
    assert "seeds is 0, 1, 2, was 0, 1; hidden_size is 5, was 4" in refused.stderr
    others = lengthwise("--resume", str(out), "--standardize", "train")
    assert others.returncode == 2
    assert f"data is {small_folder}?standardize=train, was {small_folder}." in others.stderr
    same = lengthwise("--resume", str(out), "--seeds", "2", "--hidden-size", "4")
    assert same.returncode == 0, same.stderr
    extended = lengthwise("--extend", str(out), "--seeds", "3", "--seq-lens", "3")
    assert extended.returncode == 0, extended.stderr
    assert len(Study.load(out).results) == 4 * 3


def test_seeds_are_added_until_the_question_is_decided_or_may_not_grow(small_folder, tmp_path):
    out = tmp_path / "study"
    options = ["--until-decided", "--seeds", "2", "--max-seeds", "4", "--margin", "0.00001"]
    study = ["--data", str(small_folder), "--seq-lens", "7,8", "--budget", "steps=30", *SMALL]
    done = lengthwise(*study, *options, "--out", str(out))
    assert done.returncode == 0, done.stderr
    study = Study.load(out)
    assert study.looks.seeds == (2, 3, 4)
    assert set(study.results.groupby("seq_len").size()) == {4}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["--seq-lens", "1:99"], "seq_len is 9, but the sequences have 8 steps: choose 1 to 8."),
        (["--seq-lens", "x"], "seq_lens has the part 'x'"),
        (["--seeds", "0"], "seeds is 0, but must be 1 or more."),
        (["--budget", "hours=1"], "budget is of kind 'hours'"),
        (["--hidden-size", "0"], "hidden_size is 0, but must be 1 to 100000."),
        (["--hidden-size", "3,x"], 'unable to convert "x" into int'),
        (["--cell", "elman"], 'Invalid value "elman" for --cell'),
        (["--margin", "-1"], "margin is -1.0, but must be positive"),
        (["--confidence", "2"], "confidence is 2.0"),
        (["--workers", "0"], "workers is 0, but must be 1 to 1024."),
        (["--ray-address", "x"], "--ray-address goes with --executor ray only."),
        (["--resume", "nowhere"], "nowhere is no study"),
        (["--out", "a", "--resume", "b"], "give one of them"),
        (["--until-decided", "--seeds", "1"], "begins with 2 or more"),
        (["--seq-len", "3"], "--seq-len"),
    ],
)
def test_bad_options_are_one_sentence_and_exit_code_2(small_folder, tmp_path, given, sentence):
    options = ["--data", str(small_folder)] if "--resume" not in given else []
    done = lengthwise(*options, *given, cwd=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "studies").exists()


def test_a_full_disk_ends_the_study_with_a_sentence_and_what_was_stored_is_kept(small_folder, tmp_path, whole):
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(disk)], check=True)
    try:
        out = disk / "study"
        failed = lengthwise(*arguments(small_folder, budget="steps=20000"), "--out", str(out), "--workers", "1")
        assert failed.returncode == 1
        assert len(failed.stderr.splitlines()) == 1
        assert "cannot write" in failed.stderr
        subprocess.run(["mount", "-o", "remount,size=20m", str(disk)], check=True)
        done = lengthwise("--resume", str(out))
        assert done.returncode == 0, done.stderr
        assert_equal(Study.load(out), whole)
    finally:
        time.sleep(0.1)
        subprocess.run(["umount", "-l", str(disk)], check=False)
