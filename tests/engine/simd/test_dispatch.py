"""A program calls the kernels that its arguments choose, and is compiled once for each choice."""

import numba
import numpy as np
import pytest

from lengthwise.engine.simd.cells import CELLS
from lengthwise.engine.simd.cells.cell import sizes_of
from lengthwise.engine.simd.dispatch import Choice, chosen
from lengthwise.engine.simd.kernel import kernel


class Rule(Choice):
    """How two numbers are combined."""


@chosen
def combine(rule, a, b):
    """Combine two numbers."""


SUM = Rule("sum", combine=kernel(lambda a, b: a + b))
PRODUCT = Rule("product", combine=kernel(lambda a, b: a * b))


@numba.njit
def combined(rule, values):
    total = values[0]
    for i in range(1, len(values)):
        total = combine(rule, total, values[i])
    return total


def test_the_chosen_kernel_is_called_and_each_choice_is_a_type_of_its_own():
    values = np.arange(2, 6)
    for _ in range(2):
        assert (combined(SUM, values), combined(PRODUCT, values)) == (14, 120)
    assert [str(types[0]) for types in combined.signatures] == ["rule(sum)", "rule(product)"]


@numba.njit
def sizes_in_a_program(cell):
    return sizes_of(cell)


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_the_sizes_of_a_cell_are_the_same_in_compiled_code(cell):
    assert sizes_in_a_program(cell) == cell.sizes
