"""What a source has of finished runs, before it is known which of its columns is what."""

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


def names_of(frame: pd.DataFrame) -> list[str]:
    """Return the names of a frame's columns."""
    return [str(name) for name in frame.columns]


def numbers_where_all_are(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame in which columns of texts that are all numbers are numbers; blanks are missing values.

    >>> numbers_where_all_are(pd.DataFrame({"a": ["8", ""], "b": ["x", "1"], "c": ["0,5", "n/a"]})).to_dict("list")
    {'a': [8.0, nan], 'b': ['x', '1'], 'c': [0.5, nan]}
    """
    frame = frame.copy()
    for name in frame.select_dtypes(["object", "string", "category"]):
        if frame[name].map(lambda cell: isinstance(cell, str | int | float) and not isinstance(cell, bool)).any():
            found = as_numbers(frame[name], Options())
            if not found.wrong.any() and np.isfinite(found.values).any():
                frame[name] = found.values
    return frame
