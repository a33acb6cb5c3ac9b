"""Trained on one length, judged at another."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from lengthwise.curves import Results, matrix, only_answer
from lengthwise.plots.look import INK, canvas, chosen_ticks

WRITTEN_UP_TO = 9
"""Rows and columns up to which the numbers stand in the cells."""


def length_matrix(results: Results, ax: Axes | None = None) -> Axes:
    """Draw mean test accuracy by the length trained on and the length judged at.

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
        If there are several configurations.
    """
    table = matrix(only_answer(results, "length_matrix"))
    rows, columns = len(table.index), len(table.columns)
    with canvas(ax, height=3.0) as ax:
        image = ax.imshow(table.to_numpy(), cmap="cividis", origin="lower", aspect="auto", interpolation="nearest")
        for axis, lengths in ((ax.xaxis, list(table.columns)), (ax.yaxis, list(table.index))):
            ticks = chosen_ticks(lengths, most=10)
            axis.set_ticks([lengths.index(length) for length in ticks], [f"{length}" for length in ticks])
        if rows <= WRITTEN_UP_TO and columns <= WRITTEN_UP_TO:
            _write_numbers(ax, table.to_numpy(), image.norm)
        ax.set_title("Trained on one length, used at another", loc="left", fontweight="bold")
        ax.set_xlabel("window length judged at (time steps)")
        ax.set_ylabel("window length trained on (time steps)")
        ax.spines[:].set_visible(False)
        ax.tick_params(length=0)
        figure = ax.get_figure()
        if figure is not None:
            bar = figure.colorbar(image, ax=ax, fraction=0.05, pad=0.02, aspect=25)
            bar.set_label("test accuracy (%)")
            bar.outline.set_visible(False)  # type: ignore[operator]
            bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.3g}"))
            bar.ax.tick_params(labelsize=ax.xaxis.get_tick_params().get("labelsize", None), width=0.6, length=2)
        return ax


def _write_numbers(ax: Axes, values: NDArray[np.float64], norm: Normalize) -> None:
    for (row, column), share in np.ndenumerate(values):
        if not np.isnan(share):
            colour = INK if norm(share) > 0.6 else "white"
            ax.text(column, row, f"{100 * share:.0f}", ha="center", va="center", color=colour)
