"""How often a length is recommended that is too poor, where cases are right or wrong and few: a minute on one core.

``python -m benchmarks.few_cases`` prints the table of docs/recommendation.md. Of three lengths, the shortest fails on
some of the cases, with every seed, and the others on none.
"""

import numpy as np

from benchmarks.pages import markdown_table
from lengthwise.analysis import LengthScores, recommend

STUDIES, SEEDS = 4000, 3
CASES = (40, 80, 150, 300, 600)
LOSSES = (0.01, 0.02)
"""Shares of all cases that there could be on which the shortest length fails."""


def wrong_share(random: np.random.Generator, num_cases: int, loss: float) -> float:
    """Return the share of studies with so many cases that recommend the shortest length."""
    wrong = 0
    for _ in range(STUDIES):
        values = np.ones((3, SEEDS, num_cases))
        values[0, :, random.uniform(size=num_cases) < loss] = 0
        scores = values.reshape(-1, num_cases)
        seq_lens, seeds = np.repeat([5, 10, 20], SEEDS), np.tile(np.arange(SEEDS), 3)
        wrong += recommend(LengthScores(seq_lens, seeds, scores.mean(axis=1), scores)).seq_len == 5
    return wrong / STUDIES


def main() -> None:
    """Print the table."""
    random = np.random.default_rng(0)
    rows = [[str(cases), *(f"{100 * wrong_share(random, cases, loss):.0f}" for loss in LOSSES)] for cases in CASES]
    print(markdown_table([["cases", *(f"worse by {100 * loss:.0f} points: wrong, %" for loss in LOSSES)], *rows]))


if __name__ == "__main__":
    main()
