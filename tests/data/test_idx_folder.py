"""Folders of four idx files, and all that can be wrong with them."""

import gzip

import numpy as np
import pytest

from lengthwise.data import load_data
from lengthwise.errors import DataError, UsageError
from tests.idx_files import digits, write_folder, write_idx

NAMES = [f"{part}-{kind}" for part in ("train", "t10k") for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")]


def replaced(folder, name, array):
    """Write a valid folder in which one file has other content."""
    write_folder(folder, train=24, test=10, ending="")
    write_idx(folder / name, array)
    return folder


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_values_and_labels_are_those_of_the_files(tmp_path, ending):
    dataset = load_data(write_folder(tmp_path, train=240, test=100, ending=ending))
    images, labels = digits(240, seed=0)
    np.testing.assert_array_equal(np.concatenate([dataset.validation.values, dataset.train.values]), images)
    np.testing.assert_array_equal(np.concatenate([dataset.validation.targets, dataset.train.targets]), labels)
    images, labels = digits(100, seed=1)
    np.testing.assert_array_equal(dataset.test.values, images)
    np.testing.assert_array_equal(dataset.test.targets, labels)
    assert dataset.test.values.dtype == np.uint8
    assert dataset.test.targets.dtype == np.int64
    assert (dataset.num_steps, dataset.input_size, dataset.num_classes) == (8, 6, 3)


@pytest.mark.parametrize(("count", "held_out"), [(2, 1), (11, 1), (24, 2), (240, 20)])
def test_a_twelfth_of_the_training_images_is_held_out_to_validate(tmp_path, count, held_out):
    dataset = load_data(write_folder(tmp_path, train=max(count, 3), test=10) if count > 2 else two(tmp_path))
    assert (len(dataset.validation), len(dataset.train)) == (held_out, count - held_out)


def two(folder):
    write_folder(folder, train=24, test=10, ending="")
    images, labels = digits(24)
    write_idx(folder / "train-images-idx3-ubyte", images[:2])
    write_idx(folder / "train-labels-idx1-ubyte", labels[:2])
    return folder


def test_a_plain_file_is_taken_before_a_compressed_one(tmp_path):
    write_folder(tmp_path, train=24, test=10, ending="")
    (tmp_path / "t10k-images-idx3-ubyte.gz").write_bytes(b"no gzip")
    assert len(load_data(tmp_path).test) == 10


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named(tmp_path, name):
    (write_folder(tmp_path) / f"{name}.gz").unlink()
    with pytest.raises(DataError, match=rf"{name}.gz is missing"):
        load_data(tmp_path)


def test_a_folder_that_does_not_exist_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="is neither a folder nor the name of a data set: choose mnist, "):
        load_data(tmp_path / "nothing")


def test_a_folder_with_none_of_the_files_is_a_usage_error(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(UsageError, match=r"contains no data set: .* WAV files, and none of the four idx"):
        load_data(tmp_path)


def test_images_and_labels_that_disagree_in_number_name_both_files(tmp_path):
    folder = replaced(tmp_path, "t10k-labels-idx1-ubyte", np.zeros(9, np.uint8))
    with pytest.raises(DataError) as caught:
        load_data(folder)
    assert str(caught.value) == (
        f"{folder}/t10k-images-idx3-ubyte has 10 images, but {folder}/t10k-labels-idx1-ubyte has 9 labels."
    )


@pytest.mark.parametrize(
    "shape", [(10,), (10, 8, 6, 1), (0, 8, 6), (10, 0, 6), (10, 8, 0)], ids=lambda shape: "x".join(map(str, shape))
)
def test_images_of_another_rank_or_with_an_empty_axis_are_refused(tmp_path, shape):
    folder = replaced(tmp_path, "t10k-images-idx3-ubyte", np.zeros(shape, np.uint8))
    with pytest.raises(DataError, match="must have sequences, time steps and features"):
        load_data(folder)


@pytest.mark.parametrize("labels", [np.zeros((10, 1), np.uint8), np.zeros(10, np.float32)], ids=["rank 2", "float32"])
def test_labels_that_are_not_a_list_of_integers_are_refused(tmp_path, labels):
    folder = replaced(tmp_path, "t10k-labels-idx1-ubyte", labels)
    with pytest.raises(DataError, match="must be a list of integers"):
        load_data(folder)


def test_a_negative_label_is_shown_with_its_place(tmp_path):
    folder = replaced(tmp_path, "t10k-labels-idx1-ubyte", np.array([0, 1, 2, -3, 0, 0, 0, -1, 0, 0], np.int16))
    with pytest.raises(DataError, match="has label -3 at index 3, but labels must be 0 or more"):
        load_data(folder)


@pytest.mark.parametrize(
    "images", [np.zeros((10, 8, 5), np.uint8), np.zeros((10, 7, 6), np.uint8), np.zeros((10, 8, 6), np.float32)],
    ids=["features", "steps", "type"],
)  # fmt: skip
def test_training_and_test_images_that_disagree_are_refused(tmp_path, images):
    folder = replaced(tmp_path, "t10k-images-idx3-ubyte", images)
    with pytest.raises(DataError, match="they must be the same"):
        load_data(folder)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300], ids=str)
