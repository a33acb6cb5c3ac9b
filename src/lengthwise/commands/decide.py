"""``lengthwise decide``."""

from pathlib import Path
from typing import Any

from lengthwise._internal.output import Output
from lengthwise.commands.written import print_written
from lengthwise.errors import UsageError
from lengthwise.report.files import write_results
from lengthwise.report.terminal import print_answer
from lengthwise.results.decide import command_of, study_of
from lengthwise.results.sources import read_runs
from lengthwise.results.told import tell
from lengthwise.study.answer import usual_margin
from lengthwise.tasks.named_metrics import Direction


def decide(
    results: str,
    *,
    length: str | None = None,
    seed: str | None = None,
    score: str | None = None,
    fold: str | None = None,
    case: str | None = None,
    where: list[str] | None = None,
    ignore: str | None = None,
    direction: Direction | None = None,
    margin: float | None = None,
    confidence: float | None = None,
    out: Path | None = None,
    figures: bool = False,
) -> None:
    """Say which length is long enough from results that exist, of whatever program.

    Parameters
    ----------
    results
        A table with a row a run (CSV, TSV, Parquet, Excel, JSON lines; an export of Weights & Biases); a storage of
        Optuna, SQLite file, URL or journal; a store of MLflow, folder or database; a folder of TensorBoard events with
        HParams; cv_results_ of scikit-learn, saved as a table.
    length
        Column of the lengths. [default: the one whose name says so, such as seq_len, lookback, window]
    seed
        Column of the seeds. [default: the one whose name says so, such as seed, random_state; or none]
    score
        Column of the scores. [default: the one whose name says so, such as val_acc, val_mae]
    fold
        Column of the folds. [default: the one whose name says so; or none]
    case
        Column of the cases, where a row is the score of one, such as of a series or a person.
    where
        Which rows count, such as model=lstm; it may be given several times. [default: all; each model has its answer]
    ignore
        Columns in which runs may differ and count alike, separated by commas.
    direction
        Whether higher or lower scores are better. [default: as the score's name or the source says]
    margin
        Largest loss of score against the best length that is still good enough; 0.005 is half a percentage point.
        [default: 0.005, or for an error 0.02 of the best length's]
    confidence
        Confidence of the intervals and of the recommendation. [default: 0.95]
    out
        Folder to write the page, the tables and the figures to. [default: none is written]
    figures
        With --out, whether to write the figures for a paper: at 300 dpi, and as PDF in addition to PNG and SVG.
    """
    given: dict[str, Any] = {"length": length, "seed": seed, "score": score, "fold": fold, "case": case}
    given |= {"where": dict(_pair(each) for each in where or ()), "ignore": ignore.split(",") if ignore else []}
    given |= {"direction": direction}
    told = tell(read_runs(results), **given)
    study = study_of(told, out=out, command=command_of(results, given))
    console = Output(soft_wrap=True)
    console.print(f"read: {len(study.results)} runs of {told.source}")
    for word, text in told.facts().items():
        console.print(f"{word}: {text}")
    for note in told.notes:
        console.print(f"note: {note}")
    if margin is None and not study.metric.absolute:
        usual = usual_margin(study.store)
        console.print(
            f"margin: {usual:.3g}, {100 * study.metric.margin:g} % of the best length's score (--margin for another)"
        )
    print_answer(study.answers(margin=margin, confidence=confidence))
    if out is not None:
        files = write_results(study, out, margin=margin, confidence=confidence, paper=figures)
        print_written(out, files)


def _pair(text: str) -> tuple[str, str]:
    """Return the column and the value of an option ``--where``."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"--where is {text}, but must be a column and its value, such as model=lstm.")
    return name.strip(), value.strip()
