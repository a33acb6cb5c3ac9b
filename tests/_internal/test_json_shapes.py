"""JSON from files is checked before it is used."""

import pytest

from lengthwise._internal.json_shapes import check_shape

SHAPE = {"seeds": [int], "score": float, "best": (int, None), "more": {str: int}, "any": object, "note?": str}
RECORD = {"seeds": [0], "score": 1, "best": None, "more": {"a": 1}, "any": [None], "further": 1}


def test_a_record_of_the_shape_passes():
    check_shape(RECORD, SHAPE, "the record")
    check_shape(RECORD | {"note": "x", "best": 3, "score": 0.5}, SHAPE, "the record")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"seeds": 3}, "seeds of the record is 3, but must be a list"),
        ({"seeds": [0, True]}, "number 2 of seeds of the record is True, but must be a whole number"),
        ({"score": "1"}, "score of the record is '1', but must be a number"),
        ({"best": "x"}, "best of the record is 'x', but must be a whole number or null"),
        ({"more": {"a": None}}, "a of more of the record is None, but must be a whole number"),
        ({"more": []}, r"more of the record is \[\], but must be a table"),
        ({"note": 3}, "note of the record is 3, but must be a text"),
    ],
)
def test_what_does_not_fit_is_named(change, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        check_shape(RECORD | change, SHAPE, "the record")


def test_what_is_missing_is_named():
    with pytest.raises(ValueError, match=r"^the record has no seeds$"):
        check_shape({}, SHAPE, "the record")


@pytest.mark.parametrize("value", [None, 3, "x", [1]])
def test_a_record_must_be_a_table(value):
    with pytest.raises(ValueError, match="but must be a table"):
        check_shape(value, SHAPE, "the record")
