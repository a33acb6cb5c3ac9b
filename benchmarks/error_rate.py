"""How often the recommendation is wrong, and how often it finds what is right, as tables in Markdown.

    python -m benchmarks.error_rate                        print the tables
    python -m benchmarks.error_rate --write docs/recommendation.md    put them between the page's markers
    python -m benchmarks.error_rate --search 1000          look for the curve with the highest rate of errors

Run it from the root of the repository. The studies are synthetic, drawn by `benchmarks/synthetic_studies.py`; the code
that decides about them is the package's.
"""

import argparse
from pathlib import Path

import numpy as np

from benchmarks.pages import write_between
from benchmarks.synthetic_studies import (
    CURVES,
    FLAT,
    decide,
    errors_at_any_look,
    is_error,
    random_curve,
    rate_and_bounds,
)
from lengthwise.analysis import Looks

SEEDS = (3, 5, 10, 20)
LOOKS = (Looks.every(2, first=3, last=15), Looks((3, 4, 5)), Looks((2, 4, 8, 16)), Looks((3, 10, 30)))
BEGIN, END = "<!-- begin: python -m benchmarks.error_rate -->", "<!-- end -->"


def percent(rate):
    return f"{100 * rate:.1f}"


def table_of_curves(num_studies):
    """Yield the lines of the table of single looks."""
    yield "| lengths, longest last, in margins from the best | seeds | wrong, % | some answer, % | right, % |"
    yield "| --- | --- | --- | --- | --- |"
    for place, curve in enumerate((*CURVES, FLAT)):
        for num_seeds in SEEDS:
            random = np.random.default_rng([place, num_seeds])
            recommended = decide(curve.scores(random, num_studies, num_seeds)).recommended
            rate, low, high = rate_and_bounds(is_error(curve, recommended))
            worth = ", ".join(f"{distance:g}" for distance in curve.worth)
            yield (
                f"| {f'{curve.name}: {worth}' if num_seeds == SEEDS[0] else ''} | {num_seeds} "
                f"| {percent(rate)} ({percent(low)} to {percent(high)}) "
                f"| {percent(np.mean(recommended >= 0))} | {percent(np.mean(recommended == curve.shortest))} |"
            )


def table_of_looks(num_studies):
    """Yield the lines of the table of repeated looks."""
    yield "| looks after … seeds | lengths | wrong at any look, % | some answer, % | wrong at unadjusted levels, % |"
    yield "| --- | --- | --- | --- | --- |"
    for place, looks in enumerate(LOOKS):
        for curve in (CURVES[0], CURVES[1], CURVES[5], CURVES[7]):
            scores = curve.scores(np.random.default_rng([100, place]), num_studies, looks.seeds[-1])
            wrong, found = errors_at_any_look(curve, scores, looks)
            naive = np.any([is_error(curve, decide(scores[..., :r]).recommended) for r in looks.seeds], axis=0)
            rate, low, high = rate_and_bounds(wrong)
            yield (
                f"| {', '.join(map(str, looks.seeds))} | {curve.name} "
                f"| {percent(rate)} ({percent(low)} to {percent(high)}) "
                f"| {percent(found.mean())} | {percent(naive.mean())} |"
            )


def search(num_curves, num_studies):
    """Print the highest rates of errors among random curves, judged by new studies."""
    random = np.random.default_rng(0)
    found = []
    for _ in range(num_curves):
        curve, num_seeds = random_curve(random)
        wrong = is_error(curve, decide(curve.scores(random, 2000, num_seeds)).recommended)
        found.append((np.mean(wrong), curve, num_seeds))
    found.sort(key=lambda entry: -entry[0])
    for _, curve, num_seeds in found[:20]:
        again = is_error(curve, decide(curve.scores(random, num_studies, num_seeds)).recommended)
        rate, low, high = rate_and_bounds(again)
        where = f"{num_seeds} seeds, {curve.worth}, noise {curve.deviations}"
        print(f"{percent(rate)} % ({percent(low)} to {percent(high)}): {where}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=20_000)
    parser.add_argument("--search", type=int, metavar="CURVES")
    parser.add_argument("--write", type=Path, metavar="PAGE")
    arguments = parser.parse_args()
    if arguments.search:
        search(arguments.search, 2 * arguments.studies)
        return
    lines = [*table_of_curves(arguments.studies), "", *table_of_looks(arguments.studies)]
    text = "\n".join(lines)
    if arguments.write is None:
        print(text)
        return
    write_between(arguments.write, BEGIN, END, text)


if __name__ == "__main__":
    main()
