"""Damaged files of every kind are read or refused with a sentence; what has a checksum is never read as other data."""

import bz2
import gzip
import io
import lzma
import zipfile

import h5py
import numpy as np
import pandas as pd
import pytest
from scipy.io import savemat

from lengthwise.data import load_data
from lengthwise.errors import DataError, LengthwiseError
from tests.data.made import walks
from tests.idx_files import write_folder
from tests.mutations import mutations

VALUES, TARGETS = (array[:40] for array in walks())

ROWS = [f"{at},{step},{VALUES[at, step, 0]:.4f},{TARGETS[at]}" for at in range(12) for step in range(10)]
TABLE = "\n".join(["id,t,x,label", *ROWS, ""])


def write_h5(path):
    with h5py.File(path, "w") as file:
        file["X"], file["y"] = VALUES, TARGETS


def frame():
    """The table of `TABLE`."""
    return pd.read_csv(io.StringIO(TABLE))


def listed_cells():
    """The same with a row for each sequence, whose cells are lists of its steps."""
    return frame().groupby("id").agg({"x": list, "label": "first"})


def write_arff(path):
    head = "@relation walks\n@attribute id numeric\n@attribute t numeric\n@attribute x numeric\n"
    path.write_text(f"{head}@attribute label numeric\n@data\n" + "\n".join(ROWS) + "\n")


def write_ts(path):
    rows = [f"{','.join(f'{value:.3f}' for value in VALUES[at, :, 0])}:{TARGETS[at]}" for at in range(40)]
    path.write_text("@timeStamps false\n@univariate true\n@classLabel true 0 1 2\n@data\n" + "\n".join(rows) + "\n")


WRITERS = {
    "stored.npz": lambda path: np.savez(path, values=VALUES, targets=TARGETS),
    "packed.npz": lambda path: np.savez_compressed(path, values=VALUES, targets=TARGETS),
    "walks.npy": lambda path: np.save(path, VALUES),
    "walks.targets.npy": lambda path: np.save(path, TARGETS),
    "table.csv": lambda path: path.write_text(TABLE),
    "table.csv.gz": lambda path: path.write_bytes(gzip.compress(TABLE.encode())),
    "table.csv.bz2": lambda path: path.write_bytes(bz2.compress(TABLE.encode())),
    "table.csv.xz": lambda path: path.write_bytes(lzma.compress(TABLE.encode())),
    "walks.h5": write_h5,
    "walks.parquet": lambda path: frame().to_parquet(path),
    "walks.arff": write_arff,
    "walks.ts": write_ts,
    "walks.xlsx": lambda path: frame().to_excel(path, index=False),
    "walks.jsonl": lambda path: listed_cells().to_json(path, orient="records", lines=True),
    "walks.json.gz": lambda path: frame().to_json(path, orient="records"),
    "lists.parquet": lambda path: listed_cells().to_parquet(path),
    "text.txt": lambda path: path.write_text("the quick brown fox " * 200),
}
CHECKED = (".npz", ".gz", ".bz2", ".xz")
"""Endings of formats with a checksum of their content."""


def accepted(path, data, count):
    """Damage a file again and again, and yield the data that are read all the same."""
    for content in mutations(path.read_bytes(), count):
        path.write_bytes(content)
        try:
            read = load_data(data)
        except LengthwiseError as error:
            sentence = str(error)
        else:
            yield read
            continue
        assert str(path.parent) in sentence


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore:invalid value encountered in cast")
def test_a_damaged_file_is_read_or_refused_with_a_sentence_that_names_it(tmp_path, name):
    path = tmp_path / name
    data = path
    if path.suffix == ".npy":
        np.save(tmp_path / "walks.targets.npy", TARGETS)
        data = tmp_path / "walks.npy"
        np.save(data, VALUES)
    WRITERS[name](path)
    checksum = load_data(data).checksum
    for read in accepted(path, data, 200):
        if name.endswith(CHECKED):
            assert read.checksum == checksum


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"])
def test_a_damaged_idx_file_is_read_or_refused(tmp_path, name):
    folder = write_folder(tmp_path / "idx")
    (path,) = folder.glob(f"{name}*")
    checksum = load_data(folder).checksum
    for read in accepted(path, folder, 200):
        assert path.suffix != ".gz" or read.checksum == checksum


@pytest.mark.parametrize(("place", "byte"), [(145, 255), (184, 0), (10, 0)])
def test_a_damaged_file_of_matlab_is_refused_or_read_also_where_its_library_crashes(tmp_path, place, byte):
    """The first two are a size and a type on which SciPy 1.17 ends with a segmentation fault."""
    path = tmp_path / "walks.mat"
    savemat(path, {"X": VALUES, "y": TARGETS})
    content = bytearray(path.read_bytes())
    content[place] = byte
    path.write_bytes(content)
    if place == 10:  # within a text that describes the file
        assert load_data(path).num_steps == VALUES.shape[1]
    else:
        with pytest.raises(DataError, match=r"walks\.mat (is damaged|cannot be read)"):
            load_data(path)


def test_a_value_that_changed_on_its_way_is_told_by_the_checksum_of_the_archive_also_where_it_is_mapped(tmp_path):
    path = tmp_path / "walks.npz"
    np.savez(path, values=VALUES, targets=TARGETS)
    assert load_data(path).num_steps == VALUES.shape[1]
    with zipfile.ZipFile(path) as archive:
        middle = archive.getinfo("values.npy").header_offset + VALUES.nbytes // 2
    content = bytearray(path.read_bytes())
    content[middle] ^= 1
    path.write_bytes(content)
    with pytest.raises(
        DataError, match=r"walks\.npz cannot be read as a NumPy file: Bad CRC-32 for file 'values\.npy'"
    ):
        load_data(path)


@pytest.mark.parametrize("kind", ["npy", "npz"])
def test_a_header_that_claims_more_than_there_is_is_refused_before_memory_is_taken(tmp_path, kind):
    header = str({"descr": "<f8", "fortran_order": False, "shape": (10**12, 10)}).encode().ljust(117) + b"\n"
    array = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(800)
    if kind == "npy":
        path = tmp_path / "walks.npy"
        np.save(path, VALUES)
        (tmp_path / "walks.targets.npy").write_bytes(array)
    else:
        path = tmp_path / "walks.npz"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("values.npy", array)
            archive.writestr("targets.npy", array)
    with pytest.raises(DataError, match=r"cannot be read as a NumPy file: "):
        load_data(path)
