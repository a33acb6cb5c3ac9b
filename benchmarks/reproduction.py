"""Ten seeds of the default run beside the notebook's and TensorFlow's figures, as tables in Markdown.

    python -m benchmarks.reproduction                                print the tables
    python -m benchmarks.reproduction --write docs/reproduction.md   put them between the page's markers

Run it from the root of the repository. What it is held against is written in `NOTEBOOK`, `NOTEBOOK_LOSSES` and
`TENSORFLOW` below.
"""

import argparse
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import stats

import lengthwise
from benchmarks.pages import write_between
from lengthwise.networks.network import Initializer
from lengthwise.training.environment import processor

SEEDS = range(10)
BEGIN, END = "<!-- begin: python -m benchmarks.reproduction -->", "<!-- end -->"


class Figure(NamedTuple):
    """A figure of several seeds."""

    mean: float
    deviation: float
    least: float
    most: float


TENSORFLOW = {
    "test accuracy after epoch 2, all windows": Figure(0.9448, 0.0038, 0.9377, 0.9504),
    "mean loss, steps 1-500": Figure(1.316, 0.045, 1.221, 1.408),
    "mean loss, steps 501-1000": Figure(0.707, 0.051, 0.636, 0.841),
    "mean loss, steps 3501-4000": Figure(0.281, 0.010, 0.265, 0.295),
    "mean loss, steps 8501-9000": Figure(0.197, 0.008, 0.180, 0.209),
    "minimum accuracy, steps 8501-9000": Figure(0.851, 0.013, 0.820, 0.875),
}
"""The notebook ported to TensorFlow 2.15's compatibility API, 20 seeds, Glorot initialiser."""
TENSORFLOW_SEEDS = 20
ACCURACY = "test accuracy after epoch 2, all windows"

NOTEBOOK = {
    "mean loss, steps 1-500": "1.410",
    "mean loss, steps 501-1000": "0.843",
    "mean loss, steps 3501-4000": "0.301",
    "mean loss, steps 8501-9000": "0.208",
    "minimum accuracy, steps 8501-9000": "0.828",
}
"""One run of a TensorFlow of its time."""

NOTEBOOK_LOSSES = {
    500: 1.409534, 1000: 0.842891, 1500: 0.611520, 2000: 0.489022, 2500: 0.407674, 3000: 0.361474, 3500: 0.333060,
    4000: 0.300694, 5500: 0.279479, 6000: 0.262950, 6500: 0.257611, 7000: 0.249612, 7500: 0.239785, 8000: 0.220055,
    8500: 0.219775, 9000: 0.207872,
}  # fmt: skip
"""The losses that the notebook printed, by global step."""

EPOCH_STEPS = 5077


