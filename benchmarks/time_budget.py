"""Where the time of a training step goes, on one core: the engine's own kernels, each timed alone.

    python -m benchmarks.time_budget [--cell lstm --hidden-size 128 …]
    python -m benchmarks.time_budget --write docs/performance.md    # the page's table, of many shapes

prints a table for the notebook's shape, or another. Each figure is the least of many short runs, in processor time, so
that other programs disturb little. What the kernels sum
to is less than a step by what they do not contain: what threads do to share the work, and reading what another part has
pushed out of the cache.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.budget_page import write_budgets
from benchmarks.fma_limit import measure
from lengthwise.engine.protocol import Optimizer, State, data_of
from lengthwise.engine.simd.cells import CELLS
from lengthwise.engine.simd.chunk import add_gradients_of_steps, backward_chunk, forward_chunk, gather, top_gradient
from lengthwise.engine.simd.compilation import Program, program
from lengthwise.engine.simd.engine import SimdEngine
from lengthwise.engine.simd.layout import GRADIENT_STEPS, Chunk, Panels
from lengthwise.engine.simd.losses import LOSSES
from lengthwise.engine.simd.losses.loss import loss_and_gradient
from lengthwise.engine.simd.optimizers import prepare_gradient, update_parameters
from lengthwise.engine.simd.panels import pack_head, pack_layer
from lengthwise.engine.simd.step_types import BLOCK, groups_of, team_of
from lengthwise.engine.simd.team import add_groups, fill_zero
from lengthwise.engine.simd.vectors import CHUNK, flush_subnormals, pointer, pointers, restore_mode
from lengthwise.networks.costs import training_flops
from lengthwise.networks.network import Network
from lengthwise.windows import Windows

SECONDS = 0.5
"""How long each part is timed."""


@program
def run_gather(rounds, values, scale, sizes, chunk, workspace):
    """Cut the windows out of the data."""
    room = pointers(workspace)
    for _ in range(rounds):
        gather(pointer(values), sizes, chunk, scale, room)


@program
def run_forward(rounds, cell, panels, sizes, chunk, workspace):
    """Go forward."""
    mode, packed, room = flush_subnormals(), pointers(panels), pointers(workspace)
    for _ in range(rounds):
        forward_chunk(cell, packed, sizes, chunk, room)
    restore_mode(mode)


@program
def run_head(rounds, loss, cell, panels, gradients, data, sizes, chunk, workspace):
    """Go through the output layer and the loss, forward and backward."""
    mode, packed, room, data_ = flush_subnormals(), pointers(panels), pointers(workspace), pointers(data)
    for _ in range(rounds):
        dh = top_gradient(sizes, room)
        loss_and_gradient(loss, cell, packed, pointer(gradients), data_, sizes, chunk, room, dh)
    restore_mode(mode)


@program
def run_backward(rounds, cell, panels, gradients, sizes, chunk, workspace):
    """Go backward."""
    mode, packed, room = flush_subnormals(), pointers(panels), pointers(workspace)
    for _ in range(rounds):
        backward_chunk(cell, packed, pointer(gradients), sizes, chunk, room)
    restore_mode(mode)


@program
def run_weight_gradients(rounds, cell, panels, gradients, sizes, workspace):
    """Sum the gradients at weights and biases: a part of going backward."""
    mode, packed, room = flush_subnormals(), pointers(panels), pointers(workspace)
    for _ in range(rounds):
        for place in range(sizes.L * sizes.D):
            for start in range(0, sizes.s, GRADIENT_STEPS):
                end = min(start + GRADIENT_STEPS, sizes.s)
                add_gradients_of_steps(cell, packed, pointer(gradients), sizes, room, place, start, end)
    restore_mode(mode)


@program
def run_update(rounds, optimizer, state, team):
    """Sum the groups' gradients and change the parameters."""
    P, team_ = team.P, pointers(team)
    mode, g, (p, m, v, _) = flush_subnormals(), team_.gradients, pointers(state)
    for _ in range(rounds):
        for start in range(0, P, BLOCK):
            stop = min(P, start + BLOCK)
            add_groups(team_, start, stop)
            prepare_gradient(optimizer, 1.0, p, g, start, stop)
            update_parameters(optimizer, optimizer.lr, 1000, p, m, v, g, start, stop)
            fill_zero(g, start, stop)
    restore_mode(mode)


@program
def run_pack(rounds, cell, parameters, panels, sizes):
    """Lay the weights out as the tiles read them."""
    p, packed = pointer(parameters), pointers(panels)
    for _ in range(rounds):
        for place in range(sizes.L * sizes.D):
            pack_layer(cell, p, packed, sizes, place, place >= sizes.D, 0, 1)
        pack_head(cell, p, packed, sizes, 0, 1)


