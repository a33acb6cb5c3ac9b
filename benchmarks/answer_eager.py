"""How many times as long the same trainings take with PyTorch eager, measured on one data set of the panel."""

import json
from pathlib import Path

import numpy as np

from benchmarks.answer_panel import RESULTS, Entry
from lengthwise import Study

PATH = RESULTS / "eager.json"

UPDATES, SEEDS = 200, 5
"""Of each training that is timed; the first seed only warms up."""


def measure(entry: Entry, folder: Path) -> None:
    """Time trainings of a data set's recipe by both engines in turns, with one thread, at a few lengths; save it.

    The truth about the data set must be in the folder.
    """
    truth = Study.load(folder / f"{entry.name}-truth", read_only=True)
    lengths = truth.design.seq_lens
    study = Study(
        entry.dataset(folder),
        seq_lens=sorted({lengths[0], lengths[len(lengths) // 2], lengths[-1]}),
        seeds=SEEDS,
        budget=f"steps={UPDATES}",
        recipe="notebook",
        folds=0,
        **truth.recipe.settings | {"validate_every": UPDATES, "engine": ["simd", "torch"]},
    )
    study.run(until_decided=False, workers=1)
    timed = study.results.query("seed > 0")
    medians = timed.groupby(["seq_len", "engine"]).seconds_per_step.median().unstack()
    found = {
        "data": entry.name,
        "lengths": [int(length) for length in medians.index],
        "lengthwise_ms": (1000 * medians.simd).round(4).tolist(),
        "torch_ms": (1000 * medians.torch).round(4).tolist(),
    }
    PATH.write_text(json.dumps(found, indent=1) + "\n")


def eager_ratio() -> float | None:
    """Return the geometric mean of the ratios that were measured; None if none was."""
    if not PATH.exists():
        return None
    found = json.loads(PATH.read_text())
    return float(np.exp(np.mean(np.log(np.array(found["torch_ms"]) / found["lengthwise_ms"]))))
