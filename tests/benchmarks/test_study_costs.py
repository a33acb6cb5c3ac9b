import os
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import study_costs
from benchmarks.answer_panel import Entry
from benchmarks.study_costs import Clock, Cost, measured, table
from lengthwise.engine.simd import engine


@pytest.fixture
def let_pass(monkeypatch):
    """Let seconds pass on the clocks, twice as many of wall time; nothing else takes any."""
    now = SimpleNamespace(seconds=0.0)
    clocks = SimpleNamespace(perf_counter=lambda: 2 * now.seconds, thread_time=lambda: now.seconds)
    monkeypatch.setattr(study_costs, "time", clocks)

    def passing(seconds):
        now.seconds += seconds

    return passing


def test_the_parts_of_a_study_are_not_counted_twice(tmp_path):
    steps = np.random.default_rng(0).normal(size=(60, 6, 1)).astype(np.float32)
    np.savez(tmp_path / "sums.npz", values=steps, targets=steps[:, -2:, 0].sum(axis=1) > 0)
    entry = Entry("sums", str(tmp_path / "sums.npz"))
    cost = measured(entry, tmp_path, ["--seq-lens", "2,6", "--seeds", "1", "--budget", "steps=20", "--folds", "none"])
    assert cost.trainings == 2
    assert [*cost.parts] == ["steps", "judging", "engines", "storing"]
    assert min(cost.parts.values()) > 0
    assert sum(cost.parts.values()) < cost.cpu_seconds
    assert 0 < cost.pilot_seconds < cost.wall_seconds
    assert 0 < cost.wall_share < 1


def test_what_an_inner_clock_took_is_not_the_outer_ones(let_pass):
    def fail():
        let_pass(5)
        raise KeyError

    class Engine:
        def __init__(self, seconds):
            let_pass(seconds)

    inner, failing, Engine.__init__ = Clock(let_pass), Clock(fail), Clock(Engine.__init__)

    def judge(seconds, *, more):
        inner(seconds)
        let_pass(more)
        with pytest.raises(KeyError):
            failing()
        Engine(10)
        return "judged"

    outer = Clock(judge)
    assert [outer(1, more=20) for _ in range(2)] == ["judged", "judged"]
    of_each = [(clock.wall_seconds, clock.cpu_seconds) for clock in (outer, inner, failing, Engine.__init__)]
    assert of_each == [(80, 40), (4, 2), (20, 10), (40, 20)]


def test_a_clock_has_the_attributes_of_its_function():
    assert Clock(engine.train_steps).name == "lengthwise.engine.simd.step.train_steps"


def test_the_table_has_shares_and_what_is_left(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    cost = Cost(7, 10.0, 16.0, 2.5, 13.0, {"steps": 12.0, "judging": 0.8, "engines": 0.16, "storing": 0.08})
    header, _, row = table({"sums": cost}).splitlines()
    assert header.count("|") == row.count("|")
    assert row == "| sums | 7 | 10.0 | 16.0 | 75 | 5.0 | 1.0 | 0.5 | 18 | 65 | 25 |"
