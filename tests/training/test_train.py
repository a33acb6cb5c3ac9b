"""Train and go on: from Python, and interrupted in every way that a process can be."""

import json
import re
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file

import lengthwise
from lengthwise.errors import RunError, UsageError
from lengthwise.training.evaluation import evaluate_exactly
from lengthwise.training.events import EpochEnded, Evaluating, Finished, Started, Stepped
from tests.boards import Board
from tests.idx_files import write_folder
from tests.processes import LONGEST, error_line, started, wait_until
from tests.processes import lengthwise as command
from tests.training.trainings import SETTINGS, begin

OPTIONS = {name: value for name, value in SETTINGS.to_dict().items() if name not in ("data", "module_name")}

LONG = ["--seq-len", "5", "--hidden-size", "31", "--batch-size", "16", "--epochs", "60", "--seed", "3"]
"""A run of 60 epochs of 55 + 25 steps of the small data set, which takes seconds."""

STEPS = 60 * 80


def train(data, out, **changes):
    return lengthwise.train(data, out=out, quiet=True, **OPTIONS | changes)


def assert_same_run(one, other):
    """Two run folders have the same model, state, history and evaluation, bit for bit; times may differ."""
    for name in ("model", "checkpoint"):
        mine, theirs = (load_file(out / f"{name}.safetensors") for out in (one, other))
        assert mine.keys() == theirs.keys()
        for key in mine.keys() - {"seconds"}:
            np.testing.assert_array_equal(mine[key], theirs[key])
    mine, theirs = (json.loads((out / "run.json").read_text()) for out in (one, other))
    for key in ("status", "config", "network", "steps", "test_accuracy", "test_accuracy_by_start", "test_loss"):
        assert mine[key] == theirs[key]
    for my_epoch, their_epoch in zip(mine["epochs"], theirs["epochs"], strict=True):
        assert {k: v for k, v in my_epoch.items() if "seconds" not in k} == {
            k: v for k, v in their_epoch.items() if "seconds" not in k
        }
    mine, theirs = Board(one), Board(other)
    for run, tag in (("train", "loss"), ("train", "train_accuracy"), ("test", "test_accuracy")):
        assert mine.scalars(run, tag) == theirs.scalars(run, tag)


@pytest.fixture(scope="module")
def finished(small_folder, tmp_path_factory):
    """A run of 2 epochs that was never interrupted."""
    return train(small_folder, tmp_path_factory.mktemp("runs") / "finished")


def test_train_returns_what_training_and_exact_evaluation_gave(finished, small):
    training = begin(small)
    training.fit()
    np.testing.assert_array_equal(finished.history.losses, training.progress.history.losses)
    parameters = training.network.named(training.progress.state.parameters)
    assert finished.parameters.keys() == parameters.keys()
    for name, values in parameters.items():
        np.testing.assert_array_equal(finished.parameters[name], values)
    assert finished.evaluation == evaluate_exactly(
        training.network, training.progress.state.parameters, small.test, SETTINGS.seq_len
    )
    assert (finished.schedule.total, len(finished.epochs)) == (160, 2)


