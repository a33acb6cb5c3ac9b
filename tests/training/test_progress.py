"""Where a training stands: the schedule, the history, the figures of phases."""

import copy
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.engine.protocol import State
from lengthwise.tasks.metrics import ACCURACY
from lengthwise.training.progress import History, Position, Progress, Schedule
from lengthwise.training.selection import Selection, Validation

NOTEBOOK = Schedule(train_steps=4296, test_steps=781, updates=2 * 4296)

schedules = st.builds(
    Schedule, train_steps=st.integers(1, 9), test_steps=st.integers(0, 5), updates=st.integers(1, 30)
)  # fmt: skip


def progress_of(schedule, losses, accuracies, seconds, global_step):
    history = History(*(np.array(values, float) for values in (losses, accuracies, seconds)))
    return Progress(schedule, State(None, None, None), history, global_step)


def test_the_state_is_synchronized_whenever_it_is_read_or_copied_while_an_engine_trains_it():
    state = State(np.zeros(1), np.zeros(1), np.zeros(1))
    progress = Progress(NOTEBOOK, state, History.empty(1))

    def synchronize():
        state.parameters[:] += 1

    with progress.synchronized_by(synchronize):
        assert progress.stored_state.parameters == 0
        assert progress.state.parameters == 1
        assert progress.weights == 2
        copied = copy.deepcopy(progress)
        synchronized = progress.stored_state.parameters.copy()
        assert copied.state.parameters == synchronized
        assert copied.state.parameters == synchronized
    assert progress.state.parameters == synchronized


def test_the_notebook_makes_10154_steps():
    assert NOTEBOOK.epoch_steps == 5077
    assert NOTEBOOK.total == 10_154


@pytest.mark.parametrize(
    ("global_step", "position"),
    [
        (0, (0, "train", 0)),
        (4295, (0, "train", 4295)),
        (4296, (0, "test", 0)),
        (5076, (0, "test", 780)),
        (5077, (1, "train", 0)),
        (10_153, (1, "test", 780)),
    ],
)
def test_each_epoch_trains_and_then_tests(global_step, position):
    assert NOTEBOOK.position(global_step) == Position(*position)


def walk(schedule):
    """Go through the loop step by step: the phase of each step."""
    phases = []
    updates = 0
    while updates < schedule.updates:
        for _ in range(schedule.train_steps):
            if updates < schedule.updates:
                phases.append("train")
                updates += 1
        if updates % schedule.train_steps == 0:
            phases += ["test"] * schedule.test_steps
    return phases


@given(schedules)
def test_the_schedule_is_the_loop_written_out(schedule):
    phases = walk(schedule)
    assert schedule.total == len(phases)
    assert [schedule.position(step).phase for step in range(schedule.total)] == phases
    assert [schedule.updates_at(step) for step in range(schedule.total + 1)] == [
        phases[:step].count("train") for step in range(schedule.total + 1)
    ]
    for step in range(schedule.total):
        rest = phases[step:]
        same = next((count for count, phase in enumerate(rest) if phase != rest[0]), len(rest))
        assert schedule.left_in_phase(step) == same


def test_training_steps_that_are_no_whole_epochs_end_in_the_training_phase():
    schedule = Schedule(train_steps=4, test_steps=2, updates=6)
    assert schedule.total == 8
    assert schedule.position(7) == Position(1, "train", 1)
    assert schedule.left_in_phase(6) == 2


def test_an_empty_history_is_nan():
    history = History.empty(3)
    assert all(np.isnan(values).all() and len(values) == 3 for values in vars(history).values())


def test_a_history_grows_and_keeps_what_it_has():
    history = History.empty(2)
    history.losses[:] = 1, 2
    longer = history.resized(4)
    np.testing.assert_array_equal(longer.losses, [1, 2, math.nan, math.nan])
    longer.losses[0] = 7
    assert history.losses[0] == 1


