"""Cells of tables as numbers: decimal commas, thousands, words for missing values."""

import re
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise.data.options import Options
from lengthwise.errors import UsageError

MISSING = frozenset({
    "", "?", "-", "--", ".", "..", "*", "***", "****", "*****", "na", "n/a", "n.a.", "#n/a", "#na", "<na>", "nan",
    "-nan", "null", "none", "nil", "nat", "missing", "#value!", "#div/0!",
})  # fmt: skip
"""Words for a missing number, in lower case."""

NUMBER = re.compile(
    r"[-+]?[$€£¥]?[-+]?(\d{1,3}([ \u00a0\u202f']\d{3})+([.,]\d*)?|\d[\d.,]*|[.,]\d+)([eE][-+]?\d+)?\s?[%$€£¥]?"
)
"""What may be a number in some notation."""

EXACT = 2**53
"""From here on a number of 64 bits has no place for every whole number."""

_EXPONENT = r"(?:[eE][-+]?\d+)?"
_GROUPS_OF_THREE = {sign: rf"[-+]?\d{{1,3}}(?:{re.escape(sign)}\d{{3}})+" for sign in ",."}
_UNITS = ";%$€£¥"
"""Signs that may stand behind, or before, every number of a column."""

_IN_PARENTHESES = r"\(\s*([$€£¥]?[\d.,' ]*\d[\d.,' ]*)\s*\)"
"""A negative number, as accountants write it."""

_BLANKS = r"(?<=\d)[ \u00a0\u202f'](?=\d{3}(?!\d))"
"""A blank or an apostrophe between thousands."""


class Numbers(NamedTuple):
    """A column as numbers.

    Attributes
    ----------
    values : ndarray of shape (n,), float64
        NaN where a value is missing, and where a cell is no number.
    wrong : ndarray of shape (n,), bool
        Where a cell is neither a number nor a word for a missing one.
    note : str
        How the cells were read, if not as they stand.
    """

    values: NDArray[np.float64]
    wrong: NDArray[np.bool_]
    note: str = ""


def is_number_column(series: "pd.Series[Any]") -> bool:
    """Return whether a column holds numbers, and not text."""
    return pd.api.types.is_numeric_dtype(series) or pd.api.types.is_bool_dtype(series)


