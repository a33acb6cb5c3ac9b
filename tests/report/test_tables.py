"""The table of runs as CSV."""

import pandas as pd
import pytest

from lengthwise.report.tables import csv_text


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t"])
def test_a_text_that_a_spreadsheet_would_compute_is_kept_a_text(sign):
    names, reasons = [f"{sign}cmd|calc.csv", "walks.csv"], [None, f"a{sign}b"]
    table = pd.DataFrame({"data": names, "score": [-0.5, 1.0], "reason": reasons})
    before = table.copy()
    assert csv_text(table).splitlines() == [
        "data,score,reason", f"'{sign}cmd|calc.csv,-0.5,", f"walks.csv,1.0,a{sign}b",
    ]  # fmt: skip
    pd.testing.assert_frame_equal(table, before)
