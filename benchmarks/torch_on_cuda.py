"""How fast the torch engine is on a CUDA device, beside a loop written by hand and beside our own engine on the CPU.

    python -m benchmarks.torch_on_cuda                          # two minutes on a machine with a card
    python -m benchmarks.torch_on_cuda --write docs/pytorch.md  # and put the tables on the page

Run it from the root of the repository, with nothing else on the machine and its card.

The loop by hand is what PyTorch's pages show: the module on the card, `torch.optim.Adam` with ``fused=True``, all
batches on the card beforehand. Ours cuts its windows out of the data set while the clock runs. Both multiply in float32
and in TF32, which is what PyTorch does if nobody says otherwise. All take turns; a time is the median of the turns.
"""

import argparse
import json
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.pages import markdown_table, write_between
from benchmarks.shapes import NOTEBOOK, Shape
from lengthwise._internal.threads import available_threads
from lengthwise.engine.protocol import Data, Engine, Optimizer, State, data_of
from lengthwise.engine.torch.process import recurrent_products
from lengthwise.networks.backend import SIMD, Backend, make_engine
from lengthwise.training.environment import processor
from lengthwise.windows import Sampler, Windows

CUDA = Backend("torch", "cuda")
CUDA_TF32 = CUDA._replace(tf32=True)
MODULES = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
RESULTS = Path(__file__).parent / "results" / "torch-on-cuda.json"
BEGIN, END = "<!-- begin: python -m benchmarks.torch_on_cuda -->", "<!-- end: torch_on_cuda -->"

TURNS = 5
TURN_SECONDS = 0.4
AT_ONCE = (1, 2, 4, 8, 16)
"""Runs that share the card."""

SHAPES = (
    NOTEBOOK,
    Shape("lstm-128", "", seq_len=28, hidden_size=128, num_layers=1, cell="lstm"),
    Shape("gru-256", "", seq_len=112, hidden_size=256, num_layers=1, num_steps=112, cell="gru"),
    Shape("lstm-512", "", seq_len=28, hidden_size=512, num_layers=2, cell="lstm"),
    Shape("lstm-1024", "", batch_size=256, seq_len=28, hidden_size=1024, num_layers=2, cell="lstm"),
)


def sizes(shape: Shape) -> str:
    """Return a shape's sizes, for the page."""
    return (
        f"{shape.cell.upper()}, {shape.batch_size} × {shape.seq_len} × {shape.input_size} → "
        f"{shape.num_layers} × {shape.hidden_size}"
    )


def windows_of(shape: Shape, data: Data, steps: int) -> Windows:
    """Return the windows of so many steps."""
    sampler = Sampler(len(data.values), shape.num_steps, shape.seq_len, shape.batch_size)
    drawn = sampler.draw(0, 0, min(steps, sampler.steps_per_epoch))
    return Windows(*(np.resize(array, (steps, shape.batch_size)) for array in drawn))


def engine_of(shape: Shape, backend: Backend, threads: int = 1) -> Engine:
    """Return an engine for a shape."""
    return make_engine(shape.network, shape.seq_len, shape.batch_size, threads, backend=backend)


Runner = Callable[[int], float]
"""Makes so many updates and returns the seconds that they took."""


def runner_of(shape: Shape, engine: Engine, data: Data) -> Runner:
    """Return what trains with an engine."""
    parameters = shape.network.initial(0)
    state = State(parameters, np.zeros_like(parameters), np.zeros_like(parameters))

    def run(steps: int) -> float:
        windows = windows_of(shape, data, steps)
        began = time.perf_counter()
        losses, _ = engine.train(state, 0, data, windows, Optimizer())
        seconds = time.perf_counter() - began
        if not np.isfinite(losses).all():
            raise RuntimeError(f"{shape.name}: a loss is not finite")
        return seconds

    return run


def by_hand(shape: Shape, data: Data, *, tf32: bool, batches: int = 16) -> Runner:
    """Return a loop written by hand."""
    network = shape.network
    module = MODULES[network.cell](network.input_size, network.hidden_size, network.num_layers, batch_first=True)
    rnn, head = module.cuda(), nn.Linear(network.hidden_size, 10).cuda()
    adam = torch.optim.Adam([*rnn.parameters(), *head.parameters()], lr=0.001, fused=True)
    windows = windows_of(shape, data, batches)
    places = windows.starts[..., None] + np.arange(shape.seq_len)
    x = torch.tensor(data.values[windows.sequences[..., None], places].astype(np.float32) * data.scale).cuda()
    y = torch.tensor(data.targets[windows.sequences]).cuda()

    def run(steps: int) -> float:
        losses = []
        torch.cuda.synchronize()
        began = time.perf_counter()
        with recurrent_products(tf32=tf32):
            for step in range(steps):
                adam.zero_grad(set_to_none=True)
                loss = nn.functional.cross_entropy(head(rnn(x[step % batches])[0][:, -1]), y[step % batches])
                loss.backward()
                adam.step()
                losses.append(loss.detach())
        torch.cuda.synchronize()
        seconds = time.perf_counter() - began
        if not torch.stack(losses).isfinite().all():
            raise RuntimeError(f"{shape.name}: a loss is not finite")
        return seconds

    return run