def test_nothing_is_written_without_a_folder(small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert train(small, None).out is None
    assert list(tmp_path.iterdir()) == []


def test_a_quiet_run_prints_nothing(small, capfd):
    train(small, None)
    assert capfd.readouterr() == ("", "")


def test_callbacks_get_every_event_in_order(small):
    events = []
    train(small, None, callbacks=[events.append])
    kinds = [type(event) for event in events]
    assert kinds[0] is Started
    assert kinds[-3:] == [EpochEnded, Evaluating, Finished]
    assert set(kinds[1:-3]) == {Stepped, EpochEnded}
    assert events[-1].evaluation.num_windows == 400


@pytest.mark.parametrize("stop_at", [1, 40, 60, 81, 159, 160])
def test_a_run_that_was_interrupted_goes_on_to_the_same_bits(small_folder, finished, tmp_path, stop_at):
    def interrupt(event):
        if isinstance(event, Stepped) and event.last >= stop_at:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(small_folder, tmp_path / "run", callbacks=[interrupt])
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["status"] == "interrupted"
    assert record["steps"] >= stop_at
    assert record["test_accuracy"] is None
    assert not (tmp_path / "run" / "model.safetensors").exists()
    lengthwise.resume(tmp_path / "run", quiet=True)
    assert_same_run(tmp_path / "run", finished.out)


def test_a_run_that_was_interrupted_in_its_evaluation_goes_on_to_it(small_folder, finished, tmp_path):
    def interrupt(event):
        if isinstance(event, Evaluating):
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(small_folder, tmp_path / "run", callbacks=[interrupt])
    lengthwise.resume(tmp_path / "run", quiet=True)
    assert_same_run(tmp_path / "run", finished.out)


def test_a_run_that_never_got_a_checkpoint_starts_again(finished, tmp_path):
    shutil.copytree(finished.out, tmp_path / "run")
    (tmp_path / "run" / "checkpoint.safetensors").unlink()
    (tmp_path / "run" / "model.safetensors").unlink()
    lengthwise.resume(tmp_path / "run", quiet=True)
    assert_same_run(tmp_path / "run", finished.out)


def test_raised_epochs_give_the_run_that_had_them_from_the_start(small_folder, finished, tmp_path):
    shutil.copytree(finished.out, tmp_path / "run")
    lengthwise.resume(tmp_path / "run", epochs=4, quiet=True)
    train(small_folder, tmp_path / "other", epochs=4)
    assert_same_run(tmp_path / "run", tmp_path / "other")


def test_raised_steps_give_the_run_that_had_them_from_the_start(small_folder, tmp_path):
    train(small_folder, tmp_path / "run", steps=30)
    assert lengthwise.resume(tmp_path / "run", steps=70, quiet=True).schedule.total == 55 + 25 + 15
    train(small_folder, tmp_path / "other", steps=70)
    assert_same_run(tmp_path / "run", tmp_path / "other")


def test_a_finished_run_that_goes_on_without_more_epochs_stays_as_it_is(finished, tmp_path):
    shutil.copytree(finished.out, tmp_path / "run")
    result = lengthwise.resume(tmp_path / "run", quiet=True)
    np.testing.assert_array_equal(result.history.losses, finished.history.losses)
    assert_same_run(tmp_path / "run", finished.out)


def test_seconds_before_an_interruption_count(small_folder, tmp_path):
    train(small_folder, tmp_path / "run")
    path = tmp_path / "run" / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"wall_seconds": 1000.0}))
    lengthwise.resume(tmp_path / "run", epochs=3, quiet=True)
    assert 1000 < json.loads(path.read_text())["wall_seconds"] < 1100


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"epochs": 1}, "epochs is 1, but the run has 2 already: choose 2 or more"),
        ({"steps": 200}, "steps is 200, but the run's length is given by epochs: raise epochs"),
        ({"epochs": 0}, "epochs is 0"),
    ],
)
def test_a_run_cannot_be_made_shorter_or_be_counted_otherwise(finished, wanted, message):
    with pytest.raises(UsageError, match=message):
        lengthwise.resume(finished.out, quiet=True, **wanted)


def test_epochs_of_a_run_of_steps_cannot_be_raised(small_folder, tmp_path):
    train(small_folder, tmp_path / "run", steps=30)
    with pytest.raises(UsageError, match="epochs is 3, but the run's length is given by steps: raise steps"):
        lengthwise.resume(tmp_path / "run", epochs=3, quiet=True)


def test_a_run_does_not_go_on_with_other_data(tmp_path):
    folder = write_folder(tmp_path / "data")
    train(folder, tmp_path / "run")
    write_folder(folder, num_classes=4)
    with pytest.raises(
        RunError, match=f"{folder} is not the data on which {tmp_path / 'run'} was trained: its checksum is"
    ):
        lengthwise.resume(tmp_path / "run", epochs=3, quiet=True)


def test_a_run_whose_data_were_moved_says_so_and_goes_on_with_the_place_where_they_are_now(tmp_path, finished):
    folder, moved, run = write_folder(tmp_path / "data"), tmp_path / "moved", tmp_path / "run"
    train(folder, run, epochs=1)
    folder.rename(moved)
    told = f"lengthwise: .*{folder}.* {run}/run.json names these data: if they are elsewhere now, .* --data"
    for asked in (["evaluate", run], ["train", "--resume", run, "--epochs", "2"]):
        failed = command(*asked)
        assert failed.returncode in (1, 2)
        assert re.match(told, failed.stderr), failed.stderr
    assert command("train", "--resume", run, "--epochs", "2", "--data", moved).returncode == 0
    mine, theirs = (load_file(out / "model.safetensors") for out in (run, finished.out))
    assert all(np.array_equal(mine[name], theirs[name]) for name in theirs)
    assert lengthwise.resume(run, epochs=3, quiet=True).settings.data == str(moved)


