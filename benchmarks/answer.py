"""The answer with no options, its time and its truth, beside what people do now.

    python -m benchmarks.answer --ours                        answer each data set of the panel
    python -m benchmarks.answer --ours --only mnist --times 3 the same three times, of which the median counts
    python -m benchmarks.answer --truth 30                    train every candidate with so many seeds (hours)
    python -m benchmarks.answer --eager notes                 time the same trainings with PyTorch eager
    python -m benchmarks.answer                               print the tables of what is there
    python -m benchmarks.answer --write docs/performance.md   put them between the page's markers, and draw

Run it from the root of the repository; `--only ar1 ar2` names data sets. What was found is kept in
`benchmarks/results/answer/`, two files for each data set; trainings are kept in `--folder`, and are not made again:
`--truth 30` goes on where `--truth 10` ended, or was stopped. The rules are replayed on the scores of the truth, so
that all of them choose among the same trainings of the same engine, and only the decision differs.

`sunspots` needs statsmodels, `fashion` the Debian package dataset-fashion-mnist, and the rules need Optuna.
"""

import argparse
from pathlib import Path

from benchmarks.answer_chart import draw
from benchmarks.answer_eager import eager_ratio, measure
from benchmarks.answer_panel import PANEL, answered
from benchmarks.answer_tables import answer_rows, results_of, rule_rows, wrong_rows
from benchmarks.answer_truth import find_truth
from benchmarks.pages import markdown_table, write_between

BEGIN, END = "<!-- begin: python -m benchmarks.answer -->", "<!-- end: answer -->"
PICTURE = Path("docs/images/answer.png")


def main() -> None:
    """Do what the command line asks for."""
    names = [entry.name for entry in PANEL]
    parser = argparse.ArgumentParser(description="The answer with no options, beside what people do now.")
    parser.add_argument("--ours", action="store_true")
    parser.add_argument("--truth", type=int, metavar="SEEDS")
    parser.add_argument("--eager", choices=names, metavar="DATA")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="DATA")
    parser.add_argument("--time", default="5m")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--folder", type=Path, default=Path("studies/answer"))
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    panel = tuple(entry for entry in PANEL if entry.name in given.only)
    given.folder.mkdir(parents=True, exist_ok=True)
    for entry in panel:
        if given.ours:
            answered(entry, given.folder, given.time, given.times).save(entry)
        if given.truth:
            find_truth(entry, given.folder, given.truth, given.workers).save(entry)
        if given.eager == entry.name:
            measure(entry, given.folder)
    results = results_of(panel)
    tables = (answer_rows(results), rule_rows(results, eager_ratio()), wrong_rows(results))
    text = "\n\n".join(markdown_table(rows) for rows in map(list, tables) if rows)
    if given.write:
        write_between(given.write, BEGIN, END, text)
        draw(results, PICTURE)
    else:
        print(text)


if __name__ == "__main__":
    main()
