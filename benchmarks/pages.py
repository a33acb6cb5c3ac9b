"""Generated parts of the documentation's pages, between two marks that name the command that makes them."""

import re
from collections.abc import Sequence
from pathlib import Path


def write_between(page: Path, begin: str, end: str, text: str) -> None:
    """Replace what stands on a page between its marks.

    Raises
    ------
    SystemExit
        If the page does not have the marks once.
    """
    pattern = f"{re.escape(begin)}.*?{re.escape(end)}"
    after, count = re.subn(pattern, lambda _: f"{begin}\n\n{text}\n\n{end}", page.read_text(), flags=re.DOTALL)
    if count != 1:
        raise SystemExit(f"{page} has no place for the tables: {begin} … {end}")
    page.write_text(after)


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose first row is the header; all columns but the first are aligned to the right."""
    header, *body = rows
    lines = [header, ["---", *["--:"] * (len(header) - 1)], *body]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
