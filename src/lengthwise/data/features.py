"""Which columns of a table are inputs: numbers that vary, and no counters."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise.data.cells import as_numbers, as_text, is_missing, is_number_column
from lengthwise.data.dates import looks_like_time
from lengthwise.data.options import Options
from lengthwise.data.reading import listed
from lengthwise.data.sequence_keys import is_counter
from lengthwise.data.times import PARTS
from lengthwise.errors import DataError, UsageError

NEARLY_ALL = 0.98

SEVERAL, FEW_KINDS = 5, 10
"""So many words in a column of so few kinds are kinds themselves, such as 0, a, b and c, and no mistakes."""

STAND_INS = (-99, -200, -999, -9999, -99999, 999, 9999, 99999, 65535)
"""Numbers with which loggers write a missing value."""

FAR = 2
"""A number is far from others if all are so many times as far from it as they are from each other."""

MOST_CATEGORIES = 50
"""So many different words of a column at most become inputs, where no option says how many."""

ENOUGH = 5
"""At least so many pairs of neighbouring rows are needed to say that a column counts."""

Where = Callable[[int], str]


class Features:
    """The inputs of a table, as numbers.

    Parameters
    ----------
    frame : DataFrame
    rest : sequence of str
        The columns without another use.
    options : Options
    where : callable
        Describes where a row is.
    source : str
        How messages name the table.
    """

    def __init__(self, frame: pd.DataFrame, rest: Sequence[str], options: Options, where: Where, source: str) -> None:
        self.options = options
        self.where = where
        self.source = source
        self.notes: list[str] = []
        self.notations: dict[str, list[str]] = {}
        words = [name for name in rest if name != options.target and self._is_words(frame[name])]
        counters = [name for name in rest if name not in words and is_counter(frame[name])]
        self.categories = self._chosen_words(frame, words, alone=len(words) + len(counters) == len(rest))
        self.values: dict[str, NDArray[np.float64]] = {}
        for name in rest:
            if name not in words:
                self.values[name] = self._numbers(frame[name])
            for word in self.categories.get(name, ()):
                self.values[f"{name}={word}"] = np.asarray(as_text(frame[name]) == word, np.float64)
        if not self.values:
            raise UsageError(
                f"{source} has no columns of features: {listed(words)} {'is' if len(words) == 1 else 'are'} no numbers "
                f"and no words of few kinds; categories= sets how many kinds may be inputs."
            )
        self.doubts = _stand_ins(self.values)
        for notation, names in self.notations.items():
            self.notes.append(f"{listed(names)} {'was' if len(names) == 1 else 'were'} read {notation}")

    def _chosen_words(self, frame: pd.DataFrame, words: list[str], *, alone: bool) -> dict[str, list[str]]:
        """Return the columns of words that are inputs, with their words, and say which are and which are not."""
        limit = self.options.categories
        if limit is None:
            limit = MOST_CATEGORIES if alone or self.options.features is not None else 0
        found = {name: kinds for name in words if (kinds := _kinds(frame[name], limit))}
        left_out = [name for name in words if name not in found]
        if left_out and self.options.features is not None:
            self._refuse_word(frame[left_out[0]], frame[left_out[0]].notna().to_numpy(np.bool_))
        if left_out:
            kind = "is no number, and no input" if len(left_out) == 1 else "are no numbers, and no inputs"
            few = [name for name in left_out if _kinds(frame[name], MOST_CATEGORIES)]
            more = f": categories={MOST_CATEGORIES} makes inputs of the words of {listed(few)}" if few else ""
            self.notes.append(f"{listed(left_out)} {kind}{more}")
        for name, kinds in found.items():
            self.notes.append(f"{name} has {len(kinds)} words, each of which is an input: {listed(kinds)}")
        return found

    def _is_words(self, column: "pd.Series[Any]") -> bool:
        """Return whether no cell of a column is a number, or several are words, and all are of few kinds."""
        if is_number_column(column):
            return not column.notna().any()
        if pd.api.types.is_datetime64_any_dtype(column):
            return True
        try:
            numbers = as_numbers(column, self.options)
        except UsageError:
            return False
        known = ~is_missing(column, self.options)
        wrong = numbers.wrong[known]
        return bool(wrong.all() or (wrong.sum() >= SEVERAL and as_text(column[known]).nunique() <= FEW_KINDS))

    def _numbers(self, column: "pd.Series[Any]") -> NDArray[np.float64]:
        try:
            numbers = as_numbers(column, self.options)
        except UsageError as error:
            raise UsageError(f"{self.source}: {error}") from None
        if numbers.wrong.any():
            self._refuse_word(column, numbers.wrong)
        if numbers.note:
            self.notations.setdefault(numbers.note, []).append(str(column.name))
        return numbers.values

    def _refuse_word(self, column: "pd.Series[Any]", wrong: NDArray[np.bool_]) -> None:
        at = int(np.argmax(wrong))
        word = str(column.iloc[at])
        raise DataError(
            f"{self.source}, {self.where(at)}: column {column.name} has {word}, but features must be numbers; if it "
            f"stands for a missing value, give na_values={word}; or name the columns that are features with the option "
            f"features=COLUMN,COLUMN."
        )

    def choose(self, order: NDArray[np.int64], same: NDArray[np.bool_], keep: str | None) -> tuple[str, ...]:
        """Return the columns that are inputs: not those that count rows, or never change within a sequence.

        Parameters
        ----------
        order : ndarray of shape (n,), int64
            The rows by sequence, and by time within.
        same : ndarray of shape (n - 1,), bool
            Whether a row is of the same sequence as the one before, in that order.
        keep : str, optional
            A column that is an input in any case.
        """
        if self.options.features is not None or same.sum() < ENOUGH:
            return tuple(self.values)
        counting, constant = [], []
        for name, values in self.values.items():
            if name == keep:
                continue
            ordered = values[order]
            may_restart = self.options.task != "forecasting" and name.strip().lower() not in PARTS
            within = _steps(ordered)[same]
            if np.isnan(within).all():
                continue
            if not within[~np.isnan(within)].any():
                constant.append(name)
            elif _counts_on(within) or _counts_on(_steps(values)) or (may_restart and _restarts(ordered)):
                counting.append(name)
        chosen = tuple(name for name in self.values if name not in (*counting, *constant))
        if not chosen:
            self.notes.append(f"all inputs count rows or never change within a sequence: {listed(list(self.values))}")
            return tuple(self.values)
        if counting:
            self.notes.append(_left_out(counting, "counts rows", "count rows"))
        if constant:
            kinds = "never changes within a sequence", "never change within a sequence"
            self.notes.append(_left_out(constant, *kinds))
        return chosen


def _kinds(column: "pd.Series[Any]", limit: int) -> list[str]:
    """Return the words of a column in order, if they are at least two and at most `limit`; else none."""
    if is_number_column(column) or looks_like_time(column):
        return []
    found = sorted(as_text(column.dropna()).unique().tolist())
    return found if 2 <= len(found) <= limit else []


def _stand_ins(columns: Mapping[str, NDArray[np.float64]]) -> tuple[str, ...]:
    """Return sentences about numbers that often stand for a missing value, and lie far from all others of a column."""
    found = []
    for number in STAND_INS:
        counts = {name: count for name, values in columns.items() if (count := _far_away(number, values))}
        if counts:
            fewest, most = min(counts.values()), max(counts.values())
            rows = f"{most:,} rows" if fewest == most else f"{fewest:,} to {most:,} rows"
            found.append(
                f"{listed(list(counts))} {'is' if len(counts) == 1 else 'are'} {number} in {rows}, far from all other "
                f"values: na_values={number}, if it stands for a missing value"
            )
    return tuple(found)


def _far_away(number: float, values: NDArray[np.float64]) -> int:
    """Return in how many rows a column has a number that is far from its others; 0 if it is not, or hardly occurs."""
    here = values == number
    if not 1 < here.sum() <= 0.9 * len(values):
        return 0
    others = values[~here & np.isfinite(values)]
    if not len(others) or np.abs(others - number).min() <= FAR * max(np.ptp(others), abs(number) * 1e-3):
        return 0
    return int(here.sum())


def _left_out(names: list[str], one: str, several: str) -> str:
    if len(names) == 1:
        return f"{names[0]} {one}, and is no input: name it in features= with the others, if it is"
    return f"{listed(names)} {several}, and are no inputs: name them in features= with the others, if they are"


def _steps(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the differences of neighbours: NaN between infinite values, which are refused later."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.diff(values)


def _counts_on(steps: NDArray[np.float64]) -> bool:
    """Return whether nearly all steps are the same, and not zero: a clock may have been stopped."""
    usual = np.median(steps) if len(steps) >= ENOUGH else 0.0
    return bool(usual != 0 and np.isclose(steps, usual, rtol=1e-6, atol=0).mean() >= NEARLY_ALL)


def _restarts(values: NDArray[np.float64]) -> bool:
    """Return whether whole numbers count on and begin again, several times, at the same number."""
    steps = _steps(values)
    up = steps > 0
    whole = np.isfinite(values).all() and (values == np.floor(values)).all()
    if not (whole and up.any() and (~up).sum() > 1 and np.ptp(values) > steps[up][0]):
        return False
    return bool((steps[up] == steps[up][0]).all() and (values[1:][~up] == values[0]).all())
