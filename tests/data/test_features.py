"""Which columns are inputs."""

import numpy as np
import pandas as pd
import pytest

from lengthwise.data import load_data
from lengthwise.errors import DataError


def table(**more):
    """Make a table of twelve sequences of eight steps."""
    random = np.random.default_rng(0)
    rows = 96
    columns = {
        "id": np.repeat(np.arange(12), 8), "x": random.normal(size=rows), "label": np.repeat(list("ab") * 6, 8),
    }  # fmt: skip
    return pd.DataFrame(columns | more)


STEP = np.tile(np.arange(8), 12)


@pytest.mark.parametrize(
    ("column", "note"),
    [
        (np.arange(96), "counts rows"),
        (7e12 + 5e7 * np.arange(96) + 1e9 * (np.arange(96) > 60), "counts rows"),
        (STEP, "counts rows"),
        (STEP * 0.02 + 5, "counts rows"),
        (np.tile(np.arange(4), 24), "counts rows"),
        (np.repeat(np.arange(12), 8), "never changes within a sequence"),
        (np.tile(list("uvwx"), 24), "is no number, and no input"),
    ],
)
def test_counters_constants_and_words_are_no_inputs_and_are_named(column, note):
    dataset = load_data(table(other=column))
    assert dataset.features == ("x",)
    assert any(said.startswith(f"other {note}") for said in dataset.reading.notes)
    if not note.startswith("is"):
        assert load_data(table(other=column), features=["x", "other"]).features == ("x", "other")


def test_words_are_inputs_if_they_are_named_or_few_or_alone():
    words = np.tile(list("uvvu"), 24)
    one_for_each = ("x", "other=u", "other=v")
    assert load_data(table(other=words), features=["x", "other"]).features == one_for_each
    dataset = load_data(table(other=words), categories=2, standardize="none")
    assert dataset.features == one_for_each
    np.testing.assert_array_equal(dataset.train.values[0, :, 1:], np.eye(2)[[0, 1, 1, 0, 0, 1, 1, 0]])
    assert "other has 2 words, each of which is an input: u, v" in dataset.reading.notes
    assert load_data(table(other=words).drop(columns="x")).features == one_for_each[1:]
    names = [f"word {at}" for at in range(96)]
    assert load_data(table(other=names), categories=50).features == ("x",)
    with pytest.raises(DataError, match=r"row 0: column other has word 0, but features must be numbers"):
        load_data(table(other=names), features=["x", "other"])


def test_a_number_that_stands_for_a_missing_value_is_pointed_out():
    values = table()["x"].mask(np.arange(96) % 9 == 3, -200)
    sentence = "x is -200 in 11 rows, far from all other values: na_values=-200, if it stands for a missing value"
    assert load_data(table(x=values)).reading.doubts == (sentence,)
    both = load_data(table(x=values, z=values.mask(np.arange(96) % 9 == 4, -200))).reading.doubts
    assert both == (sentence.replace("x is", "x, z are").replace("11 rows", "11 to 22 rows"),)
    assert load_data(table(x=np.arange(96) % 7 * -50.0)).reading.doubts == ()


def test_a_part_of_the_time_and_a_switch_are_inputs():
    assert load_data(table(hour=np.tile(np.arange(4), 24), on=STEP % 2)).features == ("x", "hour", "on")


def test_words_and_numbers_of_few_kinds_are_kinds():
    dataset = load_data(table(holiday=np.array(["0", "a", "0", "b"])[np.arange(96) % 4]))
    assert dataset.features == ("x",)
    assert any(note.startswith("holiday is no number, and no input") for note in dataset.reading.notes)


def test_words_among_numbers_are_refused_with_the_option():
    cells = [*map(str, range(95)), "off"]
    with pytest.raises(DataError, match=r"row 95: column z has off, .* give na_values=off"):
        load_data(table(z=cells))
    assert load_data(table(z=cells), na_values="off", missing="zero").features == ("x", "z")


def test_the_only_input_is_one_though_it_counts():
    assert load_data(table(x=STEP)).features == ("x",)
