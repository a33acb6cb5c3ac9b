"""NumPy's files: read as they lie on disk, and trained on as if they were in memory."""

import resource
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import lengthwise
from lengthwise.data import load_data
from lengthwise.data.rows import Rows, is_mapped
from lengthwise.errors import DataError, UsageError
from tests.data.made import gathered, in_order, walks

NETWORK = {"seq_len": 5, "hidden_size": 7, "num_layers": 1, "batch_size": 16, "steps": 6, "quiet": True, "threads": 1}


def save_npy(folder, values, targets, **others):
    """Write walks.npy and the files beside it."""
    np.save(folder / "walks.npy", values)
    for name, array in {"targets": targets, **others}.items():
        np.save(folder / f"walks.{name}.npy", array)
    return folder / "walks.npy"


@given(
    arrays(
        st.sampled_from([np.uint8, np.float32, np.float64, np.int16]),
        array_shapes(min_dims=2, max_dims=3, min_side=3, max_side=9),
        elements={"min_value": 0, "max_value": 100},
    ),
    st.sampled_from(["npy", "npz", "compressed"]),
)
def test_values_come_back_as_they_were_written(tmp_path_factory, values, kind):
    folder = tmp_path_factory.mktemp("round")
    targets = np.arange(len(values)) % 2
    if kind == "npy":
        path = save_npy(folder, values, targets)
    else:
        path = folder / "walks.npz"
        (np.savez if kind == "npz" else np.savez_compressed)(path, values=values, targets=targets)
    dataset = load_data(path, standardize="none")
    read, labels = gathered(dataset)
    expected = values.reshape(*values.shape[:2], -1).astype(np.uint8 if values.dtype == np.uint8 else np.float32)
    assert read.dtype == expected.dtype
    np.testing.assert_array_equal(in_order(read), in_order(expected))
    assert np.bincount(labels).tolist() == np.bincount(targets).tolist()


@pytest.mark.parametrize("kind", ["npy", "npz"])
def test_values_stay_on_disk_when_they_need_no_change(tmp_path, kind):
    values, targets = walks()
    path = save_npy(tmp_path, values, targets)
    if kind == "npz":
        path = tmp_path / "walks.npz"
        np.savez(path, values=values, targets=targets)
    dataset = load_data(path, standardize="none")
    for name in ("train", "validation", "test"):
        assert isinstance(dataset.split(name).values, Rows)
        assert is_mapped(dataset.split(name).values)
    assert not is_mapped(load_data(path).train.values)


def test_a_large_file_is_not_standardised_by_default_so_that_it_stays_on_disk(tmp_path, monkeypatch):
    path = save_npy(tmp_path, *walks())
    monkeypatch.setattr("lengthwise.data.sequences.COPIED_UP_TO", 1000)
    assert is_mapped(load_data(path).train.values)
    assert load_data(path, standardize="train").scaling is not None


def test_contiguous_splits_are_views(tmp_path):
    values, targets = walks()
    dataset = load_data(save_npy(tmp_path, values, targets, split=np.repeat([0, 1, 2], 20)), standardize="none")
    assert isinstance(dataset.validation.values, np.ndarray)
    assert is_mapped(dataset.validation.values)
    np.testing.assert_array_equal(dataset.validation.values, values[20:40])


def test_lengths_splits_and_groups_are_read_from_beside_or_from_the_archive(tmp_path):
    values, targets = walks()
    lengths, split = np.arange(60) % 12 + 1, np.arange(60) % 3
    others = {"lengths": lengths, "split": split}
    beside = load_data(save_npy(tmp_path, values, targets, **others))
    np.savez(tmp_path / "walks.npz", values=values, targets=targets, **others)
    archived = load_data(tmp_path / "walks.npz")
    assert beside.checksum == archived.checksum
    np.testing.assert_array_equal(beside.test.lengths, lengths[split == 2])


def test_a_folder_of_values_and_targets_is_a_data_set(tmp_path):
    values, targets = walks()
    np.save(tmp_path / "values.npy", values)
    np.save(tmp_path / "targets.npy", targets)
    assert load_data(tmp_path).checksum == load_data(values, targets).checksum


def test_training_from_disk_gives_the_bits_that_training_from_memory_gives(tmp_path):
    values, targets = walks(count=150)
    on_disk = load_data(save_npy(tmp_path, values, targets), standardize="none")
    in_memory = load_data(values, targets, standardize="none")
    assert isinstance(on_disk.train.values, Rows)
    assert on_disk.checksum == in_memory.checksum
    one, two = (lengthwise.train(data, **NETWORK) for data in (on_disk, in_memory))
    np.testing.assert_array_equal(one.history.losses, two.history.losses)
    assert one.evaluation.loss == two.evaluation.loss
    np.testing.assert_array_equal(one.evaluation.per_sequence, two.evaluation.per_sequence)
    for name, parameter in one.parameters.items():
        np.testing.assert_array_equal(parameter, two.parameters[name])


