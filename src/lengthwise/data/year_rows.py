"""Tables with a year in each row and a column for each month: they are one series of months."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise.data.cells import is_number_column
from lengthwise.data.months import MONTHS
from lengthwise.data.options import Options
from lengthwise.data.reading import listed
from lengthwise.data.times import part_of

MONTHS_A_YEAR = 12

DATE, VALUE = "month", "value"
"""The columns of the series."""


def months_of_years(frame: pd.DataFrame, options: Options) -> tuple[pd.DataFrame, NDArray[np.int64], str] | None:
    """Return a table with a row for each month, the row that each is from, and a note.

    None if the table has not a column of years and one for each month, or is not forecast, or options use its columns.

    >>> table = pd.DataFrame({"Year": [2025, 2026], **{month: [1.0, 2.0] for month in MONTHS if month.isalpha()}})
    >>> english = ["Year", "jan", "feb", "mar", "apr", "may", "june", "jul", "aug", "sep", "oct", "nov", "dec"]
    >>> series, rows, _ = months_of_years(table[english], Options.make({"task": "forecasting", "horizon": 1}))
    >>> len(series), str(series.month[12].date()), float(series.value[12]), int(rows[12])
    (24, '2026-01-01', 2.0, 1)
    """
    used = options.target or options.time or options.features or options.sequence or options.layout
    if options.task != "forecasting" or used or not frame.columns.is_unique:
        return None
    years = [name for name in frame if part_of(frame[name]) == "year"]
    months = {MONTHS[word]: name for name in frame if (word := str(name).strip(" .").lower()) in MONTHS}
    if len(years) != 1 or len(months) < MONTHS_A_YEAR:
        return None
    year = frame[years[0]]
    if not is_number_column(year) or year.isna().any() or year.duplicated().any() or not year.between(1000, 2999).all():
        return None
    names = [months[number] for number in range(1, MONTHS_A_YEAR + 1)]
    rows = np.arange(len(frame)).repeat(MONTHS_A_YEAR)
    written = year.astype(np.int64).astype("str").to_numpy().repeat(MONTHS_A_YEAR)
    numbers = np.tile(np.arange(1, MONTHS_A_YEAR + 1), len(frame)).astype("str")
    dates = pd.to_datetime(pd.Series(written) + "-" + pd.Series(numbers), format="%Y-%m")
    values = frame[names].to_numpy().ravel()
    note = f"each row is a year, and {names[0]} to {names[-1]} are its months: layout=long, if a row is a step"
    others = [name for name in frame if name not in (*names, *years)]
    if others:
        note += f"; {listed(list(map(str, others)))} {'is' if len(others) == 1 else 'are'} left out"
    return pd.DataFrame({DATE: dates, VALUE: values}), rows, note
