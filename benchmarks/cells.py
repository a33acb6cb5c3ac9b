"""Whether pilots should also choose the cell: what each comes to on the panel when a recipe is chosen for it alone.

    python -m benchmarks.cells                   some minutes: the table of docs/decisions/0012-candidates-are-grus.md
    python -m benchmarks.cells --only gunpoint ar2

An error is that of `lengthwise.study.pilots` on the validation split: the share that is wrong, or what stands for it.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.answer_panel import PANEL, Entry
from benchmarks.pages import markdown_table
from lengthwise import load_data
from lengthwise.data import Dataset
from lengthwise.study.pilot_errors import error_without_network
from lengthwise.study.recipe_choice import choose_recipe

CELLS = ("gru", "lstm", "rnn")
SLOW = ("mnist", "fashion", "osuleaf", "watch", "manual")
"""Data sets whose pilots take minutes, or that have a recipe of their own."""


def cells_of(entry: Entry, folder: Path) -> list[str]:
    """Return a row: the error without a network, of the best pilot of each cell, and what these took."""
    data = entry.dataset(folder)
    dataset: Dataset = load_data(data)
    chosen = [choose_recipe(dataset, {"cell": cell}) for cell in CELLS]
    errors = [min(pilot["loss"] for pilot in recipe.pilots) for recipe in chosen]
    times = " / ".join(f"{recipe.seconds:.1f}" for recipe in chosen)
    return [entry.name, f"{error_without_network(dataset):.3f}", *(f"{error:.3f}" for error in errors), times]


def rows(entries: list[Entry], folder: Path) -> Iterator[list[str]]:
    """Yield the table's rows."""
    yield ["data", "without a network", *CELLS, "seconds"]
    for entry in entries:
        yield cells_of(entry, folder)


def main() -> None:
    """Print the table."""
    names = [entry.name for entry in PANEL]
    parser = argparse.ArgumentParser(description="What each cell comes to on the panel.")
    parser.add_argument(
        "--only", nargs="+", choices=names, default=[name for name in names if name not in SLOW], metavar="DATA"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(markdown_table(list(rows([entry for entry in PANEL if entry.name in given.only], Path(folder)))))


if __name__ == "__main__":
    main()
