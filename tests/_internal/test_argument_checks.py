"""Checks of arguments."""

import math

import numpy as np
import pytest

from lengthwise._internal.argument_checks import check_integer, check_number, nearest_names
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
        check_number("lr", value, above=0, usual=0.001)


@pytest.mark.parametrize("value", [1, np.float32(0.5), 5e-324], ids=repr)
def test_numbers_above_zero_become_floats(value):
    assert type(check_number("lr", value, above=0, usual=0.001)) is float
    assert check_number("lr", value, above=0, usual=0.001) == value


@pytest.mark.parametrize(("value", "inside"), [(-1e-9, False), (0, True), (0.999, True), (1, False), (math.nan, False)])
def test_the_lower_bound_of_a_fraction_is_allowed_and_the_upper_is_not(value, inside):
    if inside:
        assert check_number("dropout", value, least=0, below=1) == value
    else:
        with pytest.raises(UsageError, match=rf"^dropout is {value}, but must be a number from 0 to below 1\.$"):
            check_number("dropout", value, least=0, below=1)


@pytest.mark.parametrize("value", [math.nan, -math.inf, "1"])
def test_a_number_without_bounds_must_be_finite(value):
    assert check_number("forget_bias", -3) == -3
    with pytest.raises(UsageError, match=r"^forget_bias is .*, but must be a finite number\.$"):
        check_number("forget_bias", value)


def test_the_nearest_name_is_suggested_or_else_all_of_them():
    assert nearest_names("hiden_size", ["seq_len", "hidden_size"]) == "did you mean 'hidden_size'?"
    assert nearest_names("xyz", ["seq_len", "hidden_size"]) == "choose from seq_len, hidden_size."
