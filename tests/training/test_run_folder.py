"""A run's folder: who may write it, and what is believed of it."""

import json
import re

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import lengthwise
from lengthwise.errors import RunError, UsageError
from lengthwise.training.run_folder import RunFolder
from lengthwise.training.settings import Settings
from tests.kills import each_kill
from tests.mutations import mutations
from tests.training.trainings import SETTINGS

OPTIONS = {name: value for name, value in SETTINGS.to_dict().items() if name not in ("data", "module_name")}


@pytest.fixture(scope="module")
def result(small, tmp_path_factory):
    return lengthwise.train(small, out=tmp_path_factory.mktemp("runs") / "run", quiet=True, threads=1, **OPTIONS)


@pytest.fixture
def folder(result, tmp_path):
    """A copy of a finished run's run.json, to damage."""
    (tmp_path / "run.json").write_bytes((result.out / "run.json").read_bytes())
    return RunFolder.open(tmp_path)


def changed(folder, **parts):
    """Change parts of run.json; a part that is None is left out."""
    record = json.loads(folder.record_path.read_text()) | parts
    folder.record_path.write_text(json.dumps({name: part for name, part in record.items() if part is not None}))
    return folder


def test_run_json_has_the_keys_that_others_rely_on(result, small):
    record = json.loads((result.out / "run.json").read_text())
    assert {
        "config", "environment", "epochs", "test_accuracy", "test_accuracy_by_start", "train_steps_per_second",
        "wall_seconds",
    } <= set(record)  # fmt: skip
    assert record["status"] == "finished"
    assert record["config"] == Settings(data=small.name, **OPTIONS | {"placement": "any"}).to_dict() | {"threads": 1}
    assert {"python", "lengthwise", "numpy", "numba", "safetensors", "tensorboard", "system", "cpu"} <= set(
        record["environment"]
    )
    assert record["environment"]["data_checksum"] == small.checksum
    assert record["epochs"] == result.epochs
    assert [epoch["epoch"] for epoch in record["epochs"]] == [1, 2]
    assert record["test_accuracy"] == result.evaluation.accuracy
    assert record["test_accuracy_by_start"] == list(result.evaluation.accuracy_by_start)
    assert len(record["test_accuracy_by_start"]) == 4
    assert record["wall_seconds"] > 110 / record["train_steps_per_second"] > 0


def test_the_folder_has_its_files_and_no_others(result):
    assert sorted(path.name for path in result.out.iterdir() if path.name != ".lock") == [
        "checkpoint.safetensors", "model.safetensors", "run.json", "test", "train",
    ]  # fmt: skip


def test_the_model_has_named_parameters_that_any_reader_can_load(result):
    model = load_file(result.out / "model.safetensors")
    assert {name: values.shape for name, values in model.items()} == result.network.parameter_shapes
    for name, values in model.items():
        assert values.dtype == np.float32
        np.testing.assert_array_equal(values, result.parameters[name])


@pytest.mark.parametrize("content", ["run.json", "notes.txt", ".git"])
def test_a_folder_that_holds_anything_is_not_overwritten(tmp_path, content):
    (tmp_path / content).touch()
    with pytest.raises(UsageError, match=f"{tmp_path} exists already, and is not overwritten"):
        RunFolder.create(tmp_path)


def test_only_what_can_go_on_is_offered_to_go_on(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(UsageError) as caught:
        RunFolder.create(tmp_path)
    assert "--resume" not in str(caught.value)
    (tmp_path / "run.json").touch()
    with pytest.raises(UsageError, match=f"continue it with --resume {tmp_path}"):
        RunFolder.create(tmp_path)


def test_a_file_is_not_overwritten(tmp_path):
    (tmp_path / "run").touch()
    with pytest.raises(UsageError, match="exists already"):
        RunFolder.create(tmp_path / "run")


def test_a_folder_under_a_file_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match=r"cannot write .*: Not a directory"):
        RunFolder.create(tmp_path / "file" / "run")


