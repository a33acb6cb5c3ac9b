"""Draw the pictures of the documentation, each by the tool itself: ``python scripts/make_pictures.py``."""

import sys
from pathlib import Path

from lengthwise.cli import main

IMAGES = Path(__file__).parent.parent / "docs" / "images"

PICTURES = {
    "window.png": "show --data mnist --split test --index 0 --seq-len 19 --start 4",
}
"""Each picture's name and the command that draws it, to which ``--out`` is added."""

if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    for name, command in PICTURES.items():
        if exit_code := main([*command.split(), "--out", str(IMAGES / name)]):
            sys.exit(exit_code)
