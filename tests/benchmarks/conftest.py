"""What the benchmarks' smoke tests share: tiny shapes, and contestants whose libraries are installed."""

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.contest import start
from benchmarks.contestants import LIBRARIES, Contestant, Worker, processors
from benchmarks.points import GridShape

NEEDED = {"ours": "lengthwise", "pytorch": "torch", "keras_tensorflow": "tensorflow", "jax_xla": "jax"}
"""The library that each module of `benchmarks.peers` imports."""


@pytest.fixture(scope="session")
def tiny():
    """A shape that is timed within milliseconds."""
    return GridShape("tiny", "tiny", batch_size=4, seq_len=3, hidden_size=2, num_layers=1, num_steps=3)


@pytest.fixture(scope="session")
def workers():
    """A worker for each contestant whose library is installed, on one thread; none that compiles for minutes."""
    taking_part = [
        Contestant(label, peer, variant, 1)
        for label, peer, variant in LIBRARIES
        if find_spec(NEEDED[peer]) is not None and variant != "compile"
    ]
    complaints = []
    started = start(taking_part, lambda who: Worker(who, Path(sys.executable), processors()[:1]), complaints.append)
    yield started
    for worker in started:
        worker.close()
    assert complaints == []
