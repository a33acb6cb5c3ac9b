"""The grid's shapes, and its points: what was measured of one shape in training or evaluation on so many threads."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.peer import CellName
from benchmarks.shapes import Shape

BATCH_SIZES = (32, 128, 512)
SEQ_LENS = (8, 28, 128, 512)
HIDDEN_SIZES = (16, 31, 64, 128, 256)
CELLS: tuple[CellName, ...] = ("rnn", "gru", "lstm")

FEATURES, LAYERS = 28, 1

BATCHES = 8
"""Batches of a case, at most: fewer than elsewhere, as every contestant goes through them several times a shape."""

MAX_CYCLE_FLOPS = 50e9
"""Of the training steps of all batches of a case: where a step takes more, a case has fewer batches."""

OURS, PYTORCH = "lengthwise", "PyTorch eager"

Mode = Literal["train", "evaluate"]
MODES: dict[Mode, str] = {"train": "training", "evaluate": "evaluation"}
"""The kinds of step, and what people call them."""


@dataclass(frozen=True)
class GridShape(Shape):
    """A network on whole sequences of random numbers (float32, standard normal) with classes drawn at random."""

    @property
    def input_size(self) -> int:
        """Features of a step."""
        return FEATURES

    @property
    def batches(self) -> int:
        """Batches of the case: `BATCHES`, or fewer where they are large or take long, but two."""
        return min(BATCHES, super().batches, max(2, int(MAX_CYCLE_FLOPS / self.needed_flops)))

    @property
    def sizes(self) -> dict[str, Any]:
        """What the shape is, by name."""
        return {
            "cell": self.cell, "batch_size": self.batch_size, "seq_len": self.seq_len, "hidden_size": self.hidden_size,
            "input_size": FEATURES, "num_layers": self.num_layers,
        }  # fmt: skip

    def sequences(self, seed: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Return as many sequences (n, s, F) as the batches have windows, and their classes (n,)."""
        random = np.random.default_rng(seed)
        n = self.batches * self.batch_size
        values = random.standard_normal((n, self.seq_len, FEATURES), np.float32)
        return values, random.integers(self.network.num_outputs, size=n)


def grid(
    cells: Iterable[CellName],
    batch_sizes: Iterable[int],
    seq_lens: Iterable[int],
    hidden_sizes: Iterable[int],
) -> list[GridShape]:
    """Return every shape of a grid, those of least work first: a grid that is not finished has the most of them."""
    shapes = [
        GridShape(
            name=f"{cell}-{batch_size}-{seq_len}-{hidden_size}",
            title=f"{cell}, batch {batch_size}, {seq_len} steps, {hidden_size} units",
            batch_size=batch_size, seq_len=seq_len, hidden_size=hidden_size, num_layers=LAYERS, num_steps=seq_len,
            cell=cell,
        )
        for cell, batch_size, seq_len, hidden_size in product(cells, batch_sizes, seq_lens, hidden_sizes)
    ]  # fmt: skip
    return sorted(shapes, key=lambda shape: shape.needed_flops)


class Pair(NamedTuple):
    """Median milliseconds a step of a peer, and of ours in the same contest."""

    peer: float
    ours: float

    @property
    def ratio(self) -> float:
        """The peer's time divided by ours."""
        return self.peer / self.ours


class Point(NamedTuple):
    """What was measured at one point of the grid.

    Attributes
    ----------
    cell : str
    batch_size, seq_len, hidden_size, threads : int
    mode : {"train", "evaluate"}
    ours : float
        Our median milliseconds a step, when last measured.
    limit_ms : float
        What the multiply-adds that cannot be left out would take at the processor's limit, measured beside.
    peers : dict of Pair
        By the peers' labels: its time, and ours beside it.
    """

    cell: str
    batch_size: int
    seq_len: int
    hidden_size: int
    threads: int
    mode: Mode
    ours: float
    limit_ms: float
    peers: dict[str, Pair]

    @property
    def best_peer(self) -> str | None:
        """The label of the fastest peer beside ours, or None if there is none."""
        return min(self.peers, key=lambda label: self.peers[label].ratio, default=None)

    @property
    def limit_share(self) -> float:
        """Our share of the multiply-add limit."""
        return self.limit_ms / self.ours

    def ratio(self, label: str | None = None) -> float | None:
        """Return a peer's time divided by ours, by default the best peer's; None if it was not timed."""
        label = self.best_peer if label is None else label
        return self.peers[label].ratio if label in self.peers else None


def points_of(record: dict[str, Any]) -> Iterator[Point]:
    """Yield the points of one shape's record in the results file.

    Peers may have been timed in several contests, each beside ours; what is newer holds.
    """
    needed: dict[Mode, float] = {"train": record["needed_flops"], "evaluate": record["needed_forward_flops"]}
    cell, batch_size, seq_len, hidden_size = (record[name] for name in Point._fields[:4])
    contests = record["contests"]
    for threads in sorted({entry["threads"] for contest in contests for entry in contest["contestants"]}):
        for mode, flops in needed.items():
            ours = limit = None
            peers: dict[str, Pair] = {}
            for contest in contests:
                times = times_of(contest, threads, mode)
                if OURS in times:
                    ours, limit = times[OURS], contest["limit_gflops_per_core"]
                    peers |= {label: Pair(time, ours) for label, time in times.items() if label != OURS}
            if ours is not None and limit is not None:
                limit_ms = flops / (limit * threads) / 1e6
                yield Point(cell, batch_size, seq_len, hidden_size, threads, mode, ours, limit_ms, peers)


def times_of(contest: dict[str, Any], threads: int, mode: Mode) -> dict[str, float]:
    """Return the median milliseconds a step of a contest's contestants on so many threads, by their labels."""
    entries = contest["contestants"]
    return {entry["label"]: entry[mode]["median"] for entry in entries if entry["threads"] == threads}


def geometric_mean(numbers: Iterable[float | None]) -> float:
    """Return the geometric mean of those numbers that are known; NaN if none is.

    >>> geometric_mean([2.0, None, 8.0])
    4.0
    """
    known = [number for number in numbers if number is not None]
    return math.exp(sum(map(math.log, known)) / len(known)) if known else math.nan


def slower(points: Sequence[Point]) -> list[Point]:
    """Return the points where a peer is faster, the worst first."""
    behind = [point for point in points if (point.ratio() or 1) < 1]
    return sorted(behind, key=lambda point: point.ratio() or 1)
