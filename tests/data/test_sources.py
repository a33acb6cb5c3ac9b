"""Names of data: what they find, and that they are enough to find it again."""

import inspect
import os

import numpy as np
import pytest

from lengthwise._internal.described_fields import described_fields
from lengthwise.data import SPLITS, is_known, load_data, short_name
from lengthwise.data.mnist import pixel_order
from lengthwise.data.options import Options
from lengthwise.errors import DataError, UsageError
from tests.data.made import walks
from tests.idx_files import write_folder


@pytest.mark.parametrize(
    "name",
    ["mnist", "mnist-pixels", "digits?seed=4&test=0.3", "watch?seed=1", "adding:9", "aeon:GunPoint?seed=1"],
)
def test_a_name_loads_the_same_data_again(name):
    dataset = load_data(name)
    assert dataset.name == name
    assert load_data(dataset.name).checksum == dataset.checksum


def test_the_order_and_the_defaults_of_options_do_not_matter():
    one, two = (
        load_data("digits?test=0.3&seed=4"),
        load_data("digits?seed=4&validation=0.15&test=0.3"),
    )
    assert one.name == two.name == "digits?seed=4&test=0.3"
    assert load_data("digits?seed=0").name == "digits"


def test_mnist_by_pixels_is_mnist_row_after_row():
    rows, pixels = load_data("mnist"), load_data("mnist-pixels")
    for name in SPLITS:
        assert pixels.split(name).values.shape[1:] == (784, 1)
        np.testing.assert_array_equal(pixels.split(name).values.reshape(-1, 28, 28), rows.split(name).values)


def test_permuted_mnist_has_the_same_fixed_order_for_all_images():
    order = pixel_order()
    assert sorted(order) == list(range(784))
    assert order[:5].tolist() == [693, 85, 647, 392, 765]
    pixels, permuted = load_data("mnist-pixels"), load_data("mnist-permuted")
    np.testing.assert_array_equal(permuted.test.values, pixels.test.values[:, order])


def test_bytes_with_given_splits_are_standardised_on_request():
    dataset = load_data("mnist?standardize=train")
    assert dataset.train.values.dtype == np.float32
    np.testing.assert_allclose(dataset.train.values[:, :, 14].mean(), 0, atol=1e-4)
    assert dataset.checksum != load_data("mnist").checksum


def test_an_option_that_does_not_apply_is_refused_with_those_that_do():
    with pytest.raises(UsageError, match=r"the option seed does not apply to mnist, .*, which takes standardize"):
        load_data("mnist?seed=1")
    with pytest.raises(UsageError, match="the option target does not apply to digits"):
        load_data("digits", target="y")


@pytest.mark.parametrize("name", ["nothing", "walks.xyz", "http://example.org/a.html", "aeon", "?seed=1"])
def test_an_unknown_name_is_refused_with_the_choices(name):
    with pytest.raises(
        UsageError, match=r"neither a folder nor the name of a data set: choose mnist, mnist-pixels.*\.csv"
    ):
        load_data(name)


def test_a_file_of_an_unknown_ending_is_to_be_renamed(tmp_path):
    path = tmp_path / "a.psv"
    path.write_text("a|b\n1|2\n")
    with pytest.raises(UsageError, match=r"a\.psv has no ending .* a table in text to \.csv"):
        load_data(path)


def test_a_file_of_an_unknown_ending_is_read_if_it_looks_like_a_table(tmp_path):
    path = tmp_path / "sales.export"
    path.write_text("date,sales\n" + "".join(f"2026-01-{day:02},{day * day % 31}.5\n" for day in range(1, 32)))
    assert load_data(path).task == "forecasting"
    messages = tmp_path / "Messages"  # words between tabs, and no ending
    texts = [f"call me {'later ' * (n % 7)}when you can, or {'never ' * (n % 5)}again" for n in range(40)]
    messages.write_text("".join(f"{'ham' if n % 3 else 'spam'}\t{text}\n" for n, text in enumerate(texts)))
    assert load_data(messages).classes == ("ham", "spam")
    book = tmp_path / "book.prose"
    book.write_text("It was late, and dark.\nNobody came, or called, or wrote.\n" * 20)
    with pytest.raises(UsageError, match="has no ending"):
        load_data(book)


def test_a_name_that_is_no_text_is_refused_before_anything_is_trained(tmp_path):
    path = tmp_path / os.fsdecode(b"walks\xff.csv")
    path.write_text("id,t,x,label\n")
    with pytest.raises(UsageError, match=r"walks\\udcff\.csv', which is no name in UTF-8.*: rename it\.$"):
        load_data(path)


@pytest.mark.parametrize("ending", [".npy", ".npz", ".csv", ".parquet", ".ts"])
def test_a_file_that_does_not_exist_is_reported_as_missing(ending):
    with pytest.raises(DataError, match=f"nothing{ending} is missing: there is no such file"):
        load_data(f"nothing{ending}")


def test_a_file_is_stored_by_its_absolute_path(tmp_path, monkeypatch):
    values, targets = walks()
    np.savez(tmp_path / "a b?c.npz", values=values, targets=targets)
    monkeypatch.chdir(tmp_path)
    dataset = load_data("a b?c.npz")
    assert dataset.name == str(tmp_path.resolve() / "a b?c.npz")
    assert load_data("a b?c.npz?seed=2").name == f"{dataset.name}?seed=2"


def test_a_name_is_known_if_it_is_enough_to_load_the_data_again(tmp_path):
    folder = write_folder(tmp_path / "mine")
    for name in ("mnist", "digits?seed=1", "adding:600", "aeon:GunPoint", str(folder)):
        assert is_known(name)
    for name in ("in memory", "nothing", "mnist?sed=1", str(tmp_path / "no.csv")):
        assert not is_known(name)


def test_options_beside_a_name_are_added_to_those_in_it_and_replace_them():
    assert load_data("digits?seed=1", test=0.2).name == "digits?seed=1&test=0.2"
    assert load_data("digits?seed=1", seed=2, validation=None).name == "digits?seed=2"


@pytest.mark.parametrize(
    ("name", "task"), [("mnist", "classification"), ("adding:9", "regression"), ("copy:2", "tagging")]
)
def test_the_only_task_of_data_may_be_named_and_no_other(name, task):
    named = load_data(name, task=task)
    assert (named.name, named.task) == (name, task)
    other = "language" if task != "language" else "tagging"
    with pytest.raises(UsageError, match=f"task is '{other}', but {name}, .*, is for {task}: leave task out"):
        load_data(f"{name}?task={other}")


def test_the_airline_passengers_are_forecast_over_any_horizon():
    assert load_data("airline", task="forecasting", horizon=6).name == "airline?horizon=6"


def test_help_shows_every_option_of_the_data():
    parameters = inspect.signature(load_data).parameters
    assert set(parameters) == {"data", "targets", "lengths", "groups", "name", *described_fields(Options)}
    assert parameters["horizon"].default is None
    assert parameters["validation"].default == 0.15


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("mnist", "mnist"),
        ("adding:600", "adding-600"),
        ("/a/b/walks.csv?target=a/b&features=x,y", "walks.csv"),
        ("/data/fashion-mnist/", "fashion-mnist"),
        ("/", "data"),
    ],
)
def test_a_short_name_is_valid_as_the_name_of_a_folder(name, short):
    assert short_name(name) == short
