"""What a study by the lecture's protocol costs: one seed, every length of MNIST's rows, a training on each core.

Nobody runs the study here. A training step and an evaluation step are timed at a few lengths while both cores are busy
with trainings of their own, on one thread each: two threads of this process for lengthwise, whose engine releases
Python's lock, and two processes for each peer. Ours is timed alone on one core as well, in the same turns, which says
what the second core adds. A step's time grows linearly with the length, so the lengths between
are interpolated, and all is summed by steps: the updates, and the exact evaluations that the study makes. So are the
multiply-adds that cannot be left out, at the processor's limit.

Run ``python -m benchmarks.study`` with lengthwise installed; ``--help`` names the options. Each kind of processor has a
results file of its own, and a table on the page.
"""

import argparse
import json
import statistics
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.contest import Entry, Result, contest, start
from benchmarks.contestants import Contestant, Worker, processors
from benchmarks.environments import DEFAULT_FOLDER, ensure_peers
from benchmarks.peers import ours
from benchmarks.peers.peer import Case, Timed, timed
from benchmarks.shapes import Shape
from benchmarks.study_page import write_study
from benchmarks.tables import median
from lengthwise.data import load_data
from lengthwise.engine.simd.host import processor_name
from lengthwise.study.run import validation_updates
from lengthwise.training.environment import describe_environment

RESULTS = Path(__file__).parent / "results" / f"study-{processor_name()}.json"

OURS = Contestant("lengthwise", "ours", "-", 1)
ALONE = Contestant("lengthwise, on one core alone", "ours", "-", 1)

CONTESTANTS = (
    OURS,
    Contestant("PyTorch eager", "pytorch", "eager", 1),
    Contestant("Keras unrolled, XLA", "keras_tensorflow", "xla", 1),
    Contestant("JAX unrolled", "jax_xla", "unrolled", 1),
)
"""Ours, PyTorch, and those among which the best other peer is."""

MEASURED_LENGTHS = (1, 10, 19, 28)
UPDATES = 8592
"""Of each training: the notebook's two epochs at its window."""

ROUNDS = 5


class Thread:
    """Our engine in a thread of this process; it offers what a `Worker` does."""

    def __init__(self, contestant: Contestant) -> None:
        self.contestant = contestant
        self.versions: dict[str, str] = {}

    def build(self, case: Path) -> str:
        """Make the engine ready for a case."""
        self._peer = ours.Peer(Case.load(str(case)), self.contestant.variant, threads=1)
        return self._peer.choice

    def train(self, steps: int) -> Timed:
        """Time so many updates."""
        return timed(self._peer.train, steps)

    def evaluate(self, steps: int) -> Timed:
        """Time the evaluation of so many batches."""
        return timed(self._peer.evaluate, steps)

    def close(self) -> None:
        """Do nothing: a thread has nothing to end."""


class OnEachCore:
    """A contestant that does everything on all cores at once, in as many trainings; it offers what a `Worker` does.

    Parameters
    ----------
    contestant : Contestant
    members : sequence of Worker or Thread
        One for each core.
    """

    def __init__(self, contestant: Contestant, members: Sequence[Worker | Thread]) -> None:
        self.contestant = contestant
        self.versions = members[0].versions
        self._members = members
        self._pool = ThreadPoolExecutor(len(members))

    @classmethod
    def start(cls, contestant: Contestant, python: Path, cpus: list[int]) -> Self:
        """Start a member for each core."""
        if contestant.is_ours:
            return cls(contestant, [Thread(contestant) for _ in cpus])
        return cls(contestant, [Worker(contestant, python, [cpu]) for cpu in cpus])

    def build(self, case: Path) -> str:
        """Make all members ready for a case; return what they chose by measuring."""
        return " and ".join(sorted(set(self._pool.map(lambda member: member.build(case), self._members))))

    def train(self, steps: int) -> Timed:
        """Time so many updates of each member."""
        return self._mean(lambda member: member.train(steps))

    def evaluate(self, steps: int) -> Timed:
        """Time the evaluation of so many batches by each member."""
        return self._mean(lambda member: member.evaluate(steps))

    def close(self) -> None:
        """End all members."""
        self._pool.shutdown()
        for member in self._members:
            member.close()

    def _mean(self, run: Callable[[Worker | Thread], Timed]) -> Timed:
        times = list(self._pool.map(run, self._members))
        return Timed(statistics.mean(time.seconds for time in times), times[0].losses)


@dataclass(frozen=True)
class Cost:
    """What the study costs.

    Attributes
    ----------
    label : str
        The contestant's.
    train, evaluate : dict
        Milliseconds a step at the lengths that were measured.
    seconds : float
        The whole study's.
    """

    label: str
    train: dict[int, float]
    evaluate: dict[int, float]
    seconds: float


def sequences_judged() -> int:
    """Return how many sequences a run judges: eleven times the validation split's, and at the end the test split's."""
    data = load_data("mnist")
    return len(validation_updates(UPDATES)) * len(data.validation) + len(data.test)


