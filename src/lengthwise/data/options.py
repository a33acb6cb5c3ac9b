"""How data are read: the options that follow a name after ``?``, or that `load_data` takes as arguments."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Self, get_args
from urllib.parse import quote, unquote

from lengthwise.data.targets import TaskName
from lengthwise.errors import UsageError

Standardize = Literal["train", "none"]
"""By the training split's mean and standard deviation of each feature, or not at all."""

Missing = Literal["refuse", "forward", "mean", "zero"]
"""What to do where a value is missing."""

Relative = Literal["difference", "ratio", "none"]
"""How a series is given to the network: by differences from its last known value, by ratios to it, or as it is."""

UNQUOTED = "/:+ ~"
"""What stays as it is in an option, beside letters, digits and ``_.-``."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """How data are read. Those that are None are for the kind of data to decide.

    Parameters
    ----------
    standardize : {"train", "none"}, optional
        ``"train"``: subtract each feature's mean in the training split and divide by its standard deviation; the
        default for real-valued data. ``"none"``: take values as they are; the default for bytes, and for files so large
        that they are read from disk as the training goes on.
    missing : {"refuse", "forward", "mean", "zero"}
        Refuse missing values, naming the first; or fill them with the last value before (at the beginning, with the
        first after), with the feature's mean in the training split, or with zero.
    seed : int
        Seed of splits that are drawn, and of data that are made; 0 or more.
    validation, test : float
        Shares of the sequences in splits that are drawn.
    task : {"classification", "regression", "tagging", "forecasting", "language"}, optional
        What targets are; seen from their type by default.
    sequence, time, target, split, group : str, optional
        Columns of a table: which sequence a row belongs to, where in it, the sequence's label; which split the sequence
        is in; and what must not be divided between splits, such as a person.
    features : tuple of str, optional
        Columns of a table that are the inputs; by default all that have no other use.
    horizon : int, optional
        For forecasting: how many steps ahead.
    lookback : int, optional
        For forecasting: the longest look-back, for which every origin must have room; by default a quarter of the
        training split, 128 at most. Of text: the characters of a sequence, 256 by default.
    season : int
        For forecasting: steps after which the series repeats itself, for the seasonal naive forecast. 1 is what came
        last.
    relative : {"difference", "ratio", "none"}, optional
        For forecasting: whether the network is given, and gives, differences from the last value that is known (the
        default), ratios to it, or values as they are.

    Raises
    ------
    UsageError
        If a value is out of range.
    """

    standardize: Standardize | None = None
    missing: Missing = "refuse"
    seed: int = 0
    validation: float = 0.15
    test: float = 0.15
    task: TaskName | None = None
    sequence: str | None = None
    time: str | None = None
    target: str | None = None
    split: str | None = None
    group: str | None = None
    features: tuple[str, ...] | None = None
    horizon: int | None = None
    lookback: int | None = None
    season: int = 1
    relative: Relative | None = None

    def __post_init__(self) -> None:
        for name, choices in (
            ("standardize", Standardize),
            ("missing", Missing),
            ("task", TaskName),
            ("relative", Relative),
        ):
            value, allowed = getattr(self, name), get_args(choices)
            if value is not None and value not in allowed:
                raise UsageError(f"{name} is {value!r}, but must be one of {', '.join(allowed)}.")
        if not isinstance(self.seed, int):
            raise UsageError(f"seed is {self.seed!r}, but must be a whole number.")
        if not 0 <= self.seed < 2**63:
            raise UsageError(f"seed is {self.seed}, but must be 0 to 9223372036854775807.")
        self._check_steps()
        self._check_shares()

    def _check_steps(self) -> None:
        for name in ("horizon", "lookback", "season"):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int) or value < 1):
                raise UsageError(f"{name} is {value!r}, but must be 1 or more steps.")

    def _check_shares(self) -> None:
        for name in ("validation", "test"):
            if not isinstance(getattr(self, name), int | float):
                raise UsageError(f"{name} is {getattr(self, name)!r}, but must be a number.")
            if not 0 < getattr(self, name) < 1:
                raise UsageError(f"{name} is {getattr(self, name)}, but must be a share above 0 and below 1.")
        if self.validation + self.test >= 1:
            raise UsageError(
                f"validation is {self.validation} and test {self.test}, but together they must leave something to "
                f"train on: choose shares whose sum is below 1."
            )

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
        values = dict(given)
        if "features" in values and values["features"] is not None:
            names = values["features"]
            values["features"] = (names,) if isinstance(names, str) else tuple(map(str, names))
        return cls(**values)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``name=value&name=value``; ``%2C`` and so on stand for characters, as in an address.

        >>> Options.parse("sequence=id&features=a,b").features
        ('a', 'b')
        """
        values: dict[str, Any] = {}
        for part in filter(None, text.split("&")):
            name, equals, value = part.partition("=")
            if not (equals and value):
                raise UsageError(f"option {part!r} says nothing: write name=value, and & between options.")
            _check_name(name)
            if name in values:
                raise UsageError(f"option {name!r} is given twice: give it once.")
            values[name] = _VALUES.get(name, _text)(name, value)
        return cls(**values)

    @property
    def given(self) -> dict[str, Any]:
        """What differs from the defaults."""
        pairs = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in pairs.items() if value != _DEFAULTS[name]}

    def __str__(self) -> str:
        """Return what `parse` reads; the defaults are left out.

        >>> str(Options(seed=3, features=("a", "b,c")))
        'seed=3&features=a,b%2Cc'
        """
        return "&".join(f"{name}={_quoted(value)}" for name, value in self.given.items())


_DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(Options)}


def _check_name(name: str) -> None:
    if name not in _DEFAULTS:
        near = difflib.get_close_matches(name, _DEFAULTS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(_DEFAULTS)}."
        raise UsageError(f"there is no option {name!r} of data: {hint}")


def _quoted(value: Any) -> str:
    return ",".join(quote(str(one), UNQUOTED) for one in (value if isinstance(value, tuple) else (value,)))


def _text(_name: str, value: str) -> str:
    return unquote(value)


def _names(_name: str, value: str) -> tuple[str, ...]:
    return tuple(unquote(one) for one in value.split(",") if one)


def _whole(name: str, value: str) -> int:
    try:
        return int(value)
    except ValueError as error:
        raise UsageError(f"{name} is {value!r}, but must be a whole number.") from error


def _share(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise UsageError(f"{name} is {value!r}, but must be a number.") from error


_VALUES = {
    "features": _names,
    "seed": _whole,
    "horizon": _whole,
    "lookback": _whole,
    "season": _whole,
    "validation": _share,
    "test": _share,
}