def seconds_of(part: Program, *arguments: Any) -> float:
    """Return the least time of one round of a part."""
    rounds = 1
    part.prepare(rounds, *arguments, on_compile=lambda: None)
    least = np.inf
    stop = time.perf_counter() + SECONDS
    while time.perf_counter() < stop:
        start = time.thread_time()
        part(rounds, *arguments)
        least = min(least, (time.thread_time() - start) / rounds)
        rounds = max(1, int(5e-4 / least))
    return least


def seconds_of_step(engine: SimdEngine, state: State, data: Any, windows: Windows) -> float:
    """Return the least time of a training step in calls of a few steps."""
    least = np.inf
    stop = time.perf_counter() + 4 * SECONDS
    while time.perf_counter() < stop:
        start = time.thread_time()
        engine.train(state, 1000, data, windows, Optimizer(lr=0.0))
        least = min(least, (time.thread_time() - start) / len(windows.starts))
    return least


def time_budget(network: Network, seq_len: int, num_steps: int, batch_size: int) -> dict[str, float]:
    """Return the seconds of a training step by part; ``"step"`` is the whole, as it is measured."""
    random = np.random.default_rng(0)
    sizes, cell = network.sizes(seq_len), CELLS[network.engine_cell]
    values = random.integers(0, 256, (2000, num_steps, network.input_size), dtype=np.uint8)
    data = data_of(values, random.integers(0, network.num_outputs, 2000))
    windows = Windows(
        random.integers(2000, size=(3, batch_size)),
        random.integers(num_steps - seq_len + 1, size=(3, batch_size)),
    )
    parameters = network.initial(0)
    state = State(parameters, np.zeros_like(parameters), np.zeros_like(parameters))
    with SimdEngine(network.engine_cell, sizes, batch_size, threads=1) as engine:
        engine.prepare(data)
        step = seconds_of_step(engine, state, data, windows)
        # A step has left the workspace with real activations in it.
        workspace = engine.workspaces[0]
    panels = Panels(np.zeros_like(parameters), np.zeros_like(parameters))
    gradients = np.zeros_like(parameters)
    chunk = Chunk(0, min(CHUNK, batch_size), seq_len, seq_len, True, np.uint64(0))
    chunks = -(-batch_size // CHUNK)
    groups = groups_of(chunks)
    team = team_of(len(parameters), groups, groups, np.zeros((0, 0), np.float32))
    team.published[:] = np.arange(groups) * (
        team.buffers + 1
    )  # each by a thread of its own, so that all are added here
    parts = {
        "pack": seconds_of(run_pack, cell, parameters, panels, sizes),
        "gather": chunks * seconds_of(run_gather, data.values, data.scale, sizes, chunk, workspace),
        "forward": chunks * seconds_of(run_forward, cell, panels, sizes, chunk, workspace),
        "head and loss": chunks
        * seconds_of(run_head, LOSSES[network.loss], cell, panels, gradients, data, sizes, chunk, workspace),
        "backward": chunks * seconds_of(run_backward, cell, panels, gradients, sizes, chunk, workspace),
        "weight gradients": chunks * seconds_of(run_weight_gradients, cell, panels, gradients, sizes, workspace),
        "optimiser": seconds_of(run_update, Optimizer(), State(*map(np.copy, state)), team),
    }
    parts["backward"] -= parts["weight gradients"]
    return parts | {"step": step}


def print_budget(parts: dict[str, float], flops: int) -> None:
    """Print the table."""
    limit = measure()
    step = parts.pop("step")
    for name, seconds in parts.items():
        print(f"{name:<18} {1e3 * seconds:9.4f} ms {seconds / step:6.1%}")
    print(f"{'sum':<18} {1e3 * sum(parts.values()):9.4f} ms {sum(parts.values()) / step:6.1%}")
    print(f"{'step':<18} {1e3 * step:9.4f} ms")
    rate = flops / step / 1e9
    print(f"{rate:.0f} GFLOP/s, {rate / limit:.0%} of the {limit:.0f} that multiply-adds alone reach")


def main() -> None:
    """Read the shape from the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cell", default="rnn")
    for name, default in (
        ("batch-size", 128), ("seq-len", 19), ("num-steps", 28), ("input-size", 28), ("hidden-size", 31),
        ("num-layers", 3), ("num-outputs", 10),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="the page whose table to make again")
    given = parser.parse_args()
    if given.write is not None:
        write_budgets(given.write, time_budget, measure())
        return
    network = Network(given.input_size, given.num_outputs, given.cell, given.hidden_size, given.num_layers)
    num_steps = max(given.num_steps, given.seq_len)
    parts = time_budget(network, given.seq_len, num_steps, given.batch_size)
    print_budget(parts, training_flops(network, given.seq_len, given.batch_size))


if __name__ == "__main__":
    main()
