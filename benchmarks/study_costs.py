"""What share of a study of few data its training steps take, in processor and in wall time, and all else the rest.

The command runs as a user runs it, in a process of its own that reads clocks around each call of the compiled steps:
starting Python and importing, pilots, judging, storing, statistics, and waiting for one another are what is left.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.answer_panel import PANEL, Entry, children_seconds
from benchmarks.pages import markdown_table, write_between
from lengthwise import Study
from lengthwise.cli import main as lengthwise
from lengthwise.engine.simd import engine
from lengthwise.engine.simd.programs import train_steps

BEGIN = "<!-- begin: python -m benchmarks.study_costs -->"
END = "<!-- end: study costs -->"
BEGIN_MANY = "<!-- begin: python -m benchmarks.study_costs --many -->"
END_MANY = "<!-- end: study costs with many runs -->"

SMALL = (
    "digits", "japanesevowels", "gunpoint", "italypowerdemand", "airline", "sunspots", "adding", "notes", "daily",
    "ar1", "ar2",
)  # fmt: skip
"""The data sets of the panel of which a study takes seconds."""

MANY = "--seq-lens 1,2,4,6,8,12,16,20,24 --seeds 30 --folds none"
"""Options of a study of hundreds of trainings, of data that have so many steps."""


class Clock:
    """A compiled program that reads the clocks of every thread that calls it.

    Parameters
    ----------
    program : Program
    """

    def __init__(self, program: Any) -> None:
        self._program = program
        self._lock = threading.Lock()
        self.wall_seconds, self.cpu_seconds = 0.0, 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._program, name)

    def __call__(self, *arguments: Any) -> None:
        """Run the program."""
        wall, cpu = time.perf_counter(), time.thread_time()
        self._program(*arguments)
        wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
        with self._lock:
            self.wall_seconds += wall
            self.cpu_seconds += cpu


@dataclass(frozen=True)
class Cost:
    """What a study took.

    Attributes
    ----------
    trainings : int
        Without pilots.
    wall_seconds, cpu_seconds : float
        Of the command, from its start to its end.
    steps_wall_seconds, steps_cpu_seconds : float
        Of training steps, in all threads together.
    """

    trainings: int
    wall_seconds: float
    cpu_seconds: float
    steps_wall_seconds: float
    steps_cpu_seconds: float

    @property
    def wall_share(self) -> float:
        """Share of the steps in the time of all processors, whether they worked or waited."""
        return self.steps_wall_seconds / (self.wall_seconds * (os.cpu_count() or 1))

    @property
    def cpu_share(self) -> float:
        """Share of the steps in the processor time."""
        return self.steps_cpu_seconds / self.cpu_seconds


def run_with_clocks(report: Path, arguments: list[str]) -> int:
    """Run a command in this process, and write what its steps took."""
    steps = Clock(train_steps)
    setattr(engine, train_steps.name.rpartition(".")[2], steps)
    code = lengthwise(arguments)
    report.write_text(json.dumps([steps.wall_seconds, steps.cpu_seconds]))
    return code


def measured(entry: Entry, folder: Path, options: list[str]) -> Cost:
    """Return what a study of a data set costs."""
    with tempfile.TemporaryDirectory() as made:
        out, report = Path(made) / "study", Path(made) / "steps.json"
        command = [sys.executable, "-m", "benchmarks.study_costs", "--report", str(report), "study"]
        command += ["--data", entry.dataset(folder), "--quiet", "--out", str(out), *options]
        began, used = time.monotonic(), children_seconds()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        wall, cpu = time.monotonic() - began, children_seconds() - used
        return Cost(len(Study.load(out, read_only=True).results), wall, cpu, *json.loads(report.read_text()))


def table(costs: dict[str, Cost]) -> str:
    """Return a row for each data set."""
    rows: list[tuple[str, ...]] = [
        ("data", "trainings", "seconds", "of processors", "steps, % of that", "steps, % of both cores' time")
    ]
    for name, cost in costs.items():
        times = (f"{seconds:.1f}" for seconds in (cost.wall_seconds, cost.cpu_seconds))
        shares = (f"{100 * share:.0f}" for share in (cost.cpu_share, cost.wall_share))
        rows.append((name, str(cost.trainings), *times, *shares))
    return markdown_table(rows)


def main() -> None:
    """Measure, print a row for each data set, and write the table into a page."""
    if sys.argv[1:2] == ["--report"]:
        sys.exit(run_with_clocks(Path(sys.argv[2]), sys.argv[3:]))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", default=SMALL, choices=SMALL, help="data sets [default: all of few data]")
    parser.add_argument("--rounds", type=int, default=3, help="the quickest of so many counts [default: 3]")
    parser.add_argument("--many", action="store_true", help=f"studies of many trainings, but for digits: {MANY}")
    parser.add_argument("--write", type=Path, help="a page to write the table into")
    given = parser.parse_args()
    options, begin, end = (MANY, BEGIN_MANY, END_MANY) if given.many else ("", BEGIN, END)
    costs: dict[str, Cost] = {}
    with tempfile.TemporaryDirectory() as folder:
        for entry in (one for one in PANEL if one.name in given.only and not (given.many and one.name == "digits")):
            rounds = [measured(entry, Path(folder), options.split()) for _ in range(given.rounds)]
            costs[entry.name] = min(rounds, key=lambda cost: cost.wall_seconds)
            print(entry.name, costs[entry.name], flush=True)
    print(table(costs))
    if given.write is not None:
        write_between(given.write, begin, end, table(costs))


if __name__ == "__main__":
    main()