def test_a_run_is_evaluated_and_resumed_from_its_folder_alone(tmp_path):
    path = save_npy(tmp_path, *walks(count=150))
    first = lengthwise.train(f"{path}?seed=3", out=tmp_path / "run", **NETWORK)
    assert first.settings.data == f"{path}?seed=3"
    again = lengthwise.evaluate(tmp_path / "run")
    assert again.accuracy == first.evaluation.accuracy
    longer = lengthwise.resume(tmp_path / "run", steps=9, quiet=True)
    assert len(longer.history.losses) >= 9


def test_a_file_larger_than_the_memory_that_a_process_may_hold_is_loaded(tmp_path):
    limit = 600_000_000
    path = tmp_path / "large.npy"
    values = np.lib.format.open_memmap(path, "w+", np.float32, (1100, 1000, 150))
    values[:, 0] = 1
    values.flush()
    np.save(tmp_path / "large.targets.npy", np.arange(1100) % 2)
    code = (
        "import resource, sys, numpy, lengthwise\n"
        f"resource.setrlimit(resource.RLIMIT_DATA, ({limit}, {limit}))\n"
        "try:\n    numpy.load(sys.argv[1])\nexcept MemoryError:\n    print('too large to copy')\n"
        "dataset = lengthwise.load_data(sys.argv[1] + '?standardize=none')\n"
        "print(len(dataset.train), dataset.checksum)"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("too large to copy\n770 "), done.stderr
    assert path.stat().st_size > limit
    assert resource.getrlimit(resource.RLIMIT_DATA)[0] != limit


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1000]), "walks.npy cannot be read as a NumPy file"),
        (lambda path: path.write_bytes(b"no array"), "walks.npy cannot be read as a NumPy file"),
        (lambda path: path.write_bytes(b""), "walks.npy cannot be read as a NumPy file"),
        (lambda path: np.save(path, np.array([{}])), "walks.npy cannot be read as a NumPy file"),
        (lambda path: path.with_name("walks.targets.npy").unlink(), "no labels: save them beside it as walks.targets"),
        (lambda path: np.save(path.with_name("walks.targets.npy"), np.arange(3)), r"but targets of shape \(3,\)"),
    ],
)
def test_an_invalid_npy_file_is_refused(tmp_path, break_it, message):
    path = save_npy(tmp_path, *walks())
    break_it(path)
    with pytest.raises(DataError, match=message):
        load_data(path)


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: np.savez(path, a=np.zeros(3)), "has no array called values: it has a; save it with numpy.savez"),
        (lambda path: np.savez(path, values=np.zeros((3, 2))), "has no array called targets: it has values"),
        (lambda path: path.write_bytes(b"PK no archive"), "walks.npz cannot be read as a NumPy file"),
        (lambda path: np.savez(path, values=np.array([{}]), targets=[1]), "walks.npz cannot be read as a NumPy file"),
    ],
)
def test_an_invalid_npz_file_is_refused(tmp_path, write, message):
    write(tmp_path / "walks.npz")
    with pytest.raises(DataError, match=message):
        load_data(tmp_path / "walks.npz")


def test_a_missing_value_on_disk_is_refused_with_its_position_and_the_file(tmp_path):
    values, targets = walks()
    values[11, 5, 1] = np.nan
    with pytest.raises(DataError, match=r"walks.npy: the value of sequence 11, step 5, feature 1 is missing"):
        load_data(save_npy(tmp_path, values, targets))


def test_a_copy_that_no_machine_can_hold_is_refused_before_it_is_tried(tmp_path, monkeypatch):
    path = save_npy(tmp_path, walks()[0].astype(np.float64), walks()[1])
    monkeypatch.setattr("os.sysconf", lambda _name: 50)
    with pytest.raises(UsageError, match=r"values of type float64 need a float32 copy of 0.0 GB in memory, but this"):
        load_data(path)


@pytest.mark.parametrize("named", ["", "X.npy"])
def test_a_folder_of_arrays_with_usual_names_is_read(tmp_path, named):
    values, targets = walks()
    np.save(tmp_path / "X.npy", values)
    np.save(tmp_path / "y.npy", targets)
    found = load_data(tmp_path / named)
    np.savez(tmp_path / "same.npz", X=values, y=targets)
    assert found.checksum == load_data(tmp_path / "same.npz").checksum


def test_a_folder_of_arrays_of_each_split_is_read_and_one_of_others_refused(tmp_path):
    values, targets = walks()
    for part, rows in (("train", slice(0, 30)), ("test", slice(30, None))):
        np.save(tmp_path / f"X_{part}.npy", values[rows])
        np.save(tmp_path / f"y_{part}.npy", targets[rows])
    assert len(load_data(tmp_path).test) == len(values) - 30
    other = tmp_path / "other"
    other.mkdir()
    np.save(other / "weights.npy", values)
    with pytest.raises(DataError, match="other has no array called values: it has weights"):
        load_data(other)
