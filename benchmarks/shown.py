"""The answers that the documentation shows, as the program prints them: ``python -m benchmarks.shown``.

Data and commands are those of the pages: what a block of a page has is executed. Of what a study prints, the lines of
single runs are left out, and the times, which are those of the machine. ``--only airline sunspots`` makes some of them;
all take a quarter of an hour on two idle cores, most of it that of ``watch``, whose commands have a time limit (so that
its answer depends on the machine), and ``mnist``. ``--write`` writes the pages.
"""

import argparse
import doctest
import os
import re
import shlex
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.pages import write_between

ROOT = Path(__file__).parents[1]
READMES = (ROOT / "README.md", ROOT / "README.ko.md")
DOCS = ROOT / "docs"
OWN_DATA, STUDY, MNIST = DOCS / "howto-own-data.md", DOCS / "study.md", DOCS / "mnist.md"
FORECASTING, SENSOR_DATA, RECOMMENDATION = (
    DOCS / f"{name}.md" for name in ("howto-forecasting", "howto-sensor-data", "recommendation")
)
WIDTH = 124
"""Longest line that is shown."""

COLUMNS = 100
"""Columns of the terminal."""

TIME = "ms/step"
"""The name of the column of times."""

RUN = re.compile(r"^ *\d+/\d+ |^so far: |^then |^choosing what |^compiling ")
"""Lines that tell how a study goes on."""

STORED = re.compile(r"(\d+ at a time; )?stored in .*")
"""Where a study is, and how many runs are under way: both are those of the machine."""

MORE_TIME = re.compile(r"(more seeds?) \(about [^()]*\)")
"""What a sentence tells of the time that more seeds would take."""

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


def blocks(page: Path, kind: str) -> list[str]:
    """Return the blocks of a page that are in a language."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


def command(page: Path, beginning: str) -> list[str]:
    """Return the arguments of the one command of a page that begins so, after ``lengthwise``."""
    lines = [line for block in blocks(page, "sh") for line in block.replace("\\\n", " ").splitlines()]
    (found,) = [line for line in lines if line.startswith(f"lengthwise {beginning}")]
    return shlex.split(found)[1:]


def wrapped(lines: list[str]) -> str:
    """Return lines of which those that are too long are broken between words."""
    return "\n".join(part for line in lines for part in (textwrap.wrap(line, WIDTH) if len(line) > WIDTH else [line]))


def without_runs(printed: str) -> str:
    r"""Return what a study prints without the lines of its runs, the folder's name, and times.

    >>> printed = ["6 runs: 2 at a time; stored in /tmp/a", " 1/6  a", " 2/6  b", " length", "", "±: 95 %"]
    >>> without_runs("\n".join([*printed, "written to a"])).splitlines()
    ['6 runs: stored in …', '…', ' length', '', '±: 95 %']
    >>> without_runs("about 3 more seeds (about 2 minutes) would tell.")
    'about 3 more seeds (about …) would tell.'
    """
    kept: list[str] = []
    for line in without_times(printed.splitlines()):
        if line.startswith("written to "):
            continue
        if line.startswith("±: "):
            kept.append("")
        shown = "…" if RUN.match(line) else STORED.sub("stored in …", line.rstrip())
        shown = MORE_TIME.sub(r"\1 (about …)", shown)
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
    return without_runs(lines[-1])


def make_walks(folder: Path) -> None:
    """Write walks.csv by the lines of docs/howto-own-data.md."""
    if (folder / "walks.csv").exists():
        return
    names: dict[str, object] = {}
    for example in doctest.DocTestParser().get_examples(OWN_DATA.read_text()):
        exec(example.source, names)
        if ".to_csv(" in example.source:
            break
    Path(str(names["file"])).rename(folder / "walks.csv")


def info(folder: Path) -> list[Shown]:
    """Return how walks.csv is read."""
    make_walks(folder)
    lines = [line.rstrip() for line in run(folder, "data", "info", "walks.csv").splitlines()]
    text = wrapped([line for line in lines[1:] if not PRINTED.match(line)])
    return [Shown("info", (OWN_DATA,), text)]


def walks(folder: Path) -> list[Shown]:
    """Return what the study of walks.csv prints, which is also the first that the project shows."""
    make_walks(folder)
    printed = run(folder, *command(OWN_DATA, "study"), "--out", "walks")
    margins = [sentence(run(folder, "report", "walks", "--margin", margin)) for margin in ("0.01", "0.02")]
    return [
        Shown("first", READMES, f"$ lengthwise study walks.csv\n…\n{sentence(printed)}"),
        Shown("walks", (OWN_DATA,), without_runs(printed)),
        Shown("walks --margin 0.01", (OWN_DATA,), margins[0]),
        Shown("walks --margin 0.02", (OWN_DATA,), margins[1]),
    ]


def digits(folder: Path) -> list[Shown]:
    """Return what the study of the digits prints."""
    printed = without_runs(run(folder, *command(STUDY, "study --data digits"), "--out", "digits"))
    return [
        Shown("digits", (STUDY,), printed),
        Shown("recipe", (STUDY,), "\n".join(printed.splitlines()[:2])),
    ]


def airline(folder: Path) -> list[Shown]:
    """Return what the study of the airline's passengers prints, and its answer at the default margin."""
    printed = run(folder, *command(FORECASTING, "study --data 'airline"))
    narrow = run(folder, *command(FORECASTING, "report airline"))
    return [
        Shown("airline", (FORECASTING,), without_runs(printed)),
        Shown("airline, narrower", (FORECASTING,), sentence(narrow)),
    ]


def sunspots(folder: Path) -> list[Shown]:
    """Return what the study of the sunspots prints; the page's program writes them."""
    (program,) = blocks(FORECASTING, "python")
    subprocess.run([sys.executable, "-c", program], cwd=folder, check=True)
    printed = without_runs(run(folder, *command(FORECASTING, "study --task forecasting --horizon 1 --data 'sunspots")))
    return [Shown("sunspots", (FORECASTING,), printed)]


def mnist(folder: Path) -> list[Shown]:
    """Return the answer to the study with no option at all."""
    return [Shown("mnist", (MNIST, RECOMMENDATION), sentence(run(folder, "study")))]


def watch(folder: Path) -> list[Shown]:
    """Return what the two studies of the exercises print, each of which has a time limit."""
    printed = run(folder, *command(SENSOR_DATA, "study --data watch"))
    wider = run(folder, *command(SENSOR_DATA, "study --resume watch"))
    return [
        Shown("watch", (SENSOR_DATA,), without_runs(printed)),
        Shown("watch --margin 0.1", (SENSOR_DATA,), sentence(wider)),
    ]


MADE: dict[str, Callable[[Path], list[Shown]]] = {
    make.__name__: make for make in (info, walks, digits, airline, sunspots, mnist, watch)
}
"""What makes the answers, by what it is called after ``--only``."""


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
    parser.add_argument("--only", nargs="+", choices=MADE, default=list(MADE), help="what is made", metavar="NAME")
    parser.add_argument("--write", action="store_true", help="write the pages")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for shown in (shown for name in asked.only for shown in MADE[name](Path(temporary))):
            text = f"```text\n{shown.text}\n```"
            for page in shown.pages if asked.write else ():
                write_between(page, *marks(shown.name), text)
            print(f"{shown.name}:\n{text}\n", flush=True)


if __name__ == "__main__":
    main()
