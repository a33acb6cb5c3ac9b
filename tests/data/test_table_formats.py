"""Tables in files of other programs."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lengthwise.data import load_data
from lengthwise.errors import DataError, UsageError
from tests.data.made import gathered, in_order


def table():
    random = np.random.default_rng(0)
    return pd.DataFrame({
        "id": np.repeat(np.arange(20), 5), "t": np.tile(np.arange(5), 20), "x": random.normal(size=100).round(4),
        "label": np.repeat(np.array(["a", "None"])[np.arange(20) % 2], 5),
    })  # fmt: skip


def test_the_first_sheet_of_excel_is_a_table(tmp_path):
    frame = table()
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    dataset = load_data(tmp_path / "a.xlsx")
    assert dataset.classes == ("None", "a")
    assert dataset.checksum == load_data(frame).checksum
    frame.loc[3, "x"] = np.nan
    frame.to_excel(tmp_path / "b.xlsx", index=False)
    with pytest.raises(
        DataError, match=r"b\.xlsx, line 5: the value of sequence 0, step 3, feature 0 \(x\) is missing"
    ):
        load_data(tmp_path / "b.xlsx", missing="refuse")


def test_a_table_below_a_title_and_on_another_sheet_is_found(tmp_path):
    frame, path = table(), tmp_path / "a.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"about": ["walks"]}).to_excel(book, sheet_name="Readme", index=False)
        frame.to_excel(book, sheet_name="rows", index=False, startrow=3)
        book.sheets["rows"]["A1"] = "Walks of 2026"
    dataset = load_data(path)
    assert dataset.checksum == load_data(frame).checksum
    notes = " | ".join(dataset.reading.notes)
    assert "the sheet rows was read, and not Readme" in notes
    assert "the first 3 lines are no part of the table" in notes
    frame.loc[3, "x"] = np.nan
    frame.to_excel(tmp_path / "b.xlsx", index=False, startrow=3)
    with pytest.raises(DataError, match=r"b\.xlsx, line 8: the value of sequence 0, step 3"):
        load_data(tmp_path / "b.xlsx", missing="refuse")


def test_a_sheet_whose_columns_have_one_name_or_that_is_empty_is_refused(tmp_path):
    frame = table()
    frame.columns = ["id", "x", "x", "label"]
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    with pytest.raises(DataError, match="two columns called x"):
        load_data(tmp_path / "a.xlsx")
    pd.DataFrame().to_excel(tmp_path / "b.xlsx")
    with pytest.raises(DataError, match="has no rows"):
        load_data(tmp_path / "b.xlsx")


@st.composite
def sheets(draw):
    """Draw a table of sequences whose columns have the types that cells of a sheet have."""
    count, steps = draw(st.integers(6, 12)), draw(st.integers(2, 6))
    rows = count * steps
    random = np.random.default_rng(draw(st.integers(0, 99)))
    number, place = np.repeat(np.arange(count), steps), np.tile(np.arange(steps), count)
    names = [number, np.char.add("s", number.astype(str)), np.char.zfill(number.astype(str), 3)]
    times = [place, place * 0.5, pd.Timestamp("2026-01-31") + pd.to_timedelta(place, "h")]
    kinds = [["a", "None"], [0, 1], [0.5, 7.25], ["007", "7"]]
    values = [random.normal(size=rows), random.integers(-9, 9, rows), random.normal(size=rows) > 0]
    return pd.DataFrame(
        {
            "id": draw(st.sampled_from(names)),
            "time": draw(st.sampled_from(times)),
            "label": np.array(draw(st.sampled_from(kinds)))[number % 2],
            "x": draw(st.sampled_from(values)),
            draw(st.sampled_from(["y", "größe", 2026, "a b"])): random.normal(size=rows).round(3),
        }
    )


@settings(max_examples=25, deadline=None)
@given(sheets())
def test_whatever_table_was_written_by_excel_comes_back(tmp_path_factory, frame):
    path = tmp_path_factory.mktemp("xlsx") / "a.xlsx"
    frame.to_excel(path, index=False)
    read, expected = load_data(path), load_data(frame)
    assert (read.classes, read.features, read.checksum) == (expected.classes, expected.features, expected.checksum)


def test_weka_s_format_has_a_sequence_a_row(tmp_path):
    values = np.random.default_rng(0).normal(size=(30, 20)).cumsum(axis=1).round(3)
    lines = [
        "@relation curves",
        *(f"@attribute att{at} numeric" for at in range(1, 21)),
        "@attribute target {1,2}",
        "@data",
    ]
    lines += [",".join([*map(str, row), "12"[at % 2]]) for at, row in enumerate(values)]
    (tmp_path / "a.arff").write_text("\n".join(lines))
    dataset = load_data(tmp_path / "a.arff", standardize="none")
    assert dataset.classes == ("1", "2")
    np.testing.assert_allclose(in_order(gathered(dataset)[0])[:, :], in_order(values[:, :, None].astype(np.float32)))


@pytest.mark.parametrize("ending", [".xlsx", ".arff"])
def test_other_files_are_refused_in_a_sentence(tmp_path, ending):
    (tmp_path / f"a{ending}").write_bytes(b"no table at all")
    with pytest.raises(DataError, match=f"a{ending} cannot be read as an"):
        load_data(tmp_path / f"a{ending}")


def write_relational(path, values, labels):
    """Write sequences as UEA's multivariate problems: an attribute of steps, with a row for each feature."""
    lines = [
        "@relation two",
        "@attribute both relational",
        *(f"@attribute t{t} numeric" for t in range(values.shape[1])),
    ]
    lines += ["@end both", f"@attribute kind {{{','.join(sorted(set(labels)))}}}", "@data"]
    rows = ["\\n".join(",".join(map(repr, feature)) for feature in one.T.tolist()) for one in values]
    lines += [f'"{row}",{label}' for row, label in zip(rows, labels, strict=True)]
    path.write_text("\n".join(lines) + "\n")


@settings(max_examples=20, deadline=None)
@given(st.integers(12, 20), st.integers(2, 9), st.integers(1, 3), st.integers(0, 99))
def test_multivariate_arff_comes_back_as_it_was_written(tmp_path_factory, count, num_steps, features, seed):
    path = tmp_path_factory.mktemp("arff") / "a.arff"
    values = np.random.default_rng(seed).normal(size=(count, num_steps, features)).round(5)
    write_relational(path, values, ["a", "b"] * (count // 2) + ["a"] * (count % 2))
    dataset = load_data(path, standardize="none")
    assert (dataset.classes, dataset.num_steps, dataset.input_size) == (("a", "b"), num_steps, features)
    np.testing.assert_array_equal(in_order(gathered(dataset)[0]), in_order(values.astype(np.float32)))


def test_a_target_that_is_no_attribute_is_refused(tmp_path):
    write_relational(tmp_path / "a.arff", np.zeros((9, 2, 1)), ["a", "b", "c"] * 3)
    with pytest.raises(UsageError, match="no attribute 'class' beside both: choose one of kind"):
        load_data(tmp_path / "a.arff", target="class")
