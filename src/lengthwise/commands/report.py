"""``lengthwise report``."""

from pathlib import Path

from rich.console import Console

from lengthwise.report.files import write_results
from lengthwise.report.terminal import print_answer
from lengthwise.study.answer import DEFAULT_CONFIDENCE
from lengthwise.study.study import Study


def report(
    study: Path,
    *,
    margin: float | None = None,
    confidence: float = DEFAULT_CONFIDENCE,
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
        [default: 0.005, or for an error 0.02 of the baseline's]
    confidence
        Confidence of the intervals and of the recommendation.
    figures
        Whether to write the figures for a paper: at 300 dpi, and as PDF in addition to PNG and SVG.
    out
        Folder to write to. [default: the study's folder]
    """
    opened = Study.load(study, read_only=True)
    folder = study if out is None else out
    if (opened.results.status == "finished").any():
        print_answer(opened.answers(margin=margin, confidence=confidence))
    else:
        print(f"No run of the study has finished yet: go on with lengthwise study --resume {study}")
    files = write_results(opened, folder, margin=margin, confidence=confidence, paper=figures)
    drawn = [path for path in files if path.is_relative_to(folder / "figures")]
    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(f"written to {folder}: {', '.join(path.name for path in files if path not in drawn)}")
    if folder / "results.parquet" not in files:
        console.print("results.parquet is left out: it needs pyarrow (pip install 'lengthwise[parquet]')")
    if drawn:
        kinds = ", ".join(dict.fromkeys(path.suffix[1:].upper() for path in drawn))
        count = len({path.with_suffix("") for path in drawn})
        console.print(f"written to {folder / 'figures'}: {count} figures ({kinds})")
