"""The network, unrolled over the steps of its window."""

import itertools
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from lengthwise.errors import UsageError
from lengthwise.networks.network import Network
from lengthwise.plots.palette import COLOURS, INK
from lengthwise.plots.style import canvas
from lengthwise.tasks.tasks import TASKS
from lengthwise.windows import check_seq_len

EVERY_STEP_UP_TO = 12
"""Up to this many steps, each is drawn; of more, only the ends of the window and of the sequence."""

ENDS = 2
"""Steps drawn at each end of a part of which some are left out."""

BOX = (0.74, 0.5)


class Column(NamedTuple):
    """A column of the drawing: one time step.

    Attributes
    ----------
    x : float
        Where.
    step : int or None
        The time step, from 0; None where steps are left out.
    inside : bool
        Whether it is in the window.
    """

    x: float
    step: int | None
    inside: bool


def unrolled(
    network: Network, seq_len: int, ax: Axes | None = None, *, num_steps: int | None = None, start: int = 0
) -> Axes:
    """Draw a network unrolled over a window: the inputs, a cell for each layer and step, and the head at the end.

    Parameters
    ----------
    network : Network
    seq_len : int
        Steps of the window.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.
    num_steps : int, optional
        Steps of the sequence; those outside the window are drawn pale. By default the window is the whole sequence.
    start : int
        The window's first step.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    UsageError
        If the window does not fit the sequence.

    Examples
    --------
    >>> ax = unrolled(Network(input_size=28, num_outputs=10), seq_len=19, num_steps=28, start=4)
    >>> ax.get_title(loc="left")
    'A window of 19 of 28 steps, from step 4'
    """
    total = seq_len if num_steps is None else num_steps
    check_seq_len(seq_len, total)
    if not 0 <= start <= total - seq_len:
        raise UsageError(
            f"start is {start}, but a window of {seq_len} of {total} steps begins at 0 to {total - seq_len}."
        )
    columns = _columns(seq_len, total, start)
    width, height = columns[-1].x + 2.6, network.num_layers + 2.6
    with canvas(ax, width=max(2.4, 0.42 * width), height=0.42 * height) as axes:
        for column in columns:
            _draw_column(axes, network, column)
        _draw_time(axes, network, columns)
        _draw_head(axes, network, [column for column in columns if column.inside])
        _name_layers(axes, network, columns)
        _frame_window(axes, network, [column for column in columns if column.inside], full=seq_len == total)
        whole = f"The network, unrolled over {f'all {total} steps' if total > 1 else 'its only step'}"
        window = f"A window of {seq_len} of {total} steps, from step {start}"
        axes.set_title(whole if seq_len == total else window, loc="left", fontweight="bold", wrap=True)
        axes.set(xlim=(-2.1, columns[-1].x + 0.6), ylim=(-0.95, network.num_layers + 1.5), aspect="equal")
        axes.axis("off")
        return axes


def _columns(seq_len: int, total: int, start: int) -> list[Column]:
    """Return the columns: every step, or the ends of the parts before, in and after the window."""
    columns: list[Column] = []
    for first, last, inside in ((0, start, False), (start, start + seq_len, True), (start + seq_len, total, False)):
        steps: list[int | None] = list(range(first, last))
        if total > EVERY_STEP_UP_TO and len(steps) > 2 * ENDS + 1:
            steps = [*steps[:ENDS], None, *steps[-ENDS:]]
        columns += [Column(len(columns) + place, step, inside) for place, step in enumerate(steps)]
    return columns


def _draw_column(ax: Axes, network: Network, column: Column) -> None:
    ink = INK if column.inside else "#8c8c8c"
    if column.step is None:
        for y in range(network.num_layers + 1 if column.inside else 1):
            ax.text(column.x, y, "⋯", ha="center", va="center", color=ink, fontsize="large")
        return
    _box(ax, column.x, 0, f"$x_{{{column.step}}}$", COLOURS[5] if column.inside else "white", ink)
    if not column.inside:
        return
    for layer in range(network.num_layers):
        _arrow(ax, (column.x, layer + BOX[1] / 2), (column.x, layer + 1 - BOX[1] / 2))
        _box(ax, column.x, layer + 1, "relu" if network.cell == "rnn_relu" else network.cell, COLOURS[4], ink)


