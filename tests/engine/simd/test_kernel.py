"""Kernels give the same results wherever they are called, and are optimised only in whole programs."""

import math

import numba
import numpy as np
import pytest

from lengthwise.engine.simd.kernel import kernel


@pytest.fixture
def timed_passes(monkeypatch):
    monkeypatch.setattr(numba.core.config, "LLVM_PASS_TIMINGS", 1)


@kernel
def _quotient(a, b):
    return a / b


@kernel
def _half(a):
    return _quotient(a, 2.0)


@kernel
def _quarter(a):
    return _half(_half(a))


def test_kernels_call_kernels():
    @numba.njit
    def eighth_of_each(values, out):
        for i in range(len(values)):
            out[i] = _half(_quarter(values[i]))

    out = np.zeros(3)
    eighth_of_each(np.array([8.0, 1.0, -4.0]), out)
    assert out.tolist() == [1.0, 0.125, -0.5]


def test_a_kernel_divides_by_zero_as_numpy_does():
    @numba.njit(error_model="numpy")
    def both(a, b):
        return _quotient(a, b), _quotient(-a, b)

    assert both(1.0, 0.0) == (math.inf, -math.inf)


def test_a_kernel_is_compiled_for_each_type_that_it_is_called_with():
    @numba.njit
    def both(a, b):
        return _quotient(a, a), _quotient(b, b)

    assert both(np.float32(3), 5.0) == (1.0, 1.0)
    returned = {arguments[0]: result.signature.return_type for arguments, result in _quotient.overloads.items()}
    assert returned[numba.float32] == numba.float32
    assert returned[numba.float64] == numba.float64


@pytest.mark.usefixtures("timed_passes")
def test_code_is_optimised_where_a_program_has_come_together():
    @kernel
    def add(a, b):
        return a + b

    @numba.njit
    def program(a, b):
        return add(a, b)

    assert program(1, 2) == 3
    (alone,) = add.get_metadata().values()
    (together,) = program.get_metadata().values()
    assert len(alone["llvm_pass_timings"]) == 0
    assert len(together["llvm_pass_timings"]) > 0
