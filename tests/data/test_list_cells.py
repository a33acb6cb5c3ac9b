"""Tables whose cells hold whole sequences."""

import numpy as np
import pandas as pd
import pytest

import lengthwise
from lengthwise.data.list_cells import unlisted
from lengthwise.data.options import Options
from lengthwise.errors import DataError

RANDOM = np.random.default_rng(0)


def steps_of(frame, **options):
    return unlisted(frame, Options.make(options), "the frame", lambda row: f"row {row}")


def test_every_item_of_a_list_is_a_step_of_its_row():
    found = steps_of(pd.DataFrame({"x": [[1.5, 2.5], (3.5,)], "z": [np.array([4, 5]), [6]], "label": ["a", "b"]}))
    assert found.frame.to_dict("list") == {
        "row": [0, 0, 1],
        "x": [1.5, 2.5, 3.5],
        "z": [4, 5, 6],
        "label": ["a", "a", "b"],
    }
    assert found.rows.tolist() == [0, 0, 1]
    assert found.note == "each row has lists of its steps in x, z, and is a sequence"
    assert steps_of(pd.DataFrame({"x": [1.5], "label": ["a"]})) is None


def test_lists_of_lists_have_a_column_for_each_feature_and_the_longer_axis_is_the_time():
    by_step = steps_of(pd.DataFrame({"x": [[[1, 2], [3, 4], [5, 6]], [[7, 8]]]})).frame
    assert by_step[["x1", "x2"]].to_numpy().tolist() == [[1, 2], [3, 4], [5, 6], [7, 8]]
    by_channel = steps_of(pd.DataFrame({"x": [[[1, 3, 5], [2, 4, 6]]] * 2})).frame
    assert by_channel[["x1", "x2"]].to_numpy().tolist() == [[1, 2], [3, 4], [5, 6]] * 2


def test_lists_may_be_written_as_texts():
    texts = ["[1, 2, 3, 4, 5, 6, 7, 8.5]", "1 2 3 4  5 6 7 8", "-1;2;.5;4;5;6;7;1e3"]
    found = steps_of(pd.DataFrame({"pixels": texts, "label": [0, 1, 0]})).frame
    assert found.pixels.tolist() == [1, 2, 3, 4, 5, 6, 7, 8.5, *range(1, 9), -1, 2, 0.5, 4, 5, 6, 7, 1000]
    assert steps_of(pd.DataFrame({"time": ["2026 01 02 03 04 05 06"] * 3})) is None
    assert steps_of(pd.DataFrame({"x": [*texts, "none"]})) is None


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"x": [[1], [2, 3]], "z": [[1], [2]]}, "the frame, row 1: x has 2 items, but z has 1"),
        ({"x": [[1], 5]}, "the frame, row 1: x holds 5, but the column's cells are lists"),
        ({"x": [[1], []]}, r"the frame, row 1: x holds \[\], but"),
        ({"x": [[[1, 2], [3]], [[1, 2]]]}, "the frame, row 0: the lists in x have different numbers of items"),
        ({"x": [[[1, 2]], [[1, 2, 3], [1, 2, 3]]]}, "the frame has lists of .* features in x"),
        ({"x": [[1]], "row": [0]}, "the frame has cells of lists, and a column row"),
    ],
)
def test_lists_that_fit_no_table_are_refused_with_their_place(columns, sentence):
    with pytest.raises(DataError, match=sentence):
        steps_of(pd.DataFrame(columns))


def test_columns_of_lists_that_are_no_features_are_left_alone():
    table = pd.DataFrame({"x": [[1.0], [2.0, 3.0]], "more": [[1], [2]], "label": [0, 1]})
    assert list(steps_of(table, features=("x",)).frame) == ["row", "x", "more", "label"]


def test_a_table_of_lists_is_classified_tagged_or_forecast(tmp_path):
    pytest.importorskip("pyarrow")
    values = [RANDOM.normal(size=9).tolist() for _ in range(30)]
    labels = np.arange(30) % 2
    pd.DataFrame({"signal": values, "label": labels, "person": labels + np.arange(30) // 6 * 2}).to_parquet(
        tmp_path / "lists.parquet"
    )
    data = lengthwise.load_data(tmp_path / "lists.parquet")
    assert (data.task, data.num_steps, data.features, data.grouped_by) == ("classification", 9, ("signal",), "person")
    assert sum(len(data.split(split)) for split in ("train", "validation", "test")) == 30
    tags = lengthwise.load_data(pd.DataFrame({"x": values, "tag": [(np.arange(9) % 3).tolist()] * 30}), target="tag")
    assert (tags.task, tags.num_classes) == ("tagging", 3)
    longer = [RANDOM.normal(size=60).tolist() for _ in range(4)]
    assert lengthwise.load_data(pd.DataFrame({"load": longer})).task == "forecasting"
