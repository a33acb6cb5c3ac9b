"""The answer of a study on a terminal: a table of its lengths and a sentence."""

import math
from collections.abc import Sequence

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lengthwise._internal.output import Output
from lengthwise.analysis import Interval, LengthSummary
from lengthwise.plots.curves import intervals, over_in_words, source_of
from lengthwise.report.verdicts import RECOMMENDED, bound_text, verdict_of
from lengthwise.study.answer import Answer


def print_answer(found: Sequence[Answer], console: Console | None = None) -> None:
    """Print, for each configuration, the table of its lengths and the answer in a sentence.

    Parameters
    ----------
    found : sequence of Answer
    console : rich.console.Console, optional
        Standard output by default.
    """
    out = Output() if console is None else console
    for answer in found:
        out.print(_table(answer))
    if found:
        over = over_in_words(found[0])
        costs = "; costs are medians over seeds" if found[0].costs.notna().any(axis=None) else ""
        known = any(not np.isnan(interval.lower) for answer in found for interval in intervals(answer.validation))
        shown = f"±: {100 * found[0].confidence:.4g} % intervals {over}" if known else "single runs have no intervals"
        out.print(f"{shown}{costs}", style="dim")
        out.print(f"chosen by: {found[0].cases.sentence}", style="dim")
        baseline, metric = found[0].baseline, found[0].metric
        if baseline is not None:
            scores = f"{metric.text(baseline.validation)} {found[0].cases.split}".rstrip()
            scores += "" if baseline.test is None else f", {metric.text(baseline.test)} test"
            out.print(f"baseline, {baseline.title}: {scores}", style="dim")
        for question in dict.fromkeys(answer.question for answer in found):
            out.print(f"asked: {question}", style="dim")
    print_sentences(found, out)


def print_sentences(found: Sequence[Answer], console: Console | None = None) -> None:
    """Print the answer in a sentence, for each configuration."""
    out = Output() if console is None else console
    for answer in found:
        sentence = f"{answer.name}: {answer.sentence}" if answer.name else answer.sentence
        out.print(sentence, soft_wrap=True)


def _table(answer: Answer) -> Table:
    metric = answer.metric
    score = "%" if metric.percent and answer.cases.split else f"{metric.title} %" if metric.percent else metric.name
    tested = [f"test {score}"] if answer.test else []
    time, seconds = "ms/step", 1000 * answer.costs.seconds_per_step
    if seconds.isna().all():
        time, seconds = "s/training", answer.costs.seconds
    timed = [time] if seconds.notna().any() else []
    table = Table(
        "length", "seeds", f"{answer.cases.split} {score}".strip(), *tested, *timed, "costs at most", "verdict",
        box=SIMPLE_HEAD, padding=0, title=Text(answer.name, "bold") if answer.name else None, title_justify="left",
    )  # fmt: skip
    for column in table.columns[:-1]:
        column.justify, column.no_wrap = "right", True
    for place, validation in enumerate(answer.validation):
        found = answer.recommendation
        verdict = "" if found is None else verdict_of(found, validation.seq_len)
        bound = "" if found is None else bound_text(metric, found.bounds[validation.seq_len])
        span = answer.span(validation.seq_len) if verdict == RECOMMENDED else ""
        table.add_row(
            str(validation.seq_len), str(validation.num_seeds), _score(validation, answer),
            *([_score(answer.test[place], answer)] if answer.test else []),
            *([f"{seconds.iloc[place]:.3f}"] if timed else []), bound,
            verdict + (f"\n({span})" if span else ""), style="bold" if verdict == RECOMMENDED else None,
        )  # fmt: skip
    return table


def _score(summary: LengthSummary, answer: Answer) -> str:
    interval: Interval = getattr(summary, f"over_{source_of(answer.validation)}")
    metric = answer.metric
    mean = metric.text(summary.mean)
    if np.isnan(interval.lower):
        return mean
    half = interval.upper - summary.mean
    if not metric.percent:
        return f"{mean} ± {half:.2g}"
    if math.isclose(half, summary.mean - interval.lower, abs_tol=1e-9):  # else it was cut at 0 or 100 %
        return f"{mean} ± {100 * half:5.2f}"
    low, high = math.floor(1000 * interval.lower) / 10, math.ceil(1000 * interval.upper) / 10
    return f"{mean} ({low:g}–{high:g})"
