"""Time lengthwise beside its peers over a grid of batch sizes, steps, hidden sizes and cells.

    python -m benchmarks.grid                               # the whole grid: hours
    python -m benchmarks.grid --write docs/performance.md   # what is missing, then the page's tables and heat maps
    python -m benchmarks.grid --only-build                  # what can be done beforehand, on a machine with other work
    python -m benchmarks.grid --batch-sizes 32 512 --seq-lens 8 128 --hidden-sizes 16 64 256 --contestants pytorch jax

Training and evaluation steps, on one thread and on two, as in `contest`: all contestants are verified and take turns.
Every shape's result is kept as soon as it is there; what is there is not measured again. Peers that are missing at a
shape have a contest of their own beside lengthwise there. Each kind of processor has a results file of its own, and a
section on the page.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from benchmarks.contest import Say, build, contest, start
from benchmarks.contestants import LIBRARIES, SHORT_NAMES, Contestant, Worker, count, processors
from benchmarks.environments import DEFAULT_FOLDER, ensure_peers
from benchmarks.grid_page import Measured, print_summary, write_page
from benchmarks.points import BATCH_SIZES, CELLS, HIDDEN_SIZES, SEQ_LENS, GridShape, grid, points_of
from lengthwise.engine.simd.host import processor_name
from lengthwise.training.environment import describe_environment

RESULTS = Path(__file__).parent / "results" / f"grid-{processor_name()}.json"

TURNS = 3
"""Of each contestant at each shape."""

LONGEST = {"PyTorch torch.compile": 28}
"""Most steps at which one takes part: torch.compile lays every step out, and takes minutes beyond."""


@dataclass
class Results:
    """The results file.

    Attributes
    ----------
    path : Path
    machine : dict
    versions : dict of str
        Of the contestants' packages.
    records : dict of dict
        By the shape's name: its sizes, and its contests, the newest last: the contestants' times, who was left out
        and why.
    """

    path: Path
    machine: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the file, if there is one."""
        return cls(path, **json.loads(path.read_text())) if path.exists() else cls(path)

    @property
    def measured(self) -> Measured:
        """What the page says of them."""
        points = [point for record in self.records.values() for point in points_of(record)]
        return Measured(self.path.stem, points, self.machine, self.versions)

    def missing(self, shape: GridShape, wanted: list[Contestant]) -> list[Contestant]:
        """Return those of the peers who are wanted that were not timed at a shape, and could have been, with ours."""
        record = self.records.get(shape.name)
        if record is None or any(record[name] != value for name, value in shape.sizes.items()):
            return wanted
        known = set().union(*map(known_in, record["contests"]))
        unknown = {who.name for who in wanted} - known
        return [who for who in wanted if unknown and (who.is_ours or who.name in unknown)]

    def add(self, shape: GridShape, contest: dict[str, Any]) -> None:
        """Add a contest to a shape's record, in the place of those that know of nobody else."""
        record = self.records.get(shape.name, {})
        if any(record.get(name) != value for name, value in shape.sizes.items()):
            record = {"contests": []}
        earlier = [held for held in record["contests"] if known_in(held) - known_in(contest)]
        needed = {"needed_flops": shape.needed_flops, "needed_forward_flops": shape.needed_forward_flops}
        self.records[shape.name] = shape.sizes | needed | {"contests": [*earlier, contest]}

    def save(self) -> None:
        """Write the file anew; whoever reads it meanwhile sees the old one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        content = {"machine": self.machine, "versions": self.versions, "records": self.records}
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(content, indent=1) + "\n")
        new.replace(self.path)


def known_in(contest: dict[str, Any]) -> set[str]:
    """Return the names of those who were timed in a contest, or left out."""
    timed = {f"{entry['label']} on {count(entry['threads'])}" for entry in contest["contestants"]}
    return timed | set(contest["left_out"])


class Crew:
    """The contestants' workers; those that failed at one shape are started again for the next, if they ever started.

    Parameters
    ----------
    begin : callable
        Starts a contestant's worker.
    say : callable
    """

    def __init__(self, begin: Callable[[Contestant], Worker], say: Say) -> None:
        self._begin = begin
        self._say = say
        self._workers: dict[Contestant, Worker] = {}
        self._hopeless: set[Contestant] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers.values():
            worker.close()

    def at_work(self, wanted: list[Contestant]) -> list[Worker]:
        """Return the workers of those who are wanted and can be started, in their order."""
        for who in [who for who, worker in self._workers.items() if worker.is_given_up]:
            del self._workers[who]
        missing = [who for who in wanted if who not in self._workers and who not in self._hopeless]
        self._workers |= {worker.contestant: worker for worker in start(missing, self._begin, self._say)}
        self._hopeless |= {who for who in missing if who not in self._workers}
        return [self._workers[who] for who in wanted if who in self._workers]

    @property
    def versions(self) -> dict[str, str]:
        """The versions of the packages of those who are at work."""
        return {name: number for worker in self._workers.values() for name, number in worker.versions.items()}


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--batch-sizes", type=int, nargs="+", default=BATCH_SIZES)
    add("--seq-lens", type=int, nargs="+", default=SEQ_LENS)
    add("--hidden-sizes", type=int, nargs="+", default=HIDDEN_SIZES)
    add("--cells", nargs="+", choices=CELLS, default=CELLS)
    add("--threads", type=int, nargs="+", default=(1, 2), choices=(1, 2))
    add("--contestants", nargs="*", choices=SHORT_NAMES, default=list(SHORT_NAMES), help="beside lengthwise")
    add("--seconds", type=float, default=0.6, help="time of each contestant at each point (default: %(default)s)")
    add("--shape-seconds", type=float, default=60, help="no further turns after so long (default: %(default)s)")
    add("--patience", type=float, default=240, help="seconds until a silent peer is given up (default: %(default)s)")
    add("--again", action="store_true", help="also measure what is there already")
    add("--no-measuring", action="store_true", help="use what is there")
    add("--only-build", action="store_true", help="compile and verify, so that a run after it finds all compiled")
    add("--peers-env", type=Path, default=DEFAULT_FOLDER, metavar="DIR", help="as for step.py")
    add("--results", type=Path, default=RESULTS, metavar="FILE", help="(default: %(default)s)")
    add("--write", type=Path, metavar="PAGE", help="the page whose tables and heat maps to make of all results files")
    return parser.parse_args()


def taking_part(names: list[str], threads: list[int]) -> list[Contestant]:
    """Return ours and the peers of these short names, on so many threads each."""
    labels = {"lengthwise"} | {SHORT_NAMES[name] for name in names}
    return [
        Contestant(label, peer, variant, number)
        for label, peer, variant in LIBRARIES
        if label in labels
        for number in threads
    ]


def able(shape: GridShape, wanted: list[Contestant]) -> list[Contestant]:
    """Return those who take part at a shape."""
    return [who for who in wanted if shape.seq_len <= LONGEST.get(who.label, shape.seq_len)]


def measure(
    shape: GridShape, wanted: list[Contestant], crew: Crew, say: Say, seconds: float, most_seconds: float
) -> dict[str, Any]:
    """Hold one shape's contest; return what is kept of it."""
    said: list[str] = []

    def note(line: str) -> None:
        said.append(line)
        if "is left out" in line:
            say(line)

    here = able(shape, wanted)
    turn_seconds = dict.fromkeys(("train", "evaluate"), seconds / TURNS)
    result = contest(shape, crew.at_work(here), TURNS, note, turn_seconds, most_seconds)
    entries = [entry.to_dict() for entry in result.entries if entry.train and entry.evaluate]
    timed = {(entry["label"], entry["threads"]) for entry in entries}
    reasons = dict(line.split(" is left out: ", 1) for line in said if " is left out: " in line)
    return {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "limit_gflops_per_core": result.limit_gflops,
        "contestants": entries,
        "left_out": {
            who.name: reasons.get(who.name, "not at so many steps." if who not in here else "it could not be started.")
            for who in wanted
            if (who.label, who.threads) not in timed
        },
    }