def test_a_run_of_data_in_memory_goes_on_with_the_same_data(small, finished, tmp_path):
    train(small, tmp_path / "run", epochs=1)
    result = lengthwise.resume(tmp_path / "run", epochs=2, data=small, quiet=True)
    assert result.evaluation == finished.evaluation


def test_a_checkpoint_of_another_run_is_refused(small_folder, finished, tmp_path):
    train(small_folder, tmp_path / "other", hidden_size=9)
    shutil.copytree(finished.out, tmp_path / "run")
    shutil.copy(tmp_path / "other" / "checkpoint.safetensors", tmp_path / "run")
    with pytest.raises(RunError, match="another configuration: its hidden_size is 9, but the run's is 7"):
        lengthwise.resume(tmp_path / "run", quiet=True)


def test_a_training_that_diverges_says_so_in_run_json(small_folder, tmp_path):
    with pytest.raises(RunError, match="the loss is not finite"):
        train(small_folder, tmp_path / "run", lr=1e38)
    assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "failed"


# What is chosen on the validation split, interrupted or not.

CHOOSING = {"epochs": 6, "lr": 0.02, "validate_every": 15, "patience": 4, "ema_decay": 0.8}


@pytest.fixture(scope="module", params=["simd", "torch"])
def chosen(request, small_folder, tmp_path_factory):
    """A run that patience ended, of each engine."""
    out = tmp_path_factory.mktemp("runs") / "chosen"
    return train(small_folder, out, engine=request.param, threads=1, **CHOOSING)


def test_a_run_says_what_was_made_and_what_is_kept(chosen):
    record = json.loads((chosen.out / "run.json").read_text())
    assert (chosen.stopped_by, record["stopped_by"]) == ("patience", "patience")
    assert record["train_steps"] == chosen.train_steps == chosen.validations[-1].update < 6 * 55
    scores = [validation.score for validation in chosen.validations]
    best = int(np.argmax(scores))
    assert (chosen.best_step, record["best_step"]) == (chosen.validations[best].update,) * 2
    assert len(scores) - 1 - best == 4
    assert [(row["train_steps"], row["score"], row["loss"]) for row in record["validations"]] == chosen.validations
    assert len(chosen.history.losses) == record["steps"] == chosen.train_steps + 25 * (chosen.train_steps // 55)
    assert np.isfinite(chosen.history.scores).all()


def test_the_model_and_the_evaluation_are_those_of_the_best_step(chosen, small_folder, tmp_path):
    options = {name: value for name, value in CHOOSING.items() if name in ("lr", "ema_decay")}
    short = train(
        small_folder, tmp_path / "short", steps=chosen.best_step, engine=chosen.settings.engine, threads=1, **options
    )
    model, other = (load_file(out / "model.safetensors") for out in (chosen.out, short.out))
    for name, values in other.items():
        np.testing.assert_array_equal(model[name], values)
        np.testing.assert_array_equal(chosen.parameters[name], values)
    assert chosen.evaluation == short.evaluation
    assert lengthwise.evaluate(chosen.out) == chosen.evaluation


@pytest.mark.parametrize("stop_at", [1, 15, 50, 81, 100])
def test_a_run_that_chooses_and_was_interrupted_goes_on_to_the_same_bits(small_folder, chosen, tmp_path, stop_at):
    def interrupt(event):
        if isinstance(event, Stepped) and event.last >= stop_at:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(
            small_folder, tmp_path / "run", engine=chosen.settings.engine, threads=1, callbacks=[interrupt], **CHOOSING
        )
    assert json.loads((tmp_path / "run" / "run.json").read_text())["best_step"] is None
    result = lengthwise.resume(tmp_path / "run", threads=1, quiet=True)
    assert_same_run(tmp_path / "run", chosen.out)
    assert (result.train_steps, result.best_step, result.stopped_by, result.validations) == (
        chosen.train_steps, chosen.best_step, chosen.stopped_by, chosen.validations
    )  # fmt: skip


def test_a_run_that_patience_ended_stays_as_it_is_also_with_more_epochs(chosen, tmp_path):
    shutil.copytree(chosen.out, tmp_path / "run")
    result = lengthwise.resume(tmp_path / "run", epochs=9, threads=1, quiet=True)
    assert (result.train_steps, result.best_step) == (chosen.train_steps, chosen.best_step)
    assert result.evaluation == chosen.evaluation


def test_raised_steps_give_the_choice_of_the_run_that_had_them_from_the_start(small_folder, tmp_path):
    """The first run is evaluated at its end, the other one is not."""
    first = train(small_folder, tmp_path / "run", steps=30, validate_every=20, lr=0.02)
    assert [validation.update for validation in first.validations] == [20, 30]
    one = lengthwise.resume(tmp_path / "run", steps=70, quiet=True)
    other = train(small_folder, tmp_path / "other", steps=70, validate_every=20, lr=0.02)
    assert [validation.update for validation in one.validations] == [20, 40, 60, 70]
    assert one.validations == other.validations
    assert_same_run(tmp_path / "run", tmp_path / "other")


def test_without_validations_the_last_step_is_kept(finished):
    record = json.loads((finished.out / "run.json").read_text())
    assert (finished.train_steps, finished.best_step, finished.stopped_by, finished.validations) == (
        110,
        110,
        "steps",
        [],
    )
    assert (record["train_steps"], record["best_step"], record["stopped_by"]) == (110, 110, "steps")


# What follows is processes that are interrupted, killed, or not alone.


@pytest.fixture(scope="module")
def uninterrupted(small_folder, tmp_path_factory):
    """The long run, never interrupted."""
    out = tmp_path_factory.mktemp("runs") / "long"
    result = command("train", "--data", small_folder, *LONG, "--out", out)
    assert result.returncode == 0, result.stderr
    return out


def steps_made(out):
    """How many training steps TensorBoard knows of, roughly: an event of two scalars takes 66 bytes."""
    return sum(path.stat().st_size for path in out.glob("train/events*")) // 66


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_ends_a_run_with_a_checkpoint_and_the_command_to_go_on(small_folder, uninterrupted, tmp_path, number):
    out = tmp_path / "a run"
    process = started("train", "--data", small_folder, *LONG, "--out", out)
    wait_until(lambda: steps_made(out) > 500, process)
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=LONGEST)
    assert process.returncode == 130
    assert stderr == f"lengthwise: interrupted; continue with: lengthwise train --resume '{out}'\n"
    at = int(re.search(rf"interrupted after ([0-9]+) of {STEPS} steps", stdout)[1])
    assert 0 < at < STEPS
    assert Board(out).scalars("train", "loss")[0][-1] <= at
    result = command("train", "--resume", out)
    assert result.returncode == 0, result.stderr
    assert f"resuming after step {at} of {STEPS}" in result.stdout
    assert_same_run(out, uninterrupted)


