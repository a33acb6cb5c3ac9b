"""Time one training step and one evaluation step: lengthwise, PyTorch, Keras on TensorFlow, JAX, and the core's limit.

Run ``python -m benchmarks.step`` with lengthwise installed; ``--help`` names the options, README.md the rules.
"""

import argparse
import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.chart import draw
from benchmarks.contest import Result, Say, contest, start
from benchmarks.contestants import Worker, contestants, processors
from benchmarks.environments import DEFAULT_FOLDER, ensure_peers
from benchmarks.shapes import NOTEBOOK, SHAPES
from benchmarks.tables import print_table, sentence
from lengthwise.training.environment import describe_environment

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results" / "step.json"
CHART = FOLDER.parent / "docs" / "images" / "step-time.png"

ROUNDS = {"notebook": 12, "other": 6, "quick": 4}
"""Turns of each contestant, by shape."""


def parse_arguments() -> argparse.Namespace:
    names = [shape.name for shape in SHAPES]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--peers-env", type=Path, default=DEFAULT_FOLDER, metavar="DIR",
        help="the peers' virtual environment, made if it does not exist (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--quick", action="store_true", help="the notebook's shape alone, in fewer rounds; writes nothing"
    )
    parser.add_argument("--shapes", nargs="+", choices=names, default=names, help="which shapes (default: all)")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FILE", help="(default: %(default)s)")
    parser.add_argument("--chart", type=Path, default=CHART, metavar="FILE", help="(default: %(default)s)")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.shapes = [NOTEBOOK.name]
    return arguments


def run(shape_names: list[str], workers: list[Worker], say: Say, console: Console, *, quick: bool) -> list[Result]:
    """Hold the contests of some shapes, printing each as it ends."""
    results = []
    for shape in (shape for shape in SHAPES if shape.name in shape_names):
        say(f"Building and verifying: {shape.title}")
        taking_part = [worker for worker in workers if shape is NOTEBOOK or worker.contestant.every_shape]
        rounds = ROUNDS["quick" if quick else "notebook" if shape is NOTEBOOK else "other"]
        results.append(contest(shape, taking_part, rounds, say))
        print_table(results[-1], console)
    return results


def write(path: Path, results: list[Result], workers: list[Worker], left_out: list[str]) -> None:
    """Write the results file."""
    versions: dict[str, str] = {}
    for worker in workers:
        versions |= worker.versions
    content: dict[str, Any] = {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": describe_environment() | {"processors": len(processors())},
        "versions": versions,
        "left_out": left_out,
        "results": [result.to_dict() for result in results],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n")


def main() -> None:
    arguments = parse_arguments()
    console = Console()
    say = partial(console.print, markup=False, highlight=False, soft_wrap=True)
    python = ensure_peers(arguments.peers_env)
    cpus = processors()[:2]
    if len(cpus) < 2:
        say("There is one processor, so everything is timed on one thread.")
    say("Starting the contestants")
    everybody = contestants(len(cpus))
    workers = start(everybody, lambda who: Worker(who, python, cpus[: who.threads]), say)
    try:
        results = run(arguments.shapes, workers, say, console, quick=arguments.quick)
    finally:
        for worker in workers:
            worker.close()
    notebook = next((result for result in results if result.shape is NOTEBOOK), None)
    if notebook is not None:
        say(sentence(notebook))
    if arguments.quick:
        return
    started = {worker.contestant for worker in workers}
    write(arguments.results, results, workers, [who.name for who in everybody if who not in started])
    say(f"Results are in {arguments.results}.")
    if notebook is not None:
        arguments.chart.parent.mkdir(parents=True, exist_ok=True)
        draw(notebook, arguments.chart)
        say(f"The chart is {arguments.chart}.")


if __name__ == "__main__":
    main()
