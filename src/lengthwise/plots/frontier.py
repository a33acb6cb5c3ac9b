"""The best length for a given time."""

import math

from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from lengthwise.plots.curves import Results, answers_with_curves, frontier, mean_learning_curves
from lengthwise.plots.palette import COLOURS, INK
from lengthwise.plots.style import MARKERS, canvas, colour_of, dress, length_bar, length_colours, log_axis, score_axis
from lengthwise.study.answer import Answer

LABELS_APART = 0.06
"""Minimum distance between the labels of two lengths, as a fraction of the figure."""


def accuracy_against_cost(results: Results, ax: Axes | None = None) -> Axes:
    """Draw the validation score against the seconds of training, and the best score for each time.

    With one configuration, each length has its curve, and the line above them is the best of all, whose points are
    labelled with their lengths. With several, only the line of each is drawn.

    Parameters
    ----------
    results : Study, Answer or list of Answer
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
    """
    found = answers_with_curves(results)
    with canvas(ax, height=2.6) as axes:
        if len(found) == 1:
            _every_length(axes, found[0])
        written: list[tuple[float, float]] = []
        for place, answer in enumerate(found):
            _best(axes, answer, place, written, alone=len(found) == 1)
        log_axis(axes.xaxis)
        metric = found[0].metric
        score_axis(axes.yaxis, metric)
        dress(axes, "The best length for a given time", "time of training (s)", found[0].score_label)
        if len(found) > 1:
            axes.legend(loc="lower right" if metric.higher_is_better else "upper right", frameon=False)
        return axes


def _every_length(ax: Axes, answer: Answer) -> None:
    lengths = sorted(answer.costs.index.tolist())
    colours = length_colours(lengths)
    for seq_len, curve in mean_learning_curves(answer).groupby("seq_len"):
        ax.plot(curve.seconds, curve.val_score, color=colour_of(colours, seq_len), linewidth=0.7, alpha=0.8, zorder=2)
    length_bar(ax, colours, lengths)


def _best(ax: Axes, answer: Answer, place: int, written: list[tuple[float, float]], *, alone: bool) -> None:
    best = frontier(answer)
    colour = INK if alone else COLOURS[place % len(COLOURS)]
    ax.plot(
        best.seconds, best.val_score, color=colour, marker=MARKERS[place % len(MARKERS)], zorder=3,
        label="the best" if alone else answer.name,
    )  # fmt: skip
    changes = best[best.seq_len != best.seq_len.shift()]
    for seq_len, seconds, score in changes[["seq_len", "seconds", "val_score"]].to_numpy()[::-1].tolist():
        here = (math.log10(seconds) / 3, score)  # roughly scaled to distances in the figure
        if any(math.dist(here, other) < LABELS_APART for other in written):
            continue
        written.append(here)
        ax.annotate(
            f"{seq_len:g}", (seconds, score), xytext=(-3, 3), textcoords="offset points", ha="right", va="bottom",
            color=colour, zorder=5, path_effects=[withStroke(linewidth=2, foreground="white")],
        )  # fmt: skip
