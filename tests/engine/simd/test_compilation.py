"""Machine code is compiled once, by whichever process comes first; the others load it."""

import threading

import numpy as np
import pytest

from lengthwise.engine.simd import compilation
from lengthwise.engine.simd.compilation import program as as_program
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.vectors import pointer, store_scalar
from tests.engine.processes import begin, result

PROCESSES = 8


def double(values):
    for i in range(len(values)):
        values[i] += values[i]


@kernel
def twice(value):
    return value + value


def double_by_a_kernel(values):
    for i in range(len(values)):
        store_scalar(twice(values[i]), pointer(values), i)


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(compilation, "CACHE_FOLDER", tmp_path)


def numbers(dtype):
    return np.arange(3, dtype=dtype)


def test_eight_processes_on_an_empty_cache_compile_once_and_agree(tmp_path):
    found = [result(process) for process in [begin("rnn", NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(PROCESSES)]]
    assert len({one["digest"] for one in found}) == 1
    # Who holds the lock compiles; the others find what it wrote. There are two programs: to train and to evaluate.
    assert sum(one["compilations"] for one in found) == 2
    assert sum(one["first"] for one in found) == 1

    late = result(begin("rnn", NUMBA_CACHE_DIR=str(tmp_path)))
    assert late["compilations"] == 0
    assert late["digest"] == found[0]["digest"]


def test_processes_that_compile_one_program_for_other_types_at_the_same_time_lose_nothing(tmp_path):
    types = ("int8", "int16", "int32", "int64", "float32", "float64")
    module = "tests.engine.simd.small_program"
    processes = [begin(kind, module=module, NUMBA_CACHE_DIR=str(tmp_path)) for kind in types]
    assert [result(process) for process in processes] == [{kind: [1, [0, 2, 4]]} for kind in types]
    late = result(begin(*types, module=module, NUMBA_CACHE_DIR=str(tmp_path)))
    assert late == {kind: [0, [0, 2, 4]] for kind in types}


@pytest.mark.usefixtures("empty_cache")
def test_a_program_is_compiled_while_another_process_compiles_it_for_other_types():
    program, compiled = as_program(double), []

    def prepare():
        program.prepare(numbers(np.float32), on_compile=lambda: None)
        compiled.append(np.float32)

    with program.lock(numbers(np.float64)):
        thread = threading.Thread(target=prepare, daemon=True)
        thread.start()
        thread.join(timeout=120)
        assert compiled == [np.float32]


@pytest.mark.usefixtures("empty_cache")
def test_a_compilation_is_announced_once_whatever_kernels_it_compiles_and_loading_is_not():
    notices = []
    for program in (as_program(double_by_a_kernel), as_program(double_by_a_kernel)):
        for _ in range(2):
            program.prepare(numbers(np.float32), on_compile=lambda: notices.append(1))
        values = numbers(np.float32)
        program(values)
        assert values.tolist() == [0, 2, 4]
        assert notices == [1]
