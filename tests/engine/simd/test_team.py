"""How threads share the work: what each takes, whose gradient counts, and trainings with threads that stop."""

from concurrent.futures import Executor, Future

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lengthwise.engine.protocol import Optimizer
from lengthwise.engine.simd.arguments import Chosen
from lengthwise.engine.simd.programs import train_steps
from lengthwise.engine.simd.step_types import Plan, team_of
from lengthwise.engine.simd.team import (
    FOR_EVER,
    add_groups,
    buffer_of,
    finish,
    next_group,
    next_share,
    publish,
)
from lengthwise.engine.simd.threads import run_threads
from lengthwise.engine.simd.vectors import LANES, pointers
from lengthwise.windows import Windows
from tests.engine.problems import SEED, make_problem, new_state

NO_STATES = np.zeros((0, 0), np.float32)
PART = 100
"""The part that is under way, later than any that has ended."""


@numba.njit
def take_group(team, thread, due, patience):
    return next_group(pointers(team), thread, due, patience)


@numba.njit
def take_share(team, thread, due):
    return next_share(pointers(team), thread, due)


@numba.njit
def publish_group(team, group, buffer, thread, due):
    return publish(pointers(team), group, buffer, thread, due)


@numba.njit
def finish_unit(team):
    finish(pointers(team))


@numba.njit
def add_rest(team, start, stop):
    add_groups(pointers(team), start, stop)


@numba.njit
def find_buffer(team, group):
    return buffer_of(pointers(team), group)


def team_for(groups, threads, parameters=LANES + 3):
    """A team, some of whose units were done in earlier parts."""
    team = team_of(parameters, groups, threads, NO_STATES)
    team.done[0] = PART - groups
    return team


# --- what a thread takes --------------------------------------------------------------------------------------------


def test_a_thread_takes_its_own_groups_first_and_then_those_of_others_from_the_last():
    team = team_for(groups=8, threads=4)
    assert [take_group(team, 1, PART, FOR_EVER) for _ in range(8)] == [2, 3, 1, 0, 7, 6, 5, 4]


@pytest.mark.parametrize("groups", [1, 2, 5, 16])
def test_threads_that_take_groups_in_turns_take_each_once(groups):
    for threads in range(1, groups + 1):
        team = team_for(groups, threads)
        assert sorted(take_group(team, i % threads, PART, FOR_EVER) for i in range(groups)) == list(range(groups))


def test_a_thread_that_comes_late_finds_nothing_to_do():
    team = team_for(groups=2, threads=2)
    for group in (0, 1):
        assert take_group(team, 0, PART, FOR_EVER) == group
        publish_group(team, group, 2, 0, PART)
    assert take_group(team, 1, PART, FOR_EVER) == -1
    assert take_group(team, 1, PART - 2, FOR_EVER) == -1
    for share in (0, 1):
        assert take_share(team, 0, PART + 2) == share
        finish_unit(team)
    assert take_share(team, 1, PART + 2) == -1


def test_a_group_that_another_thread_has_begun_is_taken_when_patience_is_at_an_end():
    team = team_for(groups=3, threads=2)
    assert take_group(team, 0, PART, FOR_EVER) == 0
    for group in (1, 2):
        assert take_group(team, 1, PART, FOR_EVER) == group
        publish_group(team, group, 4, 1, PART)
    assert take_group(team, 1, PART, 0) == 0
    publish_group(team, 0, find_buffer(team, 0), 1, PART)
    assert take_group(team, 1, PART, 0) == -1


# --- whose gradient counts ------------------------------------------------------------------------------------------


def test_the_first_gradient_of_a_group_counts_and_its_thread_has_the_old_buffer():
    team = team_for(groups=2, threads=2)
    assert publish_group(team, 1, 2, 0, PART) == 1
    assert find_buffer(team, 1) == 2
    assert publish_group(team, 1, 3, 1, PART) == 3, "the second keeps its buffer"
    assert publish_group(team, 1, 3, 1, PART - 4) == 3, "and so does one that is still in an earlier step"
    assert find_buffer(team, 1) == 2
    assert team.done[0] == PART - 1


