"""The study's cost beside its peers, as a table on the page about performance."""

import json
from pathlib import Path

from pages import markdown_table, write_between

BEGIN, END = "<!-- begin: python benchmarks/study.py -->", "<!-- end: study -->"


def write_study(page: Path, results: Path) -> None:
    """Put what a results file of `study.py` says between the page's marks."""
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
            f"{cost['study_seconds']:.0f} s ({cost['study_seconds'] / ours['study_seconds']:.1f} ×)",
        ]
        for cost in found["contestants"]
    ]
    machine, times = found["machine"], found["throughput"]
    said = ", ".join(f"{times[length]:.2f} at {length}" for length in lengths)
    text = (
        f"{markdown_table(rows)}\n\n"
        f"How many times the training steps of one core {machine['processors']} cores make, by window: {said}.\n\n"
        f"Measured on {found['measured'][:10]}: {machine['cpu']}, {machine['processors']} cores."
    )
    write_between(page, BEGIN, END, text)
