"""What a study adds to the time of somebody's own training loop, here one of PyTorch's: milliseconds a run."""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from torch import nn
from torch.nn.functional import mse_loss

from benchmarks.pages import markdown_table, write_between
from lengthwise import Study

BEGIN = "<!-- begin: python -m benchmarks.own_trainer -->"
END = "<!-- end: own trainer -->"

LENGTHS, SEEDS = range(1, 21), 10
CASES = 500
"""As many scores as a run returns."""


class Loop:
    """A loop over a few batches, which counts the time for which it runs."""

    def __init__(self, updates: int) -> None:
        torch.set_num_threads(1)
        series = torch.tensor(np.random.default_rng(0).normal(size=1500).cumsum(), dtype=torch.float32)
        windows = series.unfold(0, 21, 1)
        self._past, self._following = windows[:, :-1], windows[:, -1:]
        self._updates = updates
        self.calls, self.wall_seconds, self.cpu_seconds = 0, 0.0, 0.0

    def __call__(self, seq_len: int, seed: int) -> torch.Tensor:
        """Train for a length and a seed, and return the error of each case."""
        wall, cpu = time.perf_counter(), time.process_time()
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Linear(seq_len, 16), nn.Tanh(), nn.Linear(16, 1))
        optimizer = torch.optim.Adam(model.parameters())
        for batch in torch.randint(900, (self._updates, 64)):
            loss = mse_loss(model(self._past[batch, -seq_len:]), self._following[batch])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        with torch.no_grad():
            errors: torch.Tensor = (model(self._past[-CASES:, -seq_len:]) - self._following[-CASES:]).abs()[:, 0]
        self.calls += 1
        self.wall_seconds += time.perf_counter() - wall
        self.cpu_seconds += time.process_time() - cpu
        return errors


def measured(out: Path | None, updates: int) -> tuple[float, float, float]:
    """Return the processor time of the loop, and what a study adds to it, in processor and in wall time; ms a run."""
    loop = Loop(updates)
    loop(1, 0)
    loop.calls, loop.wall_seconds, loop.cpu_seconds = 0, 0.0, 0.0
    wall, cpu = time.perf_counter(), time.process_time()
    Study(objective=loop, metric="mae", seq_lens=LENGTHS, seeds=SEEDS, out=out).run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    each = 1000 / loop.calls
    return loop.cpu_seconds * each, (cpu - loop.cpu_seconds) * each, (wall - loop.wall_seconds) * each


def main() -> None:
    """Measure, print, and write the table into a page if asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="write the table into this page")
    parser.add_argument("--updates", type=int, default=50, help="of a training [default: 50]")
    chosen = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for title, out in (("in memory", None), ("in a folder", Path(folder) / "study")):
            rows.append((title, *measured(out, chosen.updates)))
    table = markdown_table(
        [
            ("milliseconds a run", "the loop itself", "a study adds", "of wall time"),
            *((title, *(f"{number:.1f}" for number in numbers)) for title, *numbers in rows),
        ]
    )
    Console().print(table)
    if chosen.write is not None:
        write_between(chosen.write, BEGIN, END, table)


if __name__ == "__main__":
    main()
