"""Trained on one length, evaluated at another."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from lengthwise.errors import UsageError
from lengthwise.plots.curves import Results, matrix, only_answer
from lengthwise.plots.palette import COLOURS, INK
from lengthwise.plots.style import canvas, chosen_ticks
from lengthwise.tasks.metrics import Metric

WRITTEN_UP_TO = 9
"""Up to this many rows and columns, the cells contain their numbers."""


def length_matrix(results: Results, ax: Axes | None = None) -> Axes:
    """Draw the mean test score by the lengths of training and evaluation; cells of equal lengths are framed.

    Parameters
    ----------
    results : Study, Answer or list of one Answer
        Of one configuration.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    UsageError
        If there are several configurations, or the study was made without ``eval_lens``.
    """
    answer = only_answer(results, "length_matrix")
    table, metric = matrix(answer), answer.metric
    if table.empty:
        raise UsageError("the study has no eval_lens, so networks were evaluated only at the length of their training.")
    trained: list[int] = table.index.tolist()
    evaluated: list[int] = [int(length) for length in table.columns]
    with canvas(ax, height=3.0) as axes:
        image = axes.imshow(table.to_numpy(), cmap="cividis", origin="lower", aspect="auto", interpolation="nearest")
        for axis, lengths in ((axes.xaxis, evaluated), (axes.yaxis, trained)):
            ticks = chosen_ticks(lengths, most=10)
            axis.set_ticks([lengths.index(length) for length in ticks], [f"{length}" for length in ticks])
        _frame_own_lengths(axes, trained, evaluated)
        if max(len(trained), len(evaluated)) <= WRITTEN_UP_TO:
            _write_numbers(axes, table.to_numpy(), metric)
        axes.set_title("Trained on one length, evaluated at another", loc="left", fontweight="bold")
        axes.set_xlabel("window length of evaluation (time steps)")
        axes.set_ylabel("window length of training (time steps)")
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        figure = axes.get_figure()
        if figure is not None:
            bar = figure.colorbar(image, ax=axes, fraction=0.05, pad=0.02, aspect=25)
            bar.set_label(f"test {metric.label}")
            bar.outline.set_visible(False)
            bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda score, _: f"{metric.scale * score:.3g}"))
            bar.ax.tick_params(labelsize=axes.xaxis.get_tick_params().get("labelsize", None), width=0.6, length=2)
        return axes


def _frame_own_lengths(ax: Axes, rows: list[int], columns: list[int]) -> None:
    """Frame the cells in which networks are evaluated at the length of their training."""
    for row, length in enumerate(rows):
        if length in columns:
            corner = (columns.index(length) - 0.5, row - 0.5)
            ax.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor=COLOURS[1], linewidth=1, clip_on=False))


def _write_numbers(ax: Axes, values: NDArray[np.float64], metric: Metric) -> None:
    low, high = float(values.min()), float(values.max())
    for (row, column), score in np.ndenumerate(values):
        colour = INK if score - low > 0.6 * (high - low) else "white"
        ax.text(
            column,
            row,
            f"{100 * score:.0f}" if metric.percent else f"{score:.2g}",
            ha="center",
            va="center",
            color=colour,
        )
