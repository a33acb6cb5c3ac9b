"""What memory the engine uses, and how that grows with steps, batch, units and threads.

    python -m benchmarks.memory                                 # about a minute
    python -m benchmarks.memory --write docs/performance.md     # and put the table on the page

For each shape a process of its own trains a few steps and reports these figures, without the data set:

activations
    The workspaces of all threads, as the engine states them.
shared
    Everything else that NumPy takes while the engine is made and trains: panels, gradients, what the optimiser keeps.
peak
    By how much the process's resident memory grows at most, as the system counts it, once the machine code is loaded.
PyTorch
    The same peak of another process, where PyTorch trains the same network: eager, with its own Adam. Unlike ours it
    has to be given a batch, which is counted.
"""

import argparse
import ctypes
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.pages import markdown_table, write_between
from lengthwise.engine.protocol import Optimizer, State, data_of
from lengthwise.engine.simd.engine import SimdEngine
from lengthwise.engine.simd.host import CHUNK
from lengthwise.networks.network import CellName, Network
from lengthwise.training.environment import processor
from lengthwise.windows import Windows

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- begin: python -m benchmarks.memory -->", "<!-- end: memory -->"

FEATURES, CLASSES = 28, 10
STEPS = 3
"""Training steps that are made."""


@dataclass(frozen=True)
class Shape:
    """What is trained, and on how many threads."""

    cell: CellName = "rnn"
    batch_size: int = 128
    seq_len: int = 28
    hidden_size: int = 31
    num_layers: int = 1
    threads: int = 1


BASE = Shape()
LONG = 10_000

SHAPES = (
    BASE,
    *(replace(BASE, seq_len=seq_len) for seq_len in (128, 512, LONG)),
    *(replace(BASE, batch_size=batch_size) for batch_size in (32, 512, 2048)),
    *(replace(BASE, hidden_size=hidden_size) for hidden_size in (64, 128, 256)),
    replace(BASE, num_layers=3),
    replace(BASE, cell="gru"),
    replace(BASE, cell="lstm"),
    replace(BASE, cell="gru", seq_len=LONG),
    replace(BASE, cell="lstm", seq_len=LONG),
    replace(BASE, threads=2),
)
"""One shape, and those that differ from it in one number."""


def resident(what: str) -> int:
    """Return the bytes of this process that are resident (``VmRSS``), or were at most (``VmHWM``)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith(f"{what}:"))
    return 1024 * int(kilobytes)


def give_back_free_memory() -> None:
    """Have the C library hand what it keeps for later back to the system, where it can: it would be used unseen."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def train(engine: SimdEngine, network: Network, data: Any, shape: Shape) -> None:
    """Make a few steps with a new state."""
    random = np.random.default_rng(0)
    windows = Windows(
        random.integers(len(data.targets), size=(STEPS, shape.batch_size)),
        np.zeros((STEPS, shape.batch_size), np.int64),
    )
    parameters = network.initial(0)
    state = State(parameters, np.zeros_like(parameters), np.zeros_like(parameters))
    engine.train(state, 0, data, windows, Optimizer())


def peak_of(run: Callable[[], object]) -> int:
    """Return by how many bytes the process's resident memory grows at most while something runs."""
    give_back_free_memory()
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    run()
    return resident("VmHWM") - before


def values_of(shape: Shape) -> NDArray[np.float32]:
    """Return the data set (n, s, F)."""
    return np.random.default_rng(0).standard_normal((64, shape.seq_len, FEATURES), np.float32)


def measure_pytorch_here(shape: Shape) -> dict[str, int]:
    """Return PyTorch's peak at one shape; this process must be a fresh one."""
    import torch  # noqa: PLC0415 - no other process loads it

    def run(shape: Shape, values: NDArray[np.float32]) -> None:
        kind = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[shape.cell]
        layers = kind(FEATURES, shape.hidden_size, shape.num_layers, batch_first=True)
        head = torch.nn.Linear(shape.hidden_size, CLASSES)
        optimizer = torch.optim.Adam([*layers.parameters(), *head.parameters()], fused=True)
        sequences = np.resize(np.arange(len(values)), shape.batch_size)
        for _ in range(STEPS):
            optimizer.zero_grad()
            outputs, _ = layers(torch.from_numpy(values[sequences]))
            targets = torch.from_numpy(sequences % CLASSES)
            torch.autograd.backward(torch.nn.functional.cross_entropy(head(outputs[:, -1]), targets))
            optimizer.step()

    torch.set_num_threads(shape.threads)
    values = values_of(shape)
    run(replace(shape, seq_len=1, batch_size=1), values[:, :1])  # so that loading libraries is no part of it
    return {"PyTorch": peak_of(lambda: run(shape, values))}


def measure_here(shape: Shape) -> dict[str, int]:
    """Return the figures of one shape; this process must be a fresh one."""
    network = Network(FEATURES, CLASSES, shape.cell, shape.hidden_size, shape.num_layers)
    values = values_of(shape)
    data = data_of(values, np.arange(len(values)) % CLASSES)

    def run() -> SimdEngine:
        sizes = network.sizes(shape.seq_len)
        with SimdEngine(network.engine_cell, sizes, shape.batch_size, shape.threads) as engine:
            engine.prepare(data)
            train(engine, network, data, shape)
        return engine

    tiny = replace(shape, batch_size=1)
    with SimdEngine(network.engine_cell, network.sizes(1), 1, shape.threads) as engine:
        engine.prepare(data)  # so that loading machine code is no part of what is measured
        train(engine, network, data, tiny)
    del engine
    peak = peak_of(run)
    tracemalloc.start()
    engine = run()
    _, allocated = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    activations = engine.workspace_bytes
    return {
        "activations": activations,
        "shared": allocated - activations,
        "peak": peak,
        "parameters": 4 * network.num_parameters,
    }


def measure(shape: Shape) -> dict[str, int]:
    """Return the figures of one shape, from two processes of its own."""
    found: dict[str, int] = {}
    for engine in MEASURES:
        command = [sys.executable, "-m", "benchmarks.memory", "--child", engine, json.dumps(asdict(shape))]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{shape} could not be measured with {engine}: {done.stderr}")
        found |= json.loads(done.stdout)
    return found


MEASURES = {"lengthwise": measure_here, "PyTorch": measure_pytorch_here}


def table(rows: Sequence[tuple[Shape, dict[str, int]]]) -> str:
    """Return the figures in MB, a row a shape."""
    names = ("parameters", "activations", "shared", "peak", "PyTorch")
    header = ["cell", "batch", "steps", "layers × units", "threads", *(f"{name}, MB" for name in names)]
    lines = [header]
    for shape, figures in rows:
        lines.append(
            [
                shape.cell, str(shape.batch_size), str(shape.seq_len), f"{shape.num_layers} × {shape.hidden_size}",
                str(shape.threads), *(f"{figures[name] / 1e6:.2f}" for name in names),
            ]
        )  # fmt: skip
    return markdown_table(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="the page whose table to make again")
    given = parser.parse_args()
    if given.child is not None:
        engine, shape = given.child
        print(json.dumps(MEASURES[engine](Shape(**json.loads(shape)))))
        return
    rows = [(shape, measure(shape)) for shape in SHAPES]
    about = f"{FEATURES} features, {CLASSES} classes, float32; chunks of {CHUNK} sequences"
    text = f"{about}; PyTorch {version('torch')}; {processor()}.\n\n{table(rows)}"
    print(text)
    if given.write is not None:
        write_between(given.write, BEGIN, END, text)


if __name__ == "__main__":
    main()
