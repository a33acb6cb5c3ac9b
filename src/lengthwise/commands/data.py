"""List the data that can be trained on, and describe a data set."""

from itertools import islice
from pathlib import Path
from typing import Any

from cyclopts import App
from rich.table import Column, Table

from lengthwise._internal.atomic_files import replace_file
from lengthwise._internal.output import Output
from lengthwise._internal.printable import visible
from lengthwise.commands.options import data_options
from lengthwise.commands.reading import print_notes
from lengthwise.data import SPLITS, Dataset, load_data
from lengthwise.data.description import Description, describe
from lengthwise.data.sources import AUDIO, FILES, NAMED, WITH_LENGTH
from lengthwise.errors import UsageError
from lengthwise.plots.data import data_in_text, draw_data
from lengthwise.tasks.baselines import baseline_of
from lengthwise.tasks.tasks import TASKS
from lengthwise.training.data_defaults import placed, usual_placement

MOST_CLASSES = 100
"""Most classes of which `info` shows the balance."""

data = App(
    name="data",
    help=__doc__,
    result_action="return_none",
)


@data.command
@data_options
def info(data: str, *, out: Path | None = None, **options: Any) -> None:
    """Describe a data set: how it was read, lengths, classes and their balance, splits, memory, checksum.

    Parameters
    ----------
    data
        Data set: a name such as mnist, a file, or a folder, with options as in 'walks.csv?target=activity'.
    out
        File to draw the picture to, .png, .svg or .pdf. [default: the terminal]
    """
    if out is not None and out.suffix not in (".png", ".svg", ".pdf"):
        raise UsageError(f"out is {out}, but a picture's name ends in .png, .svg or .pdf.")
    dataset = load_data(data, **options)
    about = describe(dataset)
    console = Output()
    lines = [*about.lines(), ("baseline", _baseline(dataset))]
    width = max(len(word) for word, _ in lines)
    for word, text in lines:
        console.print(f"{word:{width}}  {text}", soft_wrap=True)
    if about.classes:
        console.print(_balance(about))
    print_notes(dataset)
    if out is None:
        console.print(data_in_text(dataset), soft_wrap=True)
        return
    figure = draw_data(dataset)
    replace_file(out, lambda beside: figure.savefig(beside, dpi=150))
    print(f"written to {out}")


@data.command(name="list")
def list_data() -> None:
    """List the data sets that have a name, and the kinds of files and folders that can be read."""
    table = Table("name", "what", "options after ?", title="Data sets for --data", title_style="bold")
    for name, source in NAMED.items():
        table.add_row(name, source.title, ", ".join(sorted(source.options)))
    for name, source in WITH_LENGTH.items():
        table.add_row(f"{name}:…", source.title, ", ".join(sorted(source.options)))
    for name, source in FILES.items():
        table.add_row(f"FILE{name}", source.title, ", ".join(sorted(source.options)))
    folders = "tables, matrices of channels, four idx files, a pair of .ts files, or .npy files"
    table.add_row("FOLDER", folders, "as their files")
    table.add_row("FOLDER", "WAV files, in a folder for each class", ", ".join(sorted(AUDIO)))
    Output().print(table)


def _baseline(dataset: Dataset) -> str:
    baseline = baseline_of(placed(dataset, usual_placement(dataset)))  # on the steps that are judged
    metric = TASKS[dataset.task].metric
    unit = " %" if metric.percent else ""
    scores = " and ".join(f"{metric.text(getattr(baseline, split))}{unit} in the {split} split" for split in SPLITS[1:])
    return f"{baseline.title}: {metric.title} {scores}"


def _balance(about: Description) -> Table:
    table = Table("class", *(Column(name, justify="right") for name in (*SPLITS, "share")))
    total = sum(sum(counts.values()) for counts in about.classes.values())
    for name, counts in islice(about.classes.items(), MOST_CLASSES):
        share = sum(counts.values()) / total
        table.add_row(visible(name), *(f"{counts[split]:,}" for split in SPLITS), f"{share:.1%}")
    if len(about.classes) > MOST_CLASSES:
        table.add_row(f"{len(about.classes) - MOST_CLASSES:,} more")
    return table
