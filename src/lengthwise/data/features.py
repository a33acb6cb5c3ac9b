"""Which columns of a table are inputs: numbers that vary, and no counters."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise.data.cells import as_numbers, is_missing, is_number_column
from lengthwise.data.options import Options
from lengthwise.data.reading import listed
from lengthwise.data.times import part_of
from lengthwise.errors import DataError, UsageError

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
        self.frame = frame
        self.options = options
        self.where = where
        self.source = source
        self.notes: list[str] = []
        self.notations: dict[str, list[str]] = {}
        named = options.features is not None
        words = [] if named else [name for name in rest if name != options.target and self._is_words(frame[name])]
        if words:
            kind = "is no number, and no input" if len(words) == 1 else "are no numbers, and no inputs"
            self.notes.append(f"{listed(words)} {kind}")
        self.values = {name: self._numbers(frame[name]) for name in rest if name not in words}
        if not self.values:
            raise UsageError(
                f"{source} has no columns of features: {listed(words)} {'is' if len(words) == 1 else 'are'} no numbers."
            )

        for notation, names in self.notations.items():
            self.notes.append(f"{listed(names)} {'was' if len(names) == 1 else 'were'} read {notation}")

    def _is_words(self, column: "pd.Series[Any]") -> bool:
        """Return whether no cell of a column is a number."""
        if is_number_column(column):
            return not column.notna().any()
        if pd.api.types.is_datetime64_any_dtype(column):
            return True
        try:
            numbers = as_numbers(column, self.options)
        except UsageError:
            return False
        known = ~is_missing(column, self.options)
        return bool(numbers.wrong[known].all())

    def _numbers(self, column: "pd.Series[Any]") -> NDArray[np.float64]:
        try:
            numbers = as_numbers(column, self.options)
        except UsageError as error:
            raise UsageError(f"{self.source}: {error}") from None
        if numbers.wrong.any():
            at = int(np.argmax(numbers.wrong))
            word = str(column.iloc[at])
            raise DataError(
                f"{self.source}, {self.where(at)}: column {column.name} has {word}, but features must be numbers; if "
                f"it stands for a missing value, give na_values={word}; or name the columns that are features with the "
                f"option features=COLUMN,COLUMN."
            )
        if numbers.note:
            self.notations.setdefault(numbers.note, []).append(str(column.name))
        return numbers.values

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
            may_restart = self.options.task != "forecasting" and part_of(self.frame[name]) is None
            within = _steps(ordered)[same]
            if np.isnan(within).all():
                continue
            if not within[~np.isnan(within)].any():
                constant.append(name)
            elif _counts_on(within) or _counts_on(_steps(values)) or (may_restart and _restarts(ordered)):
                counting.append(name)
        chosen = tuple(name for name in self.values if name not in (*counting, *constant))
        if not chosen:
            return tuple(self.values)
        if counting:
            self.notes.append(_left_out(counting, "counts rows", "count rows"))
        if constant:
            kinds = "never changes within a sequence", "never change within a sequence"
            self.notes.append(_left_out(constant, *kinds))
        return chosen


def _left_out(names: list[str], one: str, several: str) -> str:
    if len(names) == 1:
        return f"{names[0]} {one}, and is no input: name it in features= with the others, if it is"
    return f"{listed(names)} {several}, and are no inputs: name them in features= with the others, if they are"


def _steps(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the differences of neighbours: NaN between infinite values, which are refused later."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.diff(values)


def _counts_on(steps: NDArray[np.float64]) -> bool:
    """Return whether all steps are the same, and not zero."""
    return bool(len(steps) >= ENOUGH and steps[0] != 0 and np.allclose(steps, steps[0], rtol=1e-6, atol=0))


def _restarts(values: NDArray[np.float64]) -> bool:
    """Return whether whole numbers count on and begin again, several times, at the same number."""
    steps = _steps(values)
    up = steps > 0
    whole = np.isfinite(values).all() and (values == np.floor(values)).all()
    if not (whole and up.any() and (~up).sum() > 1 and np.ptp(values) > steps[up][0]):
        return False
    return bool((steps[up] == steps[up][0]).all() and (values[1:][~up] == values[0]).all())
