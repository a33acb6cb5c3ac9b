"""Tables in files of other programs."""

import numpy as np
import pandas as pd
import pytest

from lengthwise.data import load_data
from lengthwise.errors import DataError
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
        load_data(tmp_path / "b.xlsx")


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
