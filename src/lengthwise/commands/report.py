"""``lengthwise report``."""

from pathlib import Path
from shlex import quote

from lengthwise.commands.written import print_written
from lengthwise.report.files import write_results
from lengthwise.report.terminal import print_answer, print_failures
from lengthwise.study.study import Study


def report(
    study: Path,
    *,
    margin: float | None = None,
    confidence: float | None = None,
    figures: bool = False,
    out: Path | None = None,
) -> None:
    """Print which length is long enough, and write the study's page, tables and figures.

    Parameters
    ----------
    study
        Folder that lengthwise study wrote.
    margin
        Largest loss of score against the best length that is still good enough; 0.005 is half a percentage point.
        [default: that of the study, or else 0.005, or for an error 0.02 of the baseline's]
    confidence
        Confidence of the intervals and of the recommendation. [default: that of the study, or else 0.95]
    figures
        Whether to write the figures for a paper: at 300 dpi, and as PDF in addition to PNG and SVG.
    out
        Folder to write to. [default: the study's folder]
    """
    opened = Study.load(study, read_only=True)
    folder = study if out is None else out
    found = opened.answers_so_far(margin=margin, confidence=confidence)
    if found:
        print_answer(found)
        print_failures(opened.results)
    else:
        what = "seed of the study has all its folds" if opened.has_finished_run else "run of the study has finished"
        print(f"No {what} yet: go on with lengthwise study --resume {quote(str(study))}")
    files = write_results(opened, folder, margin=margin, confidence=confidence, paper=figures)
    print_written(folder, files)
