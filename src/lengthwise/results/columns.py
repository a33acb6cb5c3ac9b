"""Which column of a table of runs is what: those that were named, else those that can be no other."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lengthwise._internal.argument_checks import nearest_names
from lengthwise.data.reading import listed
from lengthwise.errors import UsageError
from lengthwise.results.names import CASES, FOLDS, LENGTHS, REPEATS, SECONDS, SEEDS, plain
from lengthwise.results.runs import Runs, names_of
from lengthwise.results.scores import is_score, score_column

LATEST = 1e8
"""Seconds that no training takes: three years."""


@dataclass(frozen=True)
class Columns:
    """The columns of a table of runs by their use; None where there is none.

    Attributes
    ----------
    length, score : str
    seed, fold, case, seconds : str or None
    """

    length: str
    score: str
    seed: str | None = None
    fold: str | None = None
    case: str | None = None
    seconds: str | None = None

    @property
    def used(self) -> set[str]:
        """All of them."""
        return {name for name in vars(self).values() if name is not None}

    @property
    def key(self) -> list[str]:
        """Those that tell runs apart."""
        return [name for name in (self.length, self.seed, self.fold, self.case) if name is not None]


def find_columns(
    runs: Runs, *, length: str | None, seed: str | None, score: str | None, fold: str | None, case: str | None
) -> Columns:
    """Return the columns by their use.

    Parameters
    ----------
    runs : Runs
    length, seed, score, fold, case : str, optional
        What was said.

    Raises
    ------
    UsageError
        If a column does not exist, or it is not certain which one holds the lengths or the scores.
    """
    frame, source = runs.frame, runs.source
    named = {"length": length, "seed": seed, "score": score, "fold": fold, "case": case}
    found = {use: None if name is None else column_named(runs, name, f"--{use}") for use, name in named.items()}
    taken = {name for name in found.values() if name is not None}

    def only(names: Iterable[str], fits: Callable[[pd.Series], bool]) -> str | None:
        candidates = [
            each for each in names_of(frame) if plain(each) in names and each not in taken and fits(frame[each])
        ]
        chosen = candidates[0] if len(candidates) == 1 else None
        taken.update([] if chosen is None else [chosen])
        return chosen

    chosen_length = found["length"] or _length(runs, taken)
    taken.add(chosen_length)
    chosen_score = found["score"] or score_column(runs, taken)
    taken.add(chosen_score)
    _check_lengths(frame[chosen_length], source, chosen_length)
    return Columns(
        length=chosen_length,
        score=chosen_score,
        seed=found["seed"] or only(SEEDS, _has_some) or only(REPEATS, _counts),
        fold=found["fold"] or only(FOLDS, _counts),
        case=found["case"] or (only(CASES, _has_some) if _is_by_case(frame, taken) else None),
        seconds=only(SECONDS, _measures),
    )


LENGTH_IN_TEXT = re.compile(r"(\D*)(\d+)(\D*)")


def with_plain_lengths(runs: Runs, length: str | None) -> Runs:
    """Return a table whose lengths are numbers where they are texts like ``64 steps`` or ``lstm_64``, alike but for it.

    Parameters
    ----------
    runs : Runs
    length : str, optional
        What was said is the column of lengths; else those whose names say so.
    """
    names = [name for name in names_of(runs.frame) if plain(name) in LENGTHS]
    frame, notes = runs.frame.copy(), list(runs.notes)
    for name in names if length is None else [column_named(runs, length, "--length")]:
        cells = frame[name].dropna()
        if cells.empty or not cells.map(lambda cell: isinstance(cell, str)).all():
            continue
        found = [LENGTH_IN_TEXT.fullmatch(cell.strip()) for cell in cells]
        around = {(match[1], match[3]) for match in found if match is not None}
        if None not in found and len(around) == 1:
            frame[name] = pd.Series([int(match[2]) for match in found if match is not None], cells.index)
            notes.append(
                f"lengths are the numbers in {name}, such as {frame[name].loc[cells.index[0]]:g} of {cells.iloc[0]}"
            )
    return replace(runs, frame=frame, notes=tuple(notes))


def column_named(runs: Runs, name: str, option: str) -> str:
    """Return the column of a name, or of its last part, as it was given with an option.

    Raises
    ------
    UsageError
        If there is none, or several have that last part.
    """
    names = names_of(runs.frame)
    alike = [each for each in names if each == name] or [each for each in names if plain(each) == plain(name)]
    if len(alike) == 1:
        return alike[0]
    raise UsageError(f"{runs.source} has no column {name}, which {option} names: {nearest_names(name, names)}")


def _length(runs: Runs, taken: set[str]) -> str:
    """Return the column of lengths: of several, the one that varies."""
    candidates = [
        name
        for name in names_of(runs.frame)
        if plain(name) in LENGTHS and name not in taken and not is_score(runs, name) and _counts(runs.frame[name])
    ]
    varied = [name for name in candidates if runs.frame[name].nunique() > 1]
    chosen = varied or candidates
    if len(chosen) == 1:
        return chosen[0]
    if chosen:
        raise UsageError(
            f"{runs.source} has several columns that may be the length: {listed(chosen)}: name one with --length."
        )
    for name in names_of(runs.frame):
        if plain(name) in LENGTHS and name not in taken:
            _check_lengths(runs.frame[name], runs.source, name)
    raise UsageError(
        f"{runs.source} has no column whose name says that it is the length, such as seq_len, lookback or window: name "
        f"it with --length; there are {listed(names_of(runs.frame), most=12)}."
    )


def _check_lengths(column: pd.Series, source: str, name: str) -> None:
    numbers = pd.to_numeric(column, errors="coerce")
    wrong = column[column.notna() & ~(numbers.ge(1) & numbers.eq(numbers.round()))]
    if not wrong.empty:
        raise UsageError(
            f"column {name} of {source} has {wrong.iloc[0]}, but a length is a whole number of steps, 1 or more: "
            f"name another column with --length."
        )


def _has_some(column: pd.Series) -> bool:
    return bool(column.notna().any())


def _counts(column: pd.Series) -> bool:
    """Return whether a column has whole numbers, not negative."""
    numbers = pd.to_numeric(column, errors="coerce")
    return bool(numbers.notna().any() and (numbers.notna() == column.notna()).all() and _whole(numbers.dropna()))


def _whole(numbers: pd.Series) -> bool:
    return bool((numbers.ge(0) & np.isfinite(numbers) & numbers.eq(numbers.round())).all())


def _measures(column: pd.Series) -> bool:
    """Return whether a column may hold seconds, and no date as a number."""
    return pd.api.types.is_numeric_dtype(column) and bool(column.ge(0).any()) and column.max() < LATEST


def _is_by_case(frame: pd.DataFrame, key: set[str]) -> bool:
    """Return whether there is one column of cases, with several that are in several rows."""
    names = [name for name in names_of(frame) if plain(name) in CASES and name not in key]
    return len(names) == 1 and int(frame[names[0]].value_counts().gt(1).sum()) > 1
