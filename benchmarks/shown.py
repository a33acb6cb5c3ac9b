"""The answers that the documentation shows, as the program prints them: ``python -m benchmarks.shown``.

The data are those of the pages: the table of walks is made by the lines that docs/howto-own-data.md shows. Of what a
study prints, the lines of single runs and the times are left out. It takes about a minute on two idle cores, and
``--write`` writes the pages.
"""

import argparse
import doctest
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import NamedTuple

from benchmarks.pages import write_between

ROOT = Path(__file__).parents[1]
OWN_DATA = ROOT / "docs" / "howto-own-data.md"
WIDTH = 124
"""Longest line that is shown."""

COLUMNS = 100
"""Columns of the terminal."""

TIME = "ms/step"
"""The name of the column of times."""

RUN = re.compile(r"^ *\d+/\d+ |^so far: |^then |^choosing what |^compiling ")
"""Lines that tell how a study goes on."""

PRINTED = re.compile(r"^train sequence|^  |^memory|^values|^checksum|^[┏┃┡│└]|^$")
"""Lines of `data info` that are left out."""


class Shown(NamedTuple):
    """What a page shows: its name in the marks, the pages, and what was printed."""

    name: str
    pages: tuple[Path, ...]
    text: str


def run(folder: Path, *arguments: str) -> str:
    """Return what a command prints, on a terminal of `COLUMNS` columns."""
    return subprocess.run(
        [sys.executable, "-m", "lengthwise", *arguments],
        cwd=folder,
        env=os.environ | {"COLUMNS": str(COLUMNS), "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def wrapped(lines: list[str]) -> str:
    """Return lines of which those that are too long are broken between words."""
    return "\n".join(part for line in lines for part in (textwrap.wrap(line, WIDTH) if len(line) > WIDTH else [line]))


def without_runs(printed: str) -> str:
    r"""Return what a study prints without the lines of its runs, and without the folder's name.

    >>> printed = ["6 runs: stored in /tmp/a", " 1/6  a", " 2/6  b", " length", "", "±: 95 %", "written to a"]
    >>> without_runs("\n".join(printed)).splitlines()
    ['6 runs: stored in …', '…', ' length', '', '±: 95 %']
    """
    kept: list[str] = []
    for line in without_times(printed.splitlines()):
        if line.startswith("written to "):
            continue
        if line.startswith("±: "):
            kept.append("")
        shown = "…" if RUN.match(line) else re.sub(r"stored in .*", "stored in …", line.rstrip())
        if shown and not (shown == "…" and (not kept or kept[-1] == "…")):
            kept.append(shown)
    return wrapped(kept)


def without_times(lines: list[str]) -> list[str]:
    """Return lines without the column of times of a table, which are those of the machine.

    >>> without_times([" seeds ms/step costs", " ───────────────────", "     3   0.319  50.8", "±: 95 %; times are"])
    [' seeds costs', ' ───────────', '     3  50.8', '±: 95 %']
    """
    at = next((line.index(TIME) for line in lines if TIME in line), None)
    if at is None:
        return lines
    first = next(number for number, line in enumerate(lines) if TIME in line)
    last = next(number for number, line in enumerate(lines) if line.startswith("±: "))
    table = [line[: at - 1] + line[at + len(TIME) :] for line in lines[first:last]]
    return [*lines[:first], *table, lines[last].partition("; times")[0], *lines[last + 1 :]]


def sentence(printed: str) -> str:
    """Return the answer that a study or a report ends with."""
    lines = [line for line in printed.splitlines() if line and not line.startswith("written to ")]
    return wrapped(lines[-1:])


def make_walks(folder: Path) -> None:
    """Write walks.csv by the lines of docs/howto-own-data.md."""
    names: dict[str, object] = {}
    for example in doctest.DocTestParser().get_examples(OWN_DATA.read_text()):
        exec(example.source, names)
        if ".to_csv(" in example.source:
            break
    Path(str(names["file"])).rename(folder / "walks.csv")


def info(folder: Path) -> Shown:
    """Return how walks.csv is read."""
    lines = [line.rstrip() for line in run(folder, "data", "info", "walks.csv").splitlines()]
    text = wrapped([line for line in lines[1:] if not PRINTED.match(line)])
    return Shown("info", (OWN_DATA,), text)


def studies(folder: Path) -> list[Shown]:
    """Return what the studies of the pages print."""
    printed = run(folder, "study", "walks.csv", "--out", "walks")
    first = f"$ lengthwise study walks.csv\n…\n{sentence(printed)}"
    margins = [sentence(run(folder, "report", "walks", "--margin", margin)) for margin in ("0.01", "0.02")]
    digits = without_runs(run(folder, "study", "--data", "digits", "--out", "digits"))
    study = ROOT / "docs" / "study.md"
    return [
        Shown("first", (ROOT / "README.md", ROOT / "README.ko.md"), first),
        Shown("walks", (OWN_DATA,), without_runs(printed)),
        Shown("walks --margin 0.01", (OWN_DATA,), margins[0]),
        Shown("walks --margin 0.02", (OWN_DATA,), margins[1]),
        Shown("digits", (study,), digits),
        Shown("recipe", (study,), "\n".join(line for line in digits.splitlines()[:2])),
    ]


def between(page: Path, name: str) -> str:
    """Return what a page shows between its marks."""
    begin, end = marks(name)
    return (
        page.read_text().partition(begin)[2].partition(end)[0].strip().removeprefix("```text\n").removesuffix("\n```")
    )


def marks(name: str) -> tuple[str, str]:
    """Return what a page has before and after what is shown."""
    return f"<!-- begin: python -m benchmarks.shown: {name} -->", f"<!-- end: shown: {name} -->"


def main() -> None:
    """Print what is shown, or write it into the pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the pages")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make_walks(folder)
        for shown in [info(folder), *studies(folder)]:
            text = f"```text\n{shown.text}\n```"
            for page in shown.pages if asked.write else ():
                write_between(page, *marks(shown.name), text)
            print(f"{shown.name}:\n{text}\n")


if __name__ == "__main__":
    main()
