"""What is searched for columns of each use: a table, the options, and what has been found."""

import re
from collections.abc import Iterable

import pandas as pd

from lengthwise.data.array_names import PARTS
from lengthwise.data.cells import is_number_column
from lengthwise.data.column_names import AXES, SPLIT, plain_name
from lengthwise.data.options import Options
from lengthwise.data.reading import listed
from lengthwise.errors import UsageError

UNIT = re.compile(r"[\[({<].*[\])}>]")
"""A unit in a column's name."""

NONE = "none"
"""As the name of a column of times, sequences, splits or groups: there is none."""


class ColumnSearch:
    """A table of which columns are given uses; what has been found has no second use.

    Parameters
    ----------
    frame : DataFrame
    options : Options
    source : str
        What to call the table.

    Attributes
    ----------
    there : list of str
        The columns' names.
    forecasting : bool
    notes : list of str
        What to tell of the choices.
    taken : set of str
        The columns that have a use.

    Raises
    ------
    UsageError
        If an option names a column that does not exist.
    """

    def __init__(self, frame: pd.DataFrame, options: Options, source: str) -> None:
        self.frame = frame
        self.options = options
        self.source = source
        self.there: list[str] = list(frame.columns)
        self.forecasting = options.task == "forecasting"
        self.notes: list[str] = []
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
            if given is None and use == "split":
                given = next((name for name in self.there if name not in self.taken and self._is_of_splits(name)), None)
        if given is not None:
            self.taken.add(given)
        return given

    def _names_splits(self, name: str) -> bool:
        """Return whether a column is called split, or has another usual name and nothing but words for splits."""
        return plain_name(name) == SPLIT[0] or self._words(name) <= PARTS.keys()

    def _is_of_splits(self, name: str) -> bool:
        """Return whether a column of any name has words for the training split and others, and nothing else."""
        if is_number_column(self.frame[name]) or self.frame[name].isna().any():
            return False
        words = self._words(name)
        return words <= PARTS.keys() and {PARTS[word] for word in words} > {"train"}

    def _words(self, name: str) -> set[str]:
        return {word.strip().lower() for word in self.frame[name].dropna().astype("str").unique()}