def test_an_empty_folder_and_one_that_a_run_could_not_begin_in_are_free(tmp_path):
    assert RunFolder.create(tmp_path).path == tmp_path
    (tmp_path / ".lock").touch()
    assert RunFolder.create(tmp_path).path == tmp_path


def test_folders_above_are_made(tmp_path):
    assert RunFolder.create(tmp_path / "a" / "b" / "c").path.is_dir()


def test_a_folder_is_one_processs_at_a_time(tmp_path):
    folder = RunFolder.create(tmp_path)
    with folder.locked(), pytest.raises(RunError, match="is being trained by another process"), folder.locked():
        pass
    with folder.locked():
        pass


def test_a_folder_that_was_filled_before_it_was_locked_is_not_overwritten(tmp_path):
    folder = RunFolder.create(tmp_path)
    (tmp_path / "run.json").touch()
    with pytest.raises(UsageError, match="exists already"), folder.locked(is_new=True):
        pass
    with folder.locked():  # not locked for good
        pass


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(UsageError, match="is not a run folder: there is no such folder"):
        RunFolder.open(tmp_path / "nowhere")
    with pytest.raises(UsageError, match=r"is not a run folder: it has no run\.json"):
        RunFolder.open(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "\x00\xff"], ids=["empty", "cut off", "binary"])
def test_a_run_json_that_is_no_json_is_refused(folder, text):
    folder.record_path.write_bytes(text.encode("latin-1"))
    with pytest.raises(RunError, match=r"run\.json cannot be read"):
        folder.read_settings()


@pytest.mark.parametrize("text", ["[]", "7", "null", '{"config": {}}'])
def test_json_of_something_else_is_refused(folder, text):
    folder.record_path.write_text(text)
    with pytest.raises(RunError, match=r"run\.json was not written by train: it has no"):
        folder.read_settings()


@pytest.mark.parametrize("part", ["config", "network", "environment"])
def test_a_run_json_that_lacks_a_part_is_refused(folder, part):
    with pytest.raises(RunError, match=f"it has no {part}"):
        changed(folder, **{part: None}).read_record()


def test_settings_come_back_as_they_were(folder, small):
    assert folder.read_settings() == Settings(data=small.name, **OPTIONS | {"placement": "any"})


def test_a_setting_that_is_lacking_unknown_or_out_of_range_is_named(folder, small):
    config = Settings(data=small.name, **OPTIONS).to_dict()
    without = {name: value for name, value in config.items() if name != "lr"}
    with pytest.raises(RunError, match="cannot read: it lacks setting 'lr'"):
        changed(folder, config=without).read_settings()
    with pytest.raises(RunError, match="cannot read: there is no setting 'colour'"):
        changed(folder, config=config | {"colour": 0.5}).read_settings()
    with pytest.raises(RunError, match="cannot read: hidden_size is -1"):
        changed(folder, config=config | {"hidden_size": -1}).read_settings()
    with pytest.raises(RunError, match="cannot read: hidden_size is '31', but must be an integer"):
        changed(folder, config=config | {"hidden_size": "31"}).read_settings()


def test_the_network_comes_back_as_it_was(folder, result):
    assert folder.read_network() == result.network


@pytest.mark.parametrize("network", [{}, {"input_size": 28}], ids=str)
def test_a_network_that_cannot_be_made_is_refused(folder, network):
    with pytest.raises(RunError, match="does not describe a network that can be made"):
        changed(folder, network=network).read_network()


def test_a_run_without_a_model_says_how_to_get_one(folder, result):
    with pytest.raises(RunError, match="has no trained network yet: finish it with lengthwise train --resume"):
        folder.read_model(result.network)


def test_a_model_comes_back_bit_for_bit(folder, result):
    parameters = result.network.initial(7)
    changed(folder, model_sha256=folder.write_model(result.network, parameters))
    np.testing.assert_array_equal(folder.read_model(result.network), parameters)


