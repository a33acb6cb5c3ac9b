"""Results in files of tables, such as the CSV that Weights & Biases exports."""

import json
from pathlib import Path

import pandas as pd

from lengthwise._internal.extras import required
from lengthwise.data.compressed import OPENERS
from lengthwise.data.delimited import read_delimited
from lengthwise.data.options import Options
from lengthwise.errors import DataError
from lengthwise.results.runs import Runs, numbers_where_all_are


def read_table(path: Path) -> Runs:
    """Read a table of runs: CSV, TSV or other text with separators, Parquet, Excel, JSON or JSON lines.

    Raises
    ------
    DataError
        If it cannot be read.
    UsageError
        If a package is missing.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    ending = next((suffix for suffix in reversed(suffixes) if suffix not in OPENERS), "")
    try:
        if ending in (".parquet", ".pq"):
            required("pyarrow", "reading a Parquet file", "parquet")
            return Runs(_named(pd.read_parquet(path)), path.name)
        if ending in (".xlsx", ".xls", ".xlsm"):
            required("openpyxl", "reading an Excel file", "excel")
            return Runs(numbers_where_all_are(_named(pd.read_excel(path))), path.name)
        if ending in (".jsonl", ".ndjson", ".json"):
            return Runs(numbers_where_all_are(_json(path, lines=ending != ".json")), path.name)
    except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
        if isinstance(error, DataError) or type(error).__module__.startswith("lengthwise"):
            raise
        detail = " ".join(str(error).split()).rstrip(".")
        raise DataError(f"{path} cannot be read: {detail}.") from error
    read = read_delimited(path, Options())
    return Runs(numbers_where_all_are(read.frame), path.name, notes=read.notes)


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose columns have names, and whose index is none of them."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    frame.columns = pd.Index([str(name) for name in frame.columns])
    return frame.reset_index(drop=True)


def _json(path: Path, *, lines: bool) -> pd.DataFrame:
    text = path.read_text(encoding="utf-8-sig")
    found = [json.loads(line) for line in text.splitlines() if line.strip()] if lines else json.loads(text)
    if isinstance(found, dict) and any(isinstance(value, list | dict) for value in found.values()):
        return _named(pd.DataFrame(found))
    return _named(pd.json_normalize(found))
