"""Which runs of a table are alike but for their length: all, or those of each configuration, such as a model."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lengthwise.data.reading import listed
from lengthwise.errors import UsageError
from lengthwise.results.columns import Columns
from lengthwise.results.names import METRIC, SETTINGS, plain
from lengthwise.results.runs import Runs, names_of
from lengthwise.results.selection import is_setting, text_of, values_in_words
from lengthwise.study.schema import reserved_names

MOST = 12
"""Configurations that are answered one by one: of more, it is for the user to say which count."""

SHOWN = 4
"""Settings that are written out."""


@dataclass(frozen=True, eq=False)
class Configuration:
    """Runs that differ in their length and seed alone.

    Attributes
    ----------
    values : dict of str to Any
        What they have in common, and others have not; empty where there are no others.
    frame : DataFrame
        Their rows.
    """

    values: dict[str, Any]
    frame: pd.DataFrame

    @property
    def name(self) -> str:
        """The values in words, such as ``model lstm``."""
        return ", ".join(f"{name} {value}" for name, value in self.values.items())


def configurations_of(
    runs: Runs, frame: pd.DataFrame, columns: Columns, ignored: Iterable[str]
) -> tuple[list[Configuration], tuple[str, ...]]:
    """Return the runs of each configuration, and notes of those that are left out.

    Raises
    ------
    UsageError
        If runs of a length differ in settings of which it is not certain that each of their values is a configuration;
        see `question`.
    """
    within = _within_lengths(runs, frame, columns, ignored)
    if not within:
        return [Configuration({}, frame)], ()
    axes = _without_followers(frame, columns, within)
    kept: list[Configuration] = []
    left_out: list[Configuration] = []
    for _, part in frame.groupby(axes, dropna=False, sort=True):
        found = Configuration({name: _value(part[name].iloc[0]) for name in axes}, part)
        (kept if part[columns.length].nunique() > 1 else left_out).append(found)
    rows = sum(len(each.frame) for each in kept)
    are_certain = all(_is_certain(runs, frame, columns, axes, name) for name in axes)
    if len(kept) > MOST or 2 * rows < len(frame) or not are_certain:
        raise question(runs, frame, columns, within)
    if len(kept) == 1:
        kept = [Configuration({}, kept[0].frame)]
    return kept, tuple(map(_short, left_out))


def in_words(found: Sequence[Configuration]) -> str:
    """Return which configurations there are and how to have other answers; "" where there is one.

    >>> in_words([Configuration({"model": name}, pd.DataFrame()) for name in ("gru", "lstm")])
    'model gru; model lstm (one alone with --where model=gru, all alike with --ignore model)'
    """
    if len(found) < 2:
        return ""
    one = " ".join(f"--where {name}={value}" for name, value in found[0].values.items())
    names = "; ".join(each.name for each in found)
    return f"{names} (one alone with {one}, all alike with --ignore {','.join(found[0].values)})"


def unlike(runs: Runs, frame: pd.DataFrame, columns: Columns, within: list[str]) -> UsageError:
    """Return the error that asks for one configuration, where their scores or folds cannot be answered together."""
    choice = _choice(frame, columns.length, within).removesuffix(", or ")
    return UsageError(
        f"the runs of {runs.source} differ in more than their length: {_with_values(frame, within)}; their scores or "
        f"folds are too different to be answered together. {choice}."
    )


def question(runs: Runs, frame: pd.DataFrame, columns: Columns, within: list[str]) -> UsageError:
    """Return the error that asks which runs are to be compared, where those of a length differ in these columns."""
    return UsageError(
        f"the runs of {runs.source} differ in more than their length: {_with_values(frame, within)}. "
        f"{_choice(frame, columns.length, within)}count all alike with --ignore {','.join(within)}."
    )


def notes_of_settings(runs: Runs, frame: pd.DataFrame, columns: Columns, ignored: Iterable[str]) -> tuple[str, ...]:
    """Return notes of settings that go with the length, of runs that are alike otherwise."""
    return tuple(
        f"{name} goes with the length ({_by_length(frame, columns.length, name)}): lengths may differ because of it"
        for name in _varied(runs, frame, columns, ignored)
    )


def _varied(runs: Runs, frame: pd.DataFrame, columns: Columns, ignored: Iterable[str]) -> list[str]:
    rest = [name for name in names_of(frame) if name not in {*columns.used, *ignored}]
    return [name for name in rest if frame[name].nunique(dropna=False) > 1 and is_setting(runs, frame, columns, name)]


def _within_lengths(runs: Runs, frame: pd.DataFrame, columns: Columns, ignored: Iterable[str]) -> list[str]:
    """Return the settings that have several values at a length."""
    return [name for name in _varied(runs, frame, columns, ignored) if _varies_within(frame, [columns.length], name)]


def _varies_within(frame: pd.DataFrame, names: list[str], column: str) -> bool:
    return bool(frame.groupby(names, dropna=False)[column].nunique(dropna=False).gt(1).any())


def _without_followers(frame: pd.DataFrame, columns: Columns, names: list[str]) -> list[str]:
    """Return the settings without those that the others and the length determine, as a model's name does its size."""
    kept = list(names)
    is_number = {name: pd.api.types.is_numeric_dtype(frame[name]) for name in names}
    for name in sorted(names, key=lambda each: (is_number[each], frame[each].nunique()), reverse=True):
        rest = [each for each in kept if each != name]
        if rest and not _varies_within(frame, [*rest, columns.length], name):
            kept = rest
    return kept


