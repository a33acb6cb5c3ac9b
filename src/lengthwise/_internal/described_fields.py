"""Fields of a dataclass that are described in one place: type, default, text and bounds.

A description is all that the rest is made from: the checks of the values, the docstring's parameters, the keyword
arguments of functions, the options of the commands, and the reference.
"""

import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, fields
from functools import cache, cached_property, partial
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from lengthwise._internal.argument_checks import (
    allowed_integers,
    allowed_numbers,
    check_choice,
    check_flag,
    check_integer,
    check_number,
    check_text,
)

Value = TypeVar("Value")
Class = TypeVar("Class", bound=type)
Function = TypeVar("Function", bound=Callable[..., Any])


def described(default: Value, text: str, **limits: Any) -> Value:
    """Declare a field of a dataclass, with its description.

    Parameters
    ----------
    default : object
        Its default.
    text : str
        What it means, in one sentence.
    **limits
        Fields of `DescribedField`: `at_least`, `at_most`, `above`, `below`, `usual`, `if_none` and `convert`.
    """
    return field(default=default, metadata={"text": text} | limits)


@dataclass(frozen=True)
class DescribedField:
    """A field and its description.

    Attributes
    ----------
    name : str
    annotation : object
        Its type as declared, such as ``int | None``.
    default : object
    text : str
        What it means, in one sentence.
    at_least, at_most : int, optional
        The smallest and the largest value, for integers; the smallest one for other numbers.
    above, below : float, optional
        Bounds that are not allowed themselves, for numbers.
    usual : float, optional
        A value that messages suggest, for numbers.
    if_none : str, optional
        The meaning of None, in a few words.
    convert : callable, optional
        Takes the name and a value, and returns the value or raises `UsageError`; in place of the type's own check.
    """

    name: str
    annotation: Any
    default: Any
    text: str
    at_least: int | None = None
    at_most: int | None = None
    above: float | None = None
    below: float | None = None
    usual: float | None = None
    if_none: str | None = None
    convert: Callable[[str, Any], Any] | None = None

    @cached_property
    def is_optional(self) -> bool:
        """Whether it may be None."""
        return get_origin(self.annotation) in (Union, UnionType) and NoneType in get_args(self.annotation)

    @cached_property
    def kind(self) -> Any:
        """Its type, without None."""
        if not self.is_optional:
            return self.annotation
        return next(kind for kind in get_args(self.annotation) if kind is not NoneType)

    @property
    def allowed(self) -> str:
        """A text for the numbers that are allowed; empty if it is not a number or has no bounds."""
        if self.kind is int:
            return allowed_integers(self.at_least, self.at_most)
        if self.kind is float and (self.at_least, self.above, self.below) != (None, None, None):
            return allowed_numbers(self.at_least, self.above, self.below)
        return ""

    @property
    def default_in_words(self) -> str | None:
        """The default, or the meaning of None; None if it has none."""
        return self.if_none if self.default is None else str(self.default)

    def check(self, value: Any) -> Any:
        """Return a value in the field's form: NumPy's numbers become Python's.

        Raises
        ------
        UsageError
            If it is not allowed.
        """
        if value is None and self.is_optional:
            return None
        return self._checked(self.name, value)

    @cached_property
    def _checked(self) -> Callable[[str, Any], Any]:
        """Takes the name and a value that is not None, and returns the value."""
        if self.convert is not None:
            return self.convert
        if get_origin(self.kind) is Literal:
            return partial(check_choice, choices=self.kind)
        if self.kind is bool:
            return check_flag
        if self.kind is int:
            return partial(check_integer, least=self.at_least, most=self.at_most)
        if self.kind is float:
            return partial(check_number, least=self.at_least, above=self.above, below=self.below, usual=self.usual)
        return check_text


@cache
def described_fields(owner: type) -> dict[str, DescribedField]:
    """Return the fields of a dataclass whose fields are all declared with `described`, by name."""
    annotations = get_type_hints(owner)
    return {
        one.name: DescribedField(one.name, annotations[one.name], one.default, **one.metadata) for one in fields(owner)
    }


def check_fields(instance: Any) -> None:
    """Check the fields of an instance, frozen or not, that are not their defaults, and set what the checks return."""
    for name, described_field in described_fields(instance.__class__).items():
        value = getattr(instance, name)
        if value is not described_field.default:
            object.__setattr__(instance, name, described_field.check(value))


def with_documented_fields(owner: Class) -> Class:
    """Add a section of parameters to a dataclass's docstring, after its first paragraph; a class decorator."""
    summary, _, rest = inspect.cleandoc(owner.__doc__ or "").partition("\n\n")
    lines = ["Parameters", "----------"]
    for one in described_fields(owner).values():
        lines += [f"{one.name} : {type_in_words(one)}", f"    {text_with_limits(one)}"]
    owner.__doc__ = "\n\n".join((summary, "\n".join(lines), rest)).rstrip() + "\n"
    return owner


def type_in_words(one: DescribedField) -> str:
    """Return a field's type in the form of docstrings.

    >>> type_in_words(DescribedField("cell", Literal["rnn", "gru"] | None, None, "Cell."))
    '{"rnn", "gru"}, optional'
    """
    if get_origin(one.kind) is Literal:
        words = "{" + ", ".join(f'"{choice}"' for choice in get_args(one.kind)) + "}"
    else:
        words = "tuple of str" if get_origin(one.kind) is tuple else one.kind.__name__
    return f"{words}, optional" if one.is_optional else words


def text_with_limits(one: DescribedField) -> str:
    """Return a field's text, the numbers that are allowed, and the default.

    >>> text_with_limits(DescribedField("seq_len", int, 19, "Steps of the window.", at_least=1))
    'Steps of the window. [1 or more] [default: 19]'
    """
    default = one.default_in_words
    notes = (one.allowed, default and f"default: {default}")
    return " ".join((one.text, *(f"[{note}]" for note in notes if note)))


def take_keywords(
    function: Function, fields_taken: Collection[DescribedField], *, without: Collection[str] = ()
) -> Function:
    """Show fields as keyword arguments in the signature of a function whose last parameter collects them.

    Parameters
    ----------
    function : callable
        Its own parameters are unchanged.
    fields_taken : collection of DescribedField
        The fields; those that the function has a parameter for are left out.
    without : collection of str
        Names of others to leave out.
    """
    signature = inspect.signature(function)
    own = list(signature.parameters.values())[:-1]
    left_out = {parameter.name for parameter in own} | set(without)
    named = [
        inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=one.annotation)
        for one in fields_taken
        if one.name not in left_out
    ]
    function.__signature__ = signature.replace(parameters=[*own, *named])  # type: ignore[attr-defined]
    return function
