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
    """Say which length is long enough, and write the study's page, tables and figures.

    Parameters
    ----------
    study
        Folder that lengthwise study wrote.
    margin
        How much worse than the best is still good enough; 0.005 is half a percentage point. [default: 0.005, or of an
        error two hundredths of the baseline's]
    confidence
        Of the intervals and the recommendation.
    figures
        Write the figures for a paper: 300 dpi, and PDF beside PNG and SVG.
    out
        Folder to write to. [default: the study's own]
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
    if drawn:
        kinds = ", ".join(dict.fromkeys(path.suffix[1:].upper() for path in drawn))
        count = len({path.with_suffix("") for path in drawn})
        console.print(f"written to {folder / 'figures'}: {count} figures ({kinds})")
