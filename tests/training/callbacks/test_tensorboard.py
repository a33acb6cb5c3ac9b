"""What TensorBoard shows of a training, read with TensorBoard's own readers."""

import signal
import struct
import time
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

import lengthwise
from lengthwise.training.callbacks.tensorboard import EventFile, TensorBoard
from lengthwise.training.events import Stepped
from tests.boards import Board
from tests.training.trainings import SETTINGS, begin


@pytest.fixture(scope="module")
def run(small, tmp_path_factory):
    """A finished run of 2 epochs of 55 + 25 steps."""
    out = tmp_path_factory.mktemp("runs") / "run"
    settings = {name: value for name, value in SETTINGS.to_dict().items() if name not in ("data", "module_name")}
    return lengthwise.train(small, out=out, quiet=True, **settings)


def test_training_and_test_have_folders_of_their_own(run):
    assert Board(run.out).tags() == {"train": {"loss", "train_accuracy"}, "test": {"test_accuracy"}}


@pytest.mark.parametrize(
    ("phase", "tag", "values"),
    [("train", "loss", "losses"), ("train", "train_accuracy", "scores"), ("test", "test_accuracy", "scores")],
)
def test_every_step_of_a_phase_has_its_scalar_at_the_global_step(run, phase, tag, values):
    steps, scalars = Board(run.out).scalars(phase, tag)
    is_test = np.arange(160) % 80 >= 55
    mine = np.flatnonzero(is_test if phase == "test" else ~is_test)
    assert steps == (mine + 1).tolist()
    np.testing.assert_array_equal(scalars, getattr(run.history, values)[mine].astype(np.float32))


def test_steps_are_as_far_apart_in_time_as_they_took(run):
    times = np.array(Board(run.out).times("train", "loss"))
    assert (np.diff(times) > 0).all()
    assert times[-1] - times[0] >= 0.9 * (run.history.seconds[1:55].sum() + run.history.seconds[80:135].sum())


def test_both_folders_show_the_same_graph(run):
    graphs = Board(run.out).graphs()
    assert set(graphs) == {"train", "test"}
    assert graphs["train"] == graphs["test"]
    assert {"window", "rnn/layer_0/h", "rnn/layer_1/h", "head/logits", "loss/mean", "accuracy/mean", "Adam"} <= {
        node.name for node in graphs["train"].node
    }


def test_figures_can_be_seen_while_the_training_goes_on(small, tmp_path):
    board = TensorBoard(tmp_path)
    begin(small).fit(until=60, emit=board)
    try:
        assert Board(tmp_path).scalars("train", "loss")[0] == list(range(1, 56))
        assert Board(tmp_path).scalars("test", "test_accuracy")[0] == list(range(56, 61))
    finally:
        board.close()


@pytest.mark.parametrize("clock_set_by", [0, -86400, 86400])
def test_a_training_that_goes_on_replaces_what_an_earlier_one_said_of_later_steps(
    small, tmp_path, monkeypatch, clock_set_by
):
    """The earlier process was killed after step 70, and its last checkpoint was of step 40."""
    lost = begin(small, replace(SETTINGS, seed=1))
    with closing(TensorBoard(tmp_path)) as board:
        lost.fit(until=70, emit=board)
    training = begin(small)
    training.fit(until=40)
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + clock_set_by)
    with closing(TensorBoard(tmp_path)) as board:
        training.fit(emit=board)
    shown = Board(tmp_path)
    is_test = np.arange(160) % 80 >= 55
    steps, losses = shown.scalars("train", "loss")
    assert steps == (np.flatnonzero(~is_test) + 1).tolist()
    np.testing.assert_array_equal(losses[40:], training.progress.history.losses[~is_test][40:].astype(np.float32))
    np.testing.assert_array_equal(losses[:40], lost.progress.history.losses[:40].astype(np.float32))
    steps, accuracies = shown.scalars("test", "test_accuracy")
    assert steps == (np.flatnonzero(is_test) + 1).tolist()
    np.testing.assert_array_equal(accuracies, training.progress.history.scores[is_test].astype(np.float32))


def test_a_record_cut_off_by_a_full_disk_hides_no_later_file(small, tmp_path):
    training = begin(small)
    with closing(TensorBoard(tmp_path)) as board:
        training.fit(until=20, emit=board)
    (cut,) = (tmp_path / "train").iterdir()
    cut.write_bytes(cut.read_bytes()[:-7])
    with closing(TensorBoard(tmp_path)) as board:
        training.fit(emit=board)
    steps, _ = Board(tmp_path).scalars("train", "loss")
    assert steps == [step for step in range(1, 161) if (step - 1) % 80 < 55 and step != 20]


def test_event_files_are_closed_even_if_one_cannot_be(small, tmp_path):
    board = TensorBoard(tmp_path)
    begin(small).fit(until=3, emit=board)
    files = list(board._files.values())
    board.close()
    board.close()
    assert all(file._file.closed for file in files)


def test_an_event_file_is_a_sequence_of_checksummed_records(tmp_path):
    file = EventFile(tmp_path / "new" / "folder")
    file.write(wall_time=1.0, step=7)
    file.close()
    content = file.path.read_bytes()
    records = []
    while content:
        (length,) = struct.unpack("<Q", content[:8])
        records.append(content[12 : 12 + length])
        content = content[16 + length :]
    assert len(records) == 2
    assert b"brain.Event:2" in records[0]


def test_validations_have_a_folder_of_their_own(small, tmp_path):
    """Also of a run that was interrupted before one: each is there once."""
    options = {
        name: value
        for name, value in SETTINGS.to_dict().items()
        if name not in ("data", "module_name", "validate_every")
    }

    def interrupt(event):
        if isinstance(event, Stepped) and event.last == 40:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        lengthwise.train(small, out=tmp_path, quiet=True, validate_every=40, callbacks=[interrupt], **options)
    run = lengthwise.resume(tmp_path, data=small, quiet=True)
    board = Board(tmp_path)
    assert board.tags()["validation"] == {"val_loss", "val_accuracy"}
    for tag, name in (("val_accuracy", "score"), ("val_loss", "loss")):
        steps, values = board.scalars("validation", tag)
        assert steps == [40, 105, 160]
        np.testing.assert_array_equal(values, np.float32([getattr(one, name) for one in run.validations]))
