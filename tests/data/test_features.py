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
    if note.startswith("is"):
        with pytest.raises(DataError, match=r"row 0: column other has u, but features must be numbers.*na_values=u"):
            load_data(table(other=column), features=["x", "other"])
    else:
        assert load_data(table(other=column), features=["x", "other"]).features == ("x", "other")


def test_a_part_of_the_time_and_a_switch_are_inputs():
    assert load_data(table(hour=np.tile(np.arange(4), 24), on=STEP % 2)).features == ("x", "hour", "on")


def test_words_among_numbers_are_refused_with_the_option():
    cells = [*map(str, range(95)), "off"]
    with pytest.raises(DataError, match=r"row 95: column z has off, .* give na_values=off"):
        load_data(table(z=cells))
    assert load_data(table(z=cells), na_values="off", missing="zero").features == ("x", "z")


def test_the_only_input_is_one_though_it_counts():
    assert load_data(table(x=STEP)).features == ("x",)
