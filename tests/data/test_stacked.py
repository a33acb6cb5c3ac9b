"""Tables with a row for each value."""

import numpy as np
import pandas as pd
import pytest

from lengthwise.data import load_data
from lengthwise.errors import DataError


def stacked():
    """Make twelve sequences of ten steps of two features, and the same with a column for each feature."""
    rows = [(i, t, (t * i) % 7 + 0.5, (t + i) % 5 - 0.5, "uv"[i % 2]) for i in range(12) for t in range(10)]
    frame = pd.DataFrame(rows, columns=["id", "time", "a", "b", "label"])
    return frame, frame.melt(id_vars=["id", "time", "label"], var_name="kind", value_name="value")


def test_a_value_a_row_becomes_a_column_for_each_kind(tmp_path):
    frame, melted = stacked()
    melted.sample(frac=1, random_state=0).to_csv(tmp_path / "a.csv", index=False)
    dataset = load_data(tmp_path / "a.csv", split=None)
    assert dataset.features == ("a", "b")
    assert "kind says which feature a value is of, and each is a column: a, b" in dataset.reading.notes
    assert load_data(melted).checksum == load_data(frame).checksum


def test_a_wrong_value_is_in_one_of_the_lines_of_its_row():
    _, melted = stacked()
    melted["value"] = melted["value"].mask(melted.index == 125)
    with pytest.raises(DataError, match=r"row 5: the value of sequence 0, step 5, feature 1 \(b\) is missing"):
        load_data(melted, missing="refuse")


def test_a_kind_of_each_sequence_is_no_kind_of_value():
    frame, _ = stacked()
    plain = frame.rename(columns={"a": "value", "label": "kind"}).assign(label=np.repeat(list("uv") * 6, 10))
    assert load_data(plain).features == ("value", "b")
