"""Draw the pictures of the documentation, each by the tool itself: ``python scripts/make_pictures.py [STUDY]``.

STUDY is the folder of a study; the pictures that show one are drawn anew only with it.
"""

import sys
from pathlib import Path

from lengthwise import Study, plots
from lengthwise.cli import main

IMAGES = Path(__file__).parent.parent / "docs" / "images"

PICTURES = {
    "window.png": "show --data mnist --split test --index 0 --seq-len 19 --start 4",
}
"""Each picture's name and the command that draws it, to which ``--out`` is added."""

OF_A_STUDY = ("accuracy_over_length", "cost_over_length", "accuracy_against_cost")
"""Functions of `lengthwise.plots` whose pictures show a study."""


def draw_study(folder: str) -> None:
    """Draw the pictures that show a study."""
    study = Study.load(folder, read_only=True)
    for name in OF_A_STUDY:
        figure = getattr(plots, name)(study).figure
        figure.savefig(IMAGES / f"{name.replace('_', '-')}.png", dpi=200)


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    for name, command in PICTURES.items():
        if exit_code := main([*command.split(), "--out", str(IMAGES / name)]):
            sys.exit(exit_code)
    if sys.argv[1:]:
        draw_study(sys.argv[1])
