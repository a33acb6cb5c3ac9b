"""What a table is likely for, where no option says it: which column is the label, or that a series is to be forecast.

Only what leaves no other choice, or hardly one, is assumed, and a note says so first; the rest is refused with the
columns that could be meant.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from lengthwise.data.cells import as_numbers, is_missing, is_number_column
from lengthwise.data.column_names import CALENDAR, FORECAST, GROUP, SEQUENCE, SPLIT, TARGET, plain_name
from lengthwise.data.column_search import ColumnSearch
from lengthwise.data.dates import holds_dates, looks_like_time
from lengthwise.data.documents import are_long_texts
from lengthwise.data.options import Options
from lengthwise.data.reading import listed
from lengthwise.data.sequence_keys import LONG, is_counter
from lengthwise.data.series_keys import series_keys
from lengthwise.data.time_columns import time_columns
from lengthwise.errors import UsageError

FEWEST = 6
"""Labels of fewer sequences show nothing."""

MOST_KINDS = 50
"""Words of more kinds are no labels, and so many numbers or more are no classes."""

FEW_KINDS = 20
"""Whole numbers of so many kinds, the only such column, may be a label …"""

CHANGING = 0.2
"""… if they change from at most this share of the rows to the next."""

OFTEN_FORECAST = (
    "close", "price", "sales", "weekly_sales", "unit_sales", "demand", "load", "power", "global_active_power",
    "consumption", "energy", "meter_reading", "traffic_volume", "passengers", "visitors", "cnt", "count", "ot", "pm2_5",
    "temperature", "temp", "t_degc", "t_c",
)  # fmt: skip
"""Columns that are forecast where several numbers could be: the last, if it is one of them, or else the first here."""

OF_FORECASTS = frozenset({"horizon", "season", "relative"})
"""Options that are given for a forecast alone …"""

OF_STEPS = frozenset({"label", "stride", "gap"})
"""… and those for what every step has."""


class Likely(NamedTuple):
    """What a table is likely for.

    Attributes
    ----------
    options : Options
    notes : tuple of str
        What was assumed.
    doubts : tuple of str
        What was assumed where something else may well be meant.
    """

    options: Options
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def with_likely_use(frame: pd.DataFrame, options: Options, source: str) -> Likely:
    """Return options with the task and the target that a table is likely meant for, and what was assumed.

    They stay as they are where an option says what is predicted, where a column is known as the label, or where several
    could be meant.

    >>> dates = pd.date_range("2026-01-01", periods=60)
    >>> days = pd.DataFrame({"date": dates, "sales": [day * day % 31 for day in range(60)]})
    >>> found, notes, _ = with_likely_use(days, Options(), "days")
    >>> found.task, found.target, notes
    ('forecasting', 'sales', ('sales is the only column of numbers besides date, and is forecast: task=forecasting',))
    """
    if OF_FORECASTS & options.given.keys() and options.task is None:
        options = replace(options, task="forecasting")
    told = options.task not in (None, "forecasting") or options.features is not None or OF_STEPS & options.given.keys()
    if told or not frame.columns.is_unique:
        return Likely(options)
    use = _Use(frame, options, source)
    return use.find() if options.task is None else use.find_forecast()


class _Use:
    """A table, and the columns in it that have a use already."""

    def __init__(self, frame: pd.DataFrame, options: Options, source: str) -> None:
        self.frame = frame
        self.options = options
        self.search = ColumnSearch(frame, options, source)
        self.target = options.target or next(iter(self.search.usual(TARGET)), None)
        self.split = self.search.one("split", SPLIT)
        given = options.time
        self.time = time_columns(self.search) if given is None else tuple(name for name in given if name in frame)
        self.search.taken.update(self.time)
        names = [name for name in self.search.usual((*SEQUENCE, *GROUP)) if name != self.target and self._repeats(name)]
        self.names = [*(options.sequence or ()), *([options.group] if options.group else []), *names]
        used = {*self.time, *self.names, self.split}
        free = [name for name in self.search.there if name not in used and not is_counter(frame[name])]
        self.constant = [
            name for name in free if name != self.target and self._is_numeric(name) and frame[name].nunique() == 1
        ]
        self.rest = [name for name in free if name not in self.constant]
        keys = () if self.names else series_keys(frame, [name for name in self.rest if name != self.target], self.time)
        self.names += keys
        self.rest = [name for name in self.rest if name not in keys]

    def _repeats(self, name: str) -> bool:
        """Return whether a column with a usual name may name sequences or groups: not if it numbers the rows."""
        return len(self.frame) == 1 or self.frame[name].nunique() < len(self.frame)

    def find(self) -> Likely:
        """Return what the table is likely for."""
        used = [*self.time, *self.names, *self.constant]
        alone = "is the only column of numbers" + (f" besides {', '.join(used)}" if used else "")
        if self.target is not None:
            others = set(self.frame) - {*used, self.split, self.target}
            if self._is_series(self.target):
                instead = ", or task=step_regression, to predict it from the other columns at the same date"
                return self._forecast(self.target, "is a number at every date", instead if others else "")
            is_alone = not others and self.target in self.frame and self._is_numeric(self.target)
            return self._forecast(self.target, alone) if is_alone else Likely(self.options)
        if len(self.rest) == 1:
            return self._forecast(self.rest[0], alone) if self._numbers() else self._tokens(self.rest[0])
        label = self._label()
        if label:
            note = f"{label[0]} {label[1]}: target=COLUMN, if another is"
            return Likely(replace(self.options, target=label[0]), (note,))
        named = [name for name in self.search.usual(FORECAST) if name in self._numbers()]
        if named and self.time:
            return self._forecast(named[0], "is a number at every time, where no column is known as a label")
        return self._label_that_stays() or (self._one_of_many() if self._is_dated() else Likely(self.options))

    def find_forecast(self) -> Likely:
        """Return which column is likely to be forecast, where the task is known, and several could be."""
        return Likely(self.options) if self.target is not None else self._one_of_many()

    def _one_of_many(self) -> Likely:
        """Return that one of several numbers is forecast: one with a usual name, or else the last."""
        numbers, options = self._numbers(), replace(self.options, task="forecasting")
        if len(numbers) < 2:
            return Likely(self.options)
        usual = [each for name in OFTEN_FORECAST for each in numbers if plain_name(each) == name]
        usual = usual if numbers[-1] not in usual else [numbers[-1]]
        if usual:
            return Likely(replace(options, target=usual[0]), doubts=(_doubt(usual[0], "", numbers),))
        if len(numbers) < len(self.rest):
            return Likely(self.options)
        classes = [name for name in numbers if self._is_classes(name)]
        if self.options.task is None and numbers[-1] in classes and len(classes) < len(numbers):  # perhaps a label
            raise UsageError(
                f"{self.search.source} has {len(numbers)} columns of numbers: {listed(numbers, 20)}. If one is the "
                f"label, or is to be forecast, name it with the option target=COLUMN, such as target={numbers[-1]}."
            )
        return Likely(replace(options, target=numbers[-1]), doubts=(_doubt(numbers[-1], ", the last,", numbers),))

    def _label_that_stays(self) -> Likely | None:
        """Return that the one column of few kinds that stay for many rows is the label of each row, if there is one."""
        numbers = self._numbers()
        words = [name for name in self.rest if self._is_label_of_rows(name)]
        classes = [name for name in numbers if self._is_classes(name) and self.frame[name].nunique() <= FEW_KINDS]
        what = "words"
        if not (len(words) == 1 and len(numbers) == len(self.rest) - 1 and not self._is_dated()):
            is_usual = self._is_dated() and any(plain_name(name) in OFTEN_FORECAST for name in numbers)
            whole = [name for name in numbers if self._is_classes(name)]
            at_end = classes == whole and classes and classes[0] in (self.rest[0], self.rest[-1])
            if words or len(whole) != 1 or not at_end or len(numbers) < max(2, len(self.rest)) or is_usual:
                return None
            words, what = classes, "whole numbers of few kinds"
        column = self.frame[words[0]].astype("str")
        if (column != column.shift()).mean() > CHANGING:
            return None
        doubt = (
            f"{words[0]}, the only column of {what}, is taken for the label of each row: target=COLUMN, if another is, "
            f"or task=forecasting"
        )
        return Likely(replace(self.options, target=words[0]), doubts=(doubt,))

    def _numbers(self) -> list[str]:
        return [name for name in self.rest if self._is_numeric(name)]

    def _label(self) -> tuple[str, str] | None:
        """Return the column that alone may be the label, and why; None if none or several may."""
        alone = [name for name in self.rest if self._is_of_sequences(name)]
        if len(alone) == 1:
            return alone[0], "alone is the same in all rows of a sequence, and is taken for its label"
        texts = [name for name in self.rest if not self._is_numeric(name) and are_long_texts(self.frame[name])]
        words = [name for name in self.rest if name not in texts and self._is_label_of_rows(name)]
        others = [name for name in self.rest if name not in (*texts, *words) and not self.frame[name].is_unique]
        if len(texts) == len(words) == 1 and not others:
            why = f"alone has words of few kinds beside the texts of {texts[0]}, and is taken for their label"
            return words[0], why
        if not alone and words and words == self.rest[-1:]:
            return words[0], "is the last column and the only one of words, and is taken for the label"
        return None

    def _is_of_sequences(self, name: str) -> bool:
        """Return whether a column has one value in each sequence, and fewer kinds of them than sequences."""
        column = self.frame[name]
        if plain_name(name).endswith("_id"):
            return False
        keys = [key for key in self.names if key in self.frame and 1 < self.frame[key].nunique() <= len(column) // LONG]
        if not keys or column.isna().any():
            return False
        sequences = self.frame.groupby(keys, sort=False, dropna=False)[name]
        if len(sequences) < FEWEST or sequences.nunique().max() > 1:
            return False
        first = sequences.first()
        is_class = self._is_classes(name)
        return 1 < first.nunique() <= (min(MOST_KINDS, len(first) // 2) if is_class else len(first))

    def _is_label_of_rows(self, name: str) -> bool:
        column = self.frame[name]
        if self._is_numeric(name) or column.isna().any() or looks_like_time(column):
            return False
        words = column.astype("str")
        is_calendar = words.str[:3].str.lower().isin(CALENDAR).all()
        return not is_calendar and 1 < words.nunique() <= min(MOST_KINDS, len(column) // LONG)

    def _is_series(self, name: str) -> bool:
        """Return whether a column has numbers that are no classes, one at each date of one series."""
        if name not in self.frame or not self._is_numeric(name) or self._is_classes(name) or self.names:
            return False
        return self._is_dated()

    def _is_dated(self) -> bool:
        """Return whether the rows have dates, each its own in its series."""
        dated = any(holds_dates(self.frame[time], self.options) for time in self.time)
        keys = [name for name in self.names if name in self.frame]
        return dated and not self.frame.duplicated([*self.time, *keys]).any()

    def _is_classes(self, name: str) -> bool:
        """Return whether values are words, or whole numbers of few kinds."""
        column = self.frame[name]
        if not is_number_column(column):
            return True
        values = column.to_numpy(np.float64, na_value=np.nan)
        return bool((values == np.floor(values)).all()) and column.nunique() <= MOST_KINDS

    def _is_numeric(self, name: str) -> bool:
        """Return whether some cell of a column is a number."""
        column = self.frame[name]
        if is_number_column(column):
            return bool(column.notna().any())
        if pd.api.types.is_datetime64_any_dtype(column):
            return False
        try:
            wrong = as_numbers(column, self.options).wrong
        except UsageError:
            return True
        known = ~is_missing(column, self.options)
        return not bool(wrong[known].all())

    def _forecast(self, name: str, why: str, more: str = "") -> Likely:
        note = f"{name} {why}, and is forecast: task=forecasting{more}"
        return Likely(replace(self.options, task="forecasting", target=name), (note,))

    def _tokens(self, name: str) -> Likely:
        note = f"{name} is the only column of words, and its next token is predicted: task=language"
        return Likely(replace(self.options, task="language", target=name), (note,))


def _doubt(name: str, which: str, numbers: list[str]) -> str:
    others = listed([other for other in numbers if other != name], 20)
    return (
        f"of {len(numbers)} columns of numbers, {name}{which} is forecast, from all of them: target=COLUMN, if another "
        f"is to be: {others}"
    )