def build_all(missing: Sequence[tuple[GridShape, list[Contestant]]], crew: Crew, say: Say) -> None:
    """Build and verify who is missing at every shape; what the compilers made stays in their caches."""
    for place, (shape, wanted) in enumerate(missing, 1):
        say(f"{place} of {len(missing)}: {shape.title}")
        build(shape, crew.at_work(able(shape, wanted)), say)


def go_through(
    missing: Sequence[tuple[GridShape, list[Contestant]]], crew: Crew, results: Results, given: argparse.Namespace,
    console: Console,
) -> None:  # fmt: skip
    """Measure who is missing at each shape, shape after shape, and keep each at once."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        task = progress.add_task("Starting", total=len(missing))
        say = partial(progress.console.print, markup=False, highlight=False, soft_wrap=True)
        for shape, wanted in missing:
            progress.update(task, description=shape.title)
            results.add(shape, measure(shape, wanted, crew, say, given.seconds, given.shape_seconds))
            results.versions |= crew.versions
            results.save()
            for point in points_of(results.records[shape.name]):
                ratio = point.ratio()
                against = "" if ratio is None else f", {ratio:.2f} × the best peer ({point.best_peer})"
                say(
                    f"{shape.title}; {point.mode}, {point.threads} thread(s): {point.ours:.3f} ms{against}, "
                    f"{point.limit_share:.0%} of the limit"
                )
            progress.advance(task)


def main() -> None:
    given = parse_arguments()
    console = Console()
    say = partial(console.print, markup=False, highlight=False, soft_wrap=True)
    results = Results.load(given.results)
    cpus = processors()[: max(given.threads)]
    if len(cpus) < max(given.threads):
        raise SystemExit(f"There is one processor, but {max(given.threads)} threads are asked for: choose --threads 1.")
    wanted = taking_part(given.contestants, given.threads)
    shapes = grid(given.cells, given.batch_sizes, given.seq_lens, given.hidden_sizes)
    unmeasured = ((shape, wanted if given.again else results.missing(shape, wanted)) for shape in shapes)
    missing = [(shape, who) for shape, who in unmeasured if who]
    say(f"{len(shapes)} shapes, of which {len(shapes) - len(missing)} are in {given.results}")
    if missing and not given.no_measuring:
        python = ensure_peers(given.peers_env)
        results.machine = describe_environment() | {"processors": len(processors())}
        with Crew(lambda who: Worker(who, python, cpus[: who.threads], given.patience), say) as crew:
            if given.only_build:
                build_all(missing, crew, say)
                return
            go_through(missing, crew, results, given, console)
    here = results.measured
    if here.points:
        print_summary(here.points, console)
    if given.write is not None:
        paths = sorted({given.results, *given.results.parent.glob("grid-*.json")})
        everywhere = [measured for path in paths if (measured := Results.load(path).measured).points]
        if not everywhere:
            raise SystemExit("Nothing is measured yet.")
        write_page(given.write, everywhere)
        total = sum(len(one.points) for one in everywhere)
        say(f"Tables and heat maps of {total} points are in {given.write}.")


if __name__ == "__main__":
    main()
