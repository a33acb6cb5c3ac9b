"""Arrays in files of MATLAB and of HDF5."""

import sys

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import savemat

from lengthwise.data import load_data
from lengthwise.errors import DataError, UsageError
from tests.data.made import walks

VALUES, TARGETS = walks()


def save(path, **arrays):
    if path.suffix == ".mat":
        savemat(path, arrays)
    else:
        with h5py.File(path, "w") as file:
            for name, array in arrays.items():
                file[name] = np.char.encode(array) if array.dtype.kind == "U" else array
    return path


@pytest.mark.parametrize("ending", [".mat", ".h5", ".hdf5"])
def test_arrays_come_back_as_they_were_written(tmp_path, ending):
    expected = load_data(VALUES, TARGETS).checksum
    assert load_data(save(tmp_path / f"a{ending}", X=VALUES, y=TARGETS)).checksum == expected
    names = np.array(["left", "right", "up"])[TARGETS]
    assert load_data(save(tmp_path / f"b{ending}", values=VALUES, labels=names)).classes == ("left", "right", "up")
    parts = {"X_train": VALUES[:40], "y_train": TARGETS[:40], "X_test": VALUES[40:], "y_test": TARGETS[40:]}
    assert len(load_data(save(tmp_path / f"c{ending}", **parts)).test) == 20


@st.composite
def arrays(draw):
    """Draw values of (n, T, F) or (n, T), and targets in one of the forms in which programs write them."""
    count, steps, features = draw(st.integers(12, 20)), draw(st.integers(2, 6)), draw(st.integers(0, 3))
    random = np.random.default_rng(draw(st.integers(0, 99)))
    values = random.normal(size=(count, steps, features) if features else (count, steps))
    values = draw(st.sampled_from([values, values.astype(np.float32), (values * 9).astype(np.int16), values > 0]))
    classes = np.arange(count) % draw(st.integers(2, 3))
    kinds = [classes, classes[:, None], classes.astype(np.float64), np.eye(3)[classes]]
    kinds += [np.array(["left", "up", "down"])[classes], random.normal(size=count)]
    return values, draw(st.sampled_from(kinds))


def same_as_arrays(path, values, targets):
    save(path, X=values, y=targets)
    read, given_arrays = load_data(path, layout="channels_last"), load_data(values, targets.squeeze())
    if targets.ndim == 1 or targets.shape[1] == 1:
        assert read.checksum == given_arrays.checksum
    assert (read.task, read.num_steps) == (given_arrays.task, given_arrays.num_steps)
    if targets.dtype.kind == "U":
        assert read.classes == given_arrays.classes


@settings(max_examples=40, deadline=None)
@given(arrays())
def test_whatever_arrays_were_written_as_hdf5_come_back(tmp_path_factory, drawn):
    same_as_arrays(tmp_path_factory.mktemp("h5") / "a.h5", *drawn)


@settings(max_examples=6, deadline=None)  # each starts a process, as SciPy crashes on some files
@given(arrays())
def test_whatever_arrays_were_written_by_matlab_come_back(tmp_path_factory, drawn):
    same_as_arrays(tmp_path_factory.mktemp("mat") / "a.mat", *drawn)


def test_the_fields_of_a_structure_of_matlab_are_its_arrays(tmp_path):
    savemat(tmp_path / "a.mat", {"data": {"X": VALUES, "y": TARGETS}})
    assert load_data(tmp_path / "a.mat").checksum == load_data(VALUES, TARGETS).checksum


def test_cells_of_matlab_are_sequences_of_different_lengths(tmp_path):
    cells = np.empty(60, object)
    for at in range(60):
        cells[at] = VALUES[at, : 3 + at % 9].astype(float)
    dataset = load_data(save(tmp_path / "a.mat", data=cells, labels=TARGETS))
    assert min(dataset.split(name).lengths.min() for name in ("train", "validation", "test")) == 3


@pytest.mark.parametrize("ending", [".mat", ".h5"])
def test_other_files_are_refused_in_a_sentence(tmp_path, ending):
    (tmp_path / f"a{ending}").write_bytes(b"no arrays" * 100)
    with pytest.raises(DataError, match=f"a{ending} cannot be read as"):
        load_data(tmp_path / f"a{ending}")
    with pytest.raises(DataError, match="has no array called values: it has w; save it"):
        load_data(save(tmp_path / f"b{ending}", w=TARGETS))


def test_without_h5py_the_extra_is_named(tmp_path, monkeypatch):
    save(tmp_path / "a.h5", X=VALUES, y=TARGETS)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(UsageError, match=r"reading an HDF5 file needs the package h5py: .*lengthwise\[hdf5\]"):
        load_data(tmp_path / "a.h5")
