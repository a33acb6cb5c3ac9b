"""The answer with no options, its time and its truth, beside what people do now.

    python -m benchmarks.answer --ours                        answer each data set of the panel
    python -m benchmarks.answer --truth 30                    train every candidate with so many seeds (hours)
    python -m benchmarks.answer                               print the tables of what is there
    python -m benchmarks.answer --write docs/performance.md   put them between the page's markers

Run it from the root of the repository; `--only ar1 ar2` names data sets. What was found is kept in
`benchmarks/results/answer/`, a file for each data set. The rules are replayed on the scores of the truth, so that all
of them choose among the same trainings of the same engine, and only the decision differs.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.answer_panel import PANEL, RESULTS, Entry, Found, answered, with_truth
from benchmarks.answer_rules import RULES, replayed
from benchmarks.pages import markdown_table, write_between

BEGIN, END = "<!-- begin: python -m benchmarks.answer -->", "<!-- end -->"


def known(panel: tuple[Entry, ...]) -> list[tuple[Entry, Found]]:
    """Return the data sets for which there are results."""
    return [(entry, Found.load(entry)) for entry in panel if (RESULTS / f"{entry.name}.json").exists()]


def oriented(found: Found) -> np.ndarray:
    """Return the scores so that higher is better, (L, R)."""
    scores = np.array(found.scores)
    return scores if found.higher_is_better else -scores


def table_of_answers(panel: tuple[Entry, ...]) -> Iterator[list[str]]:
    """Yield the rows of the table of our answers."""
    yield ["data", "answer", "decided", "trainings", "seconds", "lost by it, in margins"]
    for entry, found in known(panel):
        lost = "not known"
        if found.scores and found.recommended is not None:
            truth = oriented(found).mean(axis=1)
            lost = f"{(truth.max() - truth[found.lengths.index(found.recommended)]) / found.margin:.2f}"
        answer = "none" if found.recommended is None else f"{found.recommended} of {found.lengths[-1]}"
        yield [
            entry.name, answer, "yes" if found.decided else "no", str(found.runs), f"{found.seconds:.0f}", lost
        ]  # fmt: skip


def table_of_rules(panel: tuple[Entry, ...]) -> Iterator[list[str]]:
    """Yield the rows of the table of the rules, over all data sets with a truth."""
    there = [found for _, found in known(panel) if found.scores]
    if not there:
        return
    yield ["rule", "wrong, %", "no answer, %", "trainings, % of a grid with 5 seeds", "length, × the shortest"]
    for name, rule in RULES.items():
        plays = np.array([replayed(rule, oriented(found), found.margin) for found in there])
        grid = np.array([5 * len(found.lengths) for found in there])
        wrong, none, _, length = np.nanmean(plays, axis=0)
        trainings = np.mean(plays[:, 2] / grid)
        yield [name, f"{100 * wrong:.1f}", f"{100 * none:.1f}", f"{100 * trainings:.0f}", f"{length:.2f}"]


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description="The answer with no options, beside what people do now.")
    parser.add_argument("--ours", action="store_true")
    parser.add_argument("--truth", type=int, metavar="SEEDS")
    parser.add_argument("--only", nargs="+", choices=[entry.name for entry in PANEL])
    parser.add_argument("--time", default="5m")
    parser.add_argument("--folder", type=Path, default=Path("studies/answer"))
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    panel = tuple(entry for entry in PANEL if given.only is None or entry.name in given.only)
    given.folder.mkdir(parents=True, exist_ok=True)
    for entry in panel:
        if given.ours:
            answered(entry, given.folder, given.time).save(entry)
        if given.truth:
            with_truth(entry, Found.load(entry), given.folder, given.truth).save(entry)
    rules = list(table_of_rules(panel))
    text = "\n\n".join(markdown_table(rows) for rows in (list(table_of_answers(panel)), rules) if rows)
    if given.write:
        write_between(given.write, BEGIN, END, text)
    else:
        print(text)


if __name__ == "__main__":
    main()
