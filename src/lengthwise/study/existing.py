"""A folder that holds a study already is not taken for a new one."""

from collections.abc import Callable
from pathlib import Path
from shlex import quote

from lengthwise.errors import UsageError
from lengthwise.study.design import Design
from lengthwise.study.store import Store


def refuse_existing(folder: Path, asked: Callable[[Store], Design]) -> None:
    """Raise `UsageError` if a folder holds a study; `asked` returns the design that was asked for, given its store."""
    try:
        store = Store.open(folder)
    except UsageError:
        return
    try:
        differences = asked(store).differences(store.design)
    finally:
        store.close()
    if differences:
        raise UsageError(
            f"{folder} holds a study with other options ({'; '.join(differences)}): go on with that one with --resume, "
            f"add lengths or seeds to it with --extend, or name another folder with --out."
        )
    raise UsageError(f"{folder} holds this study already: go on with it with --resume {quote(str(folder))}.")
