from contextlib import ExitStack

import pytest
import torch

import lengthwise.torch
from benchmarks import busy
from benchmarks.shapes import Shape

SMALL = Shape("small", "small", batch_size=70, seq_len=2, hidden_size=3, num_layers=1)


@pytest.mark.parametrize("make", busy.WORKS.values())
def test_one_thread_and_all_take_turns_beside_each_number_of_loops(make):
    before = torch.get_num_threads()
    found = busy.measure(make, SMALL, threads=2, loops=(0, 1), rounds=3, seconds=0.001)
    assert [(count, len(turns.one), len(turns.all)) for count, turns in found.items()] == [(0, 3, 3), (1, 3, 3)]
    assert all(time > 0 for turns in found.values() for times in turns for time in times)
    assert torch.get_num_threads() == before


def test_the_time_is_that_of_doing_it_once(monkeypatch):
    done = []
    monkeypatch.setattr(busy.time, "perf_counter", lambda: float(sum(done)))
    assert busy.milliseconds(done.append, 4) == 1000.0
    assert done == [4]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_module_runs_on_as_many_threads(threads, monkeypatch):
    used = []
    forward = lengthwise.torch.GRU.forward

    def noted(*arguments):
        used.append(torch.get_num_threads())
        return forward(*arguments)

    monkeypatch.setattr(lengthwise.torch.GRU, "forward", noted)
    with ExitStack() as stack:
        busy.module_step(SMALL, threads, stack)(3)
    assert used == [threads] * 3


def test_the_ratio_is_the_median_of_the_turns_ratios():
    turns = busy.Turns([2.0, 4.0, 9.0], [1.0, 4.0, 3.0])
    lines = busy.table({"training": {1: turns}, "evaluation": {0: turns}}, threads=2).splitlines()
    assert lines[2:] == ["| training | 1 | 4.000 | 3.000 | 2.00 |", "| evaluation | 0 | 4.000 | 3.000 | 2.00 |"]
