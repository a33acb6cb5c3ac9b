"""Words of the command line as values."""

from collections.abc import Sequence
from typing import Any, get_args

from cyclopts import Token, convert


def to_value(kind: Any, tokens: Sequence[Token]) -> Any:
    """Convert words as cyclopts does, but for whole numbers: it would round 1.5 to 2.

    Raises
    ------
    ValueError
        If a whole number is wanted, and another one given.
    """
    if int in (kind, *get_args(kind)):
        for token in tokens:
            if "." in token.value:
                raise ValueError(f'unable to convert "{token.value}" into int.')
    return convert(kind, tokens)
