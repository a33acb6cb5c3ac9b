"""The files that ``lengthwise report`` writes."""

from pathlib import Path

from lengthwise._internal.atomic_files import replace_file, replace_text, writing
from lengthwise._internal.extras import is_installed
from lengthwise.report.page import page_data, render_page
from lengthwise.report.tables import csv_text, runs_table
from lengthwise.study.study import Study


def write_results(
    study: Study,
    folder: str | Path,
    *,
    margin: float | None = None,
    confidence: float | None = None,
    paper: bool = False,
) -> list[Path]:
    """Write the results of a study: the page, the table of runs and the figures.

    ``report.html`` is one file that opens anywhere; ``results.csv`` and ``results.parquet`` have a row for each run,
    with the reason of failed ones; ``figures/`` holds the figures, for all configurations together and for each. The
    Parquet file is written if pyarrow is installed (``pip install 'lengthwise[parquet]'``). ``answer.json`` is the
    answer for programs.

    Parameters
    ----------
    study : Study
    folder : str or Path
        Created if it does not exist; files of an earlier report are replaced.
    margin, confidence : float, optional
        As for `lengthwise.Study.answers`.
    paper : bool
        Whether figures are for a paper: 300 dpi, and PDF in addition to PNG and SVG.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    UsageError
        If `margin` or `confidence` is out of range.
    RunError
        If a file cannot be written.
    """
    folder = Path(folder)
    written = [write_page(study, folder, margin=margin, confidence=confidence), *write_tables(study, folder)]
    found = study.answers_so_far(margin=margin, confidence=confidence)
    if found:
        from lengthwise.report.figures import write_figures  # noqa: PLC0415 - loads matplotlib

        written += study.write_answer(folder, margin=margin, confidence=confidence)
        written += write_figures(found, folder / "figures", paper=paper)
    return written


def write_page(study: Study, folder: Path, *, margin: float | None = None, confidence: float | None = None) -> Path:
    """Write ``report.html`` alone; see `write_results`."""
    html = render_page(page_data(study, margin=margin, confidence=confidence))
    page = _made(folder) / "report.html"
    replace_text(page, html)
    return page


def write_tables(study: Study, folder: Path) -> list[Path]:
    """Write ``results.csv`` and, where pyarrow is installed, ``results.parquet`` alone; see `write_results`."""
    table = runs_table(study)
    csv, parquet = _made(folder) / "results.csv", folder / "results.parquet"
    replace_text(csv, csv_text(table))
    if not is_installed("pyarrow"):
        return [csv]
    replace_file(parquet, lambda beside: table.to_parquet(beside, index=False))
    return [csv, parquet]


def _made(folder: Path) -> Path:
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder
