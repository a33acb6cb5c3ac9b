"""What a training step costs on one thread and on all, while other programs want the same processors.

    python -m benchmarks.busy                                 # about half a minute
    python -m benchmarks.busy --write docs/performance.md     # and put the table on the page

Beside it run as many endless loops as the table says: none, one, and one for each processor. One thread and all of them
take turns of a tenth of a second. What counts is their ratio: more threads must not be slower than one, whoever else is
there. Anything else that runs, is a loop that the table does not know of.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

from benchmarks.pages import markdown_table, write_between
from benchmarks.shapes import NOTEBOOK, Shape
from lengthwise._internal.threads import available_threads
from lengthwise.engine.protocol import Optimizer, State, data_of
from lengthwise.engine.simd.engine import SimdEngine
from lengthwise.training.environment import processor
from lengthwise.windows import Windows

BEGIN, END = "<!-- begin: python -m benchmarks.busy -->", "<!-- end: busy -->"

SEQUENCES = 512
"""Sequences of random numbers that are trained on."""


class Turns(NamedTuple):
    """Milliseconds a step of each turn, on one thread and on all."""

    one: list[float]
    all: list[float]


class Trainer:
    """A training of a shape on so many threads."""

    def __init__(self, shape: Shape, threads: int, stack: ExitStack) -> None:
        network, random = shape.network, np.random.default_rng(0)
        values = random.standard_normal((SEQUENCES, shape.seq_len, shape.input_size), np.float32)
        self._data = data_of(values, random.integers(network.num_outputs, size=SEQUENCES))
        self._batch_size, self._random = shape.batch_size, random
        parameters = network.initial(0)
        self._state = State(parameters, np.zeros_like(parameters), np.zeros_like(parameters))
        engine = SimdEngine(network.engine_cell, network.sizes(shape.seq_len), shape.batch_size, threads)
        self._engine = stack.enter_context(engine)
        self._engine.prepare(self._data)

    def milliseconds(self, steps: int) -> float:
        """Make some steps; return the milliseconds that each took."""
        size = (steps, self._batch_size)
        windows = Windows(self._random.integers(SEQUENCES, size=size), np.zeros(size, np.int64))
        began = time.perf_counter()
        self._engine.train(self._state, 0, self._data, windows, Optimizer())
        return 1000 * (time.perf_counter() - began) / steps


@contextmanager
def endless_loops(count: int) -> Iterator[None]:
    """Keep processors busy."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        time.sleep(0.5 if loops else 0)  # for Python to start
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def measure(shape: Shape, threads: int, loops: Sequence[int], rounds: int, seconds: float) -> dict[int, Turns]:
    """Return the turns beside each number of loops."""
    with ExitStack() as stack:
        one, everybody = (Trainer(shape, count, stack) for count in (1, threads))
        steps = max(1, int(1000 * seconds / min(one.milliseconds(3) for _ in range(3))))
        found = {}
        for count in loops:
            with endless_loops(count):
                turns = Turns([], [])
                for _ in range(rounds):
                    turns.one.append(one.milliseconds(steps))
                    turns.all.append(everybody.milliseconds(steps))
                found[count] = turns
    return found


def table(found: dict[int, Turns], threads: int) -> str:
    """Return the medians, a row for each number of loops."""
    rows = [["busy loops", "1 thread, ms", f"{threads} threads, ms", f"{threads} threads are × as fast"]]
    for count, turns in found.items():
        ratio = median(one / everybody for one, everybody in zip(*turns, strict=True))
        rows.append([str(count), f"{median(turns.one):.3f}", f"{median(turns.all):.3f}", f"{ratio:.2f}"])
    return markdown_table(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40, help="turns of each, beside each number of loops [40]")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="the page whose table to make again")
    given = parser.parse_args()
    threads = available_threads()
    found = measure(NOTEBOOK, threads, sorted({0, 1, threads}), given.rounds, seconds=0.1)
    text = f"{NOTEBOOK.title}; {threads} processors of {processor()}.\n\n{table(found, threads)}"
    print(text)
    if given.write is not None:
        write_between(given.write, BEGIN, END, text)


if __name__ == "__main__":
    main()
