"""Machine code is compiled once, whoever comes first, and the others load it."""

import time

from tests.engine.processes import begin, result

PROCESSES = 8


def test_eight_processes_on_an_empty_cache_compile_once_and_agree(tmp_path):
    found = [result(process) for process in [begin("rnn", NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(PROCESSES)]]
    assert len({one["digest"] for one in found}) == 1
    # Who holds the lock compiles; the others find what it wrote. There are two programs: to train and to evaluate.
    assert sum(one["compilations"] for one in found) == 2

    start = time.perf_counter()
    late = result(begin("rnn", NUMBA_CACHE_DIR=str(tmp_path)))
    assert late["compilations"] == 0
    assert late["digest"] == found[0]["digest"]
    assert time.perf_counter() - start < 10
