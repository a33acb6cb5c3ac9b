"""How data are read: the options that follow ``?`` in a name, or that `load_data` takes as arguments."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any, Literal, Self, get_origin
from urllib.parse import quote, unquote

from lengthwise._internal.argument_checks import nearest_names
from lengthwise._internal.described_fields import check_fields, described, described_fields, with_documented_fields
from lengthwise.data.targets import Label, TaskName
from lengthwise.errors import UsageError

Standardize = Literal["train", "none"]
"""By the training split's mean and standard deviation of each feature, or not at all."""

Missing = Literal["refuse", "forward", "mean", "zero"]
"""What to do where a value is missing."""

Relative = Literal["difference", "ratio", "none"]
"""How a series is given to the network: as differences from its last known value, as ratios to it, or unchanged."""

Duplicates = Literal["mean", "first", "last"]
"""Which of several rows with the same time counts."""

Header = Literal["first", "none"]
"""Whether the first row of a table names the columns."""

Layout = Literal["long", "wide", "channels_first", "channels_last"]
"""What a row of a table is, a time step or a whole sequence; or whether features or steps come first in an array."""

UNQUOTED = "/:+ ~"
"""The characters that need no escape in an option, besides letters, digits and ``_.-``."""


def _column_names(name: str, value: Any) -> tuple[str, ...]:
    """Return one name, or several, as a tuple."""
    if isinstance(value, str):
        return (value,)
    try:
        return tuple(map(str, value))
    except TypeError:
        raise UsageError(f"{name} is {value!r}, but must be the names of columns.") from None


