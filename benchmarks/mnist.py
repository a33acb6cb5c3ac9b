"""The study of MNIST with two budgets side by side, as docs/mnist.md shows it.

    python -m benchmarks.mnist studies                            carry out both studies and print the tables
    python -m benchmarks.mnist studies --write docs/mnist.md      and put them between the page's markers, and draw

Run it from the root of the repository. The studies are kept in the folder that is named: what is there already is not
trained again.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import pandas as pd

import lengthwise
from benchmarks.pages import write_between
from lengthwise import plots
from lengthwise.study.answer import Answer
from lengthwise.study.console import StudyConsole, duration
from lengthwise.training.environment import processor

BUDGETS = {"8,592 updates each": "steps=8592", "2 epochs each": "epochs=2"}
"""What is held equal: the default, and the notebook's protocol."""

SEEDS = 5
EVAL_LENS = "7,14,19,24,28"
BEGIN, END = "<!-- begin: python -m benchmarks.mnist -->", "<!-- end -->"


def carry_out(folder: Path, budget: str) -> lengthwise.Study:
    """Return the finished study with a budget."""
    place = folder / f"mnist-{budget.replace('=', '-')}"
    if place.exists():
        study = lengthwise.Study.load(place)
    else:
        study = lengthwise.Study("mnist", seq_lens="all", seeds=SEEDS, budget=budget, eval_lens=EVAL_LENS, out=place)
    return study.run(callbacks=[StudyConsole()])


def rows(answers: dict[str, Answer]) -> list[str]:
    """Return the table of both studies, a row a length."""
    tables = {name: answer.table() for name, answer in answers.items()}
    lines = [
        "| length | " + " | ".join(f"{name}: validation % | test % | updates | verdict" for name in tables) + " |",
        "| --- |" + " --- | --- | --- | --- |" * len(tables),
    ]
    for length in next(iter(tables.values())).index:
        cells = [str(length)]
        for name, table in tables.items():
            row = table.loc[length]
            half = (row.val_upper_both - row.val_lower_both) / 2
            chosen = answers[name].recommendation
            verdict = "**recommended**" if chosen is not None and chosen.seq_len == length else row.verdict
            cells += [
                f"{100 * row.val_accuracy:.2f} ± {100 * half:.2f}",
                f"{100 * row.test_accuracy:.2f}",
                f"{row.updates:,.0f}",
                verdict,
            ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def text(studies: dict[str, lengthwise.Study], answers: dict[str, Answer]) -> str:
    """Return what stands between the page's markers."""
    costs = next(iter(answers.values())).costs
    lines = [f"- {name}: {answer.sentence}" for name, answer in answers.items()]
    lines += ["", *rows(answers), ""]
    for name, study in studies.items():
        runs: pd.DataFrame = study.results
        failed = int((runs.status == "failed").sum())
        spent = duration(float(runs.wall_seconds.sum()))
        lines.append(f"{name}: {len(runs)} runs, {failed} failed, {spent} of processor time.")
    ratio = costs.seconds_per_step.loc[28] / costs.seconds_per_step.loc[19]
    lines.append(
        f"A step with 19 takes {1000 * costs.seconds_per_step.loc[19]:.3f} ms, with 28 {ratio:.2f} times as long "
        f"({processor()}, one thread a run, two runs at a time)."
    )
    return "\n".join(lines)


def draw(answers: dict[str, Answer], folder: Path) -> None:
    """Draw the page's pictures."""
    steps = next(iter(answers.values()))
    named = [replace(answer, configuration={"budget": name}) for name, answer in answers.items()]
    for name, axes in {
        "mnist-accuracy": plots.accuracy_over_length(steps),
        "mnist-budgets": plots.accuracy_over_length(named),
        "mnist-cost": plots.cost_over_length(steps),
        "mnist-frontier": plots.accuracy_against_cost(steps),
        "mnist-curves": plots.learning_curves(steps),
        "mnist-matrix": plots.length_matrix(steps),
        "mnist-anytime": plots.anytime_accuracy(steps),
    }.items():
        figure = axes.get_figure(root=True)
        assert figure is not None
        figure.savefig(folder / f"{name}.png", dpi=200)


def main() -> None:
    """Run as a program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the studies are kept")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="the page whose tables and pictures to make again")
    options = parser.parse_args()
    studies = {name: carry_out(options.folder, budget) for name, budget in BUDGETS.items()}
    answers = {name: study.answers()[0] for name, study in studies.items()}
    found = text(studies, answers)
    print(found)
    if options.write is not None:
        write_between(options.write, BEGIN, END, found)
        draw(answers, options.write.parent / "images")


if __name__ == "__main__":
    main()
