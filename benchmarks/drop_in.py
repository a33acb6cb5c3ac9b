"""What a PyTorch user gains by importing `lengthwise.torch` in place of `torch.nn`, on the CPU.

    python -m benchmarks.drop_in                             # some minutes
    python -m benchmarks.drop_in --write docs/pytorch.md     # and put the table on the page

Run it from the root of the repository, with nothing else on the machine.

For each cell and shape: the outputs and all gradients of both modules are compared first, and a shape whose results
differ is not timed. Then both take turns; times are medians. A training step is forward, the loss (cross-entropy of a
linear layer on the last output) and backward, with what PyTorch itself does between; an evaluation is forward without
gradients. The optimiser is left out, as it is the same.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

import lengthwise.torch
from benchmarks.pages import write_between
from lengthwise.training.environment import processor

CELLS: dict[str, tuple[type[nn.RNNBase], type[nn.RNNBase]]] = {
    "RNN": (lengthwise.torch.RNN, nn.RNN),
    "GRU": (lengthwise.torch.GRU, nn.GRU),
    "LSTM": (lengthwise.torch.LSTM, nn.LSTM),
}

CLASSES = 10
TOLERANCE = 1e-4
"""How far apart the results may be, as a share of the largest."""

BEGIN, END = "<!-- begin: python -m benchmarks.drop_in -->", "<!-- end -->"


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
        return f"{self.batch} x {self.steps} x {self.features} → {self.layers} x {self.hidden}{both}"


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

    def __init__(self, kind: Callable[..., nn.RNNBase], shape: Shape) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.rnn = kind(shape.features, shape.hidden, shape.layers, batch_first=True, bidirectional=shape.bidirectional)
        self.head = nn.Linear(shape.hidden * (1 + shape.bidirectional), CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        logits: Tensor = self.head(self.rnn(x)[0][:, -1])
        return logits


def train(module: Classifier, x: Tensor, y: Tensor) -> Tensor:
    module.zero_grad()
    loss = nn.functional.cross_entropy(module(x), y)
    loss.backward()
    return loss.detach()


def evaluate(module: Classifier, x: Tensor, _y: Tensor) -> Tensor:
    with torch.no_grad():
        logits: Tensor = module(x)
    return logits


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


def table(rows: dict[int, list[dict[str, Any]]]) -> str:
    """Return the ratios as a Markdown table, a line a shape and cell, for each number of threads."""
    head = ["cell", "batch x steps x features → layers x units"]
    for threads in rows:
        cores = "1 thread" if threads == 1 else f"{threads} threads"
        head += [f"training, {cores}", f"evaluation, {cores}"]
    lines = [head, ["---", "---", *["--:"] * (len(head) - 2)]]
    for of_shape in zip(*rows.values(), strict=True):
        cells = [of_shape[0]["cell"], of_shape[0]["shape"]]
        for row in of_shape:
            cells += [f"{row[name]:.1f}" if name in row else "differs" for name in ("train_ratio", "evaluate_ratio")]
        lines.append(cells)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def summary(rows: dict[int, list[dict[str, Any]]]) -> str:
    """Return the geometric means, and what was measured on, in a sentence."""
    parts = []
    for threads, of_threads in rows.items():
        means = (
            statistics.geometric_mean(row[name] for row in of_threads if name in row)
            for name in ("train_ratio", "evaluate_ratio")
        )
        cores = "1 thread" if threads == 1 else f"{threads} threads"
        parts.append(f"on {cores} {' and '.join(f'{mean:.1f}' for mean in means)}")
    return (
        f"The time of `torch.nn` divided by that of `lengthwise.torch`; geometric means of training and evaluation: "
        f"{', '.join(parts)}. PyTorch {torch.__version__}, {processor()}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="threads of both (default: 1 2)")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each (default: %(default)s)")
    parser.add_argument("--cells", nargs="+", choices=list(CELLS), default=list(CELLS))
    parser.add_argument("--write", type=Path, metavar="PAGE", help="the page whose table to make again")
    arguments = parser.parse_args()
    rows = {}
    for threads in arguments.threads:
        torch.set_num_threads(threads)
        rows[threads] = [measure(cell, shape, arguments.rounds) for cell in arguments.cells for shape in SHAPES]
    text = f"{summary(rows)}\n\n{table(rows)}"
    print(text)
    if arguments.write is not None:
        write_between(arguments.write, BEGIN, END, text)


if __name__ == "__main__":
    main()
