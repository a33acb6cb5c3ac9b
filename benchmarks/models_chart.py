"""The picture of the answers by three kinds of models: scores over length, and which length is enough."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from lengthwise.plots.palette import COLOURS
from lengthwise.plots.style import LOOK, chosen_ticks, length_axis


def draw(found: dict[str, dict[str, Any]], titles: dict[str, str], errors: tuple[str, ...], path: Path) -> None:
    """Write the picture.

    Parameters
    ----------
    found : dict
        By data set, then by kind of model: ``lengths``, ``scores`` and ``chosen``.
    titles : dict of str to str
        What each kind of model is called.
    errors : tuple of str
        Data sets whose scores are errors; those of the others are shares.
    path : Path
    """
    with mpl.rc_context(LOOK):
        figure = Figure(figsize=(8, 3.6), layout="constrained")
        every = figure.subplots(2, 3).ravel()
        for axes, name in zip(every, found, strict=False):
            _one(axes, found[name], titles)
            unit = "MASE, lower is better" if name in errors else "accuracy"
            axes.set_title(f"{name}: {unit}", loc="left", fontsize=7, pad=3)
        for axes in every[len(found) :]:
            axes.set_axis_off()
        figure.legend(*every[0].get_legend_handles_labels(), loc="outside upper left", ncols=3, frameon=False)
        figure.supxlabel("length (steps); ringed: shown to be enough", fontsize=LOOK["axes.labelsize"])
        figure.savefig(path, dpi=200)


def _one(axes: Axes, answers: dict[str, Any], titles: dict[str, str]) -> None:
    lengths = sorted({length for answer in answers.values() for length in answer["lengths"]})
    for colour, (model, title) in zip(COLOURS, titles.items(), strict=False):
        answer = answers[model]
        axes.plot(answer["lengths"], answer["scores"], "o-", color=colour, linewidth=1, markersize=2.5, label=title)
        if answer["chosen"] is not None:
            score = np.array(answer["scores"])[answer["lengths"].index(answer["chosen"])]
            axes.plot(answer["chosen"], score, "o", color=colour, fillstyle="none", markersize=8)
    length_axis(axes, lengths)
    axes.xaxis.set_major_locator(FixedLocator(chosen_ticks(lengths, most=6)))
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=2, width=0.6)
