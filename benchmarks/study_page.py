"""The study's cost beside its peers, as a table for each kind of processor on the page about performance."""

import json
from collections.abc import Iterable
from pathlib import Path

from benchmarks.pages import markdown_table, write_between

BEGIN, END = "<!-- begin: python -m benchmarks.study -->", "<!-- end: study -->"


def write_study(page: Path, results: Iterable[Path]) -> None:
    """Put what the results files of `study.py` say between the page's marks."""
    write_between(page, BEGIN, END, "\n\n".join(_section(path) for path in results))


def _section(results: Path) -> str:
    """Return a processor's table."""
    found = json.loads(results.read_text())
    ours = found["contestants"][0]
    lengths = list(ours["train_ms"])
    rows = [
        ["", *(f"training, {length}" for length in lengths), *(f"evaluation, {length}" for length in lengths), "study"]
    ]
    rows += [
        [
            cost["label"],
            *(f"{cost['train_ms'][length]:.3f}" for length in lengths),
            *(f"{cost['evaluate_ms'][length]:.3f}" for length in lengths),
            f"{cost['study_seconds']:.0f} s ({cost['study_seconds'] / ours['study_seconds']:.2f} ×)",
        ]
        for cost in found["contestants"]
    ]
    machine, times = found["machine"], found["throughput"]
    said = ", ".join(f"{times[length]:.2f} at {length}" for length in lengths)
    return (
        f"### The study on {machine['cpu']}\n\n"
        f"{machine['processors']} cores, measured on {found['measured'][:10]}.\n\n"
        f"{markdown_table(rows)}\n\n"
        f"Training steps of {machine['processors']} cores relative to one core, by window: {said}."
    )
