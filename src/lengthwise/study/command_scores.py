"""Where a command leaves its score: in a file, or in the last line of its output."""

import csv
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from lengthwise.errors import UsageError

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|nan|[-+]?inf(?:inity)?"

NAMED = re.compile(rf"(?:([A-Za-z_][\w ./-]*?)\s*[:=]\s*)?({NUMBER})", re.IGNORECASE)
"""A number, and perhaps its name before it: ``mae: 0.12``."""

COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
"""What a terminal takes for colours and the like."""

WHERE = (
    "a JSON file and its key ({out}/metrics.json:val_mae), a CSV file and its column ({out}/log.csv:val_mae), a folder "
    "of TensorBoard's and its scalar ({out}/tb:val/mae), or a .npy file"
)

SHOWN = 8
"""Most names that a message lists."""


def check_score(where: str | None) -> None:
    """Raise `UsageError` if this is no place where a score can be."""
    if where is None:
        return
    path, key = _parts(where)
    if not path or (not key and Path(path).suffix not in (".json", ".npy", ".jsonl")):
        raise UsageError(f"score is {where!r}, but must be {WHERE}.")


def name_of_score(where: str | None) -> str | None:
    """Return what a score is called, by the key under which it is found; None if it has none.

    >>> name_of_score("{out}/metrics.json:val.mae"), name_of_score("{out}/tb:val/acc"), name_of_score("x.npy")
    ('val.mae', 'val/acc', None)
    """
    return None if where is None else _parts(where)[1] or None


def read_score(where: str | None, stdout: Path, folder: Path, metric: str = "") -> Any:
    """Return what a command left, for `lengthwise.study.trial.Scores.read`.

    Parameters
    ----------
    where : str or None
        See `lengthwise.Command.score`; with the placeholders filled in.
    stdout : Path
        What the command printed.
    folder : Path
        Where the command was carried out, from which a path that is not absolute goes.
    metric : str
        What the score is called, by which it is found in the output where that ends with something else.

    Raises
    ------
    UsageError
        If there is no score.
    """
    if where is None:
        return _from_output(stdout, metric)
    name, key = _parts(where)
    path = folder / name
    if not path.exists():
        raise UsageError(f"the command ended well, but there is no {path}: it must write its score there.")
    if path.is_dir():
        return _from_tensorboard(path, key)
    match path.suffix:
        case ".npy":
            return _from_npy(path)
        case ".csv":
            return _from_csv(path, key)
        case ".jsonl":
            lines = [line for line in _text(path).splitlines() if line.strip()]
            return _of_json(lines[-1] if lines else "", path, key)
        case _:
            return _of_json(_text(path), path, key)


def _parts(where: str) -> tuple[str, str]:
    """Return the path and the key; the latter is empty if there is none."""
    path, colon, key = where.rpartition(":")
    return (path, key) if colon else (key, "")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}.") from error


def _from_output(stdout: Path, metric: str) -> Any:
    text = COLOURS.sub("", _text(stdout))
    line = next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")
    if line.startswith(("{", "[")):
        return _of_json(line, stdout, "")
    found = NAMED.fullmatch(line)
    if metric and (found is None or found[1] not in (None, metric)):
        named = re.findall(rf"(?<![\w/]){re.escape(metric)}\s*[:=]\s*({NUMBER})(?![\w.])", text, re.IGNORECASE)
        if named:
            return float(named[-1])
    if found:
        return float(found[2])
    raise UsageError(
        f"the last line of the output is {line!r:.80}, but must be the score: a number, mae: 0.12 or JSON; or have a "
        f"line {metric or 'mae'}: 0.12 before it, or say with --score where it is."
    )


def _of_json(text: str, path: Path, key: str) -> Any:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise UsageError(f"{path} is no JSON: {error}.") from error
    return _member(found, key, path) if key else found


def _member(found: Any, key: str, path: Path) -> Any:
    """Return what is under a key: as it is, or else with a dot between the keys of tables in tables."""
    if isinstance(found, dict) and key in found:
        return found[key]
    for part in key.split("."):
        if isinstance(found, list) and part.lstrip("-").isdecimal() and -len(found) <= int(part) < len(found):
            found = found[int(part)]
        elif isinstance(found, dict) and part in found:
            found = found[part]
        else:
            raise _unknown(path, key, found if isinstance(found, dict) else ())
    return found


def _from_npy(path: Path) -> Any:
    try:
        return np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise UsageError(f"{path} is no .npy file that can be read: {error}.") from error


def _from_csv(path: Path, column: str) -> float:
    rows = list(csv.DictReader(_text(path).splitlines()))
    values = [value for row in rows if (value := (row.get(column) or "").strip())]
    if not values:
        raise _unknown(path, column, rows[0] if rows else ())
    try:
        return float(values[-1])
    except ValueError as error:
        raise UsageError(f"the last {column} of {path} is {values[-1]!r:.40}, but must be a number.") from error


def _from_tensorboard(path: Path, tag: str) -> float:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # noqa: PLC0415 - heavy
    from tensorboard.util.tensor_util import make_ndarray  # noqa: PLC0415

    tags: set[str] = set()
    for folder in sorted({file.parent for file in path.rglob("*tfevents*")}):
        events = EventAccumulator(str(folder)).Reload()
        known = events.Tags()
        tags |= {*known["scalars"], *known["tensors"]}
        if tag in known["scalars"]:
            return float(events.Scalars(tag)[-1].value)
        if tag in known["tensors"]:
            return float(make_ndarray(events.Tensors(tag)[-1].tensor_proto))
    raise _unknown(path, tag, sorted(tags))


def _unknown(path: Path, key: str, known: Iterable[Any]) -> UsageError:
    names = [str(name) for name in known]
    shown = ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
    return UsageError(f"{path} has no {key}, but {shown or 'nothing'}.")
