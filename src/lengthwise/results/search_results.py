"""scikit-learn's ``cv_results_``: a row for each candidate becomes a row for each candidate and split."""

import re
from dataclasses import replace

import pandas as pd

from lengthwise.results.runs import Runs, numbers_where_all_are

SPLIT = re.compile(r"split(\d+)_test_(.+)")
PARAMETER = "param_"


def is_search(frame: pd.DataFrame) -> bool:
    """Return whether a table is ``cv_results_``: it has parameters, and scores of splits."""
    names = [str(name) for name in frame.columns]
    return any(map(SPLIT.fullmatch, names)) and any(name.startswith(PARAMETER) for name in names)


def read_search(runs: Runs) -> Runs:
    """Return the scores of each split as a row of its own.

    In scikit-learn a score is better the higher it is; that of an error is its negative (``neg_mean_squared_error``).
    """
    wide = numbers_where_all_are(runs.frame)
    found = {name: match for name in wide.columns if (match := SPLIT.fullmatch(str(name)))}
    metrics = tuple(dict.fromkeys(match[2] for match in found.values()))
    kept = [name for name in wide.columns if name.startswith(PARAMETER) or name in ("iter", "n_resources")]
    times = [name for name in ("mean_fit_time",) if name in wide.columns]
    parts = []
    for fold in sorted({int(match[1]) for match in found.values()}):
        of_metric = {metric: wide[f"split{fold}_test_{metric}"] for metric in metrics}
        parts.append(wide[[*kept, *times]].assign(fold=fold, **of_metric))
    frame = pd.concat(parts, ignore_index=True)
    frame = frame.rename(columns={name: name.removeprefix(PARAMETER) for name in kept})
    return replace(
        runs,
        frame=frame,
        settings=tuple(name.removeprefix(PARAMETER) for name in kept),
        scores=metrics,
        directions=dict.fromkeys(metrics, "maximize"),
    )
