"""Settings as keyword arguments: the one place from which `train`, `Study` and the commands get their parameters.

A function that takes ``**settings`` and is decorated with `takes_settings` has, for everyone who looks (``help``,
documentation, the command line), a parameter of its own for every field of `Settings`, with its default and its text.
"""

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any, TypeVar, get_type_hints

from docstring_parser import parse

from lengthwise.errors import UsageError
from lengthwise.training.settings import Settings

Function = TypeVar("Function", bound=Callable[..., Any])

PYTHON_ONLY = ("module_name",)
"""Settings that nobody writes: Python gives the module itself."""

DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(Settings) if field.name not in PYTHON_ONLY}
"""Every other setting and its default."""

KINDS: dict[str, Any] = {name: kind for name, kind in get_type_hints(Settings).items() if name in DEFAULTS}
"""Their types."""


def setting_texts() -> dict[str, str]:
    """Return what `Settings` says of each setting, as one paragraph."""
    described = {item.arg_name: item.description or "" for item in parse(Settings.__doc__ or "").params}
    return {name: " ".join(described[name].split()) for name in DEFAULTS}


def takes_settings(function: Function, *, without: Iterable[str] = ()) -> Function:
    """Give a function that takes ``**settings`` a parameter for each setting; a decorator.

    Parameters
    ----------
    function : callable
        Its last parameter collects the settings.
    without : iterable of str
        Settings that it takes in another way.
    """
    signature = inspect.signature(function)
    own = list(signature.parameters.values())[:-1]
    taken = {parameter.name for parameter in own} | set(without)
    named = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=KINDS[name])
        for name, default in DEFAULTS.items()
        if name not in taken
    ]
    function.__signature__ = signature.replace(parameters=[*own, *named])  # type: ignore[attr-defined]
    return function


def check_names(names: Iterable[str], allowed: Mapping[str, Any] = DEFAULTS) -> None:
    """Raise `UsageError` if one of `names` is no setting, with the nearest that is one.

    >>> check_names(["hidden_sizes"])
    Traceback (most recent call last):
    lengthwise.errors.UsageError: there is no setting 'hidden_sizes': did you mean 'hidden_size'?
    """
    for name in names:
        if name not in allowed:
            near = difflib.get_close_matches(name, allowed, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(allowed)}."
            raise UsageError(f"there is no setting {name!r}: {hint}")