def test_values_that_are_not_finite_as_float32_are_shown_with_their_place(tmp_path, value):
    images = np.zeros((10, 8, 6))
    images[4, 3, 2] = value
    folder = replaced(tmp_path, "t10k-images-idx3-ubyte", images)
    with pytest.raises(DataError, match=r"at index \(4, 3, 2\), but values must be finite"):
        load_data(folder)


def test_other_numbers_than_bytes_become_float32_and_keep_their_value(tmp_path):
    write_folder(tmp_path, train=24, test=10, ending="")
    random = np.random.default_rng(0)
    train, test = random.normal(size=(24, 8, 6)), random.normal(size=(10, 8, 6))
    write_idx(tmp_path / "train-images-idx3-ubyte", train)
    write_idx(tmp_path / "t10k-images-idx3-ubyte", test)
    dataset = load_data(tmp_path)
    assert dataset.test.values.dtype == np.float32
    np.testing.assert_array_equal(dataset.test.values, test.astype(np.float32))


def test_a_matrix_is_read_as_sequences_of_one_feature(tmp_path):
    write_folder(tmp_path, train=24, test=10, ending="")
    write_idx(tmp_path / "train-images-idx3-ubyte", np.arange(240, dtype=np.uint8).reshape(24, 10))
    write_idx(tmp_path / "t10k-images-idx3-ubyte", np.arange(100, dtype=np.uint8).reshape(10, 10))
    dataset = load_data(tmp_path)
    assert dataset.test.values.shape == (10, 10, 1)
    assert dataset.test.values[3, 4, 0] == 34


def test_one_training_image_is_too_few(tmp_path):
    folder = replaced(tmp_path, "train-images-idx3-ubyte", np.zeros((1, 8, 6), np.uint8))
    write_idx(folder / "train-labels-idx1-ubyte", np.ones(1, np.uint8))
    with pytest.raises(DataError, match="has 1 image, but at least 2 are needed"):
        load_data(folder)


def test_a_single_class_is_refused(tmp_path):
    folder = replaced(tmp_path, "t10k-labels-idx1-ubyte", np.zeros(10, np.uint8))
    write_idx(folder / "train-labels-idx1-ubyte", np.zeros(24, np.uint8))
    with pytest.raises(DataError, match="have only one class"):
        load_data(folder)


def test_a_corrupt_file_in_the_folder_is_named(tmp_path):
    write_folder(tmp_path)
    path = tmp_path / "train-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DataError, match=r"train-labels-idx1-ubyte\.gz is a corrupt gzip file"):
        load_data(tmp_path)


def test_a_compressed_folder_is_the_plain_one(tmp_path):
    plain, packed = write_folder(tmp_path / "a", ending=""), write_folder(tmp_path / "b")
    for path in plain.iterdir():
        assert gzip.decompress((packed / f"{path.name}.gz").read_bytes()) == path.read_bytes()
    assert load_data(plain).checksum == load_data(packed).checksum
