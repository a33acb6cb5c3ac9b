"""The table of runs, as the report writes it."""

import pandas as pd

from lengthwise.study.study import Study

FIRST = ("seq_len", "cell", "seed")
"""Columns that come first, as people look for them."""


def runs_table(study: Study) -> pd.DataFrame:
    """Return one row a run that has ended: its settings, whether it finished or why it failed, and its measurements."""
    runs = study.results.drop(columns="id")
    settings = [name for name in runs.columns if name not in (*FIRST, "status", "reason")]
    return runs[[*FIRST, "status", "reason", *settings]]


def csv_text(table: pd.DataFrame) -> str:
    """Return a table as CSV with full precision."""
    text: str = table.to_csv(index=False, lineterminator="\n")
    return text
