"""Which rows of a table of runs count: those that were asked for, of runs that finished, alike but for their length."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from lengthwise.data.reading import listed
from lengthwise.errors import UsageError
from lengthwise.results.columns import Columns, column_named
from lengthwise.results.names import (
    FINISHED,
    HELD_OUT,
    MEASURED,
    METADATA,
    SETTINGS,
    STATES,
    STEPS,
    TRAINING,
    plain,
    words,
)
from lengthwise.results.runs import Runs, names_of
from lengthwise.results.scores import is_score

FEW = 6
"""Values of a setting that are written out."""


def where(runs: Runs, wanted: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows in which columns have these values.

    Raises
    ------
    UsageError
        If there is no such column, or no such row.
    """
    frame = runs.frame
    for name, value in wanted.items():
        column = column_named(runs, name, "--where")
        chosen = frame[[_equals(cell, value) for cell in frame[column]]]
        if chosen.empty:
            raise UsageError(f"no run of {runs.source} has {name}={value}: {name} is {values_in_words(frame[column])}.")
        frame = chosen
    return frame


def _equals(cell: Any, value: Any) -> bool:
    if pd.isna(cell):
        return str(value).lower() in ("", "nan", "none")
    try:
        return float(cell) == float(value)
    except (TypeError, ValueError):
        return str(cell).lower() == str(value).lower()


def held_out(frame: pd.DataFrame, columns: Columns, settled: Iterable[str]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the rows of the validation split where there is one for each split, else those of the test split."""
    for name in names_of(frame):
        if name in {*columns.used, *settled} or frame[name].nunique() < 2:
            continue
        split_of = {value: _split(value) for value in frame[name].dropna().unique()}
        if all(split_of.values()):
            chosen = next((value for split in HELD_OUT for value in split_of if split_of[value] == split), None)
            if chosen is not None:
                note = (
                    f"of the splits, {chosen} counts (--where {name}={chosen}), not {listed(_others(split_of, chosen))}"
                )
                return frame[frame[name] == chosen], (note,)
    return frame, ()


def _split(value: Any) -> str:
    """Return which split a cell names; "" if none."""
    called = {**HELD_OUT, "train": TRAINING}
    return next((split for split, names in called.items() if str(value).strip().lower() in names), "")


def _others(values: Iterable[Any], chosen: Any) -> list[str]:
    return [str(value) for value in values if value != chosen]


def finished(frame: pd.DataFrame, columns: Columns) -> tuple[pd.DataFrame, Counter[str]]:
    """Return the rows of runs that have a score, and how many others there are, by how they ended."""
    ended: Counter[str] = Counter()
    for name in names_of(frame):
        if plain(name) in STATES and name not in columns.used:
            texts = frame[name].astype("str").str.lower().str.strip()
            done = texts.map(lambda text: plain(text) in FINISHED)
            if done.any():  # else the column is about something else
                ended.update(texts[~done])
                frame = frame[done]
    scores = pd.to_numeric(frame[columns.score], errors="coerce")
    lengths = pd.to_numeric(frame[columns.length], errors="coerce")
    usable = np.isfinite(scores) & lengths.notna()
    ended.update({"without a score": int((~np.isfinite(scores)).sum())})
    ended.update({"without a length": int((np.isfinite(scores) & lengths.isna()).sum())})
    return frame[usable], +ended


def last_rows(
    runs: Runs, frame: pd.DataFrame, columns: Columns, ignored: Iterable[str]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the last row of each run where there is one for each epoch or step, and a note that says so."""
    steps = [name for name in names_of(frame) if plain(name) in STEPS and name not in {*columns.used, *ignored}]
    for name in sorted(steps, key=lambda name: STEPS.index(plain(name))):
        others = [each for each in names_of(frame) if each not in {*steps, *columns.used}]
        alike = [each for each in others if not is_measured(each, frame[each]) and not is_score(runs, each)]
        by_run = frame.groupby([*columns.key, *alike], dropna=False, sort=False)
        if by_run.ngroups < len(frame) and (by_run[name].nunique() == by_run.size()).all():
            last = frame[by_run[name].transform("max") == frame[name]]
            which = values_in_words(last[name])
            return last, (f"of each run, the row of its last {name} counts ({which}; --where {name}=N for another)",)
    return frame, ()


def is_measured(name: str, column: pd.Series) -> bool:
    """Return whether a column has numbers that seem to be what came of the runs."""
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if not numeric or plain(name) in SETTINGS:
        return False
    fractions = bool((column.dropna() != column.dropna().round()).any())
    return bool(MEASURED & set(words(name))) or (fractions and column.nunique() > len(column) / 2)


def uneven(frame: pd.DataFrame, columns: Columns, ignored: Iterable[str]) -> tuple[str, ...]:
    """Return notes of ignored settings whose values are not the same mix at every length."""
    lengths = frame[columns.length]
    notes = []
    for name in ignored:
        mixes = {tuple(sorted(map(str, values))) for _, values in frame[name].groupby(lengths)}
        if len(mixes) > 1:
            notes.append(
                f"{name} is not the same mix at every length: they are compared fairly only if it was drawn by chance"
            )
    return tuple(notes)


def is_setting(runs: Runs, frame: pd.DataFrame, columns: Columns, name: str) -> bool:
    """Return whether a column says how the runs were trained, as far as can be told."""
    if plain(name) in METADATA | STATES or name in runs.scores or is_score(runs, name):
        return False
    if runs.settings is not None:
        return name in runs.settings
    if plain(name) in SETTINGS:
        return True
    column = frame[name]
    is_repeated = column.nunique(dropna=False) <= len(column) / 2
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return is_repeated
    tells_apart = bool(frame.duplicated(columns.key).any()) and not is_measured(name, column)
    return tells_apart and is_repeated and not frame.duplicated([*columns.key, name]).all()


def values_in_words(column: pd.Series) -> str:
    """Return the values of a column: all if they are few.

    >>> values_in_words(pd.Series(["b", "a", "b"])), values_in_words(pd.Series(range(40)) / 4)
    ('a, b', '40 values from 0 to 9.75')
    """
    values = column.dropna().unique().tolist()
    if len(values) <= FEW:
        known = sorted(values, key=lambda value: (str(type(value)), value))
        return ", ".join([*map(text_of, known), *(["none"] if column.isna().any() else [])])
    if pd.api.types.is_numeric_dtype(column):
        return f"{len(values)} values from {text_of(min(values))} to {text_of(max(values))}"
    return listed(list(map(text_of, values)), most=FEW)


def text_of(value: Any) -> str:
    """Return a cell as it is written on the command line."""
    return f"{value:g}" if isinstance(value, float) else str(value)
