"""Defaults of the commands' options, from pyproject.toml or a file given by ``--config``.

::

    [tool.lengthwise]            # for every command that has such an option
    data = "walks.csv?target=activity"
    cell = "gru"

    [tool.lengthwise.study]      # for one command
    seeds = 5
    cell = ["rnn", "gru"]

A file given by ``--config`` holds the same without ``tool.lengthwise``. What is given on the command line wins, then
the command's own table, then the table for all.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from cyclopts import App, Token

from lengthwise._internal.argument_checks import nearest_names
from lengthwise._internal.extras import required
from lengthwise.errors import UsageError
from lengthwise.training.keyword_settings import DATA_OPTIONS, DEFAULTS

FILE_NAME = "pyproject.toml"
TABLE = "tool.lengthwise"

_QUESTION = ("margin", "confidence")
_DESIGN = ("data", "seq_lens", "seeds", "budget", "eval_lens", "folds", "recipe")
_COMMAND = ("command", "axes", "score", "direction", "baseline", "shell", "timeout")

_STUDY = (
    *_DESIGN, *_COMMAND, *_QUESTION, "until_decided", "max_seeds", "time", "out", "resume", "extend", "retry_failed",
    "executor", "ray_address", "workers", "quiet",
)  # fmt: skip

OPTIONS: dict[str, tuple[str, ...]] = {
    "study": (
        *_STUDY,
        *DATA_OPTIONS,
        *(name for name in DEFAULTS if name not in ("data", "seq_len", "seed", "epochs", "steps")),
    ),
    "report": (*_QUESTION, "figures", "out"),
    "serve": ("host", "port", *_QUESTION),
    "train": ("recipe", "threads", "out", "resume", "quiet", *DATA_OPTIONS, *DEFAULTS),
    "evaluate": ("seq_len", "data", "split", "threads", "quiet"),
    "show": ("data", "split", "index", "seq_len", "start", "out"),
    "layouts": ("data", "batch_size"),
    "data": ("out", *DATA_OPTIONS),
}
"""The options of each command; written out, so that one command need not import all."""

FOLDERS = ("out", "resume", "extend")
"""Options that name a folder of one run: no default for all commands."""

FOR_ALL = tuple(dict.fromkeys(name for names in OPTIONS.values() for name in names if name not in FOLDERS))
"""Options that the table for all commands may have."""

DECIDED = frozenset((*DEFAULTS, *DATA_OPTIONS, *_DESIGN, *_COMMAND))
"""What is fixed once a run or a study is made: the table for all does not count for those that exist already."""


class Setting(NamedTuple):
    """A value that a file sets.

    Attributes
    ----------
    value : Any
    source : str
        The file and the table.
    """

    value: Any
    source: str


@dataclass(frozen=True)
class Configuration:
    """What a file says of the commands' options.

    Attributes
    ----------
    source : str
        The file; empty if there is none.
    for_all : dict of str to Setting
        By option.
    commands : dict of str to dict of str to Setting
        By command and option.
    """

    source: str = ""
    for_all: Mapping[str, Setting] = field(default_factory=dict)
    commands: Mapping[str, Mapping[str, Setting]] = field(default_factory=dict)

    def of(self, command: str, *, made_already: bool = False) -> dict[str, Setting]:
        """Return what counts for a command.

        Parameters
        ----------
        command : str
        made_already : bool
            Whether it works on a run or a study that exists.
        """
        general = {
            name: setting
            for name, setting in self.for_all.items()
            if name in OPTIONS[command] and not (made_already and name in DECIDED)
        }
        return general | dict(self.commands.get(command, {}))

    def __call__(self, _app: App, commands: tuple[str, ...], arguments: Any) -> None:
        """Set the arguments of a command that were not given on the command line, as cyclopts asks of its sources."""
        if not commands or commands[0] not in OPTIONS:
            return
        by_name = {
            name.removeprefix("--").replace("-", "_"): argument for argument in arguments for name in argument.names
        }
        exists = any(by_name[name].tokens for name in ("resume", "extend") if name in by_name)
        for name, setting in self.of(commands[0], made_already=exists or commands[0] == "evaluate").items():
            argument = by_name.get(name)
            if argument is not None and not argument.tokens:
                argument.append(Token(keyword=name, value=_word(setting.value), source=setting.source))


def find_configuration(path: Path | None = None) -> Configuration:
    """Read a file, or the pyproject.toml of this folder or of the nearest one above it.

    Raises
    ------
    UsageError
        If the file cannot be read, or says something that no command understands.
    """
    if path is not None:
        return _configuration(_read(path), str(path), "")
    here = Path.cwd()
    for folder in (here, *here.parents):
        candidate = folder / FILE_NAME
        if candidate.is_file():
            tools = _read(candidate).get("tool", {})
            file = FILE_NAME if folder == here else str(candidate)
            if not isinstance(tools, dict):
                raise UsageError(f"{file}: tool is {tools!r:.60}, but must be a table.")
            table = tools.get("lengthwise")
            return Configuration() if table is None else _configuration(table, file, TABLE)
    return Configuration()


def _read(path: Path) -> dict[str, Any]:
    if path.suffix not in (".toml", ".yaml", ".yml"):
        raise UsageError(f"config is {path}, but a configuration's name ends in .toml, .yaml or .yml.")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"config is {path}, which cannot be read: {getattr(error, 'strerror', None) or error}."
        ) from error
    if path.suffix == ".toml":
        try:
            return tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise UsageError(f"{path} is no TOML: {error}.") from error
    yaml = required("yaml", "a configuration in YAML", "yaml")
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:  # of a date, a key, a depth
        raise UsageError(f"{path} is no YAML: {error}.") from error
    if not isinstance(found, dict | None):
        raise UsageError(f"{path} holds a {type(found).__name__}, but must hold names and values.")
    return found or {}


def _configuration(table: Any, file: str, place: str) -> Configuration:
    if not isinstance(table, dict):
        raise UsageError(f"{file}: {place} is {table!r}, but must be a table.")
    general: dict[str, Any] = {}
    commands: dict[str, dict[str, Setting]] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            _check_name(str(key), OPTIONS, "command", file)
            source = _source(file, ".".join(filter(None, (place, key))))
            commands[key] = dict(_settings(value, OPTIONS[key], source, f"option of {key}"))
        else:
            general[key] = value
    return Configuration(file, dict(_settings(general, FOR_ALL, _source(file, place), "option")), commands)


def _source(file: str, place: str) -> str:
    return f"{file} [{place}]" if place else file


def _settings(table: Mapping[str, Any], known: Iterable[str], source: str, kind: str) -> Iterator[tuple[str, Setting]]:
    for key, value in table.items():
        name = str(key).replace("-", "_")
        if kind == "option" and name in FOLDERS:
            raise UsageError(f"{source}: {name!r} is no default for all commands: write it in a command's own table.")
        _check_name(name, known, kind, source)
        one = [value] if not isinstance(value, list) else value
        if not one or not all(isinstance(part, str | int | float) for part in one):
            raise UsageError(
                f"{source}: {name} is {value!r}, but must be a text, a number, true, false, or a list of them."
            )
        yield name, Setting(value, source)


def _check_name(name: str, known: Iterable[str], kind: str, source: str) -> None:
    names = list(known)
    if name not in names:
        raise UsageError(f"{source}: there is no {kind} {name!r}: {nearest_names(name, names)}")


def _word(value: Any) -> str:
    """Return a value as it would be written on the command line."""
    return ",".join(map(_word, value)) if isinstance(value, list) else str(value)
