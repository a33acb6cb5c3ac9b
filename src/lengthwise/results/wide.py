"""Tables with a column for each seed, as a pivot makes them: each of their cells is a run."""

import re
from dataclasses import replace

import pandas as pd

from lengthwise.results.runs import Runs, names_of
from lengthwise.results.scores import is_score

COLUMN = re.compile(r"(seed|run|rep|repeat|trial|fold|)[\s_-]*(\d+)", re.IGNORECASE)
"""The name of a column that is a seed: ``seed_0``, ``Run 3``, ``42``."""

SCORE = "score"


def is_wide(runs: Runs) -> bool:
    """Return whether a table has a column for each seed, and none that is called a score."""
    names = names_of(runs.frame)
    return len(_seeds(runs.frame)) > 1 and SCORE not in names and not any(is_score(runs, name) for name in names)


def read_wide(runs: Runs) -> Runs:
    """Return the table with a row for each of these cells."""
    found = _seeds(runs.frame)
    is_fold = all(match[1].lower() == "fold" for match in found.values())
    kept = [name for name in names_of(runs.frame) if name not in found]
    long = runs.frame.melt(kept, list(found), "fold" if is_fold else "seed", SCORE)
    column = "fold" if is_fold else "seed"
    long[column] = long[column].map({name: int(match[2]) for name, match in found.items()})
    return replace(runs, frame=long, scores=(SCORE,))


def _seeds(frame: pd.DataFrame) -> dict[str, re.Match[str]]:
    """Return the columns of numbers that are called as a seed is; none if they are not all called alike."""
    numeric = [name for name in names_of(frame) if pd.api.types.is_numeric_dtype(frame[name])]
    found = {name: match for name in numeric if (match := COLUMN.fullmatch(name.strip()))}
    return found if len({match[1].lower() for match in found.values()}) == 1 else {}
