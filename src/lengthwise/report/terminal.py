"""The answer of a study on a terminal: a table of its lengths and a sentence."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from lengthwise._internal.output import Output
from lengthwise.analysis import Interval, LengthSummary, Recommendation
from lengthwise.plots.curves import intervals, over_in_words, source_of
from lengthwise.report.verdicts import RECOMMENDED, bound_text, verdict_of
from lengthwise.study.answer import Answer

if TYPE_CHECKING:
    import pandas as pd

LEFT_OUT = ("ms/step", "s/training", "test", "seeds", "costs")
"""First words of the columns that a narrow terminal lacks, in this order."""


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
        out.print(_fitting_table(answer, out))
    if found:
        over = over_in_words(found[0])
        costs = "; times are medians, or a fitted line" if found[0].costs.notna().any(axis=None) else ""
        known = any(not np.isnan(interval.lower) for answer in found for interval in intervals(answer.validation))
        shown = f"±: {100 * found[0].confidence:.4g} % intervals {over}" if known else "single runs have no intervals"
        out.print(f"{shown}{costs}", style="dim")
        out.print(f"chosen by: {found[0].cases.sentence}", style="dim")
        baseline, metric = found[0].baseline, found[0].metric
        if baseline is not None:
            scores = f"{metric.text(baseline.validation)} {found[0].cases.split}".rstrip()
            scores += "" if baseline.test is None else f", {metric.text(baseline.test)} test"
            out.print(f"baseline, {baseline.title}: {scores}", style="dim")
        share = _share_of_baseline(found[0])
        if share:
            out.print(f"good enough: worse than the best by less than {share} % of the baseline", style="dim")
        for question in dict.fromkeys(answer.question for answer in found):
            out.print(f"asked: {question}", style="dim")
    print_sentences(found, out)


def _share_of_baseline(answer: Answer) -> str:
    """Return which percentage of the baseline's score a margin is, where it is no share itself; "" if none is known."""
    found, baseline = answer.recommendation, answer.baseline
    if found is None or baseline is None or answer.metric.absolute or not baseline.validation:
        return ""
    return f"{100 * found.margin / abs(baseline.validation):.2g}"


def print_failures(results: "pd.DataFrame", console: Console | None = None) -> None:
    """Print how many runs of a study failed, at which lengths, and why the last did; nothing if none did."""
    failed = results[results.status == "failed"]
    if failed.empty:
        return
    out = Output() if console is None else console
    runs = "1 run" if len(failed) == 1 else f"{len(failed)} runs"
    lengths = ", ".join(map(str, sorted({int(length) for length in failed.seq_len})))
    out.print(
        f"failed, and not part of the answer: {runs} (length {lengths}): {failed.reason.iloc[-1]}", soft_wrap=True
    )


def print_sentences(found: Sequence[Answer], console: Console | None = None) -> None:
    """Print the answer in a sentence, for each configuration."""
    out = Output() if console is None else console
    for answer in found:
        sentence = f"{answer.name}: {answer.sentence}" if answer.name else answer.sentence
        out.print(sentence, soft_wrap=True)


def _fitting_table(answer: Answer, out: Console) -> Table:
    """Return the table of an answer without the columns for which the terminal is too narrow."""
    wide = out.options.update(width=1000)
    tables = [_table(answer, LEFT_OUT[:number]) for number in range(len(LEFT_OUT) + 1)]
    return next((each for each in tables if Measurement.get(out, wide, each).maximum <= out.width), tables[-1])


def _table(answer: Answer, left_out: Sequence[str] = ()) -> Table:
    columns = {name: cells for name, cells in _columns(answer).items() if name.split()[0] not in left_out}
    table = Table(
        *columns,
        box=SIMPLE_HEAD, padding=0, title=Text(answer.name, "bold") if answer.name else None, title_justify="left",
    )  # fmt: skip
    for column in table.columns[:-1]:
        column.justify, column.no_wrap = "right", True
    for cells in zip(*columns.values(), strict=True):
        table.add_row(*cells, style="bold" if cells[-1].startswith(RECOMMENDED) else None)
    return table


def _columns(answer: Answer) -> dict[str, list[str]]:
    """Return the table's columns, each with a cell for each length."""
    metric, found = answer.metric, answer.recommendation
    score = "%" if metric.percent and answer.cases.split else f"{metric.title} %" if metric.percent else metric.name
    lengths = [summary.seq_len for summary in answer.validation]
    columns = {
        "length": [str(length) for length in lengths],
        "seeds": [str(summary.num_seeds) for summary in answer.validation],
        f"{answer.cases.split} {score}".strip(): [_score(summary, answer) for summary in answer.validation],
    }
    if answer.test:
        columns[f"test {score}"] = [_score(summary, answer) for summary in answer.test]
    time, seconds = "ms/step", 1000 * answer.costs.seconds_per_step
    if seconds.isna().all():
        time, seconds = "s/training", answer.costs.seconds
    if seconds.notna().any():
        columns[time] = [f"{each:.3f}" for each in seconds]
    columns["costs at most"] = ["" if found is None else bound_text(metric, found.bounds[length]) for length in lengths]
    columns["verdict"] = ["" if found is None else _verdict(answer, found, length) for length in lengths]
    return columns


def _verdict(answer: Answer, found: Recommendation, seq_len: int) -> str:
    verdict = verdict_of(found, seq_len)
    span = answer.span(seq_len) if verdict == RECOMMENDED else ""
    return verdict + (f"\n({span})" if span else "")


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
        return f"{mean} ± {100 * abs(half):5.2f}"
    low, high = math.floor(1000 * interval.lower) / 10, math.ceil(1000 * interval.upper) / 10
    return f"{mean} ({low:g}–{high:g})"
