"""Write the reference of the commands, from the program itself: ``python scripts/make_reference.py``."""

from pathlib import Path

from lengthwise.cli import app

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "commands.md"


def text() -> str:
    """Return the page: every command, its options, their defaults."""
    return app.generate_docs("markdown", heading_level=1, usage_name="lengthwise").strip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(text())
