import io
import math

import pytest
from rich.console import Console

from benchmarks import fma_limit
from benchmarks.chart import draw
from benchmarks.contest import TOLERANCE, contest
from benchmarks.tables import print_table, sentence

TURN_SECONDS = {"train": 0.001, "evaluate": 0.001}


@pytest.fixture(scope="module")
def result(tiny, workers):
    complaints = []
    result = contest(tiny, workers, 1, complaints.append, TURN_SECONDS)
    assert not [line for line in complaints if "left out" in line]
    return result


def test_everybody_computes_the_same_losses_and_is_timed(result, workers):
    assert [entry.contestant for entry in result.entries] == [worker.contestant for worker in workers]
    for entry in result.entries:
        assert entry.difference <= TOLERANCE
        assert all(time > 0 for time in (*entry.train, *entry.evaluate))


def test_the_table_the_sentence_and_the_chart_are_made(result, tmp_path):
    out = io.StringIO()
    print_table(result, Console(file=out, width=120))
    assert all(entry.contestant.label in out.getvalue() for entry in result.entries)
    assert sentence(result).startswith("lengthwise, fastest with 1 thread at ")
    draw(result, tmp_path / "chart.png")
    assert (tmp_path / "chart.png").stat().st_size > 1000


def test_the_limit_of_a_core_is_a_rate():
    assert 1 < fma_limit.measure(0.001) < math.inf
