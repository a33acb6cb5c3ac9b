"""What our computations cost on one thread and on all, while other programs want the same processors.

    python -m benchmarks.busy                                 # about a minute and a half
    python -m benchmarks.busy --write docs/performance.md     # and put the table on the page

A training step and an evaluation by the engine, and a module of `lengthwise.torch` forward and backward, without what
PyTorch computes in a step. Beside them run as many endless loops as the table says: none, one, and one for each
processor. One thread and all of them take turns of a tenth of a second. What counts is their ratio: more threads must
not be slower than one, whoever else is there. Anything else that runs, is a loop that the table does not know of.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
import torch

import lengthwise.torch
from benchmarks.pages import markdown_table, write_between
from benchmarks.shapes import NOTEBOOK, Shape
from lengthwise._internal.threads import available_threads
from lengthwise.engine.protocol import Data, Optimizer, State, data_of
from lengthwise.engine.simd.engine import SimdEngine
from lengthwise.training.environment import processor
from lengthwise.windows import Windows

BEGIN, END = "<!-- begin: python -m benchmarks.busy -->", "<!-- end: busy -->"

SEQUENCES = 512
"""Sequences of random numbers that are trained on, and windows of an evaluation."""

Work = Callable[[int], None]
"""What does something so many times."""


class Turns(NamedTuple):
    """Milliseconds of each turn, of what is done once, on one thread and on all."""

    one: list[float]
    all: list[float]


def training(shape: Shape, threads: int, stack: ExitStack) -> Work:
    """Return what makes training steps, by one call of the engine."""
    engine, data, state = _engine_of(shape, threads, stack)
    random = np.random.default_rng(0)

    def work(count: int) -> None:
        size = (count, shape.batch_size)
        windows = Windows(random.integers(SEQUENCES, size=size), np.zeros(size, np.int64))
        engine.train(state, 0, data, windows, Optimizer())

    return work


def evaluation(shape: Shape, threads: int, stack: ExitStack) -> Work:
    """Return what evaluates a window of every sequence, by a call of the engine each time."""
    engine, data, state = _engine_of(shape, threads, stack)
    windows = Windows(np.arange(SEQUENCES)[None], np.zeros((1, SEQUENCES), np.int64))

    def work(count: int) -> None:
        for _ in range(count):
            engine.evaluate(state.parameters, data, windows)

    return work


def module_step(shape: Shape, threads: int, stack: ExitStack) -> Work:
    """Return what runs a GRU of `lengthwise.torch` forward and backward, from a gradient at its outputs."""
    stack.callback(torch.set_num_threads, torch.get_num_threads())
    module = lengthwise.torch.GRU(shape.input_size, shape.hidden_size, shape.num_layers, batch_first=True)
    x = torch.randn(shape.batch_size, shape.seq_len, shape.input_size)
    gradient = torch.randn(shape.batch_size, shape.seq_len, shape.hidden_size)

    def work(count: int) -> None:
        torch.set_num_threads(threads)
        for _ in range(count):
            module.zero_grad()
            outputs, _ = module(x)
            outputs.backward(gradient)

    return work


def _engine_of(shape: Shape, threads: int, stack: ExitStack) -> tuple[SimdEngine, Data, State]:
    """Return an engine on so many threads, random sequences, and a network's first state."""
    network, random = shape.network, np.random.default_rng(0)
    values = random.standard_normal((SEQUENCES, shape.seq_len, shape.input_size), np.float32)
    data = data_of(values, random.integers(network.num_outputs, size=SEQUENCES))
    parameters = network.initial(0)
    engine = SimdEngine(network.engine_cell, network.sizes(shape.seq_len), shape.batch_size, threads)
    stack.enter_context(engine).prepare(data)
    return engine, data, State(parameters, np.zeros_like(parameters), np.zeros_like(parameters))


WORKS: dict[str, Callable[[Shape, int, ExitStack], Work]] = {
    "training step": training,
    f"evaluation of {SEQUENCES} windows": evaluation,
    "`lengthwise.torch.GRU`, forward and backward": module_step,
}
"""What is timed."""


def milliseconds(work: Work, count: int) -> float:
    """Return how long it takes to do something once, from doing it `count` times."""
    began = time.perf_counter()
    work(count)
    return 1000 * (time.perf_counter() - began) / count


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


def measure(
    make: Callable[[Shape, int, ExitStack], Work], shape: Shape, threads: int, loops: Sequence[int], rounds: int,
    seconds: float,
) -> dict[int, Turns]:  # fmt: skip
    """Return the turns beside each number of loops; a turn takes so many seconds on one thread of an idle machine."""
    found = {}
    with ExitStack() as stack:
        one, everybody = (make(shape, count, stack) for count in (1, threads))
        count = max(1, int(1000 * seconds / min(milliseconds(one, 3) for _ in range(3))))
        for loop in loops:
            with endless_loops(loop):
                turns = Turns([], [])
                for _ in range(rounds):
                    turns.one.append(milliseconds(one, count))
                    turns.all.append(milliseconds(everybody, count))
                found[loop] = turns
    return found


def table(found: dict[str, dict[int, Turns]], threads: int) -> str:
    """Return the medians, a row for each number of loops beside each work."""
    rows = [["", "busy loops", "1 thread, ms", f"{threads} threads, ms", f"{threads} threads are × as fast"]]
    for name, beside in found.items():
        for count, turns in beside.items():
            ratio = median(one / everybody for one, everybody in zip(*turns, strict=True))
            rows.append([name, str(count), f"{median(turns.one):.3f}", f"{median(turns.all):.3f}", f"{ratio:.2f}"])
    return markdown_table(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40, help="turns of each, beside each number of loops [40]")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="the page whose table to make again")
    given = parser.parse_args()
    threads = available_threads()
    loops = sorted({0, 1, threads})
    found = {name: measure(make, NOTEBOOK, threads, loops, given.rounds, seconds=0.1) for name, make in WORKS.items()}
    text = f"{NOTEBOOK.title}; {threads} processors of {processor()}.\n\n{table(found, threads)}"
    print(text)
    if given.write is not None:
        write_between(given.write, BEGIN, END, text)


if __name__ == "__main__":
    main()
