"""Data sets by name: MNIST, which ships with the package, and folders."""

import gzip
import hashlib
import os
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from lengthwise.data import SPLITS, load_data, read_idx
from lengthwise.errors import UsageError
from tests.idx_files import write_folder

MD5 = {
    "train-images-idx3-ubyte.gz": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte.gz": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte.gz": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte.gz": "27ae3e4e09519cfbb04c329615203637",
}
"""Of the canonical MNIST, uncompressed."""

FASHION = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package dataset-fashion-mnist puts Fashion-MNIST."""

MNIST = files("lengthwise.data") / "mnist"


@pytest.mark.parametrize("name", MD5)
def test_the_files_that_ship_are_the_canonical_mnist(name):
    content = gzip.decompress((MNIST / name).read_bytes())
    assert hashlib.md5(content, usedforsecurity=False).hexdigest() == MD5[name]


def test_a_notice_names_mnists_authors_and_licence():
    notice = (MNIST / "NOTICE.md").read_text()
    for words in ("Yann LeCun", "Corinna Cortes", "Christopher J. C. Burges", "CC BY-SA 3.0"):
        assert words in notice


def test_mnist_is_split_as_in_the_notebook_in_file_order():
    dataset = load_data("mnist")
    images = read_idx(str(MNIST / "train-images-idx3-ubyte.gz"))
    labels = read_idx(str(MNIST / "train-labels-idx1-ubyte.gz"))
    assert [len(dataset.split(name)) for name in SPLITS] == [55_000, 5_000, 10_000]
    np.testing.assert_array_equal(dataset.validation.values, images[:5000])
    np.testing.assert_array_equal(dataset.validation.targets, labels[:5000])
    np.testing.assert_array_equal(dataset.train.values, images[5000:])
    np.testing.assert_array_equal(dataset.train.targets, labels[5000:])
    np.testing.assert_array_equal(dataset.test.values, read_idx(str(MNIST / "t10k-images-idx3-ubyte.gz")))
    assert (dataset.num_steps, dataset.input_size, dataset.num_classes) == (28, 28, 10)


def test_pixels_stay_bytes_in_memory():
    assert load_data().train.values.dtype == np.uint8


@pytest.mark.skipif(not FASHION.is_dir(), reason="Debian's package dataset-fashion-mnist is not installed")
def test_fashion_mnist_loads_from_where_debian_installs_it():
    dataset = load_data(FASHION)
    assert [len(dataset.split(name)) for name in SPLITS] == [55_000, 5_000, 10_000]
    assert dataset.train.values.shape[1:] == (28, 28)
    assert (np.bincount(dataset.test.targets) == 1000).all()
    assert dataset.checksum != load_data("mnist").checksum


def test_a_data_set_in_memory_is_returned_as_it_is(small):
    assert load_data(small) is small


def test_a_folder_is_known_by_its_whole_path(tmp_path, monkeypatch):
    write_folder(tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    assert load_data("mine").name == str((tmp_path / "mine").resolve())


def test_a_tilde_is_the_home_folder(tmp_path, monkeypatch):
    write_folder(tmp_path / "mine")
    monkeypatch.setitem(os.environ, "HOME", str(tmp_path))
    assert len(load_data("~/mine").test) == 100


def test_a_split_of_another_name_is_refused(small):
    with pytest.raises(UsageError, match="split is 'dev', but must be one of train, validation, test"):
        small.split("dev")


def test_the_checksum_tells_data_apart_and_not_the_folder_they_lie_in(tmp_path):
    one, same, other = (
        load_data(write_folder(tmp_path / name, num_classes=classes))
        for name, classes in (("a", 3), ("b", 3), ("c", 4))
    )
    assert one.checksum == same.checksum
    assert one.checksum != other.checksum
