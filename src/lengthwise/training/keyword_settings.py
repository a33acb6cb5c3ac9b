"""Settings as keyword arguments: from here `train`, `Study` and the commands get their parameters.

A function that takes ``**settings`` and is decorated with `takes_settings` gets a signature (as shown by ``help``, the
documentation and the command line) with a parameter for every field of `Settings`, with its type and its default. With
`takes_settings_and_data_options` it also has the options that define how the data are read.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from lengthwise._internal.argument_checks import nearest_names
from lengthwise._internal.described_fields import DescribedField, described_fields, take_keywords
from lengthwise.data.options import Options
from lengthwise.errors import UsageError
from lengthwise.training.settings import Settings

Function = TypeVar("Function", bound=Callable[..., Any])

PYTHON_ONLY = ("module_name", "folds", "fold")
"""Settings that users never give: in Python, they pass the module itself; a study gives its runs their folds."""

SETTINGS: dict[str, DescribedField] = {
    name: setting for name, setting in described_fields(Settings).items() if name not in PYTHON_ONLY
}
"""All other settings."""

DEFAULTS: dict[str, Any] = {name: setting.default for name, setting in SETTINGS.items()}
"""Their defaults."""

DATA_OPTIONS: dict[str, DescribedField] = {
    name: option for name, option in described_fields(Options).items() if name not in ("seed", "split")
}
"""Options of the data that may be given with the settings; `seed` and `split` have another meaning there."""


def takes_settings(function: Function, *, without: Collection[str] = ()) -> Function:
    """Give a function that takes ``**settings`` a parameter for each setting; a decorator.

    Parameters
    ----------
    function : callable
        Its last parameter collects the settings.
    without : collection of str
        Settings that the function takes in another way.
    """
    return take_keywords(function, SETTINGS.values(), without=without)


def takes_settings_and_data_options(function: Function, *, without: Collection[str] = ()) -> Function:
    """Give the function a parameter for each of `DATA_OPTIONS`, and then for each setting; a decorator."""
    return take_keywords(function, (*DATA_OPTIONS.values(), *SETTINGS.values()), without=without)


def separate_data_options(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the settings and the options of the data among keyword arguments.

    Raises
    ------
    UsageError
        If one is neither.

    Examples
    --------
    >>> separate_data_options({"cell": "gru", "horizon": 12})
    ({'cell': 'gru'}, {'horizon': 12})
    """
    check_names(given, DEFAULTS | DATA_OPTIONS)
    options = {name: value for name, value in given.items() if name in DATA_OPTIONS}
    return {name: value for name, value in given.items() if name not in options}, options


def check_names(names: Iterable[str], allowed: Mapping[str, Any] = DEFAULTS) -> None:
    """Raise `UsageError` if one of `names` is not a setting, and suggest the most similar setting.

    >>> check_names(["hidden_sizes"])
    Traceback (most recent call last):
    lengthwise.errors.UsageError: there is no setting 'hidden_sizes': did you mean 'hidden_size'?
    """
    for name in names:
        if name not in allowed:
            raise UsageError(f"there is no setting {name!r}: {nearest_names(name, allowed)}")
