"""From a table of runs with whatever columns to what a study is told: lengths, seeds, folds, cases and scores."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from lengthwise.data.reading import listed
from lengthwise.errors import DataError, UsageError
from lengthwise.results.columns import Columns, column_named, find_columns, with_plain_lengths
from lengthwise.results.configurations import (
    Configuration,
    configurations_of,
    in_words,
    notes_of_settings,
    unlike,
)
from lengthwise.results.names import METRIC, VALUE, plain
from lengthwise.results.runs import Runs, names_of
from lengthwise.results.scores import ScoreName, is_score, spreads
from lengthwise.results.selection import finished, held_out, last_rows, uneven
from lengthwise.results.selection import where as rows_where
from lengthwise.results.wide import with_metrics_apart
from lengthwise.tasks.metrics import Metric
from lengthwise.tasks.named_metrics import Direction, are_percentages, as_seen, named_metric

VALUES = ["score", "seconds"]

FULL = 100
"""What a share is written up to that is no fraction."""

ALIKE = 2.0
"""How many times the best score of another configuration one may be, for a share of the smallest to be a margin."""


@dataclass(frozen=True, eq=False)
class Told:
    """What a table tells of runs.

    Attributes
    ----------
    table : DataFrame
        A row for each run, or for each case of it: ``configuration``, the place of its values in `configurations`,
        ``seq_len``, ``seed``, ``score``, and ``seconds``, NaN where it is not known. All runs of a configuration have
        the same cases in the same order.
    metric : Metric
    split : str
        What the scores were judged on, as far as their name says: ``validation``, ``test``, ``train`` or "".
    source : str
    columns : Columns
        Which column was read as what.
    configurations : tuple of Configuration
        One without values where runs differ in their length and seed alone.
    cases : str
        What the cases are called.
    divisions : int
        Of how many folds of the same data the runs of a length are, which then stand in place of seeds; otherwise 0.
    left_out : dict of str to int
        Rows that do not count, by how they ended.
    notes : tuple of str
        What was decided on the way and may be wrong: each a sentence without a full stop.
    """

    table: pd.DataFrame
    metric: Metric
    split: str
    source: str
    columns: Columns
    configurations: tuple[Configuration, ...]
    cases: str = "cases"
    divisions: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def facts(self) -> dict[str, str]:
        """Return what was read, as words and texts."""
        better = "higher" if self.metric.higher_is_better else "lower"
        used = {use: name for use, name in vars(self.columns).items() if name is not None}
        used["score"] = f"{self.columns.score} ({self.metric.title}; {better} is better)"
        left_out = ", ".join(f"{count} {how}" for how, count in self.left_out.items())
        several = in_words(self.configurations)
        return {
            "columns": "; ".join(f"{use}: {name}" for use, name in used.items()),
            **({"configurations": several} if several else {}),
            **({"left out": left_out} if left_out else {}),
        }


def tell(
    runs: Runs,
    *,
    length: str | None = None,
    seed: str | None = None,
    score: str | None = None,
    fold: str | None = None,
    case: str | None = None,
    where: Mapping[str, Any] | None = None,
    ignore: Iterable[str] = (),
    direction: Direction | None = None,
) -> Told:
    """Return what a table tells of runs; see `lengthwise.decide`.

    Raises
    ------
    UsageError
        If it is not certain what a column is, or which runs are to be compared.
    DataError
        If no run is left.
    """
    runs = with_plain_lengths(with_metrics_apart(runs, settled=where or {}), length)
    columns = find_columns(runs, length=length, seed=seed, score=score, fold=fold, case=case)
    chosen, of_split = held_out(rows_where(runs, where or {}), columns, where or {})
    frame, ended = finished(chosen, columns)
    if frame.empty:
        raise DataError(f"{runs.source} has no finished run with a length and a score in column {columns.score}.")
    ignored = [column_named(runs, name, "--ignore") for name in dict.fromkeys(ignore)]
    frame, notes = last_rows(runs, frame, columns, ignored)
    found, shortened = configurations_of(runs, frame, columns, ignored)
    named = _score_name(frame, columns)
    known = direction or runs.directions.get(columns.score)
    metric = _metric(named, columns.score, "minimize" if named.negated else known)
    parts = [_part(runs, each, columns, ignored, negated=named.negated) for each in found]
    if not _are_alike(parts, metric):
        raise unlike(runs, frame, columns, list(found[0].values))
    table = pd.concat([part.table.assign(configuration=place) for place, part in enumerate(parts)], ignore_index=True)
    if metric.percent and are_percentages(table.score.min(), table.score.max()):
        table["score"] /= FULL
    return Told(
        table=table,
        metric=as_seen(metric, table.score.min(), table.score.max()),
        split=named.split,
        source=runs.source,
        columns=columns,
        configurations=tuple(found),
        cases=parts[0].cases,
        divisions=parts[0].divisions,
        left_out={**runs.left_out, **ended},
        notes=(
            *runs.notes,
            *_doubts(runs, named, columns, is_told=score is not None),
            *of_split,
            *notes,
            *shortened,
            *_notes_of(parts),
        ),
    )


@dataclass(frozen=True, eq=False)
class _Part:
    """What is told of the runs of one configuration; see `Told`."""

    name: str
    table: pd.DataFrame
    cases: str
    divisions: int
    notes: tuple[str, ...]


def _part(runs: Runs, found: Configuration, columns: Columns, ignored: list[str], *, negated: bool) -> _Part:
    notes = notes_of_settings(runs, found.frame, columns, ignored) + uneven(found.frame, columns, ignored)
    table, more = _once(_plain(found.frame, columns, negated=negated), columns)
    divisions = _divisions(table)
    table, cases, unlike = _by_case(table, columns, divisions)
    return _Part(found.name, table, cases, divisions, (*notes, *more, *unlike))


def _are_alike(parts: list[_Part], metric: Metric) -> bool:
    """Return whether configurations can be answered together: in their folds and, by one margin, in their scores."""
    if len({(part.cases, part.divisions) for part in parts}) > 1:
        return False
    best = [part.table.groupby("seq_len").score.mean().mul(metric.sign).max() for part in parts]
    return metric.absolute or max(map(abs, best)) <= ALIKE * min(map(abs, best))


def _notes_of(parts: list[_Part]) -> list[str]:
    """Return the notes of all configurations: those that all have once, others with the name."""
    shared = [note for note in parts[0].notes if all(note in part.notes for part in parts)]
    return shared + [f"{part.name}: {note}" for part in parts for note in part.notes if note not in shared]


def _score_name(frame: pd.DataFrame, columns: Columns) -> ScoreName:
    """Return what the scores are called: by their column, or where that says but ``value``, by that of the metric."""
    named = ScoreName.of(columns.score)
    for name in names_of(frame) if named.metric in VALUE else ():
        if plain(name) in METRIC and frame[name].nunique() == 1 and isinstance(frame[name].iloc[0], str):
            found = ScoreName.of(frame[name].iloc[0])
            return replace(found, split=found.split or named.split)
    return named


def _metric(named: ScoreName, column: str, direction: Direction | None) -> Metric:
    """Return what the scores are."""
    try:
        return named_metric(named.metric, direction)
    except UsageError as error:
        if direction is not None:
            raise
        raise UsageError(
            f"whether a higher or a lower {column} is better is not known: say so with --direction maximize or "
            f"--direction minimize."
        ) from error


def _plain(frame: pd.DataFrame, columns: Columns, *, negated: bool) -> pd.DataFrame:
    """Return the columns under their plain names, with numbers for seeds, folds and cases."""
    lengths = pd.to_numeric(frame[columns.length]).astype(np.int64)
    table = pd.DataFrame({"seq_len": lengths}, index=frame.index)
    table["seed"] = _seeds(None if columns.seed is None else frame[columns.seed], lengths, columns, frame)
    for use in ("fold", "case"):
        name = getattr(columns, use)
        table[use] = 0 if name is None else pd.factorize(frame[name], sort=True)[0]
    table["score"] = pd.to_numeric(frame[columns.score]).astype(np.float64) * (-1 if negated else 1)
    seconds = np.nan if columns.seconds is None else pd.to_numeric(frame[columns.seconds], errors="coerce")
    table["seconds"] = seconds
    return table.sort_values(["seq_len", "seed", "fold", "case"], kind="stable").reset_index(drop=True)


def _seeds(given: pd.Series | None, lengths: pd.Series, columns: Columns, frame: pd.DataFrame) -> pd.Series:
    """Return a number for each seed; where seeds are not known, every run of every length has its own.

    Rows of several folds or cases belong to one run: without seeds, they are told apart by what is there twice.
    """
    if given is None:
        inner = [name for name in (columns.fold, columns.case) if name is not None]
        if not inner:
            return pd.Series(np.arange(len(lengths)), lengths.index)
        again = frame.groupby([columns.length, *inner], dropna=False).cumcount()
        places = pd.factorize(lengths)[0]
        return again * (places.max() + 1) + places if again.any() else again
    numbers = pd.to_numeric(given, errors="coerce")
    whole = numbers.dropna()
    if len(whole) == given.notna().sum() and (whole.ge(0) & whole.eq(whole.round()) & whole.lt(2**53)).all():
        codes, free = numbers, int(whole.max()) + 1
    else:
        factors, known = pd.factorize(given, sort=True)
        codes, free = pd.Series(factors, given.index, dtype=np.float64).replace(-1, np.nan), len(known)
    unknown = codes.isna()
    codes = codes.copy()
    codes[unknown] = np.arange(free, free + int(unknown.sum()))
    return codes.astype(np.int64)


def _once(table: pd.DataFrame, columns: Columns) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the table with the mean of rows that are there several times, and a note of them."""
    key = ["seq_len", "seed", "fold", "case"]
    exact = table.duplicated([*key, "score"])
    several = table[~exact].duplicated(key)
    notes: list[str] = []
    if exact.any():
        notes.append(f"{exact.sum()} rows that are there twice count once")
    if several.any():
        notes.append(
            f"{several.sum()} rows have the {', '.join(columns.key)} of another one but not its score: the mean counts"
        )
    if not notes:
        return table, ()
    return table[~exact].groupby(key, as_index=False)[VALUES].mean(), tuple(notes)


