"""Write the reference of the commands, from the program itself: ``python scripts/make_reference.py``."""

import re
from pathlib import Path

from lengthwise.cli import app

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "commands.md"


def text() -> str:
    """Return the page: every command, its options, their defaults."""
    page = app.generate_docs("markdown", heading_level=1, usage_name="lengthwise")
    # GitHub and the site make other anchors of a heading that begins with dashes: such a command is named, not linked.
    return re.sub(r"\[(`--[\w-]+`)\]\(#[\w-]+\)", r"\1", page).strip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(text())
