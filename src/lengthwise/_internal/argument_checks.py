"""Checks of arguments, made when an object is created; errors are sentences for the user."""

import difflib
import math
import operator
from collections.abc import Iterable
from typing import Any, get_args

from lengthwise.errors import UsageError


def check_integer(name: str, value: Any, least: int | None = None, most: int | None = None) -> int:
    """Return `value` as a Python integer.

    Raises
    ------
    UsageError
        If it is not an integer, or not between `least` and `most`.

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
    if (least is not None and integer < least) or (most is not None and integer > most):
        raise UsageError(f"{name} is {integer}, but must be {allowed_integers(least, most)}.")
    return integer


def allowed_integers(least: int | None, most: int | None) -> str:
    """Return a text for the integers that are allowed.

    >>> allowed_integers(1, None), allowed_integers(0, 9), allowed_integers(None, 9), allowed_integers(None, None)
    ('1 or more', '0 to 9', '9 or less', '')
    """
    if least is None:
        return "" if most is None else f"{most} or less"
    return f"{least} or more" if most is None else f"{least} to {most}"


def check_number(
    name: str,
    value: Any,
    least: float | None = None,
    above: float | None = None,
    below: float | None = None,
    usual: float | None = None,
) -> float:
    """Return `value` as a float.

    Parameters
    ----------
    name : str
        Its name in messages.
    value : object
    least, above, below : float, optional
        The smallest allowed value, or bounds that are not allowed themselves.
    usual : float, optional
        An allowed value that the message suggests.

    Raises
    ------
    UsageError
        If it is not a finite number, or out of bounds.

    Examples
    --------
    >>> check_number("dropout", 1, least=0, below=1)
    Traceback (most recent call last):
    lengthwise.errors.UsageError: dropout is 1, but must be a number from 0 to below 1.
    >>> check_number("lr", -1, above=0, usual=0.001)
    Traceback (most recent call last):
    lengthwise.errors.UsageError: lr is -1, but must be a number above 0: 0.001 is usual.
    """
    number = _number(value)
    is_within = (
        math.isfinite(number)
        and (least is None or number >= least)
        and (above is None or number > above)
        and (below is None or number < below)
    )
    if not is_within:
        bounds = allowed_numbers(least, above, below)
        kind = f"a number {bounds}" if bounds else "a finite number"
        hint = "" if usual is None else f": {usual:g} is usual"
        raise UsageError(f"{name} is {value!r}, but must be {kind}{hint}.")
    return number


def allowed_numbers(least: float | None, above: float | None, below: float | None) -> str:
    """Return a text for the bounds of the numbers that are allowed.

    >>> allowed_numbers(0, None, 1), allowed_numbers(None, 0, 1), allowed_numbers(None, 0, None)
    ('from 0 to below 1', 'above 0 and below 1', 'above 0')
    """
    lower = [f"from {least:g}"] if least is not None else [f"above {above:g}"] if above is not None else []
    upper = [] if below is None else [f"below {below:g}"]
    return (" to " if least is not None else " and ").join(lower + upper)


def _number(value: Any) -> float:
    """Return `value` as a float, NaN if it is not a number."""
    try:
        return math.nan if isinstance(value, bool | str) else float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def check_choice(name: str, value: Any, choices: object) -> Any:
    """Return `value`; raise `UsageError` unless it is one of a Literal type's values."""
    allowed = get_args(choices)
    if value not in allowed:
        raise UsageError(f"{name} is {value!r}, but must be one of {', '.join(allowed)}.")
    return value


def check_flag(name: str, value: Any) -> bool:
    """Return `value`; raise `UsageError` unless it is True or False."""
    if not isinstance(value, bool):
        raise UsageError(f"{name} is {value!r}, but must be True or False.")
    return value


def check_text(name: str, value: Any) -> str:
    """Return `value`; raise `UsageError` unless it is a text."""
    if not isinstance(value, str):
        raise UsageError(f"{name} is {value!r}, but must be text.")
    return value


def nearest_names(name: str, allowed: Iterable[str]) -> str:
    """Return a hint for an unknown `name`: the most similar allowed name, or all of them.

    >>> nearest_names("sed", ["seed", "task"]), nearest_names("xyz", ["seed", "task"])
    ("did you mean 'seed'?", 'choose from seed, task.')
    """
    names = list(allowed)
    near = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(names)}."
