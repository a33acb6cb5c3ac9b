"""The answer for results that exist: a study whose runs are told from a table."""

import math
import shlex
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from lengthwise.errors import LengthwiseWarning
from lengthwise.results.sources import read_runs
from lengthwise.results.told import Told, tell
from lengthwise.study.study import Study
from lengthwise.study.table import begin_table
from lengthwise.study.trial import Scores, Trial, TrialOutcome
from lengthwise.tasks.named_metrics import Direction


def decide(
    results: Any,
    *,
    length: str | None = None,
    seed: str | None = None,
    score: str | None = None,
    fold: str | None = None,
    case: str | None = None,
    where: Mapping[str, Any] | None = None,
    ignore: str | Iterable[str] = (),
    direction: Direction | None = None,
    out: str | Path | None = None,
) -> Study:
    """Decide which length is long enough from results that exist, whatever program made them.

    Where runs differ in a setting too, such as a model, each of its values is a configuration with an answer of its
    own. What is not certain of the table is a warning.

    Parameters
    ----------
    results : str, Path, DataFrame, mapping, or search of scikit-learn
        A table with a row a run (CSV, TSV, Parquet, Excel, JSON lines; an export of Weights & Biases); a storage of
        Optuna, SQLite file, URL or journal; a store of MLflow, folder or database; a folder of TensorBoard events with
        HParams; a frame of pandas or polars; ``cv_results_``, or the search itself.
    length, seed, score, fold, case : str, optional
        The columns that hold them: by default those whose names say so, such as ``seq_len``, ``lookback``,
        ``random_state``, ``val_acc``. Runs of the same seed at two lengths are compared as a pair. With `case`, a row
        is the score of one case (a series, a person), and the cases are what the answer generalises to. With several
        folds and no seeds, folds are compared as divisions of the same data.
    where : mapping of str to Any, optional
        The values of columns in the rows that count, such as ``{"model": "lstm"}``: one configuration alone.
    ignore : str or iterable of str
        Settings in which runs may differ and count alike.
    direction : {"maximize", "minimize"}, optional
        Whether higher or lower scores are better, where neither the score's name nor the source says so.
    out : str or Path, optional
        Folder of the study's store; in memory without. That of an earlier table is replaced.

    Returns
    -------
    Study
        Its `answers` are the answer, of several configurations one each, and `lengthwise.write_results` writes the
        page, the tables and the figures.

    Raises
    ------
    UsageError
        If it is not certain which column is what, or which runs are of one configuration; if a package is missing.
    DataError
        If the results cannot be read, or no run has finished.

    Examples
    --------
    >>> table = {"lookback": [8, 8, 8, 16, 16, 16, 24, 24, 24], "seed": 3 * [0, 1, 2]}
    >>> table["val_acc"] = [0.901, 0.903, 0.902, 0.960, 0.961, 0.9615, 0.961, 0.9605, 0.962]
    >>> study = decide(table)
    >>> study.answers()[0].recommendation.seq_len
    16
    """
    given: dict[str, Any] = {"length": length, "seed": seed, "score": score, "fold": fold, "case": case}
    given |= {"where": where, "ignore": [ignore] if isinstance(ignore, str) else list(ignore), "direction": direction}
    told = tell(read_runs(results), **given)
    for note in told.notes:
        warnings.warn(f"{told.source}: {note}.", LengthwiseWarning, stacklevel=2)
    return study_of(told, out=out, command=command_of(results, given))


def study_of(told: Told, *, out: str | Path | None, command: str) -> Study:
    """Return the study of what a table tells.

    Parameters
    ----------
    told : Told
    out : str, Path or None
        As for `decide`.
    command : str
        The command that repeats it.
    """
    noted = {
        "split": told.split if told.split == "validation" else "",
        "cases": told.cases,
        "divisions": told.divisions,
        "trainer": {"read": told.facts() | _repeats(told), "repeated_by": command},
    }
    trainer, store = begin_table(None if out is None else Path(out), told.source, told.metric, _outcomes(told), noted)
    return Study._of(trainer, store)  # noqa: SLF001 - made of what it consists of


def _repeats(told: Told) -> dict[str, str]:
    """Return which seeds or folds there are, where they are known."""
    numbers = ", ".join(map(str, sorted(told.table.seed.unique())))
    if told.divisions:
        return {"folds": numbers}
    return {"seeds": numbers} if told.columns.seed is not None else {}


def command_of(results: Any, given: Mapping[str, Any]) -> str:
    """Return the command that repeats a decision, given the arguments of `tell` by name.

    >>> command_of("runs.csv", {"score": "val_mae", "where": {"model": "lstm"}, "seed": None, "ignore": ["lr", "host"]})
    'lengthwise decide runs.csv --score val_mae --where model=lstm --ignore lr,host'
    """
    if not isinstance(results, str | Path):
        return "lengthwise.decide(…), in Python"
    words = ["lengthwise", "decide", str(results)]
    for name, value in given.items():
        if name == "where":
            words += [word for pair in (value or {}).items() for word in ("--where", "=".join(map(str, pair)))]
        elif value:
            words += [f"--{name}", value if isinstance(value, str) else ",".join(value)]
    return shlex.join(words)


def _outcomes(told: Told) -> list[TrialOutcome]:
    """Return the runs of a table as a study is told of them."""
    return [_outcome(told, rows) for _, rows in told.table.groupby(["configuration", "seq_len", "seed"])]


def _outcome(told: Told, rows: pd.DataFrame) -> TrialOutcome:
    cases = rows.score.to_numpy()
    took = float(rows.seconds.mean())
    scores = Scores(float(cases.mean()), cases if len(cases) > 1 else cases[:0], None if math.isnan(took) else took)
    values = told.configurations[rows.configuration.iloc[0]].values
    run = Trial(int(rows.seq_len.iloc[0]), int(rows.seed.iloc[0]), configuration=tuple(values.items()))
    return TrialOutcome(run, told.metric, scores=scores, wall_seconds=took)
