"""What a source has of finished runs, before it is known which of its columns is what."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lengthwise.data.cells import as_numbers
from lengthwise.data.options import Options
from lengthwise.tasks.named_metrics import Direction


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs as their source has them: a row for each, with whatever columns.

    Attributes
    ----------
    frame : DataFrame
        With a plain index.
    source : str
        What they are, as sentences call it: ``runs.csv``.
    settings : tuple of str or None
        The columns that are known to be settings of the trainings; None where that is not known.
    scores : tuple of str
        The columns that are known to be scores; empty where that is not known.
    directions : mapping of str to {"maximize", "minimize"}
        Of scores, where the source says so.
    left_out : mapping of str to int
        Runs that are not in the frame: how they ended, and how many did.
    notes : tuple of str
        What was decided on the way: each a sentence without a full stop.
    """

    frame: pd.DataFrame
    source: str
    settings: tuple[str, ...] | None = None
    scores: tuple[str, ...] = ()
    directions: Mapping[str, Direction] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


MEAN = re.compile(r"(.+?)\s*(?:±|\+/?-|\\pm|\()\s*([\d.,]+)\s*(%?)\)?\s*%?")
"""A mean with its deviation: ``95.2 ± 0.3``, ``0.952 (0.003)``."""


def names_of(frame: pd.DataFrame) -> list[str]:
    """Return the names of a frame's columns."""
    return [str(name) for name in frame.columns]


def numbers_where_all_are(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame in which columns of texts that are all numbers are numbers; blanks are missing values.

    A column of means with deviations becomes two.

    >>> numbers_where_all_are(pd.DataFrame({"a": ["8", ""], "b": ["x", "1"], "c": ["0,5", "n/a"]})).to_dict("list")
    {'a': [8.0, nan], 'b': ['x', '1'], 'c': [0.5, nan]}
    >>> numbers_where_all_are(pd.DataFrame({"acc": ["95.2 ± 0.3", "96.1 ± 0.25"]})).to_dict("list")
    {'acc': [95.2, 96.1], 'acc_std': [0.3, 0.25]}
    """
    frame = _without_deviations(frame)
    for name in frame.select_dtypes(["object", "string", "category"]):
        if frame[name].map(lambda cell: isinstance(cell, str | int | float) and not isinstance(cell, bool)).any():
            found = as_numbers(frame[name], Options())
            if not found.wrong.any() and np.isfinite(found.values).any():
                frame[name] = found.values
    return frame


def _without_deviations(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy in which columns of means with deviations have the means alone, and these another column."""
    frame = frame.copy()
    for name in frame.select_dtypes(["object", "string"]):
        cells = frame[name].dropna()
        found = cells.map(lambda cell: MEAN.fullmatch(cell.strip()) if isinstance(cell, str) else None)
        if len(found) and found.notna().all() and f"{name}_std" not in frame:
            means, deviations = (found.map(lambda match, part=part: match[part]) for part in (1, 2))
            if not as_numbers(means, Options()).wrong.any():
                frame[name], frame[f"{name}_std"] = means.reindex(frame.index), deviations.reindex(frame.index)
    return frame