def _divisions(table: pd.DataFrame) -> int:
    """Return the number of folds where each length has one seed, so that folds are what is repeated; otherwise 0."""
    folds = table.fold.nunique()
    return folds if folds > 1 and table.groupby("seq_len").seed.nunique().max() == 1 else 0


def _by_case(table: pd.DataFrame, columns: Columns, divisions: int) -> tuple[pd.DataFrame, str, tuple[str, ...]]:
    """Return a row for each run and case that all runs have, what the cases are called, and notes."""
    run = ["seq_len", "seed"]
    if divisions:
        by_fold = table.groupby(["seq_len", "fold"], as_index=False)[VALUES].mean()
        return by_fold.rename(columns={"fold": "seed"}), "cases", ()
    unit = "case" if columns.case is not None else "fold"
    table = table.groupby([*run, unit], as_index=False)[VALUES].mean()
    runs, units = table.groupby(run).ngroups, table[unit].nunique()
    title = "cases" if units == 1 else f"{unit}s"
    if unit == "fold":
        whole = table.groupby(run)[unit].transform("size") == units
        missing = runs - table[whole].groupby(run).ngroups
        notes = (f"{missing} of {runs} runs count no more, since they lack a fold",) if missing else ()
        return (table[whole], title, notes) if whole.any() else (table, title, ())
    shared = table.groupby(unit)[unit].transform("size") == runs
    kept = table[shared][unit].nunique()
    if kept > 1:
        lost = f"{units - kept} of {units} cases are left out, since not all runs have them"
        return table[shared], title, () if kept == units else (lost,)
    means = table.groupby(run, as_index=False)[VALUES].mean()
    return means, title, ("no two cases are in all runs, so that only the means of runs are compared",)


def _doubts(runs: Runs, named: ScoreName, columns: Columns, *, is_told: bool) -> tuple[str, ...]:
    """Return what is to be said of the column of scores, whether it was told or found."""
    others = [name for name in names_of(runs.frame) if name not in columns.used and is_score(runs, name)]
    other_scores = [] if is_told else [name for name in others if ScoreName.of(name).split != "train"]
    notes = (
        [f"lengths are compared by {columns.score}, not by {listed(other_scores)} (--score)"] if other_scores else []
    )
    if found := spreads(runs):
        notes.append(f"rows seem to be means of several runs (there is {found[0]}): a row for each run would show more")
    if named.split == "test":
        notes.append(f"{columns.score} is of a test split: a length chosen by it looks better on it than it is")
    if named.split == "train":
        notes.append(f"{columns.score} is of the training: it does not tell how unseen sequences are predicted")
    return tuple(notes)
