"""The table of runs in the report."""

import pandas as pd

from lengthwise.study.study import Study

FIRST = ("seq_len", "cell", "seed")
"""Columns that come first, as readers look for them."""


def runs_table(study: Study) -> pd.DataFrame:
    """Return a row for each run that has ended: its settings, its status or why it failed, and its measurements."""
    runs = study.results.drop(columns="id")
    settings = [name for name in runs.columns if name not in (*FIRST, "status", "reason")]
    return runs[[*FIRST, "status", "reason", *settings]]


def csv_text(table: pd.DataFrame) -> str:
    """Return a table as CSV with full precision."""
    text: str = table.to_csv(index=False, lineterminator="\n")
    return text
