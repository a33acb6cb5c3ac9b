from benchmarks import first_step
from lengthwise.engine.simd.machine_code import cache_folder


def test_a_command_is_timed_until_its_first_training_steps_are_made(tmp_path):
    seconds, used = first_step.until_first_step(first_step.COMMANDS["train"], cache_folder().parent, tmp_path)
    assert used > 0
    assert seconds > 0
    assert not any(tmp_path.rglob("*.safetensors"))  # the training does not end


def test_what_came_with_the_package_is_put_back(tmp_path, monkeypatch):
    folder = tmp_path / "shipped"
    folder.mkdir()
    monkeypatch.setattr(first_step, "FOLDER", folder)
    with first_step.without_shipped():
        assert not folder.exists()
    assert folder.exists()
    monkeypatch.setattr(first_step, "FOLDER", tmp_path / "none")
    with first_step.without_shipped():
        assert not (tmp_path / "none").exists()
