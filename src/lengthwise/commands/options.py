"""Options of the commands that are settings of a training, or say how the data are read."""

import inspect
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Annotated, Any, get_origin

from cyclopts import Group, Parameter, Token

from lengthwise._internal.described_fields import DescribedField, text_with_limits
from lengthwise.commands.conversion import to_value
from lengthwise.training.keyword_settings import DATA_OPTIONS, SETTINGS

COMMAND = Group("A command of yours", sort_key=0)
DATA = Group("Data", sort_key=1)
SETTING = Group("Settings of the training", sort_key=2)


def setting_options(function: Any) -> Any:
    """Give a command that takes ``**settings`` an option for each setting and each option of the data; a decorator.

    An option that was not given is None, so that a command can tell what was asked for.
    """
    return _with_options(function, map(_option, (SETTINGS | DATA_OPTIONS).values()))


def data_options(function: Any) -> Any:
    """Give a command that takes ``**options`` an option for each option of the data; a decorator."""
    return _with_options(function, map(_option, DATA_OPTIONS.values()))


def setting_lists(*, without: Collection[str]) -> Callable[[Any], Any]:
    """Do the same, but every setting takes several values, separated by commas; a decorator.

    Parameters
    ----------
    without : collection of str
        Settings that the command takes in another way.
    """
    settings = [setting for name, setting in SETTINGS.items() if name not in without]
    return lambda function: _with_options(
        function, (*map(_option, DATA_OPTIONS.values()), *map(_list_option, settings))
    )


def _with_options(function: Any, options: Iterable[inspect.Parameter]) -> Any:
    signature = inspect.signature(function)
    own = list(signature.parameters.values())[:-1]
    more = [option for option in options if option.name not in signature.parameters]
    function.__signature__ = signature.replace(parameters=[*own, *more])
    return function


def _option(field: DescribedField) -> inspect.Parameter:
    """Return the option of a field that takes one value; a tuple of texts is one value, with commas."""
    if get_origin(field.kind) is tuple:
        return _list_option(field, kind=str)
    return _parameter(field, field.kind)


def _list_option(field: DescribedField, kind: Any = None) -> inspect.Parameter:
    """Return the option of a field that takes several values, a tuple."""
    one: Any = field.annotation if kind is None else kind

    def values(_kind: Any, tokens: Sequence[Token]) -> tuple[Any, ...]:
        return tuple(to_value(one, [token]) for token in _parts(tokens))

    # With bool alone, cyclopts would take the option for a flag, and leave its values to others.
    shown: Any = str | bool if one is bool else one
    several: Any = tuple[shown, ...]
    return _parameter(field, several, converter=values, n_tokens=1)


def _parts(tokens: Sequence[Token]) -> list[Token]:
    """Return a word for each of the values between commas."""
    return [Token(keyword=token.keyword, value=part) for token in tokens for part in token.value.split(",")]


def _parameter(field: DescribedField, kind: Any, **more: Any) -> inspect.Parameter:
    group = DATA if field.name == "data" or field.name in DATA_OPTIONS else SETTING
    described = Parameter(help=text_with_limits(field), show_default=False, group=group, **more)
    return inspect.Parameter(
        field.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, described]
    )
