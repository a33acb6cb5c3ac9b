"""Fixtures for the whole suite."""

import signal

import pytest
from hypothesis import settings

import lengthwise
from tests.idx_files import write_folder

# The time of an example depends only on the machine.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def heard():
    """Ctrl-C is heard here and in the processes that tests start, also where pytest runs in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory):
    """A folder of four idx files: 220 + 20 + 100 sequences of 8 steps of 6 features, 3 classes."""
    return write_folder(tmp_path_factory.mktemp("data") / "small")


@pytest.fixture(scope="session")
def small(small_folder):
    """The data set in it."""
    return lengthwise.load_data(small_folder)


@pytest.fixture(scope="session")
def finished(small_folder, tmp_path_factory):
    """A finished study of one configuration, in a folder: lengths 2, 4, 6 and 8, evaluated also at 2, 4 and 8."""
    return lengthwise.Study(
        small_folder, seq_lens="2:8:2", seeds=3, budget="steps=40", eval_lens="2,4,8", hidden_size=4, num_layers=1,
        batch_size=16, lr=0.01, out=tmp_path_factory.mktemp("finished") / "study", recipe="notebook"
    ).run()  # fmt: skip


@pytest.fixture(scope="session")
def several(small):
    """A finished study of two configurations, in memory, without other lengths to judge at."""
    return lengthwise.Study(
        small,
        seq_lens="3,8",
        seeds=2,
        budget="steps=20",
        hidden_size=(3, 5),
        num_layers=1,
        batch_size=16,
        recipe="notebook",
    ).run()
