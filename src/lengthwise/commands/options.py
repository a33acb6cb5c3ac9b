"""Options of the commands that are the settings of a training."""

import inspect
from typing import Annotated, Any

from cyclopts import Parameter

from lengthwise.options import DEFAULTS, KINDS, setting_texts


def setting_options(function: Any) -> Any:
    """Give a command that takes ``**settings`` an option for each setting; a decorator.

    An option that was not given is not among the settings, so that a command can tell what was asked for.
    """
    signature = inspect.signature(function)
    own = list(signature.parameters.values())[:-1]
    texts = setting_texts()
    options = [_option(name, texts[name]) for name in DEFAULTS if name not in signature.parameters]
    function.__signature__ = signature.replace(parameters=[*options, *own])
    return function


def _option(name: str, text: str) -> inspect.Parameter:
    default = DEFAULTS[name]
    shown = text if default is None else f"{text} [default: {default}]"
    kind = Annotated[KINDS[name] | None, Parameter(help=shown.replace("``", ""), show_default=False)]  # type: ignore[valid-type]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