def _draw_time(ax: Axes, network: Network, columns: list[Column]) -> None:
    """Draw the arrows of the state from step to step; for both directions, two arrows side by side."""
    inside = [column for column in columns if column.inside]
    apart = 0.09 if network.bidirectional else 0.0
    for layer in range(1, network.num_layers + 1):
        for here, after in itertools.pairwise(inside):
            left, right = here.x + BOX[0] / 2, after.x - BOX[0] / 2
            _arrow(ax, (left, layer + apart), (right, layer + apart))
            if network.bidirectional:
                _arrow(ax, (right, layer - apart), (left, layer - apart))


def _draw_head(ax: Axes, network: Network, inside: list[Column]) -> None:
    """Draw the head above its inputs: the last step of each direction, or all steps."""
    top = network.num_layers
    seen = [inside[-1]]
    if network.pooling != "last":
        seen = [column for column in inside if column.step is not None]
    elif network.bidirectional and len(inside) > 1:
        seen = [inside[0], inside[-1]]
    for column in seen:
        _arrow(ax, (column.x, top + BOX[1] / 2), (column.x, top + 1 - BOX[1] / 2))
    left, right = seen[0].x, seen[-1].x
    name = "head" if network.pooling == "last" or right == left else f"head: {network.pooling} of the steps"
    _box(ax, (left + right) / 2, top + 1, name, COLOURS[2], "white", width=right - left + BOX[0])
    outputs = f"{network.num_outputs} {TASKS[network.task].outputs}"
    ax.text(left - BOX[0] / 2 - 0.15, top + 1, outputs, ha="right", va="center", color=INK)


def _name_layers(ax: Axes, network: Network, columns: list[Column]) -> None:
    values = "1 value" if network.input_size == 1 else f"{network.input_size} values"
    ax.text(-0.55, 0, f"input\n{values}", ha="right", va="center", color=INK)
    left = next(column.x for column in columns if column.inside) - 0.6
    for layer in range(1, network.num_layers + 1):
        units = f"{'2 × ' if network.bidirectional else ''}{network.hidden_size} units"
        ax.text(left, layer, f"layer {layer}\n{units}", ha="right", va="center", color=INK)


def _frame_window(ax: Axes, network: Network, inside: list[Column], *, full: bool) -> None:
    if full:
        ax.text(inside[0].x - BOX[0] / 2, -0.7, "time step →", ha="left", va="center", color=INK)
        return
    left, right = inside[0].x - 0.45, inside[-1].x + 0.45
    ax.add_patch(
        FancyBboxPatch(
            (left, -0.4), right - left, network.num_layers + 0.8, boxstyle="round,pad=0,rounding_size=0.15",
            facecolor="none", edgecolor=COLOURS[0], linewidth=1.2, zorder=0,
        )
    )  # fmt: skip
    ax.text((left + right) / 2, -0.7, "the window", ha="center", va="center", color=COLOURS[0])


def _box(ax: Axes, x: float, y: float, text: str, colour: str, ink: str, width: float = BOX[0]) -> None:
    height = BOX[1]
    ax.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2), width, height, boxstyle="round,pad=0,rounding_size=0.1",
            facecolor=colour, edgecolor=ink if colour == "white" else "none", linewidth=0.6,
            linestyle="--" if colour == "white" else "-", zorder=2,
        )
    )  # fmt: skip
    ax.text(x, y, text, ha="center", va="center_baseline", color=ink, zorder=3)


def _arrow(ax: Axes, begin: tuple[float, float], end: tuple[float, float]) -> None:
    ax.add_patch(
        FancyArrowPatch(
            begin, end, arrowstyle="-|>", mutation_scale=5, color=INK, linewidth=0.7, shrinkA=0, shrinkB=0, zorder=1
        )
    )
