"""Options of the commands that are the settings of a training."""

import inspect
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from cyclopts import Parameter, Token

from lengthwise.commands.conversion import to_value
from lengthwise.training.keyword_settings import DEFAULTS, KINDS, setting_texts


def setting_options(function: Any) -> Any:
    """Give a command that takes ``**settings`` an option for each setting; a decorator.

    An option that was not given is None, so that a command can tell what was asked for.
    """

    def kind(name: str, text: str) -> Any:
        one: Any = KINDS[name]
        return Annotated[one | None, _parameter(name, text)]

    return _with_options(function, (), kind)


def setting_lists(*, without: Sequence[str]) -> Callable[[Any], Any]:
    """Do the same with options that take several values, separated by commas; a decorator.

    Parameters
    ----------
    without : sequence of str
        Settings that the command takes in another way.
    """

    def kind(name: str, text: str) -> Any:
        def values(_kind: Any, tokens: Sequence[Token]) -> tuple[Any, ...]:
            return tuple(to_value(KINDS[name], [token]) for token in _parts(tokens))

        # with bool alone, cyclopts would take the option for a flag, and leave its values to others
        # With bool alone, cyclopts would take the option for a flag, and leave its values to others.
        one: Any = str | bool if KINDS[name] is bool else KINDS[name]
        several: Any = tuple[one, ...]
        return Annotated[several | None, _parameter(name, text, converter=values, n_tokens=1)]

    return lambda function: _with_options(function, without, kind)


def _parts(tokens: Sequence[Token]) -> list[Token]:
    """Return a word for each of the values between commas."""
    return [Token(keyword=token.keyword, value=part) for token in tokens for part in token.value.split(",")]


def _with_options(function: Any, without: Sequence[str], kind: Callable[[str, str], Any]) -> Any:
    signature = inspect.signature(function)
    own = list(signature.parameters.values())[:-1]
    texts = setting_texts()
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind(name, texts[name]))
        for name in DEFAULTS
        if name not in signature.parameters and name not in without
    ]
    function.__signature__ = signature.replace(parameters=[*own, *options])
    return function


def _parameter(name: str, text: str, **more: Any) -> Parameter:
    default = DEFAULTS[name]
    shown = text if default is None else f"{text} [default: {default}]"
    return Parameter(help=shown.replace("``", ""), show_default=False, **more)
