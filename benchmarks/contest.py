"""One shape's contest: build every contestant, see that all compute the same, then time them in turns."""

import math
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from benchmarks import fma_limit
from benchmarks.contestants import Contestant, PeerError
from benchmarks.peers.peer import Timed
from benchmarks.shapes import Shape

TOLERANCE = 1e-4
"""Most that a peer's loss may differ from ours, relative to ours."""

TURN_SECONDS = {"train": 0.2, "evaluate": 0.1}
"""About how long a contestant is timed before the next has its turn, by the kind of step."""

LONG_SECONDS = 0.5
"""Of going through the batches once: where it takes longer, and a turn is shorter, no step goes uncounted."""

LIMIT_SECONDS = 0.1

Say = Callable[[str], None]


class AtWork(Protocol):
    """A contestant at work: a `contestants.Worker`, or what offers the same."""

    contestant: Contestant

    def build(self, case: Path) -> str:
        """Make the peer ready for a case; return what it chose by measuring."""
        ...

    def train(self, steps: int) -> Timed:
        """Time so many updates."""
        ...

    def evaluate(self, steps: int) -> Timed:
        """Time the evaluation of so many batches."""
        ...


@dataclass
class Entry:
    """What is known of a contestant at one shape.

    Attributes
    ----------
    contestant : Contestant
    choice : str
        What it chose by measuring; may be empty.
    difference : float
        The most that a loss of its differs from ours, relative to ours.
    steps : dict of int
        Steps that it makes in a turn, by their kind: a multiple of the batches.
    warms : dict of bool
        Whether it makes a few steps first that do not count, by their kind.
    train, evaluate : list of float
        Milliseconds a step, one number for each of its turns.
    """

    contestant: Contestant
    choice: str = ""
    difference: float = 0.0
    steps: dict[str, int] = field(default_factory=dict)
    warms: dict[str, bool] = field(default_factory=dict)
    train: list[float] = field(default_factory=list)
    evaluate: list[float] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return what is known, with the quartiles of the times."""
        who = self.contestant
        return {
            "label": who.label,
            "peer": who.peer,
            "variant": who.variant,
            "threads": who.threads,
            "choice": self.choice,
            "loss_difference": self.difference,
            "train": summary(self.train),
            "evaluate": summary(self.evaluate),
        }


def summary(times: Sequence[float]) -> dict[str, float]:
    """Return median, quartiles, least and number of times in milliseconds."""
    low, middle, high = np.percentile(times, [25, 50, 75])
    return {"median": middle, "q25": low, "q75": high, "min": min(times), "turns": len(times)}


@dataclass(frozen=True)
class Result:
    """One shape's contest.

    Attributes
    ----------
    shape : Shape
    entries : list of Entry
    limit_gflops : float
        The median multiply-add limit of one core, measured in the same rounds.
    """

    shape: Shape
    entries: list[Entry]
    limit_gflops: float

    def limit_ms(self, threads: int) -> float:
        """Return the least time of a training step, were all of it multiply-adds at the limit."""
        return self.shape.needed_flops / (self.limit_gflops * threads) / 1e6

    def ours(self, threads: int) -> Entry:
        """Return our engine's entry on so many threads."""
        return next(entry for entry in self.entries if entry.contestant.is_ours and entry.contestant.threads == threads)

    def to_dict(self) -> dict[str, Any]:
        """Return everything, by name."""
        return {
            "shape": self.shape.to_dict(),
            "limit_gflops_per_core": self.limit_gflops,
            "contestants": [entry.to_dict() for entry in self.entries],
        }


def leave_out(contestant: Contestant, reason: str, say: Say) -> None:
    """Say why a peer is left out; without ours there is nothing to compare, so that ends the program."""
    if contestant.is_ours:
        raise SystemExit(f"{contestant.name} cannot be timed: {reason}")
    say(f"{contestant.name} is left out: {reason}")


W = TypeVar("W", bound=AtWork)