def mean_loss(result: lengthwise.Result, step: int) -> float:
    """Return the mean loss that is printed at a step: of the last 500, or of those since the phase began."""
    since = max(step - 500, EPOCH_STEPS * (step // EPOCH_STEPS))
    return float(result.history.losses[since:step].mean())


FIGURES: dict[str, Callable[[lengthwise.Result], float]] = {
    ACCURACY: lambda result: result.evaluation.accuracy,
    "mean loss, steps 1-500": lambda result: mean_loss(result, 500),
    "mean loss, steps 501-1000": lambda result: mean_loss(result, 1000),
    "mean loss, steps 3501-4000": lambda result: mean_loss(result, 4000),
    "mean loss, steps 8501-9000": lambda result: mean_loss(result, 9000),
    "minimum accuracy, steps 8501-9000": lambda result: float(result.history.scores[8500:9000].min()),
}


def train(initializer: Initializer) -> list[lengthwise.Result]:
    """Make the default run with each seed."""
    return [lengthwise.train(seed=seed, initializer=initializer, quiet=True) for seed in SEEDS]


def figure(results: list[lengthwise.Result], name: str) -> Figure:
    values = np.array([FIGURES[name](result) for result in results])
    return Figure(values.mean(), values.std(ddof=1), values.min(), values.max())


def shown(figure: Figure, digits: int) -> str:
    mean, deviation, least, most = (f"{value:.{digits}f}" for value in figure)
    return f"{mean} ± {deviation} ({least} to {most})"


def table_of_figures(glorot: list[lengthwise.Result], older: list[lengthwise.Result]) -> Iterator[str]:
    titles = (f"`{name}`, {len(SEEDS)} seeds" for name in ("glorot", "uniform_unit_scaling"))
    yield f"| figure | the notebook, one run | TensorFlow, {TENSORFLOW_SEEDS} seeds | {' | '.join(titles)} |"
    yield "| --- | --- | --- | --- | --- |"
    for name, theirs in TENSORFLOW.items():
        digits = 4 if name == ACCURACY else 3
        ours, scaled = (shown(figure(results, name), digits) for results in (glorot, older))
        yield f"| {name} | {NOTEBOOK.get(name, '')} | {shown(theirs, digits)} | {ours} | {scaled} |"


def table_of_losses(glorot: list[lengthwise.Result], older: list[lengthwise.Result]) -> Iterator[str]:
    yield "| step | the notebook | `glorot` | `uniform_unit_scaling` |"
    yield "| --- | --- | --- | --- |"
    columns = []
    for results in (glorot, older):
        losses = np.array([[mean_loss(result, step) for step in NOTEBOOK_LOSSES] for result in results])
        columns.append([*losses.T, losses.mean(axis=1)])
    rows = [*NOTEBOOK_LOSSES.items(), ("mean of the 16", float(np.mean(list(NOTEBOOK_LOSSES.values()))))]
    for (step, theirs), *ours in zip(rows, *columns, strict=True):
        cells = " | ".join(f"{losses.mean():.3f} ± {losses.std(ddof=1):.3f}" for losses in ours)
        yield f"| {step} | {theirs:.3f} | {cells} |"


def table_of_seeds(glorot: list[lengthwise.Result], older: list[lengthwise.Result]) -> Iterator[str]:
    yield f"| seed | {' | '.join(str(seed) for seed in SEEDS)} |"
    yield f"| --- | {' | '.join('---' for _ in SEEDS)} |"
    for name, results in (("glorot", glorot), ("uniform_unit_scaling", older)):
        yield f"| `{name}` | {' | '.join(f'{result.evaluation.accuracy:.4f}' for result in results)} |"


def welch(results: list[lengthwise.Result]) -> Iterator[str]:
    ours, theirs = figure(results, ACCURACY), TENSORFLOW[ACCURACY]
    test = stats.ttest_ind_from_stats(
        ours.mean, ours.deviation, len(results), theirs.mean, theirs.deviation, TENSORFLOW_SEEDS, equal_var=False
    )
    difference = ours.mean - theirs.mean
    verdict = "not significant" if test.pvalue >= 0.05 else "significant"
    yield (
        f"Welch's test of the mean test accuracy, ours {ours.mean:.4f} ± {ours.deviation:.4f} (n = {len(results)}) "
        f"against TensorFlow's {theirs.mean:.4f} ± {theirs.deviation:.4f} (n = {TENSORFLOW_SEEDS}): a difference of "
        f"{difference:+.4f}, t = {test.statistic:.2f}, **p = {test.pvalue:.2f}**, {verdict}."
    )


def page() -> str:
    """Train, and return everything that stands between the markers."""
    glorot, older = train("glorot"), train("uniform_unit_scaling")
    parts = (
        table_of_figures(glorot, older),
        welch(glorot),
        table_of_losses(glorot, older),
        table_of_seeds(glorot, older),
        [f"Made on {processor()}, {os.cpu_count()} cores."],
    )
    return "\n\n".join("\n".join(part) for part in parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path, metavar="PAGE")
    arguments = parser.parse_args()
    text = page()
    if arguments.write is None:
        print(text)
        return
    write_between(arguments.write, BEGIN, END, text)


if __name__ == "__main__":
    main()