def test_a_summary_is_of_the_steps_after_the_first_up_to_the_last():
    progress = progress_of(
        Schedule(4, 2, 4), [9, 1, 2, 9, np.nan, np.nan], [0.9, 0.5, 0.25, 0, 1, 1], [9, 1, 3, 9, 9, 9], 6
    )
    assert progress.summary(1, 3) == (1.5, 0.25, 0.5, 0.375, 2)
    assert math.isnan(progress.summary(4, 6).loss)


def test_the_speed_is_of_training_steps_alone():
    progress = progress_of(Schedule(2, 1, 4), [1] * 6, [1] * 6, [0.1, 0.1, 5, 0.2, 0.4, 5], 5)
    assert progress.train_steps_per_second == pytest.approx(4 / 0.8)


def test_there_is_no_speed_before_the_first_step():
    assert math.isnan(progress_of(Schedule(2, 1, 4), [1], [1], [1], 0).train_steps_per_second)


def test_epochs_have_the_means_of_their_phases():
    progress = progress_of(
        Schedule(2, 1, 5), [1, 2, np.nan, 3, 5, np.nan, 7], [0.1, 0.3, 0.5, 0.5, 0.7, 0.9, 1], [1, 3, 5, 2, 2, 6, 1], 7
    )
    assert progress.epoch_metrics() == [
        {
            "epoch": 1,
            "train_loss": 1.5,
            "train_accuracy": pytest.approx(0.2),
            "test_accuracy_sampled": 0.5,
            "train_seconds_per_step": 2,
            "test_seconds_per_step": 5,
        },
        {
            "epoch": 2,
            "train_loss": 4,
            "train_accuracy": pytest.approx(0.6),
            "test_accuracy_sampled": 0.9,
            "train_seconds_per_step": 2,
            "test_seconds_per_step": 6,
        },
    ]


def test_an_epoch_counts_once_both_its_phases_are_done():
    steps = [1.0] * 3
    assert progress_of(Schedule(2, 1, 2), steps, steps, steps, 2).epoch_metrics() == []
    assert len(progress_of(Schedule(2, 1, 2), steps, steps, steps, 3).epoch_metrics()) == 1


@given(schedule=schedules, due=st.lists(st.integers(1, 30), unique=True).map(sorted))
def test_every_validation_comes_after_its_training_step_and_the_test_steps_that_follow(schedule, due):
    """One step at a time or as many as may be, they come at the same places."""
    places = {}
    for at_once in (False, True):
        selection = Selection(ACCURACY, due)
        progress = Progress(schedule, State(None, None, np.zeros(1), np.zeros(1)), History.empty(schedule.total))
        progress.selection, found = selection, []
        while True:
            if progress.awaits_validation:
                found.append((progress.made, progress.global_step))
                selection.add(Validation(progress.made, 0.5, 1.0), progress.weights)
            if progress.global_step >= schedule.total:
                break
            progress.global_step += progress.steps_before_validation if at_once else 1
        places[at_once] = found
    assert places[True] == places[False]
    reached = [update for update in due if update <= schedule.updates]
    last = {made: step for step in range(schedule.total + 1) for made in (schedule.updates_at(step),)}
    assert places[True] == [(update, last[update]) for update in reached]


def test_a_training_that_made_all_its_steps_was_not_ended_by_patience():
    schedule = Schedule(train_steps=10, test_steps=0, updates=20)
    selection = Selection(ACCURACY, [5, 10], patience=1)
    progress = Progress(schedule, State(None, None, None, np.zeros(1)), History.empty(20), 10, selection=selection)
    assert (progress.stopped_by, progress.finished, progress.best_step) == (None, False, 10)
    selection.add(Validation(5, 0.5, 1.0), np.zeros(1))
    selection.add(Validation(10, 0.5, 1.0), np.zeros(1))
    assert (progress.stopped_by, progress.finished, progress.best_step) == ("patience", True, 5)
    progress.global_step = 20
    assert (progress.stopped_by, progress.finished, progress.best_step) == ("steps", True, 5)
