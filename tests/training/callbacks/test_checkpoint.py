"""Checkpoints: everything that a training needs, and nothing that is not its own."""

import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from lengthwise.errors import RunError
from lengthwise.training.callbacks.checkpoint import Checkpoints, load_checkpoint, save_checkpoint
from lengthwise.training.events import EpochEnded, Evaluating, Interrupted, Stepped
from lengthwise.training.settings import Settings
from tests.training.trainings import SETTINGS, assert_same, begin


@pytest.fixture
def training(small):
    """A training that stands after step 40 of 160."""
    training = begin(small)
    training.fit(until=40)
    return training


@pytest.fixture
def path(tmp_path, training):
    path = tmp_path / "checkpoint.safetensors"
    save_checkpoint(path, SETTINGS, training.progress)
    return path


def rewritten(path, *, metadata=None, **arrays):
    """Change parts of a checkpoint, and leave out its checksum; an array that is None is left out."""
    with safe_open(path, framework="numpy") as file:
        content = {name: file.get_tensor(name) for name in file.keys()} | arrays  # noqa: SIM118 - no mapping
        metadata = file.metadata() | (metadata or {})
    del metadata["sha256"]
    save_file({name: array for name, array in content.items() if array is not None}, path, metadata)


def test_what_is_saved_is_loaded_bit_for_bit(path, training, small):
    other = load_checkpoint(path, begin(small))
    assert_same(other, training)
    np.testing.assert_array_equal(other.progress.history.seconds, training.progress.history.seconds)


