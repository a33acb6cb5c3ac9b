"""Cells as numbers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data.cells import as_numbers, is_missing
from lengthwise.data.options import Options
from lengthwise.errors import UsageError


def read(cells, **options):
    return as_numbers(pd.Series(cells, name="x"), Options.make(options))


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1.5", " -2 ", "3e2"], [1.5, -2, 300]),
        (["21,101262", "40,3"], [21.101262, 40.3]),
        (["0,5", "12"], [0.5, 12]),
        (["1,589.29", "86.95"], [1589.29, 86.95]),
        (["1.589,29", "2.000"], [1589.29, 2000]),
        (["1,234,567", "12"], [1234567, 12]),
        (["-0.21%", "1%"], [-0.21, 1]),
        (["0.19;", "-11;"], [0.19, -11]),
        (["$1,234.50", "-$3"], [1234.5, -3]),
        (["5 €", "6,5 €"], [5, 6.5]),
        (["50 130,25", "1 234 567"], [50130.25, 1234567]),
        (["1'234.5", "7"], [1234.5, 7]),
    ],
)
def test_the_notation_is_found_in_the_cells(cells, values):
    found = read(cells)
    assert found.values.tolist() == values
    assert not found.wrong.any()


@pytest.mark.parametrize("word", ["?", "NA", "n/a", "-", "null", "None", "", "NaN", "#N/A"])
def test_words_for_a_missing_number_are_missing(word):
    found = read(["1", word, "2,5"])
    np.testing.assert_array_equal(found.values, [1, np.nan, 2.5])
    assert not found.wrong.any()


def test_a_sign_without_a_number_is_a_missing_number():
    found = read(["0.19;", ";", "-11;"])
    np.testing.assert_array_equal(found.values, [0.19, np.nan, -11])
    assert not found.wrong.any()


def test_other_words_are_wrong_unless_an_option_names_them():
    assert read(["1", "off"]).wrong.tolist() == [False, True]
    assert not read(["1", "off"], na_values="off").wrong.any()
    assert np.isnan(read([1.0, -999.0], na_values="-999").values[1])


def test_a_comma_that_may_mean_two_things_is_refused_with_both_options():
    with pytest.raises(UsageError, match=r"column x has 1,234, where the comma may be .* decimal=, or thousands=,"):
        read(["1,234", "5,678"])
    assert read(["1,234"], decimal=",").values.tolist() == [1.234]
    assert read(["1,234"], thousands=",").values.tolist() == [1234]
    assert read(["1.234", "1.234,5"], decimal=",", thousands=".").values.tolist() == [1234, 1234.5]


def test_a_sign_between_thousands_elsewhere_is_no_number():
    assert read(["1,23,4", "1,000.5"], thousands=",").wrong.tolist() == [True, False]


def test_a_column_of_numbers_has_no_words():
    assert is_missing(pd.Series([1, np.nan]), Options()).tolist() == [False, True]


@given(st.lists(st.floats(-1e9, 1e9).map(lambda x: round(x, 3)), min_size=1), st.booleans())
def test_numbers_written_with_a_comma_and_points_are_read_back(numbers, grouped):
    cells = [f"{number:,.3f}" if grouped else f"{number:.3f}" for number in numbers]
    swapped = [cell.translate(str.maketrans(".,", ",.")) for cell in cells]
    found = read(swapped, decimal=",", thousands="." if grouped else None)
    np.testing.assert_allclose(found.values, numbers, atol=1e-9)
