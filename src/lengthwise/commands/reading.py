"""Reading the data of a command, and saying what was found out about them."""

from collections.abc import Mapping
from typing import Any

from lengthwise._internal.printable import printable
from lengthwise.data import Dataset, load_data
from lengthwise.data.doubts import doubts
from lengthwise.training.keyword_settings import DATA_OPTIONS, DEFAULTS


def read_data(given: Mapping[str, Any], *, quiet: bool) -> dict[str, Any]:
    """Return what was given with the data set itself in place of its name and the options of the data.

    What was found out about series that are forecast, and notes of how the data were read, are printed, unless `quiet`.
    """
    options = {name: value for name, value in given.items() if name in DATA_OPTIONS}
    dataset = load_data(given.get("data", DEFAULTS["data"]), **options)
    if not quiet:
        if dataset.outlook is not None and dataset.outlook.chosen:
            print(dataset.outlook.chosen)
        print_notes(dataset)
    return {name: value for name, value in given.items() if name not in options} | {"data": dataset}


def print_notes(dataset: Dataset) -> None:
    """Print how data were read, and what may make a study of them worthless, a line each."""
    for note in dataset.reading.notes:
        print(printable(f"note: {note}"))
    for doubt in doubts(dataset):
        print(printable(f"warning: {doubt}"))
