"""Trainings of the small data set, for the tests of the loop and of its callbacks."""

import numpy as np
import pytest

from lengthwise._internal.interrupts import Stopped, StopRequest
from lengthwise.training.loop import Training
from lengthwise.training.settings import Settings

SETTINGS = Settings(seq_len=5, hidden_size=7, num_layers=2, batch_size=16)
"""Of the small data set: 55 training and 25 test steps an epoch."""


def begin(dataset, settings=SETTINGS):
    return Training.begin(settings, dataset)


class Recorder:
    """A callback that keeps the events of a training, and the global step at which each came."""

    def __init__(self, training):
        self.training = training
        self.events, self.at_step = [], []

    def __call__(self, event):
        self.events.append(event)
        self.at_step.append(self.training.progress.global_step)

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]


def fit_until(training, when):
    """Ask for a stop after the first event for which `when` is true, and return the events."""
    stop, events = StopRequest(), []

    def emit(event):
        events.append(event)
        if when(event):
            stop.ask()

    with pytest.raises(Stopped):
        training.fit(emit=emit, stop=stop)
    return events


def assert_same(one, other):
    """Two trainings have the same bits, times aside."""
    assert one.progress.global_step == other.progress.global_step
    for mine, theirs in zip(one.progress.state, other.progress.state, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(one.progress.history.losses, other.progress.history.losses)
    np.testing.assert_array_equal(one.progress.history.scores, other.progress.history.scores)
