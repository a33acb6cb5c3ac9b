"""Print the defaults of the options that a file sets, and where each value comes from."""

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import Any

from cyclopts import App
from docstring_parser import parse
from rich.table import Table

from lengthwise._internal.output import Output
from lengthwise.commands.configuration import OPTIONS, Setting, find_configuration
from lengthwise.errors import UsageError
from lengthwise.training.keyword_settings import DATA_OPTIONS, SETTINGS

config = App(name="config", help=__doc__, result_action="return_none")


@config.command
def show(command: str | None = None, *, config: Path | None = None) -> None:
    """Print the value of every option that is not given on the command line, and where it comes from.

    Parameters
    ----------
    command
        Command whose options are printed. [default: all commands]
    config
        File with the defaults, .toml or .yaml. [default: the nearest pyproject.toml, its table tool.lengthwise]
    """
    if command is not None and command not in OPTIONS:
        raise UsageError(f"command is {command!r}, but must be one of {', '.join(OPTIONS)}.")
    found = find_configuration(config)
    console = Output()
    print(f"configuration: {found.source or 'none; write [tool.lengthwise] in pyproject.toml, or give --config FILE'}")
    for name in OPTIONS if command is None else (command,):
        table = Table(
            "option", "value", "from", title=f"lengthwise {name}", title_style="bold", title_justify="left", box=None
        )
        values = {option: Setting(default, "default") for option, default in defaults(name).items()}
        for option, setting in (values | found.of(name, made_already=name == "evaluate")).items():
            table.add_row(option, _shown(setting.value), setting.source)
        console.print(table)


def defaults(command: str) -> dict[str, Any]:
    """Return the options of a command and their defaults, in words where the command chooses the value as it runs."""
    module = import_module(f"lengthwise.commands.{command}")
    function = module.info if command == "data" else getattr(module, command)
    texts = {item.arg_name: item.description or "" for item in parse(function.__doc__ or "").params}
    fields, found = SETTINGS | DATA_OPTIONS, {}
    for name in OPTIONS[command]:
        default = inspect.signature(function).parameters[name].default
        in_words = re.search(r"\[default: (.*)\]", " ".join(texts.get(name, "").split()))
        if default is None and in_words is not None:
            default = in_words[1]
        elif default is None and name in fields:
            default = fields[name].default_in_words
        found[name] = default
    return found


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
