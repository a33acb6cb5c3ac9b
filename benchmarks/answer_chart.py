"""The picture of the panel: the truth about each data set, our answer, and what grid search with one seed chooses."""

import math
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator

from benchmarks.answer_tables import Result
from benchmarks.answer_truth import Truth
from lengthwise.plots.palette import COLOURS, FAINT, INK
from lengthwise.plots.style import LOOK, chosen_ticks, length_axis

COLUMNS = 4
FEWEST_SEEDS = 3
"""Seeds below which the truth is not drawn."""

LOWEST = -8.0
"""Margins below the best at which the pictures end."""

BAND = "#e6f0f7"
OURS, GRID = COLOURS[0], COLOURS[1]
PEER = "grid, 1 seed, the best"


def draw(results: list[Result], path: Path) -> None:
    """Write the picture of the data sets that have a truth."""
    there = [(result, result.truth) for result in results if result.truth and result.truth.num_seeds >= FEWEST_SEEDS]
    rows = math.ceil(len(there) / COLUMNS)
    with mpl.rc_context(LOOK):
        figure = Figure(figsize=(8, 0.6 + 1.35 * rows), layout="constrained")
        every = figure.subplots(rows, COLUMNS, squeeze=False, sharey=True).ravel()
        for axes, (result, truth) in zip(every, there, strict=False):
            _one(axes, result, truth)
        for axes in every[len(there) :]:
            axes.set_axis_off()
        figure.legend(handles=_legend(), loc="outside upper left", ncols=4, frameon=False)
        figure.supxlabel("length (steps)", fontsize=LOOK["axes.labelsize"])
        figure.supylabel("score, in margins from the best", fontsize=LOOK["axes.labelsize"])
        figure.savefig(path, dpi=200)


def _one(axes: Axes, result: Result, truth: Truth) -> None:
    lengths, scores = np.array(truth.lengths), -truth.losses
    errors = np.array([np.std(each, ddof=1) / np.sqrt(len(each)) for each in truth.scores]) / truth.margin
    axes.axhspan(-1, 0, color=BAND, zorder=0)
    axes.fill_between(lengths, scores - errors, scores + errors, color=FAINT, linewidth=0)
    axes.plot(lengths, scores, color=INK, linewidth=0.8)
    if PEER in result.replays:
        places, counts = np.unique(result.replays[PEER].places, return_counts=True)
        sizes = 60 * counts / counts.sum()
        axes.scatter(
            lengths[places], scores[places].clip(LOWEST), s=sizes, color=GRID, alpha=0.7, linewidth=0, clip_on=False
        )
    if result.found is not None and result.found.recommended in truth.lengths:
        place = truth.lengths.index(result.found.recommended)
        axes.plot(
            lengths[place], max(LOWEST, scores[place]), "D", color=OURS, markersize=5, markeredgecolor="white",
            markeredgewidth=0.6, clip_on=False, zorder=4,
        )  # fmt: skip
    length_axis(axes, truth.lengths)
    axes.xaxis.set_major_locator(FixedLocator(chosen_ticks(truth.lengths, most=6)))
    axes.set_ylim(LOWEST, 1)
    axes.set_title(f"{result.name}  ({truth.num_seeds} seeds)", loc="left", fontsize=7, pad=3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=2, width=0.6)


def _legend() -> list[Line2D | Patch]:
    return [
        Line2D([], [], color=INK, linewidth=0.8, label="truth: mean over seeds, ± standard error"),
        Patch(color=BAND, label="within the margin"),
        Line2D([], [], marker="D", linestyle="", color=OURS, label="lengthwise with no options"),
        Line2D([], [], marker="o", linestyle="", color=GRID, label="grid search, 1 seed (area: how often)"),
    ]
