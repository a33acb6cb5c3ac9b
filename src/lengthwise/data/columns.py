"""Which column of a table has which use: named by options, or known by their usual names and by what they hold."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise.data.array_names import PARTS
from lengthwise.data.cells import is_number_column
from lengthwise.data.column_names import (
    AXES,
    CLOCK,
    COUNTERS,
    DATED,
    DOUBTFUL_TIMES,
    FORECAST,
    GROUP,
    SEQUENCE,
    SPLIT,
    TARGET,
    TIME,
    TIMED,
    plain_name,
)
from lengthwise.data.dates import UNIX_SECONDS, holds_dates, looks_like_time
from lengthwise.data.documents import are_long_texts
from lengthwise.data.options import Options
from lengthwise.data.reading import listed
from lengthwise.data.sequence_keys import is_counter, restarting_count, sequence_keys
from lengthwise.data.series_keys import may_name_series, refuse_blocks, series_keys
from lengthwise.data.times import is_time_of_day, part_of, period_of
from lengthwise.errors import DataError, UsageError

UNIT = re.compile(r"[\[({<].*[\])}>]")
"""A unit in a column's name."""

MOSTLY = 0.9
"""A column is a clock if at least so many of its values are larger than the one before."""

HALF = 0.5
"""A column of which more cells are numbers is one of numbers, in which other cells are wrong."""

NONE = "none"
"""As the name of a column of times, sequences, splits or groups: there is none."""

NEEDED = {"sequence": "the sequence of each row", "target": "the label of each sequence, or of each step"}

SHORTEST_MONTH, LONGEST_MONTH = 28, 31

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


