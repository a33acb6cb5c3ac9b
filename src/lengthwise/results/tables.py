"""Results in files of tables, such as the CSV that Weights & Biases exports."""

import json
from collections.abc import Callable
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
    if ending in (".parquet", ".pq"):
        required("pyarrow", "reading a Parquet file", "parquet")
        return Runs(_named(_read(path, pd.read_parquet)), path.name)
    if ending in (".xlsx", ".xls", ".xlsm"):
        required("openpyxl", "reading an Excel file", "excel")
        return Runs(numbers_where_all_are(_named(_read(path, pd.read_excel))), path.name)
    if ending in (".jsonl", ".ndjson", ".json"):
        return Runs(numbers_where_all_are(_named(_read(path, _lines if ending != ".json" else _json))), path.name)
    read = read_delimited(path, Options())
    return Runs(numbers_where_all_are(read.frame), path.name, notes=read.notes)


def _read(path: Path, reader: Callable[[Path], pd.DataFrame]) -> pd.DataFrame:
    try:
        return reader(path)
    except Exception as error:  # pandas' readers raise many kinds of error for an invalid file
        detail = " ".join(str(error).split()).rstrip(".")
        raise DataError(f"{path} cannot be read: {detail}.") from error


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose columns have names, and whose index is none of them."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    frame.columns = pd.Index([str(name) for name in frame.columns])
    return frame.reset_index(drop=True)


def _lines(path: Path) -> pd.DataFrame:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return pd.json_normalize([json.loads(line) for line in lines if line.strip()])


def _json(path: Path) -> pd.DataFrame:
    found = json.loads(path.read_text(encoding="utf-8-sig"))
    if isinstance(found, dict) and any(isinstance(value, list | dict) for value in found.values()):
        return pd.DataFrame(found)
    return pd.json_normalize(found)
