"""The look of all figures: their size, type, axes and colour maps."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

from lengthwise.plots.palette import FAINT
from lengthwise.tasks.metrics import Metric

COLUMN = 3.5
"""Width of a paper's column, in inches."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHES: tuple[Any, ...] = ("-", (0, (4, 1.5)), (0, (1, 1)), (0, (5, 1.5, 1, 1.5)))

LENGTHS = "viridis_r"
"""The colour map of lengths: longer is darker."""

LOOK: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 7.0,
    "axes.titlesize": 8.0,
    "axes.labelsize": 7.0,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "legend.fontsize": 6.5,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.2,
    "lines.markersize": 3.0,
}

FILES: dict[Any, Any] = {
    "svg.fonttype": "path",  # outlines, so that the text is right where the font is missing
    "svg.hashsalt": "lengthwise",
    "pdf.fonttype": 42,  # TrueType, embedded
    "ps.fonttype": 42,
}
"""Matplotlib's settings for writing figures to files."""


@contextmanager
def names_as_they_are() -> Iterator[None]:
    """Take a ``$`` in new texts for a ``$``, and not for the beginning of a formula: names may have it."""
    with mpl.rc_context({"text.parse_math": False}):
        yield


@contextmanager
def canvas(ax: Axes | None, height: float = 2.5, width: float = COLUMN) -> Iterator[Axes]:
    """Yield the Axes to draw on: the given one, unchanged, or one of a new figure in the package's style."""
    if ax is not None:
        yield ax
        return
    with mpl.rc_context(LOOK), names_as_they_are():
        new = Figure(figsize=(width, height), layout="constrained").add_subplot()
        new.tick_params(labelsize=LOOK["xtick.labelsize"], width=0.6, length=2.5)
        yield new


def dress(ax: Axes, title: str, xlabel: str, ylabel: str) -> None:
    """Write title and axis labels, draw a light grid, and remove the spines that are not needed."""
    ax.set_title(title, loc="left", fontweight="bold", wrap=True)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color=FAINT, linewidth=0.5)
    ax.set_axisbelow(True)


def percent_axis(axis: Any) -> None:
    """Write fractions in percent."""
    axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.4g}"))


def score_axis(axis: Any, metric: Metric) -> None:
    """Write scores in the metric's form: fractions in percent, errors unchanged."""
    if metric.percent:
        percent_axis(axis)


def log_axis(axis: Any) -> None:
    """Make an axis logarithmic, with plain numbers."""
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.15g}"))
    axis.set_minor_formatter(NullFormatter())


def spread_out(lengths: Sequence[int]) -> bool:
    """Return whether the gaps between lengths grow with the lengths, so that a logarithmic axis suits them."""
    gaps = np.diff(np.asarray(lengths, float))
    return len(gaps) > 1 and max(lengths) >= 32 and float(gaps.max()) > 4 * float(gaps.min())


def chosen_ticks(lengths: Sequence[int], most: int = 10) -> list[int]:
    """Return the lengths that are ticks of an axis: all, or if they are more than about `most`, evenly chosen ones.

    >>> chosen_ticks(range(1, 29), most=7)
    [1, 4, 8, 12, 16, 20, 24, 28]
    """
    lengths = list(lengths)
    stride = -(-len(lengths) // most)
    last = len(lengths) - 1
    ticks = lengths[last % stride :: stride]
    return [lengths[0], *ticks] if last % stride >= 0.6 * stride else ticks


def length_axis(ax: Axes, lengths: Sequence[int]) -> None:
    """Make the x axis one of lengths, with ticks at lengths that were tried."""
    if spread_out(lengths):
        ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(chosen_ticks(lengths)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda length, _: f"{length:g}"))


def length_colours(lengths: Sequence[int]) -> ScalarMappable:
    """Return the map from lengths to colours."""
    low, high = min(lengths), max(lengths)
    kind = LogNorm if spread_out(lengths) else Normalize
    # the palest tenth of the map is too pale for lines on white
    return ScalarMappable(kind(low - 0.1 * (high - low) if kind is Normalize else low / 1.3, high or 1), LENGTHS)


def colour_of(colours: ScalarMappable, seq_len: Any) -> Any:
    """Return the colour of a length."""
    return colours.to_rgba(seq_len)


def length_bar(ax: Axes, colours: ScalarMappable, lengths: Sequence[int]) -> None:
    """Put the colour bar of the lengths beside the figure."""
    figure = ax.get_figure()
    if figure is None or len(lengths) < 2:
        return
    ticks = chosen_ticks(lengths, most=8)
    bar = figure.colorbar(colours, ax=ax, ticks=ticks, fraction=0.05, pad=0.02, aspect=25)
    bar.ax.set_ylim(min(lengths), max(lengths))
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda length, _: f"{length:g}"))
    bar.ax.yaxis.set_minor_locator(NullLocator())
    bar.set_label("window length of training (steps)")
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=ax.xaxis.get_tick_params().get("labelsize", None), width=0.6, length=2)
