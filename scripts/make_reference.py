"""Write the pages of the reference that the program itself knows: ``python scripts/make_reference.py``."""

import re
from collections.abc import Collection
from pathlib import Path

from lengthwise._internal.described_fields import DescribedField, described_fields, type_in_words
from lengthwise.cli import app
from lengthwise.data.options import Options
from lengthwise.training.keyword_settings import DATA_OPTIONS
from lengthwise.training.settings import Settings

FOLDER = Path(__file__).parent.parent / "docs" / "reference"


def commands() -> str:
    """Return the page of the commands: their options and defaults."""
    page = app.generate_docs("markdown", heading_level=1, usage_name="lengthwise")
    # GitHub and the site make other anchors of a heading that begins with dashes: such a command is named, not linked.
    page = re.sub(r"\[(`--[\w-]+`)\]\(#[\w-]+\)", r"\1", page).strip() + "\n"
    # Two brackets side by side, a limit and a default, would be read as a link.
    return re.sub(r"(?<=[.\]] )\[(?=[a-z0-9])", r"\\[", page)


def settings() -> str:
    """Return the page of the settings of a training and of the options of the data."""
    *others, last = (f"`{name}`" for name in described_fields(Options) if name not in DATA_OPTIONS)
    return f"""# Settings and options of the data

The same names, defaults and limits hold in Python, as arguments of `lengthwise.train`, `lengthwise.Study` and
`lengthwise.Settings`; on the command line, as options (`--seq-len`); and in a configuration file.

## Settings of a training

{_table(described_fields(Settings).values())}
## Options of the data

`lengthwise.load_data` takes them as arguments, and they may follow `?` in the name of the data. `lengthwise.train`,
`lengthwise.Study` and the commands `train` and `study` take them as well, except
{", ".join(others)} and {last}, which mean something else there; and of a study, `time` is its limit,
so that the column is named after `?`.

{_table(described_fields(Options).values())}"""


def _table(fields: Collection[DescribedField]) -> str:
    rows = ["| name | type | default | limits | meaning |", "| --- | --- | --- | --- | --- |"]
    for one in fields:
        default = f"`{one.default}`" if one.default is not None else one.default_in_words or ""
        rows.append(f"| `{one.name}` | {type_in_words(one)} | {default} | {one.allowed} | {one.text} |")
    return "\n".join(rows) + "\n"


PAGES = {"commands.md": commands, "settings.md": settings}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