class _Search:
    """The search for the columns of a table; what has been found has no second use."""

    def __init__(self, frame: pd.DataFrame, options: Options, source: str) -> None:
        self.frame = frame
        self.options = options
        self.source = source
        self.there: list[str] = list(frame.columns)
        self.forecasting = options.task == "forecasting"
        self.notes: list[str] = []
        self.count = ""
        self.taken: set[str] = set(options.features or ())
        for use in ("sequence", "time", "target", "split", "group", "features"):
            given = getattr(options, use)
            names = (given,) if isinstance(given, str) else given or ()
            for name in names:
                if name not in self.there and (names != (NONE,) or use in ("target", "features")):
                    raise UsageError(f"{source} has no column {name!r}: its columns are {self.shown()}.")
            if use != "features":
                self.taken.update(names)

    def shown(self) -> str:
        """Return the columns' names, for messages; with their first cells, if the table names none."""
        if not all(re.fullmatch(r"column\d+", name) for name in self.there):
            return listed(self.there, 20)
        return listed([f"{name} ({self.frame[name].iloc[0]!s})" for name in self.there], 20)

    def usual(self, names: Iterable[str]) -> list[str]:
        """Return the columns that have usual names and no use yet."""
        plain = {plain_name(name): name for name in reversed(self.there) if name not in self.taken}
        if not AXES.isdisjoint(plain_name(UNIT.sub("", name)) for name in self.there):  # y is one of three axes
            plain.pop("y", None)
        return [plain[name] for name in names if name in plain]

    def one(self, use: str, names: Iterable[str]) -> str | None:
        """Return the column of a use, and take it."""
        given: str | None = getattr(self.options, use)
        if given == NONE and NONE not in self.there:
            return None
        if given is None and not (self.forecasting and use in ("split", "group")):
            usual = self.usual(names)
            given = next((name for name in usual if use != "split" or self._names_splits(name)), None)
        if given is not None:
            self.taken.add(given)
        return given

    def _names_splits(self, name: str) -> bool:
        """Return whether a column is called split, or has another usual name and nothing but words for splits."""
        words = self.frame[name].dropna().astype("str").unique()
        return plain_name(name) == SPLIT[0] or {word.strip().lower() for word in words} <= PARTS.keys()

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
        found = self._usual_time() or self._parts() or self._dates() or self._counters()
        self.taken.update(found)
        return found

    def _usual_time(self) -> tuple[str, ...]:
        usual = self.usual(TIME)
        for name in usual:
            if plain_name(name) in DOUBTFUL_TIMES and not self._is_clock(name):
                self.notes.append(
                    f"{name} is not taken for the time, as its values do not count: time={name}, if it is"
                )
                continue
            return (name, *self._beside(name))
        timed = [name for name in self.there if name not in self.taken and TIMED.fullmatch(plain_name(name))]
        return (timed[0], *self._beside(timed[0])) if len(timed) == 1 and self._is_clock(timed[0]) else ()

    def _is_clock(self, name: str) -> bool:
        column = self.frame[name]
        if not is_number_column(column):
            return looks_like_time(column) or bool(pd.to_numeric(column, errors="coerce").notna().mean() > HALF)
        values = column.to_numpy(np.float64, na_value=np.nan)
        if (np.diff(values) > 0).sum() > MOSTLY * (len(values) - 1):
            return True
        found = np.unique(values)
        apart = np.diff(found)
        return bool(len(apart) and np.allclose(apart, apart[0]) and found[0] in (0, 1, apart[0]))

    def _beside(self, name: str) -> tuple[str, ...]:
        """Return the columns that have the time of day, if one has dates alone."""
        if not holds_dates(self.frame[name], self.options) or _has_clock(self.frame[name]):
            return ()
        for other in self.there:
            if other in self.taken or other == name or not is_time_of_day(self.frame[other]):
                continue
            written = not is_number_column(self.frame[other]) and self.frame[name].duplicated().any()
            if written or plain_name(other) in CLOCK or part_of(self.frame[other]) == "hour":
                self.notes.append(f"the time is {name} with {other}: time={name}, if it is {name} alone")
                return (other,)
        return ()

    def _parts(self) -> tuple[str, ...]:
        """Return the columns of year, month, day, hour …, if there are such."""
        parts = {part_of(self.frame[name]): name for name in reversed(self.there) if name not in self.taken}
        order = ("year", "month", "day", "hour", "minute", "second")
        if "year" in parts and "month" not in parts:
            return self._periods(parts["year"])
        if not {"year", "month"} <= parts.keys():
            return ()
        if "day" not in parts and (day := self._day(parts["year"], parts["month"])):
            parts["day"] = day
        found: list[str] = []
        for part in order:
            if part not in parts or not is_number_column(self.frame[parts[part]]):
                break
            found.append(parts[part])
        if len(found) < 2:
            return ()
        self.notes.append(f"the time is {', '.join(found)}: time=none, if it is not")
        return tuple(found)

    def _periods(self, year: str) -> tuple[str, ...]:
        """Return a column of years with one of quarters or weeks."""
        for name in self.there:
            column = self.frame[name]
            if name not in self.taken and period_of(column) and is_number_column(column) and column.notna().all():
                self.notes.append(f"the time is {year}, {name}: time=none, if it is not")
                return (year, name)
        return ()

    def _day(self, year: str, month: str) -> str | None:
        """Return a column with all days of a month beside those of years and months, whatever its name."""
        for name in self.there:
            column = self.frame[name]
            if name in (*self.taken, year, month) or not is_number_column(column) or column.nunique() < SHORTEST_MONTH:
                continue
            parts = {"year": self.frame[year], "month": self.frame[month], "day": column}
            is_day = column.between(1, LONGEST_MONTH).all() and (column == column.round()).all()
            if is_day and pd.to_datetime(pd.DataFrame(parts), errors="coerce").notna().all():
                return name
        return None

    def _dates(self) -> tuple[str, ...]:
        """Return a column that holds dates, whatever its name."""
        for name in self.there:
            if name not in self.taken and self._holds_dates(name) and not self._is_of_sequences(name):
                self.notes.append(f"{name} holds dates, and is taken for the time: time=none, if it is not")
                return (name, *self._beside(name))
        return ()

    def _holds_dates(self, name: str) -> bool:
        """Return whether a column holds dates: text, or numbers with a name that says so."""
        column = self.frame[name]
        if is_number_column(column):
            return any(word in name.lower() for word in DATED) and holds_dates(column, self.options)
        return looks_like_time(column)

    def _is_of_sequences(self, name: str) -> bool:
        """Return whether a date is one of each sequence, or of each person, such as that of a birth, and no time."""
        keys = [*(self.options.sequence or ()), self.options.group, *self.usual((*SEQUENCE, *GROUP))]
        for key in keys:
            if key in self.there and key != name and 1 < self.frame[key].nunique() <= len(self.frame) // 2:
                return bool(self.frame.groupby(key, sort=False)[name].nunique().max() == 1)
        return False

    def _counters(self) -> tuple[str, ...]:
        """Return a column that counts years, weeks or such, in all rows or for each of several series."""
        if not self.forecasting:
            return ()
        words = [name for name in self.there if name not in self.taken and may_name_series(self.frame, name)]
        for name in self.usual(COUNTERS):
            if is_number_column(self.frame[name]) and not self.frame.duplicated([name, *words]).any():
                self.notes.append(f"{name} is taken for the time: time=none, if it is not")
                return (name,)
        return ()

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


def _has_clock(column: "pd.Series[Any]") -> bool:
    """Return whether the first cells have a time of day."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return bool((column.dropna().dt.normalize() != column.dropna()).any())
    if is_number_column(column):
        return bool(column.max() >= UNIX_SECONDS[0])  # Unix time, and no 20260131
    first = column.dropna().astype("str").iloc[:50]
    return bool(len(first)) and bool(first.str.contains(r"\d:\d{2}").all())


def numbered(frame: pd.DataFrame, keys: Sequence[str]) -> tuple[NDArray[np.int64], list[str]]:
    """Return the number of each row's sequence, in the order in which they first appear, and the sequences' names."""
    if not keys:
        return np.zeros(len(frame), np.int64), ["0"]
    codes = np.asarray(frame.groupby(list(keys), sort=False, dropna=False).ngroup(), np.int64)
    _, first = np.unique(codes, return_index=True)
    parts = [frame[key].iloc[first].astype("str").tolist() for key in keys]
    return codes, [", ".join(names) for names in zip(*parts, strict=True)]
