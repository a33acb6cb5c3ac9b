"""Checks of arguments, made where an object is made; what fails is a sentence for the user."""

import math
import operator
from typing import Any, get_args

from lengthwise.errors import UsageError


def check_integer(name: str, value: Any, least: int, most: int | None = None) -> int:
    """Return `value` as a Python integer.

    Raises
    ------
    UsageError
        If it is no integer, or not between `least` and `most`.

    Examples
    --------
    >>> check_integer("num_layers", 0, 1)
    Traceback (most recent call last):
    lengthwise.errors.UsageError: num_layers is 0, but must be 1 or more.
    """
    try:
        integer = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        integer = None
    if integer is None:
        raise UsageError(f"{name} is {value!r}, but must be an integer.")
    if integer < least or (most is not None and integer > most):
        allowed = f"{least} or more" if most is None else f"{least} to {most}"
        raise UsageError(f"{name} is {integer}, but must be {allowed}.")
    return integer


def check_choice(name: str, value: object, choices: object) -> None:
    """Raise `UsageError` unless `value` is one of a Literal type's values."""
    allowed = get_args(choices)
    if value not in allowed:
        raise UsageError(f"{name} is {value!r}, but must be one of {', '.join(allowed)}.")


def check_flag(name: str, value: object) -> None:
    """Raise `UsageError` unless `value` is True or False."""
    if not isinstance(value, bool):
        raise UsageError(f"{name} is {value!r}, but must be True or False.")


def _number(value: Any) -> float:
    """Return `value` as a float, NaN if it is no number."""
    try:
        return math.nan if isinstance(value, bool | str) else float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def check_share(name: str, value: Any) -> float:
    """Return `value` as a float.

    Raises
    ------
    UsageError
        If it is no number from 0 to below 1.

    Examples
    --------
    >>> check_share("dropout", 1)
    Traceback (most recent call last):
    lengthwise.errors.UsageError: dropout is 1, but must be a number from 0 to below 1.
    """
    number = _number(value)
    if not 0 <= number < 1:
        raise UsageError(f"{name} is {value!r}, but must be a number from 0 to below 1.")
    return number


def check_between_0_and_1(name: str, value: Any, usual: float) -> float:
    """Return `value` as a float.

    Raises
    ------
    UsageError
        If it is no number above 0 and below 1; `usual` is named as one that is.

    Examples
    --------
    >>> check_between_0_and_1("ema_decay", 1, 0.999)
    Traceback (most recent call last):
    lengthwise.errors.UsageError: ema_decay is 1, but must be a number above 0 and below 1: 0.999 is usual.
    """
    number = _number(value)
    if not 0 < number < 1:
        raise UsageError(f"{name} is {value!r}, but must be a number above 0 and below 1: {usual:g} is usual.")
    return number


def check_finite(name: str, value: Any, usual: float) -> float:
    """Return `value` as a float; raise `UsageError` if it is no finite number, with `usual` as one that is."""
    number = _number(value)
    if not math.isfinite(number):
        raise UsageError(f"{name} is {value!r}, but must be a finite number: {usual:g} is usual.")
    return number


def check_positive(name: str, value: Any, usual: float) -> float:
    """Return `value` as a float.

    Raises
    ------
    UsageError
        If it is no finite number above 0; `usual` is named as one that is.

    Examples
    --------
    >>> check_positive("lr", -1, 0.001)
    Traceback (most recent call last):
    lengthwise.errors.UsageError: lr is -1, but must be a number above 0: 0.001 is usual.
    """
    number = _number(value)
    if not (math.isfinite(number) and number > 0):
        raise UsageError(f"{name} is {value!r}, but must be a number above 0: {usual:g} is usual.")
    return number