def test_a_run_that_a_script_has_in_the_background_hears_neither_the_terminal_s_end_nor_its_interrupts(
    small_folder, uninterrupted, tmp_path
):
    out = tmp_path / "run"
    asked = ["train", "--data", str(small_folder), *LONG, "--out", str(out)]
    background = ["sh", "-c", "trap '' HUP INT; exec \"$@\"", "sh", sys.executable, "-m", "lengthwise"]
    process = subprocess.Popen([*background, *asked], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: steps_made(out) > 500, process)
    for number in (signal.SIGHUP, signal.SIGINT):
        process.send_signal(number)
    _, errors = process.communicate(timeout=LONGEST)
    assert process.returncode == 0, errors
    assert_same_run(out, uninterrupted)


def test_a_run_that_was_killed_goes_on_from_its_last_checkpoint(small_folder, uninterrupted, tmp_path):
    out = tmp_path / "run"
    process = started("train", "--data", small_folder, *LONG, "--out", out)
    wait_until((out / "checkpoint.safetensors").exists, process)
    after = steps_made(out)
    wait_until(lambda: steps_made(out) > after, process)
    process.kill()
    process.communicate()
    result = command("train", "--resume", out)
    assert result.returncode == 0, result.stderr
    assert "resuming after step" in result.stdout
    assert_same_run(out, uninterrupted)


def test_a_folder_is_trained_by_one_process_at_a_time(small_folder, tmp_path):
    out = tmp_path / "run"
    endless = ("train", "--data", small_folder, *LONG, "--steps", "200000", "--out", out)
    process = started(*endless)
    try:
        wait_until(lambda: steps_made(out) > 0, process)
        assert "is being trained by another process" in error_line(command("train", "--resume", out), 1)
        assert "exists already" in error_line(command(*endless), 2)
    finally:
        process.kill()
        process.communicate()


def test_of_two_processes_that_start_one_run_at_once_one_makes_it(small_folder, tmp_path, uninterrupted):
    out = tmp_path / "run"
    both = [started("train", "--data", small_folder, *LONG, "--out", out) for _ in range(2)]
    outputs = [process.communicate(timeout=LONGEST) for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes[0] == 0, outputs
    assert codes[1] in (1, 2), outputs
    assert_same_run(out, uninterrupted)
