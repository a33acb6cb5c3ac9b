"""Tables with a column for each seed, length or metric, or a row for each metric: all as a row for each run."""

import re
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from lengthwise.results.names import LENGTHS, METRIC, REPEATS, SEEDS, VALUE, plain
from lengthwise.results.runs import Runs, names_of
from lengthwise.results.scores import is_score

COLUMN = re.compile(r"(seed|run|rep|repeat|trial|fold|)[\s_-]*(\d+)", re.IGNORECASE)
"""The name of a column that is a seed: ``seed_0``, ``Run 3``, ``42``."""

LENGTH_COLUMN = re.compile(r"(\w*?)[\s_=-]*(\d+)\s*(steps?)?", re.IGNORECASE)
"""The name of a column that is a length: ``seq_len_8``, ``16 steps``, ``32``."""

SCORE = "score"
LENGTH = "seq_len"


def is_wide(runs: Runs) -> bool:
    """Return whether a table has a column for each seed, and none that is called a score."""
    names = names_of(runs.frame)
    found = max(len(_seeds(runs.frame)), len(_lengths(runs.frame)))
    return found > 1 and SCORE not in names and not any(is_score(runs, name) for name in names)


def read_wide(runs: Runs) -> Runs:
    """Return the table with a row for each of these cells."""
    lengths = _lengths(runs.frame)
    if lengths:
        kept = [name for name in names_of(runs.frame) if name not in lengths]
        long = runs.frame.melt(kept, list(lengths), LENGTH, SCORE)
        long[LENGTH] = long[LENGTH].map(lengths)
        return replace(runs, frame=long, scores=(SCORE,))
    found = _seeds(runs.frame)
    is_fold = all(match[1].lower() == "fold" for match in found.values())
    kept = [name for name in names_of(runs.frame) if name not in found]
    long = runs.frame.melt(kept, list(found), "fold" if is_fold else "seed", SCORE)
    column = "fold" if is_fold else "seed"
    long[column] = long[column].map({name: int(match[2]) for name, match in found.items()})
    return replace(runs, frame=long, scores=(SCORE,))


def with_metrics_apart(runs: Runs, settled: Iterable[str] = ()) -> Runs:
    """Return a table that has a row for each metric of a run with a column for each, in place of its name and value.

    Parameters
    ----------
    runs : Runs
    settled : iterable of str
        Columns of which a value was chosen: if the metric's is among them, the table stays as it is.
    """
    frame = runs.frame
    names, values = ([each for each in names_of(frame) if plain(each) in called] for called in (METRIC, VALUE))
    if len(names) != 1 or len(values) != 1 or {plain(each) for each in settled} & METRIC:
        return runs
    if frame[names[0]].nunique() < 2 or frame[names[0]].isna().any():
        return runs
    (name,), (value,) = names, values
    rest = [each for each in names_of(frame) if each not in (name, value)]
    run = frame.groupby(rest, dropna=False, sort=False).ngroup() if rest else None
    if run is None or pd.DataFrame({"run": run, "metric": frame[name]}).duplicated().any():
        return runs
    wide = frame.assign(run=run).pivot(index="run", columns=name, values=value)
    if wide.isna().all(axis=1).any() or set(map(str, wide.columns)) & set(rest):
        return runs
    wide.columns = [str(each) for each in wide.columns]
    return replace(runs, frame=frame[rest].drop_duplicates().reset_index(drop=True).join(wide), scores=())


def _lengths(frame: pd.DataFrame) -> dict[str, int]:
    """Return the columns of numbers that are called as a length is, where no column holds the lengths.

    Numbers alone are lengths beside a column of seeds, and where they do not count on, as seeds would.
    """
    names = names_of(frame)
    if any(plain(name) in LENGTHS for name in names):
        return {}
    numeric = [name for name in names if pd.api.types.is_numeric_dtype(frame[name])]
    found = {name: match for name in numeric if (match := LENGTH_COLUMN.fullmatch(name.strip()))}
    lengths = {name: int(match[2]) for name, match in found.items()}
    known = sorted(set(lengths.values()))
    if not known or known[0] < 1 or len(known) < len(lengths):
        return {}
    if all(plain(match[1]) in LENGTHS or match[3] for match in found.values()):
        return lengths
    are_seeds = known[-1] - known[0] == len(known) - 1 and not any(plain(name) in SEEDS | REPEATS for name in names)
    return {} if are_seeds or any(match[1] for match in found.values()) else lengths


def _seeds(frame: pd.DataFrame) -> dict[str, re.Match[str]]:
    """Return the columns of numbers that are called as a seed is; none if they are not all called alike."""
    numeric = [name for name in names_of(frame) if pd.api.types.is_numeric_dtype(frame[name])]
    found = {name: match for name in numeric if (match := COLUMN.fullmatch(name.strip()))}
    return found if len({match[1].lower() for match in found.values()}) == 1 else {}