def as_text(series: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return cells as text without blanks around them, for Python's regular expressions and not for pyarrow's."""
    return series.astype("str").astype(object).str.strip()


def are_names(text: "pd.Series[Any]") -> bool:
    """Return whether whole numbers are names, as they would be fewer as numbers, or lose digits.

    >>> [are_names(pd.Series(cells)) for cells in (["007", "7"], ["01", "02"], ["9" * 20, "1"], ["a", "7"])]
    [True, False, True, False]
    """
    if not text.str.fullmatch(r"[-+]?\d+").all():
        return False
    numbers = text.drop_duplicates().map(int)
    return bool(not numbers.is_unique or numbers.abs().max() >= EXACT)


def is_missing(series: "pd.Series[Any]", options: Options) -> NDArray[np.bool_]:
    """Return where a column's cells are empty, or words for a missing number."""
    empty = series.isna().to_numpy(np.bool_)
    if is_number_column(series):
        return empty
    words = MISSING | {word.lower() for word in options.na_values or ()}
    return empty | as_text(series).str.lower().isin(words).to_numpy(np.bool_)


def as_numbers(series: "pd.Series[Any]", options: Options) -> Numbers:
    """Return a column as numbers, in the notation that its cells show or the options name.

    Raises
    ------
    UsageError
        If a comma or a point may be the decimal sign, or separate thousands.
    """
    if pd.api.types.is_complex_dtype(series):
        return Numbers(np.full(len(series), np.nan), np.ones(len(series), np.bool_))
    if is_number_column(series):
        values = series.to_numpy(np.float64, na_value=np.nan)
        named = [number for number in map(_number, options.na_values or ()) if number is not None]
        return Numbers(np.where(np.isin(values, named), np.nan, values), np.zeros(len(series), np.bool_))
    missing = is_missing(series, options)
    text = as_text(series).mask(missing)
    note = ""
    known = text.dropna()
    shown = str(known.iloc[0]) if len(known) else ""
    if (unit := shown[-1:]) in _UNITS and unit and known.str.endswith(unit).all():
        text, note = text.str.slice(stop=-1).str.strip(), f"without the {unit} behind them"
    elif (unit := shown.lstrip("-+")[:1]) in _UNITS and unit and known.str.contains(unit, regex=False).all():
        text, note = text.str.replace(unit, "", n=1, regex=False).str.strip(), f"without the {unit} before them"
    if known.str.fullmatch(_IN_PARENTHESES).any():
        text = text.str.replace(_IN_PARENTHESES, r"-\1", regex=True)
        note = f"with ( ) as the sign of negative numbers{note and ', '}{note}"
    missing = missing | (text == "").to_numpy(np.bool_)
    text = text.mask(missing)
    if options.thousands is None and known.str.contains(_BLANKS, regex=True).any():
        text = text.str.replace(_BLANKS, "", regex=True)
        note = f"without blanks between thousands{note and ', '}{note}"
    if options.decimal is None and options.thousands is None:
        values = _plain(text)
        if not (np.isnan(values) & ~missing).any():
            return Numbers(values, np.zeros(len(series), np.bool_), note)
    decimal, thousands = _notation(text.dropna(), options, str(series.name))
    values = _plain(_rewritten(text, decimal, thousands))
    if decimal == "," or thousands:
        grouped = f", and {thousands} between thousands" if thousands else ""
        note = f"with {decimal} as the decimal sign{grouped}" + (f", {note}" if note else "")
    return Numbers(values, np.isnan(values) & ~missing, note)


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def _plain(text: "pd.Series[Any]") -> NDArray[np.float64]:
    values: NDArray[np.float64] = pd.to_numeric(text, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    return values


def _notation(known: "pd.Series[Any]", options: Options, name: str) -> tuple[str, str]:
    """Return the decimal sign and the sign between thousands; the latter is empty if there is none."""
    if options.decimal is not None or options.thousands is not None:
        decimal = options.decimal or ("," if options.thousands == "." else ".")
        return decimal, options.thousands or ""
    cells = known[known.str.fullmatch(NUMBER.pattern)]
    for decimal, thousands in ((".", ","), (",", ".")):
        groups = _GROUPS_OF_THREE[thousands]
        part = re.escape(decimal)
        both = rf"{groups}{part}\d*{_EXPONENT}|[-+]?\d{{1,3}}(?:{re.escape(thousands)}\d{{3}}){{2,}}"
        only = rf"(?:{groups}|[-+]?\d*)(?:{part}\d*)?{_EXPONENT}"
        if cells.str.fullmatch(both).any() and cells.str.fullmatch(only).all():
            return decimal, thousands
    commas = cells[cells.str.contains(",", regex=False)]
    if commas.empty:
        return ".", ""
    if commas.str.fullmatch(_GROUPS_OF_THREE[","]).all():
        raise UsageError(
            f"column {name} has {commas.iloc[0]}, where the comma may be the decimal sign or separate thousands: say "
            f"which with decimal=, or thousands=, (each followed by the comma)."
        )
    return ",", ""


def _rewritten(text: "pd.Series[Any]", decimal: str, thousands: str) -> "pd.Series[Any]":
    """Return numbers with a decimal point and without a sign between thousands; others become missing."""
    before = rf"(?:{_GROUPS_OF_THREE[thousands]}|\d*)" if thousands in _GROUPS_OF_THREE else r"[\d' ]*"
    shape = rf"[-+]?{before.replace('[-+]?', '')}(?:{re.escape(decimal)}\d*)?{_EXPONENT}"
    fits = text.str.fullmatch(shape).fillna(value=False).astype(bool)
    rewritten = text.where(fits)
    if thousands:
        rewritten = rewritten.str.replace(thousands, "", regex=False)
    return rewritten.str.replace(decimal, ".", regex=False) if decimal != "." else rewritten
