"""What a PyTorch user gains by importing `lengthwise.torch` in place of `torch.nn`, on the CPU.

    python benchmarks/drop_in.py            # a few minutes
    python benchmarks/drop_in.py --threads 2 --results drop_in.json

For each cell and shape: the outputs and all gradients of both modules are compared first, and a shape whose results
differ is not timed. Then both take turns; times are medians. A training step is forward, the loss (cross-entropy of a
linear layer on the last output) and backward, with what PyTorch itself does between; an evaluation is forward without
gradients. The optimiser is left out, as it is the same.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

import lengthwise.torch
from lengthwise.environment import describe_environment

CELLS: dict[str, tuple[type[nn.RNNBase], type[nn.RNNBase]]] = {
    "RNN": (lengthwise.torch.RNN, nn.RNN),
    "GRU": (lengthwise.torch.GRU, nn.GRU),
    "LSTM": (lengthwise.torch.LSTM, nn.LSTM),
}

CLASSES = 10
TOLERANCE = 1e-4


class Shape(NamedTuple):
    """Sequences of some steps of some features, and layers of hidden units in one or two directions."""

    batch: int
    steps: int
    features: int
    hidden: int
    layers: int = 1
    bidirectional: bool = False

    def __str__(self) -> str:
        both = ", both ways" if self.bidirectional else ""
        return f"{self.batch} x {self.steps} x {self.features} -> {self.layers} x {self.hidden}{both}"


SHAPES = (
    Shape(128, 19, 28, 31, 3),
    Shape(32, 28, 28, 64, 1),
    Shape(128, 28, 28, 128, 1),
    Shape(256, 50, 8, 32, 2),
    Shape(64, 128, 16, 64, 2),
    Shape(32, 512, 4, 32, 1),
    Shape(128, 28, 28, 64, 1, bidirectional=True),
    Shape(8, 28, 28, 64, 1),
    Shape(128, 28, 64, 256, 1),
)


class Classifier(nn.Module):
    """A recurrent module and a linear layer on its last output."""

    def __init__(self, kind: type[nn.RNNBase], shape: Shape) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.rnn = kind(shape.features, shape.hidden, shape.layers, batch_first=True, bidirectional=shape.bidirectional)
        self.head = nn.Linear(shape.hidden * (1 + shape.bidirectional), CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        return self.head(self.rnn(x)[0][:, -1])


def train(module: Classifier, x: Tensor, y: Tensor) -> Tensor:
    module.zero_grad()
    loss = nn.functional.cross_entropy(module(x), y)
    loss.backward()
    return loss.detach()


def evaluate(module: Classifier, x: Tensor, _y: Tensor) -> Tensor:
    with torch.no_grad():
        return module(x)


def largest_difference(modules: tuple[Classifier, Classifier], x: Tensor, y: Tensor) -> float:
    """Return how far outputs and gradients are apart, as a share of the largest of each."""
    results = []
    for module in modules:
        logits = evaluate(module, x, y)
        train(module, x, y)
        results.append([logits, *(parameter.grad for parameter in module.parameters())])
    return max(
        float((one - other).abs().max() / other.abs().max().clamp(min=1e-6))
        for one, other in zip(*results, strict=True)
    )


def times(
    work: Callable[[Classifier, Tensor, Tensor], Tensor],
    modules: tuple[Classifier, Classifier],
    x: Tensor,
    y: Tensor,
    rounds: int,
) -> list[float]:
    """Return the median seconds of a call with each module; they take turns."""
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds):
        for which in (0, 1) if turn % 2 == 0 else (1, 0):
            work(modules[which], x, y)
            began = time.perf_counter()
            calls = 0
            while calls < 3 or time.perf_counter() - began < 0.05:
                work(modules[which], x, y)
                calls += 1
            taken[which].append((time.perf_counter() - began) / calls)
    return [statistics.median(own) for own in taken]


def measure(cell: str, shape: Shape, rounds: int) -> dict[str, Any]:
    """Return a row of the results."""
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(shape.batch, shape.steps, shape.features, generator=generator)
    y = torch.randint(CLASSES, (shape.batch,), generator=generator)
    ours, theirs = (Classifier(kind, shape) for kind in CELLS[cell])
    row: dict[str, Any] = {"cell": cell, "shape": str(shape), **shape._asdict()}
    row["difference"] = largest_difference((ours, theirs), x, y)
    if row["difference"] > TOLERANCE:
        return row
    for name, work in (("train", train), ("evaluate", evaluate)):
        mine, other = times(work, (ours, theirs), x, y, rounds)
        row |= {f"{name}_ms": 1000 * mine, f"{name}_torch_ms": 1000 * other, f"{name}_ratio": other / mine}
    return row


def print_rows(rows: list[dict[str, Any]], threads: int) -> None:
    table = Table(title=f"torch.nn's time divided by lengthwise.torch's, {threads} threads")
    for title in ("cell", "batch x steps x features -> layers x hidden", "training", "evaluation", "ms", "ms torch.nn"):
        table.add_column(title, justify="left" if title == "cell" else "right")
    for row in rows:
        if "train_ratio" not in row:
            table.add_row(row["cell"], row["shape"], "differs", "", "", "")
            continue
        table.add_row(
            row["cell"], row["shape"], f"{row['train_ratio']:.1f}", f"{row['evaluate_ratio']:.1f}",
            f"{row['train_ms']:.2f}", f"{row['train_torch_ms']:.2f}",
        )  # fmt: skip
    Console().print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1, help="threads of both (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each (default: %(default)s)")
    parser.add_argument("--cells", nargs="+", choices=list(CELLS), default=list(CELLS))
    parser.add_argument("--results", type=Path, metavar="FILE", help="also write the results here, as JSON")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    rows = [measure(cell, shape, arguments.rounds) for cell in arguments.cells for shape in SHAPES]
    print_rows(rows, arguments.threads)
    if arguments.results:
        content = {
            "measured": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": describe_environment(("torch",)) | {"threads": arguments.threads},
            "results": rows,
        }
        arguments.results.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
