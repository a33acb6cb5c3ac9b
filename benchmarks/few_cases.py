"""How often a length is recommended that is too poor, where answers are right or wrong: a few minutes on one core.

``python -m benchmarks.few_cases`` prints the table of docs/recommendation.md. The studies have no options and choose
among eight lengths. The shortest is out of the question, the next is worse than perfect by a little, all others are
right on every case, but for the longest, of which half of the trainings fail on 8 % of the cases.
"""

import numpy as np

from benchmarks.error_rate import PLAN
from benchmarks.pages import markdown_table
from benchmarks.synthetic_studies import played
from lengthwise.analysis.decision import FURTHER

STUDIES, LENGTHS = 400, 8
CASES = (40, 85, 150, 300, 600)
LOSING, RIGHT = 1, 2
"""The places of the length that is worse, and of the shortest that is not."""

KINDS = {
    "half a point, any answer": ("any", 0.005),
    "1 point, any answer": ("any", 0.01),
    "1 point, the same cases each time": ("same", 0.01),
    "1 point, one training in ten": ("together", 0.01),
}
"""By how much it is worse, and what goes wrong."""


def answers(random: np.random.Generator, num_cases: int, what: str, loss: float) -> np.ndarray:
    """Draw the answers, 1 where right, of all runs that there could be: (lengths, seeds, cases)."""
    shape = (FURTHER * PLAN.seeds[-1], num_cases)
    right = np.ones((LENGTHS, *shape))
    right[0] = random.random(shape) > 0.4
    if what == "any":
        right[LOSING] = random.random(shape) > loss
    elif what == "same":
        right[LOSING] = random.random(num_cases) > loss
    else:  # a training in ten is wrong on ten times as many
        fails = random.random((shape[0], 1)) < 0.1
        right[LOSING] = ~fails | (random.random(shape) > 10 * loss)
    fails = random.random((shape[0], 1)) < 0.5
    right[-1] = ~fails | (random.random(shape) > 0.08)
    return right


def rates(num_cases: int, what: str, loss: float) -> str:
    """Return in how many of a hundred studies the poorer length is recommended, and in how many another."""
    random = np.random.default_rng([num_cases, round(1000 * loss), len(what)])
    places = np.array([played(answers(random, num_cases, what, loss), PLAN).place for _ in range(STUDIES)])
    return f"{100 * np.mean(places == LOSING):.1f}, {100 * np.mean(places >= RIGHT):.0f}"


def main() -> None:
    """Print the table."""
    rows = [[str(cases), *(rates(cases, *kind) for kind in KINDS.values())] for cases in CASES]
    print(markdown_table([["cases", *(f"{name}: wrong, right, %" for name in KINDS)], *rows]))


if __name__ == "__main__":
    main()
