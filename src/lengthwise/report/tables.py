"""The table of runs in the report."""

import pandas as pd

from lengthwise.study.study import Study

FIRST = ("seq_len", "cell", "seed")
"""Columns that come first, as readers look for them."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Signs with which a cell begins that a spreadsheet computes."""


def runs_table(study: Study) -> pd.DataFrame:
    """Return a row for each run that has ended: its settings, its status or why it failed, and its measurements."""
    runs = study.results.drop(columns="id")
    first = [name for name in FIRST if name in runs]
    settings = [name for name in runs.columns if name not in (*first, "status", "reason")]
    return runs[[*first, "status", "reason", *settings]]


def csv_text(table: pd.DataFrame) -> str:
    """Return a table as CSV with full precision.

    A text that a spreadsheet would compute, such as a file's name that begins with ``=``, gets an apostrophe before it.
    """
    shown = table.copy()
    for name in shown.select_dtypes(["object", "string"]):
        shown[name] = shown[name].map(_as_text, na_action="ignore")
    text: str = shown.to_csv(index=False, lineterminator="\n")
    return text


def _as_text(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
