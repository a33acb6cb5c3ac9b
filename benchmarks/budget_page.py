"""The time budget of a training step for docs/performance.md: at one shape, and as steps, batch and units grow."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.pages import markdown_table, write_between
from lengthwise.networks.costs import training_flops
from lengthwise.networks.network import CellName, Network
from lengthwise.training.environment import processor

BEGIN, END = "<!-- begin: python -m benchmarks.time_budget -->", "<!-- end: time budget -->"

FEATURES, CLASSES = 28, 10

Measure = Callable[[Network, int, int, int], dict[str, float]]
"""What returns the seconds of a step by part: of a network, a window's steps, the sequences' steps and a batch."""


@dataclass(frozen=True)
class Shape:
    """What a row of the table is about; by default the notebook's."""

    cell: CellName = "rnn"
    batch_size: int = 128
    seq_len: int = 19
    hidden_size: int = 31
    num_layers: int = 3

    @property
    def network(self) -> Network:
        """The network that is trained."""
        return Network(FEATURES, CLASSES, self.cell, self.hidden_size, self.num_layers)

    def __str__(self) -> str:
        return f"{self.cell}, {self.batch_size} × {self.seq_len} → {self.num_layers} × {self.hidden_size}"


NOTEBOOK = Shape()
BASE = Shape(seq_len=28, num_layers=1)

SHAPES = (
    NOTEBOOK,
    BASE,
    *(replace(BASE, seq_len=seq_len) for seq_len in (8, 128, 512)),
    *(replace(BASE, batch_size=batch_size) for batch_size in (32, 512)),
    *(replace(BASE, hidden_size=hidden_size) for hidden_size in (64, 128, 256)),
    replace(BASE, cell="gru"),
    replace(BASE, cell="gru", hidden_size=256),
    replace(BASE, cell="lstm"),
    replace(BASE, cell="lstm", hidden_size=256),
)


def microseconds(seconds: float) -> str:
    """Return a time with three digits at least."""
    return f"{1e6 * seconds:.3g}" if seconds < 1e-4 else f"{1e6 * seconds:,.0f}"


def table(rows: Sequence[tuple[Shape, dict[str, float]]], limit_gflops: float) -> str:
    """Return the parts in microseconds, a row a shape."""
    names = [name for name in rows[0][1] if name != "step"]
    lines = [["batch × steps → layers × units", *names, "step", "of the limit"]]
    for shape, parts in rows:
        flops = training_flops(shape.network, shape.seq_len, shape.batch_size)
        share = flops / parts["step"] / 1e9 / limit_gflops
        times = [microseconds(parts[name]) for name in (*names, "step")]
        lines.append([str(shape), *times, f"{share:.0%}"])
    return markdown_table(lines)


def write_budgets(page: Path, measure: Measure, limit_gflops: float) -> None:
    """Measure every shape, and write the table between the page's markers."""
    rows = [
        (shape, measure(shape.network, shape.seq_len, max(28, shape.seq_len), shape.batch_size)) for shape in SHAPES
    ]
    text = (
        f"Microseconds of a training step on one thread, by part; {FEATURES} features; {processor()}, "
        f"{limit_gflops:.0f} GFLOP/s in multiply-adds alone. The first row is the notebook's shape.\n\n"
        f"{table(rows, limit_gflops)}"
    )
    print(text)
    write_between(page, BEGIN, END, text)