@with_documented_fields
@dataclass(frozen=True, kw_only=True)
class Options:
    """How data are read. An option that is None is inferred from the data.

    Raises
    ------
    UsageError
        If a value is out of range.
    """

    standardize: Standardize | None = described(
        None,
        "Whether each feature is standardised by its mean and standard deviation in the training split.",
        if_none="train for real values; none for bytes and for files that are too large for memory",
    )
    missing: Missing | None = described(
        None,
        "What to do with missing values: refuse them, or replace them by the last value before (forward), by the "
        "feature's mean in the training split, or by zero.",
        if_none="forward up to 1 %, else refuse; of series to forecast, the last value or that of a season before",
    )
    seed: int = described(0, "Seed of random splits, and of generated data.", at_least=0, at_most=2**63 - 1)
    validation: float = described(
        0.15, "Fraction of the sequences in the validation split, where splits are random.", above=0, below=1
    )
    test: float = described(
        0.15, "Fraction of the sequences in the test split, where splits are random.", above=0, below=1
    )
    task: TaskName | None = described(
        None, "What the network predicts.", if_none="what the targets show; a series without labels is forecast"
    )
    sequence: tuple[str, ...] | None = described(
        None,
        "Column of a table that names the sequence of each row, or several: store,item.",
        if_none="the usual names",
        convert=_column_names,
    )
    time: tuple[str, ...] | None = described(
        None,
        "Column of a table that orders the rows of a sequence, or several, such as date,hour; none for rows in the "
        "order of the file.",
        if_none="the usual names, or a column of dates",
        convert=_column_names,
    )
    target: str | None = described(
        None, "Column of a table that holds the targets, or the series to forecast.", if_none="the usual names"
    )
    split: str | None = described(
        None, "Column of a table that names the split of each sequence.", if_none="the usual names"
    )
    group: str | None = described(
        None,
        "Column of a table whose values, such as persons, are never divided between splits.",
        if_none="the usual names",
    )
    features: tuple[str, ...] | None = described(
        None,
        "Columns of a table that are the inputs.",
        if_none="all without another use",
        convert=_column_names,
    )
    categories: int | None = described(
        None,
        "Largest number of different words in a column that become inputs of 0 and 1, one for each word.",
        at_least=2,
        if_none="words are no inputs, but where a table has no others, or they are named: up to 50",
    )
    duplicates: Duplicates | None = described(
        None,
        "Which of several rows of a sequence with the same time counts: their mean, the first, or the last.",
        if_none="they are refused",
    )
    layout: Layout | None = described(
        None,
        "What a row of a table is: a time step (long), or a whole sequence with its label (wide); or whether the "
        "arrays of a file are (sequences, features, steps), channels_first, or (sequences, steps, features).",
        if_none="wide or channels_first where it is certain",
    )
    padding: float | None = described(
        None, "Value that fills sequences behind their end; steps that have only this value at the end are left out."
    )
    sep: str | None = described(
        None,
        "What separates the cells of a table in a text file: a sign, or comma, semicolon, tab, bar, blank.",
        if_none="found in the first lines",
    )
    decimal: str | None = described(
        None, "Decimal sign of a table in a text file.", if_none="the point, or the comma where it is certain"
    )
    thousands: str | None = described(
        None, "Sign between thousands of a table in a text file.", if_none="none, or found where it is certain"
    )
    encoding: str | None = described(
        None, "Encoding of a table in a text file, such as cp1252.", if_none="UTF-8, UTF-16, or else cp1252"
    )
    header: Header | None = described(
        None, "Whether the first row of a table in a text file names the columns.", if_none="found in the first lines"
    )
    na_values: tuple[str, ...] | None = described(
        None,
        "Words, or numbers such as -999, that stand for a missing value in columns of numbers.",
        if_none="the usual words, such as NA, ? and null",
        convert=_column_names,
    )
    dayfirst: bool | None = described(
        None, "Whether dates such as 02/01/2026 begin with the day.", if_none="found where a part is above 12"
    )
    horizon: int | None = described(None, "For forecasting: how many steps are forecast.", at_least=1, if_none="1")
    lookback: int | None = described(
        None,
        "For forecasting, and where every step has a target: the longest look-back, for which all that is judged has "
        "room; of text: the characters of a sequence.",
        at_least=1,
        if_none="a quarter of the training split, 128 at most, or as far as the season; half of a recording, 128 at "
        "most, or a twentieth of its shortest part; 64 of 256 characters",
    )
    label: Label | None = described(
        None,
        "Where every step has a class: what the class of a window is, that of its last step (last), of most of the "
        "longest look-back's steps (majority), or of all of them (pure; others are left out).",
        if_none="last",
    )
    stride: int = described(1, "Where every step has a target: every so many steps one is predicted.", at_least=1)
    gap: float | None = described(
        None,
        "Where every step has a target: a difference in time of more than so many usual steps is a gap, which no "
        "window crosses.",
        at_least=1,
        if_none="5",
    )
    season: int | None = described(
        None,
        "For forecasting: steps after which the series repeats itself, for the naive forecast and the lengths; "
        "1 if it does not.",
        at_least=1,
        if_none="found in the training part",
    )
    rate: float | None = described(
        None,
        "Steps a second, to give lengths as times too.",
        above=0,
        if_none="by the column of time, where it has dates",
    )
    relative: Relative | None = described(
        None,
        "For forecasting: whether the network reads and predicts the target as differences from the last known value, "
        "as ratios to it, or the values themselves.",
        if_none="chosen by the training part",
    )

    def __post_init__(self) -> None:
        check_fields(self)
        if self.validation + self.test >= 1:
            raise UsageError(
                f"validation is {self.validation} and test {self.test}, but sequences must be left for training: "
                f"choose fractions whose sum is below 1."
            )

        for name, signs in (("decimal", ".,"), ("thousands", ",.' ")):
            sign = getattr(self, name)
            if sign is not None and (len(sign) != 1 or sign not in signs):
                raise UsageError(f"{name} is {sign!r}, but must be one of {' '.join(signs.strip())}.")
        if self.thousands is not None and self.thousands == (self.decimal or ("," if self.thousands == "." else ".")):
            raise UsageError(f"decimal and thousands are both {self.thousands!r}, but must be two signs.")

    @classmethod
    def make(cls, given: Mapping[str, Any]) -> Self:
        """Return options from arguments.

        Raises
        ------
        UsageError
            If one is unknown or out of range.
        """
        for name in given:
            _check_name(name)
        return cls(**given)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``name=value&name=value``; characters may be escaped as in a URL, such as ``%2C``.

        >>> Options.parse("sequence=id&features=a,b").features
        ('a', 'b')
        """
        values: dict[str, Any] = {}
        for part in filter(None, text.split("&")):
            name, equals, value = part.partition("=")
            if not (equals and value):
                raise UsageError(f"option {part!r} has no value: write name=value, and & between options.")
            _check_name(name)
            if name in values:
                raise UsageError(f"option {name!r} is given twice: give it once.")
            values[name] = _value(described_fields(Options)[name].kind, value)
        return cls(**values)

    @property
    def given(self) -> dict[str, Any]:
        """The options that differ from their defaults."""
        pairs = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in pairs.items() if value != _DEFAULTS[name]}

    def __str__(self) -> str:
        """Return the text that `parse` reads; the defaults are left out.

        >>> str(Options(seed=3, features=("a", "b,c")))
        'seed=3&features=a,b%2Cc'
        """
        return "&".join(f"{name}={_quoted(value)}" for name, value in self.given.items())


_DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(Options)}


def _check_name(name: str) -> None:
    if name not in _DEFAULTS:
        raise UsageError(f"there is no option {name!r} of data: {nearest_names(name, _DEFAULTS)}")


def _quoted(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(quote(str(one), UNQUOTED) for one in (value if isinstance(value, tuple) else (value,)))


def _value(kind: Any, text: str) -> Any:
    """Return a text as a value of a field's type; if that fails, the text itself, which the field's check refuses."""
    if get_origin(kind) is tuple:
        return tuple(unquote(one) for one in text.split(",") if one)
    if kind in (int, float):
        with suppress(ValueError):
            return kind(text)
        return text
    if kind is bool:
        return {"true": True, "false": False}.get(text.lower(), text)
    return unquote(text)
