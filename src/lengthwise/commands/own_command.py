"""``lengthwise study --command``: what goes with it, and what does not."""

import shlex
from pathlib import Path
from typing import Any

from lengthwise.errors import UsageError
from lengthwise.study.command import Command
from lengthwise.study.study import Study


def with_command(given: dict[str, Any], command: str | None, own: dict[str, Any]) -> dict[str, Any]:
    """Return what was given with the command in it, if there is one.

    Parameters
    ----------
    given : dict
        What a study is made with.
    command : str or None
        The command's line.
    own : dict
        What goes with a command alone, by name: ``score``, ``shell``, ``timeout``, ``direction``, ``baseline``,
        ``axes``.

    Raises
    ------
    UsageError
        If something is given that goes with a command alone, and there is none.
    """
    if command is None:
        names = [f"--{name}" for name, value in own.items() if value not in (None, False)]
        if names:
            raise UsageError(f"{names[0]} goes with --command, the command that makes a training: give that too.")
        return given
    objective = Command(command, own["score"], own["shell"], own["timeout"])
    named = {name: own[name] for name in ("direction", "baseline") if own[name] is not None}
    if own["axes"] is not None:
        named["axes"] = dict(map(_axis, own["axes"]))
    return given | named | {"objective": objective}


def _axis(text: str) -> tuple[str, list[str]]:
    """Return the name and the values of an option ``--axes``."""
    name, equals, values = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"--axes is {text}, but must be a name and values, such as model=lstm,gru.")
    return name.strip(), [value.strip() for value in values.split(",")]


def folder_name(command: Command) -> str:
    """Return what a new folder for a study of a command begins with: the name of its script, or else its program.

    >>> folder_name(Command("python train.py --len {seq_len}")), folder_name(Command("./fit {seq_len}"))
    ('train', 'fit')
    """
    words = command.line.split() if command.shell else shlex.split(command.line)
    scripts = [word for word in words if Path(word).suffix in (".py", ".R", ".jl", ".sh", ".js")]
    return Path((scripts or words)[0]).stem or "command"


def check_going_on(opened: Study, given: dict[str, Any], folder: Path) -> None:
    """Raise `UsageError` if something is given to go on with a study of a command, which has it noted."""
    if given:
        names = ", ".join(f"--{'command' if name == 'objective' else name.replace('_', '-')}" for name in given)
        raise UsageError(
            f"{folder} is a study of {opened.design.data!r:.60}, which goes on as it was made: leave out {names}."
        )
