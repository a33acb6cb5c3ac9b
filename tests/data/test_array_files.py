"""Arrays in files of MATLAB and of HDF5."""

import sys

import h5py
import numpy as np
import pytest
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
