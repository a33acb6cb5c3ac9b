"""Learning curves."""

from collections.abc import Sequence
from typing import Literal, get_args

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lengthwise.errors import UsageError
from lengthwise.plots.curves import Results, answers_with_curves, mean_learning_curves
from lengthwise.plots.palette import INK
from lengthwise.plots.style import (
    DASHES,
    canvas,
    chosen_ticks,
    colour_of,
    dress,
    length_bar,
    length_colours,
    log_axis,
    score_axis,
)
from lengthwise.study.answer import Answer

Over = Literal["update", "timesteps", "seconds"]
"""The horizontal axis of a learning curve."""

OVER = {
    "update": ("training steps", "training steps"),
    "timesteps": ("time steps seen", "time steps seen"),
    "seconds": ("time", "time of training (s)"),
}
"""Its name in the title, and its axis label."""

LENGTHS_OF_SEVERAL = 6
"""Lengths drawn for each of several configurations: more could not be distinguished."""


def learning_curves(results: Results, ax: Axes | None = None, *, over: Over = "update") -> Axes:
    """Draw the validation score during training, a curve for each length (the mean over seeds).

    Several configurations differ in the curves' dashes, and only some lengths of each are drawn.

    Parameters
    ----------
    results : Study, Answer or list of Answer
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.
    over : {"update", "timesteps", "seconds"}
        Training steps, time steps seen, or seconds of training.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    UsageError
        If `over` is none of those.
    """
    if over not in get_args(Over):
        raise UsageError(f"over is {over!r}, but must be one of {', '.join(get_args(Over))}.")
    found = answers_with_curves(results)
    title, xlabel = OVER[over]
    with canvas(ax, height=2.4) as axes:
        lengths = lengths_of(found)
        colours = length_colours(lengths)
        for place, answer in enumerate(found):
            for seq_len, curve in mean_learning_curves(answer).groupby("seq_len"):
                if seq_len in lengths:
                    axes.plot(
                        curve[over], curve.val_score, color=colour_of(colours, seq_len), linewidth=1,
                        linestyle=DASHES[place % len(DASHES)],
                    )  # fmt: skip
        log_axis(axes.xaxis)
        score_axis(axes.yaxis, found[0].metric)
        dress(axes, f"Learning curves over {title}, by length", xlabel, found[0].score_label)
        length_bar(axes, colours, lengths)
        name_configurations(axes, found)
        return axes


def lengths_of(found: Sequence[Answer]) -> list[int]:
    """Return the lengths to draw: all of one configuration, some of several."""
    lengths = sorted({int(length) for answer in found for length in answer.runs.seq_len})
    return lengths if len(found) == 1 else chosen_ticks(lengths, most=LENGTHS_OF_SEVERAL)


def name_configurations(ax: Axes, found: Sequence[Answer]) -> None:
    """Add the legend of the configurations' dashes, if there are several."""
    if len(found) > 1:
        keys = [
            Line2D([], [], color=INK, linestyle=DASHES[place % len(DASHES)], label=answer.name)
            for place, answer in enumerate(found)
        ]
        ax.legend(handles=keys, loc="upper left", frameon=False, handlelength=2.4)
