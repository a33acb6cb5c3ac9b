"""Which column of a table has which use: named by options, or known by their usual names and by what they hold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise.data.cells import is_number_column
from lengthwise.data.column_names import (
    FORECAST,
    GROUP,
    SEQUENCE,
    SPLIT,
    TARGET,
    TIME,
    plain_name,
)
from lengthwise.data.column_search import NONE, ColumnSearch
from lengthwise.data.documents import are_long_texts
from lengthwise.data.options import Options
from lengthwise.data.sequence_keys import is_counter, restarting_count, sequence_keys
from lengthwise.data.series_keys import refuse_blocks, series_keys
from lengthwise.data.time_columns import time_columns
from lengthwise.errors import DataError, UsageError

NEEDED = {"sequence": "the sequence of each row", "target": "the label of each sequence, or of each step"}

OF_TEXTS = ("classification", "regression")
"""What may be predicted of a text."""

MOST_KINDS, MANY_ROWS, MOST_EXAMPLES = 50, 5, 2
"""Columns of at most so many kinds, each in so many rows on average, are examples of targets: so many are named."""

FEWEST_ROWS = 60
"""Fewer rows are no recording of which windows could be cut out."""

STRETCHES = 3
"""A recording has at least so many stretches of each target."""

FEW_DUPLICATES = 0.1
"""Up to this share of its rows, a recording has times twice by mistake."""


@dataclass(frozen=True)
class Columns:
    """The columns of each use.

    Attributes
    ----------
    sequence, time : tuple of str
        Empty if the table is one sequence, or its rows are in the order of time.
    target, split, group : str, optional
    rest : tuple of str
        The columns without another use, in the table's order, from which the features are chosen.
    notes : tuple of str
    count : str
        The column that counts the rows of each sequence, where it alone tells sequences apart; else empty.
    """

    sequence: tuple[str, ...]
    time: tuple[str, ...]
    target: str | None
    split: str | None
    group: str | None
    rest: tuple[str, ...]
    notes: tuple[str, ...] = ()
    count: str = ""


def find_columns(frame: pd.DataFrame, options: Options, source: str) -> Columns:
    """Return the columns of each use.

    Raises
    ------
    UsageError
        If a column that an option names does not exist, or one that is needed is not found.
    DataError
        If two columns have the same name.
    """
    there = list(frame.columns)
    if len(set(there)) < len(there):
        twice = next(name for name in there if there.count(name) > 1)
        raise DataError(f"{source} has two columns called {twice}: names must be unique.")
    search = _Search(frame, options, source)
    target = search.target()
    split = search.one("split", SPLIT)
    time = search.time()
    sequence = search.sequence(time)
    group = search.group(sequence)
    used = {*time, *sequence, *(name for name in (split, group) if name)}
    if options.task not in ("forecasting", "language") and target:
        used.add(target)
    wanted = options.features
    rest = tuple(wanted) if wanted else tuple(name for name in there if name not in used)
    if not rest:
        raise UsageError(f"{source} has no columns of features besides {', '.join(sorted(used))}: one is needed.")
    return Columns(sequence, time, target, split, group, rest, tuple(search.notes), search.count)


def find_text_columns(frame: pd.DataFrame, options: Options, source: str) -> Columns | None:
    """Return the columns of a table with a text, such as a review or a gene, and its target in each row.

    None if it is no such table: where rows belong to sequences, or have numbers beside their target.
    """
    told = options.sequence or options.time or options.features or options.task not in (None, *OF_TEXTS)
    if told or not frame.columns.is_unique:
        return None
    search = ColumnSearch(frame, options, source)
    target, split, group = search.one("target", TARGET), search.one("split", SPLIT), search.one("group", GROUP)
    free = [name for name in search.there if name not in search.taken]
    texts = [name for name in free if are_long_texts(frame[name])]
    inputs = [name for name in free if is_number_column(frame[name]) and frame[name].nunique() < len(frame)]
    rows = [name for name in search.usual(SEQUENCE) if name not in texts and frame[name].nunique() < len(frame)]
    if target is None or target not in frame or len(texts) != 1 or inputs or rows:
        return None
    return Columns((), (), target, split, group, (texts[0],))


class _Search(ColumnSearch):
    """The search for the columns of each use."""

    count = ""

    def target(self) -> str | None:
        """Return the column of targets; what is forecast may be found later, among the features."""
        found = self.one("target", FORECAST if self.forecasting else TARGET)
        if found is None and not self.forecasting:
            raise UsageError(
                f"{self.source} has no column for {NEEDED['target']}: its columns are {self.shown()}; name one with "
                f"the option target=COLUMN{self._example()}, or forecast one with task=forecasting, or predict the "
                f"next token with task=language."
            )
        return found

    def _example(self) -> str:
        """Return the columns that may be the targets, for messages: words or whole numbers of few kinds that repeat."""
        usual = {*TIME, *SEQUENCE, *GROUP, *SPLIT}
        free = [name for name in self.there if name not in self.taken and plain_name(name) not in usual]
        kinds = {name: self.frame[name].nunique() for name in free if not self.frame[name].isna().any()}
        few = [name for name in kinds if 1 < kinds[name] <= min(MOST_KINDS, len(self.frame) // MANY_ROWS)]
        words = [name for name in few if not is_number_column(self.frame[name])]
        numbers = [name for name in few if name not in words and not is_counter(self.frame[name])]
        found = [f"target={name}" for name in (*words[::-1], *numbers[::-1])][:MOST_EXAMPLES]
        return f", such as {' or '.join(found)}" if found else ""

    def time(self) -> tuple[str, ...]:
        """Return the columns that order the rows."""
        given = self.options.time
        if given is not None:
            return () if given == (NONE,) and NONE not in self.there else given
        found = time_columns(self)
        self.taken.update(found)
        return found

    def sequence(self, time: tuple[str, ...]) -> tuple[str, ...]:
        """Return the columns that name the sequence of each row; none if the table is one series to forecast."""
        given = self.options.sequence
        if given is not None:
            return () if given == (NONE,) and NONE not in self.there else given
        for name in self.usual(SEQUENCE):
            if self._names_sequences(name):
                self.taken.add(name)
                return (name,)
        if not self.forecasting:
            found = self._recordings(time)
            if found is not None:
                return found
            if self.options.task == "language":
                self.notes.append("all rows are one document, as no column tells several apart: sequence=COLUMN")
                return ()
            texts = [name for name in self.there if name not in self.taken and are_long_texts(self.frame[name])]
            if texts:
                raise UsageError(
                    f"{self.source} has a text in each row of column {texts[0]}: for targets of texts, write a row "
                    f"for each of their characters or words, with a column of the text's number; the next character "
                    f"is predicted with task=language."
                )
            raise UsageError(
                f"{self.source} has no column for {NEEDED['sequence']}: its columns are {self.shown()}; name one, or "
                f"several, with the option sequence=COLUMN{self._person()}; or say that each row is a whole sequence "
                f"with layout=wide."
            )
        found = self._series(time)
        self.taken.update(found)
        return found

    def _person(self) -> str:
        """Return the column of persons or such, for messages: each may have one recording."""
        usual = self.usual(GROUP) or ([] if self.options.group in (None, NONE) else [self.options.group])
        return f", such as sequence={usual[0]}" if usual else ""

    def _recordings(self, time: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return what tells recordings apart whose rows have targets; None if rows are not known to be in an order.

        They are where there is a time, or where neighbouring rows have the same target more often than others.
        """
        target = self.options.target or next(iter(self.usual(TARGET)), None) or self._taken_target()
        if target is None:
            return None
        free = [name for name in self.there if name not in self.taken or name == self.options.group]
        keys = sequence_keys(self.frame, free, time, target)
        if keys:
            those = f"{' and '.join(keys)} {'tells' if len(keys) == 1 else 'tell'}"
            note = f"{those} sequences apart: sequence={','.join(keys)}, or another"
            changes = [int((self.frame[key] != self.frame[key].shift()).to_numpy().sum()) for key in keys]
            coarse = keys[int(np.argmin(changes))]
            known = self.options.group is not None or any(plain_name(key) in GROUP for key in keys)
            if len(keys) > 1 and coarse != target and not known:
                note += f"; group={coarse} keeps those of one {coarse} in one split"
            self.notes.append(note)
            return keys
        return self._without_names(time, target, free)

    def _without_names(self, time: tuple[str, ...], target: str, free: list[str]) -> tuple[str, ...] | None:
        """Return what tells recordings apart where no columns name them: a count, or a column of groups, or nothing."""
        self.count = restarting_count(self.frame, free, time, target)
        if self.count:
            self.notes.append(
                f"a sequence begins wherever {self.count} begins again, as no column names them: sequence=COLUMN, or "
                f"none for one recording"
            )
            return ()
        numbers, _ = pd.factorize(self.frame[target])
        if len(numbers) < FEWEST_ROWS or (not time and not _is_in_order(numbers)):
            return None
        group = self.options.group or next(iter(self.usual(GROUP)), None)
        if group in (None, target) or not 1 < self.frame[group].nunique() <= len(numbers) // 2:
            group = None
        if time and self.frame.duplicated([group, *time] if group else list(time)).mean() > FEW_DUPLICATES:
            return None  # several sequences have the same times
        if group:
            self.notes.append(f"{group} tells recordings apart, as no column names their sequence: sequence=COLUMN")
            return (group,)
        self.notes.append("all rows are one recording, as no column names their sequence: sequence=COLUMN")
        return ()

    def _taken_target(self) -> str | None:
        return next((name for name in self.taken if plain_name(name) in TARGET), None)

    def _names_sequences(self, name: str) -> bool:
        """Return whether a column with a usual name has fewer values than rows, and no fractions."""
        column = self.frame[name]
        if column.nunique() == len(column) and len(column) > 1:
            self.notes.append(f"{name} is different in every row, and is not taken for the name of a sequence")
            return False
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        known = numbers[~np.isnan(numbers)]
        return bool((known == np.floor(known)).all())

    def _series(self, time: tuple[str, ...]) -> tuple[str, ...]:
        """Return the columns that tell apart several series."""
        free = [name for name in self.there if name not in self.taken]
        if not time and self.options.time is None and self.options.features is None:
            refuse_blocks(self.frame, free, self.source)
        keys = series_keys(self.frame, free, time)
        if keys:
            those = f"{' and '.join(keys)} {'tells' if len(keys) == 1 else 'tell'}"
            self.notes.append(
                f"several rows have the same time, and {those} their series apart: sequence={','.join(keys)}"
            )
        return keys

    def group(self, sequence: tuple[str, ...]) -> str | None:
        """Return the column of groups; one of several names of a sequence, such as its person, may be it."""
        if self.options.group is None and len(sequence) > 1:
            for name in sequence:
                if plain_name(name) in GROUP and name != self.options.target and not self.forecasting:
                    return name
        return self.one("group", GROUP)


def _is_in_order(numbers: NDArray[np.int64]) -> bool:
    """Return whether neighbours are the same more often than chance has it, by more than five deviations.

    Rows that are sorted by their target are in no order of time: then there are few stretches of each.
    """
    if (numbers[1:] != numbers[:-1]).sum() < STRETCHES * len(np.unique(numbers)):
        return False
    shares = np.bincount(numbers[numbers >= 0]) / len(numbers)
    chance = float((shares**2).sum())
    deviation = np.sqrt(max(chance * (1 - chance), 1e-12) / (len(numbers) - 1))
    return bool((numbers[1:] == numbers[:-1]).mean() > chance + 5 * deviation)


def numbered(frame: pd.DataFrame, keys: Sequence[str]) -> tuple[NDArray[np.int64], list[str]]:
    """Return the number of each row's sequence, in the order in which they first appear, and the sequences' names."""
    if not keys:
        return np.zeros(len(frame), np.int64), ["0"]
    codes = np.asarray(frame.groupby(list(keys), sort=False, dropna=False).ngroup(), np.int64)
    _, first = np.unique(codes, return_index=True)
    parts = [frame[key].iloc[first].astype("str").tolist() for key in keys]
    return codes, [", ".join(names) for names in zip(*parts, strict=True)]