def test_a_model_that_is_cut_off_or_of_another_network_is_refused(folder, result):
    folder.write_model(result.network, result.network.initial(7))
    folder.model_path.write_bytes(folder.model_path.read_bytes()[:-1])
    with pytest.raises(RunError, match=r"model\.safetensors cannot be read"):
        folder.read_model(result.network)
    save_file({"head.bias": np.zeros(3, np.float32)}, folder.model_path)
    with pytest.raises(RunError, match=r"model\.safetensors cannot be read: parameter"):
        folder.read_model(result.network)


def test_a_bit_of_the_model_that_changed_on_the_disk_is_told_by_the_checksum_in_run_json(folder, result):
    content = bytearray((result.out / "model.safetensors").read_bytes())
    folder.model_path.write_bytes(content)
    np.testing.assert_array_equal(
        folder.read_model(result.network), result.network.flat(load_file(result.out / "model.safetensors"))
    )
    content[-1] ^= 1
    folder.model_path.write_bytes(content)
    with pytest.raises(RunError, match=r"model\.safetensors is not the file that the run wrote: .* train --resume"):
        folder.read_model(result.network)
    changed(folder, model_sha256=None)  # as runs of older versions
    folder.read_model(result.network)


def test_a_damaged_run_json_is_read_or_refused(folder):
    for content in (*mutations(folder.record_path.read_bytes(), 300), b"[" * 10**5, b"\xff", b""):
        folder.record_path.write_bytes(content)
        for read in (folder.read_record, folder.read_settings, folder.read_network):
            try:
                read()
            except RunError as error:
                sentence = str(error)
            else:
                continue
            assert str(folder.record_path) in sentence


def test_values_of_other_types_in_run_json_are_read_or_refused(folder):
    record = json.loads(folder.record_path.read_text())
    for part in ("config", "network"):
        for name in record[part]:
            for value in (None, -1, 1e300, "x", [], {}, [None], True):
                changed(folder, **{part: record[part] | {name: value}})
                try:
                    folder.read_settings()
                    folder.read_network()
                except RunError as error:
                    sentence = str(error)
                else:
                    continue
                assert str(folder.record_path) in sentence


def test_a_record_is_never_half_a_record(folder):
    before = folder.record_path.read_text()
    with pytest.raises(ValueError, match="Out of range float values"):
        folder.write_record({"loss": float("nan")})
    assert folder.record_path.read_text() == before


def begin_run(path):
    """Do what a training does until its first record is written."""
    folder = RunFolder.create(path)
    with folder.locked(is_new=True):
        folder.write_record({"status": "running"})


def test_a_folder_whose_run_was_killed_before_its_first_record_is_taken_over(tmp_path):
    left = set()
    for number in each_kill(lambda number: begin_run(tmp_path / str(number))):
        path = tmp_path / str(number)
        left |= {re.sub(r"[0-9]+", "PID", entry.name) for entry in path.glob("*")}
        if not (path / "run.json").exists():
            begin_run(path)
        assert sorted(entry.name for entry in path.iterdir() if entry.name != ".lock") == ["run.json"]
    assert left == {".lock", ".run.PID.json", "run.json"}


def test_a_run_that_did_not_begin_cannot_be_resumed_and_the_message_names_what_can(tmp_path):
    (tmp_path / ".lock").touch()
    (tmp_path / ".run.4711.json").touch()
    with pytest.raises(UsageError, match=rf"has no run\.json.*started again, with --out {tmp_path}\.$"):
        RunFolder.open(tmp_path)


@pytest.mark.parametrize("name", ["4711.json", ".run.json", ".run.2024.csv", ".notes.4711.json", "run.4711.json"])
def test_a_file_of_another_is_no_rest_of_a_run(tmp_path, name):
    (tmp_path / name).touch()
    with pytest.raises(UsageError, match="exists already"):
        RunFolder.create(tmp_path)