def costs(results: dict[int, Result], cores: int) -> list[Cost]:
    """Sum the study's steps for each contestant that was timed at every length, and of the multiply-adds alone."""
    everywhere = set.intersection(*({entry.contestant for entry in result.entries} for result in results.values()))
    shape = next(iter(results.values())).shape
    judged = sequences_judged()
    found = []
    for contestant in (who for who in CONTESTANTS if who in everywhere):
        train, evaluate = {}, {}
        for length, result in results.items():
            entry = entry_of(result, contestant)
            train[length], evaluate[length] = median(entry.train), median(entry.evaluate)
        found.append(Cost(contestant.label, train, evaluate, study_seconds(train, evaluate, shape, judged) / cores))
    train = {n: result.shape.needed_flops / result.limit_gflops / 1e6 for n, result in results.items()}
    evaluate = {n: result.shape.needed_forward_flops / result.limit_gflops / 1e6 for n, result in results.items()}
    limit = study_seconds(train, evaluate, shape, judged) / cores
    return [*found, Cost("multiply-adds alone", train, evaluate, limit)]


def entry_of(result: Result, contestant: Contestant) -> Entry:
    """Return a contestant's times."""
    return next(entry for entry in result.entries if entry.contestant == contestant)


def throughputs(results: dict[int, Result], cores: int) -> dict[int, float]:
    """Return how many times the training steps of one core alone all cores make together, by length."""
    return {
        length: cores * median(entry_of(result, ALONE).train) / median(entry_of(result, OURS).train)
        for length, result in results.items()
    }


def study_seconds(train: dict[int, float], evaluate: dict[int, float], shape: Shape, judged: int) -> float:
    """Return the study's seconds on one core, by milliseconds a step at the lengths that were measured.

    Each run judges all windows of so many sequences, in batches as large as those of training.
    """
    milliseconds = 0.0
    for seq_len in range(1, shape.num_steps + 1):
        evaluations = judged * (shape.num_steps - seq_len + 1) / shape.batch_size
        milliseconds += UPDATES * float(np.interp(seq_len, list(train), list(train.values())))
        milliseconds += evaluations * float(np.interp(seq_len, list(evaluate), list(evaluate.values())))
    return milliseconds / 1e3


def print_costs(found: list[Cost], cores: int, console: Console) -> None:
    """Print milliseconds a training step by length, the study's seconds, and their ratio to ours."""
    table = Table(
        title=f"Milliseconds a training step at window length s, {cores} trainings at once",
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("", no_wrap=True)
    for name in (*(f"s = {length}" for length in found[0].train), "study", "× ours"):
        table.add_column(name, justify="right")
    for cost in found:
        times = (f"{time:.3f}" for time in cost.train.values())
        ratio = f"{cost.seconds / found[0].seconds:.2f}"
        table.add_row(cost.label, *times, f"{cost.seconds:.0f} s", ratio)
    console.print(table)


def write(path: Path, found: list[Cost], throughput: dict[int, float], versions: dict[str, str], cores: int) -> None:
    """Write the results file."""
    content = {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": describe_environment() | {"processors": cores},
        "versions": versions,
        "updates": UPDATES,
        "throughput": throughput,
        "contestants": [
            {
                "label": cost.label,
                "train_ms": cost.train,
                "evaluate_ms": cost.evaluate,
                "study_seconds": cost.seconds,
            }
            for cost in found
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers-env", type=Path, default=DEFAULT_FOLDER, metavar="DIR", help="as for step.py")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FILE")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="the page whose tables to make of all results files")
    parser.add_argument("--no-measuring", action="store_true", help="use the results that are there")
    arguments = parser.parse_args()
    if not arguments.no_measuring:
        measure(arguments)
    if arguments.write is not None:
        write_study(arguments.write, sorted({arguments.results, *arguments.results.parent.glob("study-*.json")}))


def measure(arguments: argparse.Namespace) -> None:
    """Time everybody, print the table, write the results file."""
    console = Console()
    say = partial(console.print, markup=False, highlight=False, soft_wrap=True)
    python = ensure_peers(arguments.peers_env)
    cpus = processors()[:2]
    say("Starting the contestants")
    everyone = (*CONTESTANTS, ALONE)
    workers = start(everyone, lambda who: OnEachCore.start(who, python, cpus[:1] if who is ALONE else cpus), say)
    try:
        results = {}
        for length in MEASURED_LENGTHS:
            shape = Shape(f"s={length}", f"windows of {length}", seq_len=length)
            say(f"Building and verifying: {shape.title}")
            results[length] = contest(shape, workers, 2 if arguments.quick else ROUNDS, say)
    finally:
        for worker in workers:
            worker.close()
    found, throughput = costs(results, len(cpus)), throughputs(results, len(cpus))
    print_costs(found, len(cpus), console)
    for length, times in throughput.items():
        say(f"Window {length}: {len(cpus)} cores make {times:.2f} times the training steps of one.")
    versions = {name: version for worker in workers for name, version in worker.versions.items()}
    write(arguments.results, found, throughput, versions, len(cpus))
    say(f"Results are in {arguments.results}.")


if __name__ == "__main__":
    main()
