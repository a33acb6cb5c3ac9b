"""Fixtures for the whole suite."""

import pytest

import lengthwise
from tests.idx_files import write_folder


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory):
    """A folder of four idx files: 220 + 20 + 100 sequences of 8 steps of 6 features, 3 classes."""
    return write_folder(tmp_path_factory.mktemp("data") / "small")


@pytest.fixture(scope="session")
def small(small_folder):
    """The data set in it."""
    return lengthwise.load(small_folder)