def _is_certain(runs: Runs, frame: pd.DataFrame, columns: Columns, axes: list[str], name: str) -> bool:
    """Return whether each value of a setting is a configuration, and not another run of the same.

    That is so where it is known to be a setting; else where each has the same seeds, or several runs of a length.
    """
    if plain(name) in METRIC or name in reserved_names() or '"' in name:
        return False
    if runs.settings is not None or plain(name) in SETTINGS:
        return True
    if columns.seed is not None:
        return not frame.duplicated([*columns.key, *axes]).any()
    is_number = pd.api.types.is_numeric_dtype(frame[name]) and not pd.api.types.is_bool_dtype(frame[name])
    return not is_number and bool(frame.groupby([*axes, columns.length], dropna=False).size().gt(1).all())


def _short(configuration: Configuration) -> str:
    return f"{configuration.name} is left out: it was tried at one length only"


def _value(value: Any) -> Any:
    """Return a cell as JSON can hold it.

    >>> _value(np.float64(64)), _value(np.nan), _value(np.True_), _value(pd.Timestamp("2024-01-01"))
    (64, None, True, '2024-01-01 00:00:00')
    """
    if pd.isna(value):
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, str | int | float) else str(value)


def _with_values(frame: pd.DataFrame, names: list[str]) -> str:
    shown = ", ".join(f"{name} ({values_in_words(frame[name])})" for name in names[:SHOWN])
    return f"{shown} and {len(names) - SHOWN} more" if len(names) > SHOWN else shown


def _choice(frame: pd.DataFrame, length: str, names: list[str]) -> str:
    """Return how to choose the value of a setting that most lengths have."""
    for name in names:
        lengths = frame.groupby(name)[length].nunique()
        if lengths.max() > 1:
            return f"Choose one value, as with --where {name}={text_of(lengths.idxmax())}, or "
    return "No two lengths have the same: "


def _by_length(frame: pd.DataFrame, length: str, name: str) -> str:
    """Return which values of a setting belong to which lengths."""
    parts = [
        f"{text_of(value)}: {listed([str(int(each)) for each in sorted(part[length].unique())], most=4)}"
        for value, part in frame.groupby(name, dropna=False, sort=True)
    ]
    return "; ".join(parts[: MOST // 2]) + ("; …" if len(parts) > MOST // 2 else "")