def start(contestants: Iterable[Contestant], begin: Callable[[Contestant], W], say: Say) -> list[W]:
    """Start the contestants, two at a time; name those that cannot be started."""

    def attempt(contestant: Contestant) -> W | None:
        try:
            return begin(contestant)
        except PeerError as error:
            leave_out(contestant, f"it could not be started: {error}", say)
            return None

    with ThreadPoolExecutor(2) as pool:
        return [worker for worker in pool.map(attempt, contestants) if worker is not None]


def build(shape: Shape, workers: Iterable[AtWork], say: Say) -> list[tuple[AtWork, Entry]]:
    """Build and verify the contestants of a shape, ours first; name those that fail.

    Verified are the losses of every batch with the first parameters, of as many updates, and of every batch after
    those.
    """
    ready: list[tuple[AtWork, Entry]] = []
    expected: list[list[float]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.npz"
        shape.case().save(path)
        for worker in workers:
            try:
                entry = Entry(worker.contestant, worker.build(path))
                losses = [run(shape.batches).losses for run in (worker.evaluate, worker.train, worker.evaluate)]
                expected = expected or losses
                entry.difference = difference(losses, expected)
                if entry.difference > TOLERANCE:
                    raise PeerError(f"its losses differ from ours by {entry.difference:.1e}, relatively.")  # noqa: TRY301
            except PeerError as error:
                leave_out(worker.contestant, str(error), say)
                continue
            chosen = f" (arrangement: {entry.choice})" if entry.choice else ""
            say(f"  {worker.contestant.name}: losses agree within {entry.difference:.0e}{chosen}")
            ready.append((worker, entry))
    return ready


def difference(losses: list[list[float]], expected: list[list[float]]) -> float:
    """Return the most that a loss differs from what is expected, relatively.

    A peer that runs several steps in one call gives their mean, which is compared with the mean of ours.
    """
    most = 0.0
    for given, wanted in zip(losses, expected, strict=True):
        means = np.reshape(wanted, (len(given), -1)).mean(axis=1)
        most = max(most, float(np.max(np.abs(given - means) / means)))
    return most


def take_turn(worker: AtWork, entry: Entry, batches: int, turn_seconds: Mapping[str, float]) -> None:
    """Time a contestant once for each kind of step.

    First it makes a few steps that do not count, as its code and data have left the caches. The first time, they also
    say how many steps fill a turn. Where going through the batches takes long, the few steps are left out, as what they
    would have cost does not show; and where it takes longer than a turn, it is the first turn itself.
    """
    for kind, seconds in turn_seconds.items():
        run: Callable[[int], Timed] = getattr(worker, kind)
        if kind not in entry.steps:
            cycle = run(batches).seconds
            long = cycle > max(seconds, LONG_SECONDS)
            if not long:
                cycle = min(cycle, *(run(batches).seconds for _ in range(2)))
            entry.steps[kind] = batches * max(1, round(seconds / cycle))
            entry.warms[kind] = not long
            if long:
                getattr(entry, kind).append(cycle / batches * 1e3)
                continue
        steps = entry.steps[kind]
        if entry.warms[kind]:
            run(batches)
        getattr(entry, kind).append(run(steps).seconds / steps * 1e3)


def contest(
    shape: Shape,
    workers: Iterable[AtWork],
    rounds: int,
    say: Say,
    turn_seconds: Mapping[str, float] = TURN_SECONDS,
    most_seconds: float = math.inf,
) -> Result:
    """Time the contestants in turns, so that whatever the machine does beside hits all of them alike.

    Each round begins with another contestant. After `most_seconds` seconds of rounds, no further one begins.
    """
    ready = build(shape, workers, say)
    limits: list[float] = []
    began = time.perf_counter()
    for number in range(rounds):
        if limits and time.perf_counter() - began > most_seconds:
            break
        say(f"  round {number + 1} of {rounds}")
        limits.append(fma_limit.measure(LIMIT_SECONDS))
        first = number % len(ready)
        for worker, entry in ready[first:] + ready[:first]:
            try:
                take_turn(worker, entry, shape.batches, turn_seconds)
            except PeerError as error:
                leave_out(entry.contestant, str(error), say)
                ready.remove((worker, entry))
    return Result(shape, [entry for _, entry in ready], statistics.median(limits))