@pytest.mark.parametrize("place", [-1, -1000, -5000])
def test_a_bit_that_changed_on_the_disk_is_told_by_the_checksum(path, small, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(RunError, match=rf"^{path} is damaged: its SHA-256 is not that of its arrays\. Train again"):
        load_checkpoint(path, begin(small))


def test_a_training_goes_on_from_a_checkpoint_to_the_same_bits(path, training, small):
    other = load_checkpoint(path, begin(small))
    other.fit()
    training.fit()
    assert_same(other, training)


def test_a_run_may_have_more_epochs_than_its_checkpoint(path, small):
    longer = begin(small, Settings(**SETTINGS.to_dict() | {"epochs": 3}))
    progress = load_checkpoint(path, longer).progress
    assert len(progress.history.losses) == progress.schedule.total == 240


@pytest.mark.parametrize(
    ("name", "value"), [("seed", 1), ("hidden_size", 8), ("seq_len", 6), ("lr", 0.5), ("sampling", "shuffle")]
)
def test_a_checkpoint_of_another_configuration_is_refused_by_what_differs(path, small, name, value):
    settings = Settings(**SETTINGS.to_dict() | {name: value})
    with pytest.raises(RunError, match=f"another configuration: its {name} is .*, but the run's is {value!r}"):
        load_checkpoint(path, begin(small, settings))


@pytest.mark.parametrize("cut", [0, 7, 100, -1])
def test_a_checkpoint_that_is_cut_off_is_refused(path, training, cut):
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(RunError, match="is not a valid checkpoint"):
        load_checkpoint(path, training)


def test_a_file_of_something_else_is_refused(path, training):
    path.write_text("no checkpoint at all")
    with pytest.raises(RunError, match="is not a valid checkpoint"):
        load_checkpoint(path, training)


@pytest.mark.parametrize("settings", ["{", "[1]", "7"])
def test_settings_that_are_none_are_refused(path, training, settings):
    rewritten(path, metadata={"settings": settings})
    with pytest.raises(RunError, match="is not a valid checkpoint"):
        load_checkpoint(path, training)


def test_a_checkpoint_of_another_format_is_refused(path, training):
    """Also if it lacks what this one has."""
    rewritten(path, metadata={"format": "2"}, average=None)
    with pytest.raises(RunError, match="has checkpoint format 2, but this version of lengthwise reads 3: resume with"):
        load_checkpoint(path, training)


@pytest.mark.parametrize("step", ["-1", "161"])
def test_a_step_outside_the_run_is_refused(path, training, step):
    rewritten(path, metadata={"global_step": step})
    with pytest.raises(RunError, match=f"is at step {step}, but the run has 160 steps"):
        load_checkpoint(path, training)


@pytest.mark.parametrize(
    "name", ["parameters", "m", "v", "average", "losses", "scores", "seconds", "validations", "best"]
)
def test_a_missing_array_is_refused(path, training, name):
    rewritten(path, **{name: None})
    with pytest.raises(RunError, match="is not a valid checkpoint"):
        load_checkpoint(path, training)


@pytest.mark.parametrize("name", ["parameters", "m", "v"])
@pytest.mark.parametrize("change", [lambda a: a[:-1], lambda a: a.astype(np.float64), lambda a: a[None]])
def test_a_state_that_the_engine_cannot_take_is_refused(path, training, name, change):
    rewritten(path, **{name: change(training.progress.state._asdict()[name])})
    with pytest.raises(RunError, match=f"belongs to another network: its {name} have shape"):
        load_checkpoint(path, training)


def test_histories_of_different_length_are_refused(path, training):
    rewritten(path, seconds=np.zeros(159))
    with pytest.raises(RunError, match="its seconds have shape"):
        load_checkpoint(path, training)


def test_a_history_that_lacks_steps_made_is_refused(path, training):
    rewritten(path, **{name: np.zeros(39) for name in ("losses", "scores", "seconds")})
    with pytest.raises(RunError, match="is at step 40, but its history has 39 steps"):
        load_checkpoint(path, training)


@pytest.mark.parametrize("kind", [lambda progress: EpochEnded(0, progress), Interrupted, Evaluating])
def test_a_checkpoint_is_written_when_an_epoch_or_the_training_ends(tmp_path, training, kind):
    path = tmp_path / "checkpoint.safetensors"
    Checkpoints(path, SETTINGS)(kind(training.progress))
    assert load_checkpoint(path, training).progress.global_step == 40


def test_steps_alone_write_no_checkpoint_within_half_a_minute(tmp_path, training):
    path = tmp_path / "checkpoint.safetensors"
    Checkpoints(path, SETTINGS)(Stepped(0, "train", 39, 40, training.progress))
    assert not path.exists()


def test_steps_write_a_checkpoint_after_half_a_minute(tmp_path, training):
    path = tmp_path / "checkpoint.safetensors"
    checkpoints = Checkpoints(path, SETTINGS)
    checkpoints._written -= 31
    checkpoints(Stepped(0, "train", 39, 40, training.progress))
    assert load_checkpoint(path, training).progress.global_step == 40


def test_a_step_is_written_once(tmp_path, training):
    path = tmp_path / "checkpoint.safetensors"
    checkpoints = Checkpoints(path, SETTINGS)
    checkpoints(EpochEnded(0, training.progress))
    path.unlink()
    checkpoints(Evaluating(training.progress))
    assert not path.exists()


def test_the_file_holds_the_settings_as_run_json_has_them(path):
    with safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
    assert json.loads(metadata["settings"]) == SETTINGS.to_dict()
    assert metadata["global_step"] == "40"


CHOOSING = replace(SETTINGS, validate_every=15, patience=4, ema_decay=0.9)


@pytest.fixture
def choosing(small):
    """A training that stands after step 40 of 160, with validations and an average."""
    training = begin(small, CHOOSING)
    training.fit(until=40)
    return training


def choosing_path(tmp_path, choosing):
    path = tmp_path / "choosing.safetensors"
    save_checkpoint(path, CHOOSING, choosing.progress)
    return path


def test_validations_the_best_parameters_and_the_average_are_kept_bit_for_bit(tmp_path, choosing, small):
    progress = load_checkpoint(choosing_path(tmp_path, choosing), begin(small, CHOOSING)).progress
    mine, theirs = progress.selection, choosing.progress.selection
    assert len(mine.validations) == 2
    assert (mine.validations, mine.best_validation) == (theirs.validations, theirs.best_validation)
    np.testing.assert_array_equal(mine.best, theirs.best)
    np.testing.assert_array_equal(progress.weights, choosing.progress.state.average)


def test_a_training_goes_on_to_the_same_choice(tmp_path, choosing, small):
    other = load_checkpoint(choosing_path(tmp_path, choosing), begin(small, CHOOSING))
    other.fit()
    choosing.fit()
    assert_same(other, choosing)
    assert other.progress.selection.validations == choosing.progress.selection.validations
    assert (other.progress.best_step, other.progress.stopped_by) == (
        choosing.progress.best_step,
        choosing.progress.stopped_by,
    )
    np.testing.assert_array_equal(other.progress.chosen, choosing.progress.chosen)


def test_validations_at_other_steps_are_refused(tmp_path, choosing):
    path = choosing_path(tmp_path, choosing)
    rewritten(path, validations=np.array([[15, 0.5, 1], [31, 0.5, 1]]))
    with pytest.raises(RunError, match="has validations at other steps than the run: train again"):
        load_checkpoint(path, choosing)


@pytest.mark.parametrize("name", ["average", "best"])
def test_parameters_of_another_size_are_refused(tmp_path, choosing, name):
    path = choosing_path(tmp_path, choosing)
    rewritten(path, **{name: np.zeros(3, np.float32)})
    with pytest.raises(RunError, match=f"belongs to another network: its {name} have shape"):
        load_checkpoint(path, choosing)
