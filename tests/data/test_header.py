"""Whether a table begins with names."""

import pytest

from lengthwise.data.header import cell_kind, has_header


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("1", "number"), ("-1.5e-3", "number"), ("1,234.5", "number"), ("1.234.567", "number"), ("5%", "number"),
        ("2026-01-31", "time"), ("31.01.2026 12:00:00,000", "time"), ("1/2/2026", "time"), ("12:30", "time"),
        ("14 Jun 2022", "time"), ("1990Q1", "time"), ("June 14, 2022", "time"), ("2026-01-31T12:00:00+01:00", "time"),
        ("", "missing"), ("?", "missing"), ("NULL", "missing"), ("wood", "text"), ("x1", "text"), ("-0.31;", "number"),
    ],
)  # fmt: skip
def test_a_cell_is_a_number_a_time_missing_or_text(cell, kind):
    assert cell_kind(cell) == kind


@pytest.mark.parametrize(
    ("rows", "header"),
    [
        ([["id", "x"], ["0", "1.5"], ["1", "2"]], True),
        ([["0", "1.5"], ["1", "2"]], False),
        ([["2026-01-01", "3"], ["2026-01-02", "4"]], False),
        ([["", "MT_001"], ["2026-01-01", "3"]], True),
        ([["name", "class"], ["a", "b"]], True),
        ([["0", "1", "2", "3", "label"], ["0.5", "0.1", "0.2", "0.7", "a"]], True),
        ([["country", "2019", "2020", "2021", "2022"], ["Chad", "1.5", "2", "3", "9"]], True),
        ([["+", "S1", "acgt"], ["+", "S2", "ttga"], ["-", "S3", "acca"], ["+", "S4", "gatt"]], False),
        ([["a", "b"], ["x", "y"], ["a", "b"], ["a", "b"]], True),
        ([["1", "7.5", "a"], ["2", "6.5", "b"]], False),
        ([["2020-01-01", "2020-01-02"], ["3", "4"]], True),
    ],
)
def test_names_are_of_another_kind_than_the_cells_below(rows, header):
    assert has_header(rows) is header
