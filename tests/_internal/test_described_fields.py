"""Fields of a dataclass that are described in one place."""

import inspect
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pytest
from docstring_parser import parse

from lengthwise._internal.described_fields import (
    check_fields,
    described,
    described_fields,
    take_keywords,
    text_with_limits,
    with_documented_fields,
)
from lengthwise.errors import UsageError

Fruit = Literal["apple", "pear"]


@with_documented_fields
@dataclass(frozen=True)
class Basket:
    """What is carried home.

    Raises
    ------
    UsageError
        If it cannot be carried.
    """

    fruit: Fruit = described("apple", "Kind of fruit.")
    count: int = described(3, "How many.", at_least=1, at_most=9)
    weight: float = described(0.5, "Kilograms.", above=0, usual=1)
    ripe: bool = described(True, "Whether it is ripe.")
    label: str | None = described(None, "Text on it.", if_none="no label")
    price: float | None = described(None, "Price.", at_least=0)
    tags: tuple[str, ...] = described((), "Tags.", convert=lambda _name, value: tuple(value))

    def __post_init__(self) -> None:
        check_fields(self)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"fruit": "plum"}, "fruit is 'plum', but must be one of apple, pear."),
        ({"fruit": None}, "fruit is None, but must be one of apple, pear."),
        ({"count": 10}, "count is 10, but must be 1 to 9."),
        ({"count": None}, "count is None, but must be an integer."),
        ({"weight": 0}, "weight is 0, but must be a number above 0: 1 is usual."),
        ({"ripe": 1}, "ripe is 1, but must be True or False."),
        ({"label": 7}, "label is 7, but must be text."),
        ({"price": -1}, "price is -1, but must be a number from 0."),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_in_one_sentence(given, sentence):
    with pytest.raises(UsageError) as caught:
        Basket(**given)
    assert str(caught.value) == sentence


def test_values_become_those_of_the_declared_type():
    basket = Basket(count=np.int64(4), weight=2, tags=["a"], price=np.float32(0.5))
    assert (type(basket.count), type(basket.weight), type(basket.price)) == (int, float, float)
    assert basket.tags == ("a",)
    assert Basket().label is None


def test_the_docstring_has_the_fields_between_its_summary_and_the_rest():
    found = parse(Basket.__doc__)
    assert found.short_description == "What is carried home."
    assert [item.arg_name for item in found.params] == list(described_fields(Basket))
    assert {item.arg_name: item.type_name for item in found.params}["fruit"] == '{"apple", "pear"}'
    assert [item.type_name for item in found.raises] == ["UsageError"]


def test_a_text_is_followed_by_the_limits_and_the_default():
    texts = {name: text_with_limits(one) for name, one in described_fields(Basket).items()}
    assert texts["count"] == "How many. [1 to 9] [default: 3]"
    assert texts["weight"] == "Kilograms. [above 0] [default: 0.5]"
    assert texts["label"] == "Text on it. [default: no label]"
    assert texts["price"] == "Price. [from 0]"


def test_a_function_shows_the_fields_that_it_has_no_parameter_for():
    def carry(home: str, count: int = 1, **basket: Any) -> None: ...

    take_keywords(carry, described_fields(Basket).values(), without=["tags"])
    parameters = inspect.signature(carry).parameters
    assert list(parameters) == ["home", "count", "fruit", "weight", "ripe", "label", "price"]
    assert parameters["count"].default == 1
    assert (parameters["fruit"].default, parameters["fruit"].annotation) == ("apple", Fruit)
    assert parameters["fruit"].kind is inspect.Parameter.KEYWORD_ONLY