def tree_sum(parts):
    """The sum in pairs, then pairs of pairs."""
    tree = list(parts)
    while len(tree) > 1:
        tree = [sum(tree[i + 1 : i + 2], tree[i]) for i in range(0, len(tree), 2)]
    return tree[0]


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_groups_are_added_in_pairs_of_pairs_whoever_computes_them_in_whatever_order(data):
    groups = data.draw(st.integers(1, 16))
    threads = data.draw(st.integers(1, groups))
    team = team_for(groups, threads)
    free = [groups + thread for thread in range(threads)]
    for step in range(2):  # in the second, what the first has left is in the buffers
        parts = np.random.default_rng(step).standard_normal((groups, team.P)).astype(np.float32)
        due = PART + step * groups
        for group in data.draw(st.permutations(range(groups))):
            thread = data.draw(st.integers(0, threads - 1))
            team.gradients[free[thread]] = parts[group]
            free[thread] = publish_group(team, group, free[thread], thread, due)
        assert team.done[0] == due
        add_rest(team, 0, 5)
        add_rest(team, 5, team.P)
        total = team.gradients[find_buffer(team, 0)]
        assert total.tobytes() == tree_sum(parts).tobytes()
        total[:] = 0
        assert not team.gradients[[find_buffer(team, group) for group in range(groups)]].any()


# --- whole trainings ------------------------------------------------------------------------------------------------

STEPS = 4


def large_problem(**sizes):
    """A problem whose batch has many groups, and its windows for some steps."""
    problem = make_problem(batch_size=600, hidden_size=9, **sizes)
    return problem, Windows(*(np.repeat(array, STEPS, axis=0) for array in problem.windows))


def bits(*arrays):
    return [array.tobytes() for array in arrays]


def results_of(problem, windows, threads, pool=None):
    """All that a training and an evaluation give."""
    state = new_state(problem)
    with problem.engine(threads) as engine:
        engine._pool = pool or engine._pool
        results = engine.train(state, 3, problem.data, windows, Optimizer(lr=0.01, clip_norm=0.1))
        return bits(*state, *results, *engine.evaluate(state.parameters, problem.data, windows))


class AtOnce(Executor):
    """Runs a call before the caller goes on: it does all the work, as if the calling thread were stopped."""

    def submit(self, call, *arguments):
        future = Future()
        future.set_result(call(*arguments))
        return future


class Instead(Executor):
    """Runs nothing, and answers every call with one future: one that never began, if no other is given."""

    def __init__(self, future=None):
        self._future = future

    def submit(self, *_call):
        return self._future or Future()


@pytest.mark.parametrize("pool", [AtOnce(), Instead()], ids=["the other thread", "the calling thread"])
@pytest.mark.parametrize("task", ["classification", "tagging"])
def test_one_thread_of_a_team_can_do_all_the_work(pool, task):
    carry = {"carry_state": True} if task == "tagging" else {}
    problem, windows = large_problem(task=task, **carry)
    assert results_of(problem, windows, 3, pool) == results_of(problem, windows, 1)


def test_a_thread_that_stops_in_a_group_holds_up_nobody_and_changes_no_bit():
    problem, windows = large_problem()
    expected = new_state(problem)
    with problem.engine() as engine:
        expected_losses, _ = engine.train(expected, 0, problem.data, windows, Optimizer())
    state, losses, scores = new_state(problem), np.zeros(STEPS), np.zeros(STEPS)
    groups, threads = 16, 2
    team = team_of(len(state.parameters), groups, threads, NO_STATES)
    first = threads + groups  # the units of packing, and of the gradients
    team.begun[12:14] = first  # by the other thread, which never runs again
    with problem.engine() as engine:
        train_steps(
            Chosen("cell", problem.network.engine_cell), Chosen("loss", problem.network.loss), 0,
            Plan(Optimizer(), np.full(STEPS, Optimizer().lr), 0, np.uint64(SEED)), problem.data, windows, state,
            problem.network.sizes(problem.seq_len), team, engine.workspaces[0], losses, scores,
        )  # fmt: skip
    assert bits(*state, losses) == bits(*expected, expected_losses)


def test_many_more_threads_than_processors_change_no_bit():
    problem, windows = large_problem()
    expected = results_of(problem, windows, 1)
    for threads in (2, 7, 16):
        assert results_of(problem, windows, threads) == expected


# --- the threads themselves -----------------------------------------------------------------------------------------


def test_a_thread_that_has_not_begun_when_the_first_is_done_is_not_waited_for():
    called = []
    run_threads(Instead(), 3, called.append)
    assert called == [0]


def test_an_error_of_another_thread_is_raised():
    failed, called = Future(), []
    failed.set_exception(MemoryError("too much"))
    with pytest.raises(MemoryError, match="too much"):
        run_threads(Instead(failed), 2, called.append)
