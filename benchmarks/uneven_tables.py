"""How often the recommendation is wrong about tables of runs that no study made, as a table in Markdown.

    python -m benchmarks.uneven_tables                        print the table
    python -m benchmarks.uneven_tables --write docs/decide.md put it between the page's markers

Run it from the root of the repository. Scores are drawn as in `benchmarks/synthetic_studies.py`; the runs that a table
has of them are not the same seeds at every length.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.pages import write_between
from benchmarks.synthetic_studies import CONFIDENCE, MARGIN, Curve, rate_and_bounds
from lengthwise.analysis import LengthScores, recommend

BEGIN, END = "<!-- begin: python -m benchmarks.uneven_tables -->", "<!-- end -->"

CURVES = (
    Curve("two lengths, the shorter worse by exactly the margin and noisier (3 ×)", (-1, 0), (3, 1)),
    Curve("four lengths, three worse by exactly the margin", (-1, -1, -1, 0)),
    Curve("eight lengths, the shortest so and noisier (3 ×), others between", (-1, *(-0.5,) * 6, 0), (3, *(1,) * 7)),
    Curve("a peak, exactly the margin below it on both sides", (-1, -1, 0, -1, -1)),
)

Seeds = list[list[int]]
"""Of each length."""

FOLDS = 5
SHARED = 1 / FOLDS
"""The correlation of folds that share the rest of the data to train on (Nadeau and Bengio 2003)."""


def _missing(num_lengths: int, random: np.random.Generator) -> Seeds:
    return [sorted(_some(random, 5, max(1, int(random.binomial(5, 0.7))))) for _ in range(num_lengths)]


def _any(num_lengths: int, random: np.random.Generator) -> Seeds:
    return [sorted(_some(random, 10, int(random.integers(1, 9)))) for _ in range(num_lengths)]


def _some(random: np.random.Generator, of: int, count: int) -> list[int]:
    return [int(seed) for seed in random.choice(of, count, replace=False)]


PATTERNS: dict[str, Callable[[int, np.random.Generator], Seeds]] = {
    "three seeds, others at each length": lambda size, _: [
        [10 * place + each for each in range(3)] for place in range(size)
    ],
    "the same, rows in the order of their scores": lambda size, _: [
        [10 * place + each for each in range(3)] for place in range(size)
    ],
    "three seeds, one set at even and one at odd lengths": lambda size, _: [
        [3 * (place % 2) + each for each in range(3)] for place in range(size)
    ],
    "five seeds, three runs in ten missing": _missing,
    "one to eight of ten seeds": _any,
    "two seeds at the two longest, else one": lambda size, _: [
        [0, 1] if place >= size - 2 else [0] for place in range(size)
    ],
    "five folds of the same data, one seed": lambda size, _: [list(range(FOLDS)) for _ in range(size)],
}


def scores_of(curve: Curve, pattern: str, random: np.random.Generator) -> LengthScores:
    """Draw the scores of one table."""
    seeds = PATTERNS[pattern](len(curve.worth), random)
    drawn: NDArray[np.float64] = curve.scores(random, 1, 1 + max(map(max, seeds)))[0]
    if "folds" in pattern:
        truth = curve.truth[:, None]
        common = curve.scores(random, 1, 1)[0] - truth
        drawn = truth + np.sqrt(1 - SHARED) * (drawn - truth) + np.sqrt(SHARED) * common
    rows = []
    for place, own in enumerate(seeds):
        scores = drawn[place, own]
        rows += [
            (place + 1, seed, score)
            for seed, score in zip(own, np.sort(scores) if "order" in pattern else scores, strict=True)
        ]
    return LengthScores(*zip(*rows, strict=True), overlap=1 / (FOLDS - 1) if "folds" in pattern else 0.0)


def table(num_tables: int) -> list[str]:
    """Return the lines of the table."""
    lines = ["| runs | truth | wrong, % | some answer, % |", "| --- | --- | --- | --- |"]
    for number, pattern in enumerate(PATTERNS):
        for place, curve in enumerate(CURVES):
            random = np.random.default_rng([number, place])
            alike = replace(curve, correlation=0.8)
            found = [
                recommend(scores_of(alike, pattern, random), margin=MARGIN, confidence=CONFIDENCE).seq_len
                for _ in range(num_tables)
            ]
            wrong = np.array([seq_len is not None and bool(alike.is_poor[seq_len - 1]) for seq_len in found])
            rate, low, high = (f"{100 * value:.1f}" for value in rate_and_bounds(wrong))
            some = 100 * np.mean([seq_len is not None for seq_len in found])
            lines.append(f"| {'' if place else pattern} | {curve.name} | {rate} ({low} to {high}) | {some:.1f} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--write", type=Path, metavar="PAGE")
    arguments = parser.parse_args()
    lines = table(arguments.tables)
    if arguments.write is None:
        print("\n".join(lines))
    else:
        write_between(arguments.write, BEGIN, END, "\n".join(lines))


if __name__ == "__main__":
    main()
