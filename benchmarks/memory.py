"""What memory the engine uses, and how that grows with steps, batch, units and threads.

    python -m benchmarks.memory                                 # about a minute
    python -m benchmarks.memory --write docs/performance.md     # and put the table on the page

For each shape a process of its own trains a few steps and reports three figures, without the data set:

activations
    The workspaces of all threads, as the engine states them.
shared
    Everything else that NumPy takes while the engine is made and trains: panels, gradients, what the optimiser keeps.
peak
    By how much the process's resident memory grows at most, as the system counts it, once the machine code is loaded.
"""

import argparse
import ctypes
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

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

SHAPES = (
    BASE,
    *(replace(BASE, seq_len=seq_len) for seq_len in (128, 512, 10_000)),
    *(replace(BASE, batch_size=batch_size) for batch_size in (32, 512, 2048)),
    *(replace(BASE, hidden_size=hidden_size) for hidden_size in (64, 128, 256)),
    replace(BASE, num_layers=3),
    replace(BASE, cell="gru"),
    replace(BASE, cell="lstm"),
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


def measure_here(shape: Shape) -> dict[str, int]:
    """Return the figures of one shape; this process must be a fresh one."""
    network = Network(FEATURES, CLASSES, shape.cell, shape.hidden_size, shape.num_layers)
    random = np.random.default_rng(0)
    values = random.standard_normal((64, shape.seq_len, FEATURES), np.float32)
    data = data_of(values, random.integers(CLASSES, size=len(values)))

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
    give_back_free_memory()
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    run()
    peak = resident("VmHWM") - before
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
    """Return the figures of one shape, from a process of its own."""
    command = [sys.executable, "-m", "benchmarks.memory", "--child", json.dumps(asdict(shape))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{shape} could not be measured: {done.stderr}")
    found: dict[str, int] = json.loads(done.stdout)
    return found


def table(rows: Sequence[tuple[Shape, dict[str, int]]]) -> str:
    """Return the figures in MB, a row a shape."""
    names = ("parameters", "activations", "shared", "peak")
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
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="the page whose table to make again")
    given = parser.parse_args()
    if given.child is not None:
        print(json.dumps(measure_here(Shape(**json.loads(given.child)))))
        return
    rows = [(shape, measure(shape)) for shape in SHAPES]
    text = (
        f"{FEATURES} features, {CLASSES} classes, float32; chunks of {CHUNK} sequences; {processor()}.\n\n{table(rows)}"
    )
    print(text)
    if given.write is not None:
        write_between(given.write, BEGIN, END, text)


if __name__ == "__main__":
    main()
