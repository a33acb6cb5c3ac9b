"""Where the time of a study of few data goes: training steps, judging, making engines, storing, and the rest.

The command runs as a user runs it, in a process of its own that reads clocks around the parts; each part is without
what is another's. *Steps* are the compiled training steps, *judging* is every evaluation, *engines* is making and
closing them with their machine code loaded, *storing* is the transaction of a run. What is left is starting Python and
importing, data, handing over batches, planning and statistics. All four parts are those of pilots too; what choosing
the recipe took is a column of its own, in wall time. Machine code must be in the cache: run a data set twice.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.answer_panel import PANEL, Entry, children_seconds
from benchmarks.pages import markdown_table, write_between
from lengthwise import Study
from lengthwise.cli import main as lengthwise
from lengthwise.engine.simd import engine
from lengthwise.engine.simd.engine import SimdEngine
from lengthwise.study import pilots, run
from lengthwise.study.store import Store
from lengthwise.training import evaluation

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


PARTS: dict[str, tuple[tuple[Any, str], ...]] = {
    "steps": ((engine, "train_steps"),),
    "judging": (
        (engine, "evaluate_windows"), (evaluation, "evaluate_prefixes"), (run, "evaluate_prefixes"), (pilots, "judge"),
    ),
    "engines": tuple((SimdEngine, name) for name in ("__init__", "__exit__", "prepare")),
    "storing": ((Store, "add"),),
}  # fmt: skip
"""What belongs to each part: programs and functions, by where they are looked up when they are called."""


class Clock:
    """A function that reads the clocks of every thread that calls it, without what calls of other clocks took in it.

    Parameters
    ----------
    function : callable
    """

    _inner = threading.local()

    def __init__(self, function: Any) -> None:
        self._function = function
        self._lock = threading.Lock()
        self.wall_seconds, self.cpu_seconds = 0.0, 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._function, name)

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        return self if owner is None else partial(self, owner)  # a method, where it is in a class

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call the function."""
        outer, self._inner.seconds = getattr(self._inner, "seconds", (0.0, 0.0)), (0.0, 0.0)
        wall, cpu = time.perf_counter(), time.thread_time()
        try:
            return self._function(*arguments, **named)
        finally:
            wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
            inner_wall, inner_cpu = self._inner.seconds
            self._inner.seconds = outer[0] + wall, outer[1] + cpu
            with self._lock:
                self.wall_seconds += wall - inner_wall
                self.cpu_seconds += cpu - inner_cpu


@dataclass(frozen=True)
class Cost:
    """What a study took.

    Attributes
    ----------
    trainings : int
        Without pilots.
    wall_seconds, cpu_seconds : float
        Of the command, from its start to its end.
    pilot_seconds : float
        Wall time of choosing the recipe.
    steps_wall_seconds : float
        Of training steps, in all threads together.
    parts : dict of str to float
        Processor time of each of `PARTS`, in all threads together.
    """

    trainings: int
    wall_seconds: float
    cpu_seconds: float
    pilot_seconds: float
    steps_wall_seconds: float
    parts: dict[str, float]

    @property
    def wall_share(self) -> float:
        """Share of the steps in the time of all processors, whether they worked or waited."""
        return self.steps_wall_seconds / (self.wall_seconds * (os.cpu_count() or 1))

    @property
    def cpu_shares(self) -> dict[str, float]:
        """Shares of the parts in the processor time, and of what is left."""
        shares = {part: seconds / self.cpu_seconds for part, seconds in self.parts.items()}
        return shares | {"rest": 1 - sum(shares.values())}


def run_with_clocks(report: Path, arguments: list[str]) -> int:
    """Run a command in this process, and write the wall and the processor time of each part."""
    clocks = defaultdict(list)
    for part, places in PARTS.items():
        for owner, name in places:
            clocks[part].append(Clock(getattr(owner, name)))
            setattr(owner, name, clocks[part][-1])
    code = lengthwise(arguments)
    seconds = {
        part: (sum(each.wall_seconds for each in those), sum(each.cpu_seconds for each in those))
        for part, those in clocks.items()
    }
    report.write_text(json.dumps(seconds))
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
        study, parts = Study.load(out, read_only=True), json.loads(report.read_text())
        steps_wall = parts["steps"][0]
        cpu_of_parts = {part: seconds[1] for part, seconds in parts.items()}
        return Cost(len(study.results), wall, cpu, study.recipe.seconds, steps_wall, cpu_of_parts)


def table(costs: dict[str, Cost]) -> str:
    """Return a row for each data set; the parts are in percent of the processor time."""
    of_cpu = (*(f"{part}, %" for part in PARTS), "rest, %")
    rows: list[tuple[str, ...]] = [
        ("data", "trainings", "seconds", "of processors", *of_cpu, "all cores in steps, %", "choosing the recipe, %")
    ]
    for name, cost in costs.items():
        times = (f"{seconds:.1f}" for seconds in (cost.wall_seconds, cost.cpu_seconds))
        shares = (*cost.cpu_shares.values(), cost.wall_share, cost.pilot_seconds / cost.wall_seconds)
        rows.append((name, str(cost.trainings), *times, *(percent(share) for share in shares)))
    return markdown_table(rows)


def percent(share: float) -> str:
    """Return a share in percent, with one decimal where it is small."""
    return f"{100 * share:.{1 if share < 0.1 else 0}f}"


def main() -> None:
    """Measure, print a row for each data set, and write the table into a page."""
    if sys.argv[1:2] == ["--report"]:
        sys.exit(run_with_clocks(Path(sys.argv[2]), sys.argv[3:]))
    parser = argparse.ArgumentParser(description=__doc__)
    names = [entry.name for entry in PANEL]
    parser.add_argument("--only", nargs="+", default=SMALL, choices=names, help="data sets [default: all of few data]")
    parser.add_argument("--rounds", type=int, default=3, help="the quickest of so many counts [default: 3]")
    parser.add_argument("--many", action="store_true", help=f"studies of many trainings, but for digits: {MANY}")
    parser.add_argument("--options", default="", help="other options of the studies, as one argument; for no page")
    parser.add_argument("--write", type=Path, help="a page to write the table into")
    given = parser.parse_args()
    if given.options and (given.many or given.write):
        parser.error("--options goes with neither --many nor --write: the page's tables are of studies without.")
    options, begin, end = (MANY, BEGIN_MANY, END_MANY) if given.many else (given.options, BEGIN, END)
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
