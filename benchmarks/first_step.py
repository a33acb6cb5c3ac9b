"""How long a command takes from its call to the end of its first training step.

    python -m benchmarks.first_step                                 # a minute, half of it compiling
    python -m benchmarks.first_step --write docs/performance.md     # and put the table on the page

The commands are `lengthwise train` and `lengthwise study` on scikit-learn's digits. The machine code is in the cache;
or the cache is empty and the code comes with the package, where `python -m lengthwise.engine.simd.shipping` or a wheel
has put it there; or it is compiled. Of several turns the least counts.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.pages import markdown_table, write_between
from lengthwise._internal.threads import available_threads
from lengthwise.engine.simd.shipped import FOLDER
from lengthwise.training.environment import processor

BEGIN, END = "<!-- begin: python -m benchmarks.first_step -->", "<!-- end: first_step -->"

CACHE = "NUMBA_CACHE_DIR"
"""Names the folder of the cache; see `lengthwise.engine.simd.machine_code`."""

COMMANDS = {
    "train": ("train", "--data", "digits", "--steps", "1"),
    "study": ("study", "--data", "digits"),
}

UNTIL_THEN = """
import os, sys, time
from lengthwise.engine.simd.engine import SimdEngine

train, began = SimdEngine.train, float(sys.argv.pop(1))

def first(self, *arguments, **more):
    train(self, *arguments, **more)
    print(f"first step: {time.time() - began} {time.process_time()}", flush=True)
    os._exit(0)

SimdEngine.train = first
from lengthwise.cli import main
main()
"""
"""What a process runs: the command line, until the engine's first call of a training ends."""


def until_first_step(command: tuple[str, ...], cache: Path, folder: Path) -> tuple[float, float]:
    """Return the seconds of a clock, and of processors, until the first training steps of a command are made."""
    run = subprocess.run(
        [sys.executable, "-c", UNTIL_THEN, str(time.time()), *command],
        cwd=folder,
        env=os.environ | {CACHE: str(cache)},
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = [line for line in run.stdout.splitlines() if line.startswith("first step: ")]
    seconds, used = line.removeprefix("first step: ").split()
    return float(seconds), float(used)


@contextmanager
def without_shipped() -> Iterator[None]:
    """Take away the machine code that came with the package, for a time."""
    aside = FOLDER.with_name("shipped-aside")
    if not FOLDER.exists():
        yield
        return
    FOLDER.rename(aside)
    try:
        yield
    finally:
        aside.rename(FOLDER)


def least(command: tuple[str, ...], turns: int, *, warm: bool) -> str:
    """Return the least of several turns, of a clock and of processors, each with an empty cache or the same one."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        caches = [folder / ("cache" if warm else f"cache-{turn}") for turn in range(turns + warm)]
        found = [until_first_step(command, cache, folder) for cache in caches][warm:]
    return " / ".join(f"{min(times):.1f}" for times in zip(*found, strict=True))


def rows(turns: int) -> Iterator[list[str]]:
    """Yield the table's rows."""
    yield ["the machine code", *COMMANDS]
    yield ["is in the cache", *(least(command, turns, warm=True) for command in COMMANDS.values())]
    if FOLDER.exists():
        came = (least(command, turns, warm=False) for command in COMMANDS.values())
        yield ["came with the package, and the cache is empty", *came]
    with without_shipped():
        compiled = [least(command, 1, warm=False) for command in COMMANDS.values()]
    yield ["is compiled: the cache is empty, and nothing came", *compiled]


def main() -> None:
    """Print the table, or write it into a page."""
    parser = argparse.ArgumentParser(description="Seconds until the first training step.")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--write", type=Path, metavar="PAGE")
    given = parser.parse_args()
    text = f"{available_threads()} processors of {processor()}.\n\n{markdown_table(list(rows(given.turns)))}"
    print(text)
    if given.write:
        write_between(given.write, BEGIN, END, text)


if __name__ == "__main__":
    main()
