"""The tables of the panel: our answers beside the truth, and what other rules would have chosen."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from benchmarks.answer_panel import Entry, Found
from benchmarks.answer_rules import RULES, Replay, replayed
from benchmarks.answer_truth import Truth

SEEDS_OF_GRID = 5
"""Seeds of the full grid that trainings are held against."""

ENOUGH_SEEDS = 10
"""Seeds from which on a data set is one of those on which the rules are held against each other."""


class Result(NamedTuple):
    """What there is of a data set.

    Attributes
    ----------
    name : str
    found : Found or None
    truth : Truth or None
    replays : dict of str to Replay
        Of each rule; empty without a truth.
    """

    name: str
    found: Found | None
    truth: Truth | None
    replays: dict[str, Replay]


def results_of(panel: tuple[Entry, ...]) -> list[Result]:
    """Return what there is of each data set, leaving out those of which there is nothing."""
    found = []
    for entry in panel:
        truth = Truth.load_of(entry)
        replays = {}
        if truth is not None and truth.early and truth.num_seeds >= ENOUGH_SEEDS:
            replays = {name: replayed(rule, truth.trainings()) for name, rule in RULES.items()}
        found.append(Result(entry.name, Found.load_of(entry), truth, replays))
    return [result for result in found if result.found or result.truth]


def answer_rows(results: list[Result]) -> Iterator[list[str]]:
    """Yield the rows of the table of our answers."""
    yield [
        "data", "answer", "decided", "trainings", "% of the grid", "seconds", "of processors", "load", "seeds",
        "truly enough", "lost by it, margins",
    ]  # fmt: skip
    for name, found, truth, _ in results:
        ours = ["–"] * 7 if found is None else _answer_cells(found)
        yield [name, *ours, *(["–"] * 3 if truth is None else _truth_cells(found, truth))]


def _answer_cells(found: Found) -> list[str]:
    grid = SEEDS_OF_GRID * len(found.lengths) * max(1, found.folds)
    answer = "none"
    if found.recommended is not None:
        answer = f"{found.recommended} of {found.lengths[-1]}"
    elif found.bound and found.margin:
        length, bound = found.bound
        answer = f"none; {length:.0f} of {found.lengths[-1]} cost at most {bound / found.margin:.1f} margins"
        answer += "" if found.guess == length else f"; best guess {found.guess}"
    decided = "yes" if found.decided else "no"
    share = f"{100 * found.runs / grid:.0f}"
    return [
        answer,
        decided,
        str(found.runs),
        share,
        f"{found.seconds:.0f}",
        f"{found.cpu_seconds:.0f}",
        f"{found.load:.0f}",
    ]


def _truth_cells(found: Found | None, truth: Truth) -> list[str]:
    seeds = str(truth.num_seeds)
    lost = "–"
    length = None if found is None else found.recommended or found.guess
    if found is not None and length in truth.lengths:
        lost = f"{truth.losses[truth.lengths.index(length)]:.2f}"
        lost += " (best guess)" if found.recommended is None else ""
        lost += "" if found.recipe == truth.recipe else " (other recipe)"
    return [seeds, f"{truth.shortest} of {truth.lengths[-1]}", lost]


def rule_rows(results: list[Result], eager: float | None) -> Iterator[list[str]]:
    """Yield the rows of the table of the rules, over all data sets with enough seeds.

    Parameters
    ----------
    results : list of Result
    eager : float or None
        How many times as long a training takes with PyTorch eager; None if it was not measured.
    """
    there = [result for result in results if result.replays and result.truth]
    if not there:
        return
    yield [
        "rule", "wrong, %", "no answer, %", "trainings, % of the grid", "time, % of the grid's",
        "the same with PyTorch eager, estimated", "length, × the shortest",
    ]  # fmt: skip
    for name in RULES:
        plays = [result.replays[name] for result in there]
        trainings = np.mean([play.trained.sum() / (SEEDS_OF_GRID * len(play.trained)) for play in plays])
        shares = [_time_share(play, result.truth) for play, result in zip(plays, there, strict=True) if result.truth]
        longer = np.exp(np.nanmean(np.log([play.length for play in plays])))
        yield [
            name,
            f"{100 * np.mean([play.wrong for play in plays]):.1f}",
            f"{100 * np.mean([play.none for play in plays]):.1f}",
            f"{100 * trainings:.0f}",
            f"{100 * np.mean(shares):.0f}",
            "–" if eager is None else f"{100 * eager * np.mean(shares):.0f}",
            f"{longer:.2f}",
        ]


def _time_share(play: Replay, truth: Truth) -> float:
    seconds = np.array(truth.seconds)
    return float(play.trained @ seconds / (SEEDS_OF_GRID * seconds.sum()))


def wrong_rows(results: list[Result]) -> Iterator[list[str]]:
    """Yield the rows of the table of how often each rule is wrong on each data set, in percent."""
    there = [result for result in results if result.replays and result.truth]
    if not there:
        return
    yield ["data", *RULES]
    for name, _, _, replays in there:
        yield [name, *(_wrong_cell(replays[rule]) for rule in RULES)]


def _wrong_cell(play: Replay) -> str:
    none = f" ({100 * play.none:.0f} none)" if play.none else ""
    return f"{100 * play.wrong:.0f}{none}"
