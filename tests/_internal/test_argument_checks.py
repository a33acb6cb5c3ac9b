"""Checks of arguments."""

import math

import numpy as np
import pytest

from lengthwise._internal.argument_checks import check_integer, check_positive
from lengthwise.errors import UsageError


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)], ids=repr)
def test_an_integer_of_any_kind_becomes_pythons(value):
    assert type(check_integer("steps", value, 1)) is int
    assert check_integer("steps", value, 1) == 3


@pytest.mark.parametrize("value", [3.0, "3", None, True, [3]], ids=repr)
def test_anything_else_is_no_integer(value):
    with pytest.raises(UsageError, match=r"steps is .*, but must be an integer"):
        check_integer("steps", value, 1)


@pytest.mark.parametrize(("value", "inside"), [(0, False), (1, True), (4, True), (5, False)])
def test_both_bounds_are_allowed(value, inside):
    if inside:
        assert check_integer("steps", value, 1, 4) == value
    else:
        with pytest.raises(UsageError, match=f"steps is {value}, but must be 1 to 4"):
            check_integer("steps", value, 1, 4)


@pytest.mark.parametrize("value", [0, -1e-9, math.nan, math.inf, "0.1", None, True, 10**400], ids=lambda x: str(x)[:9])
def test_what_is_not_a_finite_number_above_zero_is_refused(value):
    with pytest.raises(UsageError, match=r"lr is .*, but must be a number above 0: 0\.001 is usual"):
        check_positive("lr", value, usual=0.001)


@pytest.mark.parametrize("value", [1, np.float32(0.5), 5e-324], ids=repr)
def test_numbers_above_zero_become_floats(value):
    assert type(check_positive("lr", value, usual=0.001)) is float
    assert check_positive("lr", value, usual=0.001) == value
