"""A sequence and the window of it that a network reads: as a figure, and in the terminal."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from rich.style import Style
from rich.text import Text

from lengthwise._internal.printable import printable
from lengthwise.plots.palette import COLOURS
from lengthwise.plots.style import names_as_they_are
from lengthwise.windows import check_seq_len

WINDOW_COLOUR = COLOURS[0]
"""A blue, which colour-blind people can distinguish from grey."""


def _title(label: int | str, start: int, seq_len: int, num_steps: int) -> str:
    return f"label {printable(str(label))}: the window of {seq_len} of {num_steps} steps from step {start}"


@names_as_they_are()
def draw_window(
    values: NDArray[Any], label: int | str, *, seq_len: int, start: int = 0, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw a sequence as a grey image with a row for each time step, its window framed and the rest dimmed.

    Parameters
    ----------
    values : ndarray of shape (T, F)
        The sequence.
    label : int or str
        Its class.
    seq_len, start : int
        The window's steps and its first step.
    title : str
        A title for the sequence, shown above the label.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    UsageError
        If the window does not fit the sequence.
    """
    num_steps, features = values.shape
    check_seq_len(seq_len, num_steps)
    if ax is None:
        ax = Figure(figsize=(4, 4.4), layout="constrained").add_subplot()
    ax.imshow(values, cmap="gray_r", interpolation="nearest", aspect="equal" if features > 1 else "auto")
    for first, last in ((0, start), (start + seq_len, num_steps)):
        ax.axhspan(first - 0.5, last - 0.5, color="white", alpha=0.65, linewidth=0)
    frame = Rectangle(
        (-0.5, start - 0.5), features, seq_len, fill=False, edgecolor=WINDOW_COLOUR, linewidth=2.5, clip_on=False
    )
    ax.add_patch(frame)
    heading = _title(label, start, seq_len, num_steps)
    ax.set_title(f"{title}\n{heading}" if title else heading, fontsize=9)
    ax.set_xlabel("input (pixel of the row)" if features > 1 else "input")
    ax.set_ylabel("time step (row)")
    return ax


def window_in_text(values: NDArray[Any], label: int | str, *, seq_len: int, start: int = 0) -> Text:
    """Return the same image for a terminal: two characters for each value, the window's steps marked at the side.

    Parameters
    ----------
    values, label, seq_len, start
        As for `draw_window`.
    """
    num_steps, _ = values.shape
    check_seq_len(seq_len, num_steps)
    low, high = float(values.min()), float(values.max())
    levels = np.round(255 * (values.astype(float) - low) / ((high - low) or 1)).astype(int)
    text = Text(_title(label, start, seq_len, num_steps) + "\n")
    for step, row in enumerate(levels.tolist()):
        inside = start <= step < start + seq_len
        text.append(f"{step:4} ")
        text.append("▌" if inside else " ", Style(color=WINDOW_COLOUR))
        for level in row:
            shade = level if inside else level // 3
            text.append("  ", Style(bgcolor=f"rgb({shade},{shade},{shade})"))
        text.append("▐\n" if inside else "\n", Style(color=WINDOW_COLOUR))
    return text