def milliseconds(runners: dict[str, Runner]) -> dict[str, float]:
    """Return each one's milliseconds a step: the median of turns."""
    steps = {}
    for name, run in runners.items():
        run(3)
        steps[name] = max(3, min(4000, int(TURN_SECONDS / (run(3) / 3))))
        run(steps[name])
    times: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(TURNS):
        for name, run in runners.items():
            times[name].append(1e3 * run(steps[name]) / steps[name])
    return {name: statistics.median(some) for name, some in times.items()}


def compare(shape: Shape, threads: int) -> dict[str, float]:
    """Return milliseconds a step of everybody at one shape."""
    data = data_of(*shape.sequences(0))
    with (
        engine_of(shape, CUDA) as float32,
        engine_of(shape, CUDA_TF32) as tf32,
        engine_of(shape, SIMD, threads) as simd,
    ):
        for engine in (float32, tf32, simd):
            engine.prepare(data)
        return milliseconds(
            {
                "cuda": runner_of(shape, float32, data),
                "cuda, tf32": runner_of(shape, tf32, data),
                "by hand": by_hand(shape, data, tf32=False),
                "by hand, tf32": by_hand(shape, data, tf32=True),
                "simd": runner_of(shape, simd, data),
            }
        )


def at_once(shape: Shape, runs: int, steps: int) -> float:
    """Return the updates a second that so many runs make together."""
    data = data_of(*shape.sequences(0))

    def train(_run: int) -> tuple[float, float]:
        with engine_of(shape, CUDA) as engine:
            engine.prepare(data)
            run = runner_of(shape, engine, data)
            run(50)
            ready.wait()
            began = time.perf_counter()
            for _ in range(4):
                run(steps // 4)
            return began, time.perf_counter()

    ready = threading.Barrier(runs)
    with ThreadPoolExecutor(runs) as pool:
        times = list(pool.map(train, range(runs)))
    return runs * steps / (max(end for _, end in times) - min(began for began, _ in times))


def _three_digits(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def tables(result: dict[str, Any]) -> str:
    """Return the page's text."""
    first = result["shapes"][0]["shape"]
    columns = {
        "cuda": "`--device cuda`",
        "by hand": "by hand",
        "cuda, tf32": "`--device cuda --tf32`",
        "by hand, tf32": "by hand, TF32",
        "simd": "engine simd",
    }
    shapes = [["shape: batch × steps × features → layers × units", *columns.values()]]
    shapes += [[row["shape"], *(_three_digits(row[name]) for name in columns)] for row in result["shapes"]]
    runs = [["runs at once", *result["at_once"]]]
    runs.append(["updates per second", *(f"{rate:,.0f}" for rate in result["at_once"].values())])
    beside = f"{result['processor']}, {result['threads']} threads"
    return (
        f"{result['device']}, PyTorch {result['torch']}; for comparison our own engine on the CPU, {beside}. "
        f"Milliseconds per training step:\n\n{markdown_table(shapes)}\n\n"
        f"Updates per second of several runs that share the GPU, at the first shape ({first}):\n\n"
        f"{markdown_table(runs)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FILE", help="(default: %(default)s)")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="a page to put the tables on")
    parser.add_argument("--no-measuring", action="store_true", help="use the results that are there")
    arguments = parser.parse_args()
    if not arguments.no_measuring:
        threads = available_threads()
        result: dict[str, Any] = {
            "device": torch.cuda.get_device_name(),
            "torch": torch.__version__,
            "processor": processor(),
            "threads": threads,
            "at_once": {},
            "shapes": [],
        }
        for shape in SHAPES:
            result["shapes"].append({"shape": sizes(shape), **compare(shape, threads)})
            print(result["shapes"][-1], flush=True)
        for runs in AT_ONCE:
            result["at_once"][str(runs)] = at_once(SHAPES[0], runs, 4000)
            print(runs, result["at_once"][str(runs)], flush=True)
        arguments.results.write_text(json.dumps(result, indent=1) + "\n")
    result = json.loads(arguments.results.read_text())
    print(tables(result))
    if arguments.write is not None:
        write_between(arguments.write, BEGIN, END, tables(result))


if __name__ == "__main__":
    main()
