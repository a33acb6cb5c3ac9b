"""Packages that only some data or files need."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from lengthwise.errors import UsageError


def required(module: str, what: str, extra: str) -> ModuleType:
    """Import a module of an extra.

    Raises
    ------
    UsageError
        If it is not installed, with the command that installs it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise _missing(module, what, extra) from error


def is_installed(module: str) -> bool:
    """Return whether a module of an extra can be imported."""
    try:
        import_module(module)
    except ImportError:
        return False
    return True


def folder_of(package: str, what: str, extra: str) -> Path:
    """Return the folder of a package of an extra, without importing it.

    Raises
    ------
    UsageError
        If it is not installed, with the command that installs it.
    """
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise _missing(package, what, extra)
    return Path(next(iter(found.submodule_search_locations)))


def _missing(module: str, what: str, extra: str) -> UsageError:
    package = module.partition(".")[0]
    return UsageError(f"{what} needs the package {package}: install it with pip install 'lengthwise[{extra}]'")
