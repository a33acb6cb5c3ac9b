"""An overview of a data set: an example of each class, the lengths of the sequences; as a figure or in a terminal."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray
from rich.style import Style
from rich.text import Text

from lengthwise._internal.printable import printable, visible
from lengthwise.data.dataset import Dataset
from lengthwise.data.description import Description, describe, examples, target_in_words
from lengthwise.plots.palette import COLOURS, GREY
from lengthwise.plots.style import names_as_they_are

LINE_COLOURS = (*COLOURS, GREY)

LINES = len(LINE_COLOURS)
"""Up to this many features are drawn as lines; more are drawn as grey levels."""

MOST_NAMED = 40
"""Most classes that have their names below the bars."""

MOST_EXAMPLES = 6
MOST_IN_TEXT = 3
WIDTH, HEIGHT = 72, 28
"""Maximum characters and lines of a sequence in a terminal."""

BLOCKS = " ▁▂▃▄▅▆▇█"


@names_as_they_are()
def draw_data(dataset: Dataset) -> Figure:
    """Draw a training sequence of each class, six at most, and the distribution of the lengths and of the classes.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    matplotlib Figure
    """
    about = describe(dataset)
    chosen = examples(dataset, MOST_EXAMPLES)
    rows = max(2, -(-len(chosen) // 2))
    figure = Figure(figsize=(11, 2.2 * rows + 0.6), layout="constrained")
    grid = figure.add_gridspec(rows, 3, width_ratios=(1, 1, 0.9))
    for place, index in enumerate(chosen):
        _draw_sequence(figure.add_subplot(grid[place // 2, place % 2]), dataset, index)
    _draw_lengths(figure.add_subplot(grid[: rows // 2, 2]), about)
    _draw_balance(figure.add_subplot(grid[rows // 2 :, 2]), about)
    counts = ", ".join(f"{count:,} {name}" for name, count in about.counts.items())
    figure.suptitle(f"{dataset.name}: {counts} sequences", fontsize=11)
    return figure


def data_in_text(dataset: Dataset) -> Text:
    """Return training sequences of three classes for a terminal, with a line for each feature, or as grey levels."""
    text = Text()
    for index in examples(dataset, MOST_IN_TEXT):
        values = dataset.train.sequence(index).astype(float)
        text.append(f"{_heading(dataset, index)}\n", Style(bold=True))
        if values.shape[1] <= LINES:
            _append_lines(text, values, dataset.features)
        else:
            _append_greys(text, values)
    return text


def _heading(dataset: Dataset, index: int) -> str:
    label = target_in_words(dataset, "train", index)
    return f"train sequence {index}" + (f": {printable(label)}" if label else "")


def _draw_sequence(ax: Axes, dataset: Dataset, index: int) -> None:
    values = dataset.train.sequence(index)
    if values.shape[1] <= LINES:
        for feature, colour in zip(range(values.shape[1]), LINE_COLOURS, strict=False):
            label = dataset.features[feature] if dataset.features else None
            ax.plot(values[:, feature], color=colour, linewidth=0.9, label=label)
        if dataset.features and index == examples(dataset, 1)[0]:
            ax.legend(fontsize=6, ncols=3, frameon=False)
        ax.set_ylabel("value" if dataset.scaling is None else "standardised value", fontsize=7)
    else:
        ax.imshow(values.T, cmap="gray_r", aspect="auto", interpolation="nearest")
        ax.set_ylabel("feature", fontsize=7)
    ax.set_xlabel("time step", fontsize=7)
    ax.tick_params(labelsize=6)
    ax.set_title(_heading(dataset, index), fontsize=8)


def _draw_lengths(ax: Axes, about: Description) -> None:
    low, high = int(about.lengths.min()), int(about.lengths.max())
    ax.hist(about.lengths, bins=min(40, high - low + 1), color=COLOURS[0])
    ax.set_title("Lengths of the sequences" if low < high else f"All sequences have {high} steps", fontsize=8)
    ax.set_xlabel("time steps", fontsize=7)
    ax.set_ylabel("sequences", fontsize=7)
    ax.tick_params(labelsize=6)


def _draw_balance(ax: Axes, about: Description) -> None:
    ax.tick_params(labelsize=6)
    if not about.classes:
        targets = about.dataset.train.targets
        ax.hist(targets if targets.ndim == 1 else targets.ravel(), bins=40, color=COLOURS[0])
        ax.set_title("Targets of the train split", fontsize=8)
        ax.set_xlabel("target", fontsize=7)
        ax.set_ylabel("sequences", fontsize=7)
        return
    below, few = np.zeros(len(about.classes)), len(about.classes) <= MOST_NAMED
    for split, colour in zip(about.counts, COLOURS, strict=False):
        counts = np.array([by_split[split] for by_split in about.classes.values()])
        if few:
            ax.bar(range(len(counts)), counts, bottom=below, color=colour, label=split)
        else:  # one shape, as thousands of bars take minutes to draw
            ax.stairs(below + counts, baseline=below, fill=True, color=colour, label=split)
        below += counts
    if few:
        ax.set_xticks(
            range(len(about.classes)), list(map(visible, about.classes)), rotation=90 if len(about.classes) > 10 else 0
        )
    else:
        ax.set_xlabel(f"{len(about.classes):,} classes", fontsize=7)
    ax.set_title("Classes and their splits", fontsize=8)
    ax.set_ylabel("steps" if about.dataset.targets.every_step else "sequences", fontsize=7)
    ax.set_ylim(0, 1.15 * max(1, below.max()))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(fontsize=6, frameon=False, ncols=3, loc="upper center")


def _append_lines(text: Text, values: NDArray[Any], names: tuple[str, ...]) -> None:
    """Append a line of blocks for each feature: the higher the block, the larger the value."""
    width = max((len(visible(name)) for name in names), default=0)
    for feature, column in enumerate(_thinned(values, WIDTH).T):
        low, span = column.min(), float(np.ptp(column)) or 1.0
        levels = np.rint((column - low) / span * (len(BLOCKS) - 1)).astype(int)
        name = f"{visible(names[feature]):{width}} " if names else ""
        text.append(f"  {name}{''.join(BLOCKS[level] for level in levels)}\n")


def _append_greys(text: Text, values: NDArray[Any]) -> None:
    """Append a line for each time step: the lighter a pair of characters, the larger the value."""
    grey = _thinned(_thinned(values, HEIGHT).T, WIDTH // 2).T
    low, span = grey.min(), float(np.ptp(grey)) or 1.0
    for row in np.rint((grey - low) / span * 255).astype(int).tolist():
        text.append("  ")
        for level in row:
            text.append("  ", Style(bgcolor=f"rgb({level},{level},{level})"))
        text.append("\n")


def _thinned(values: NDArray[Any], most: int) -> NDArray[Any]:
    """Return at most `most` rows, each the mean of consecutive ones."""
    if len(values) <= most:
        return values
    first = np.arange(most) * len(values) // most
    means: NDArray[Any] = np.add.reduceat(values, first, axis=0) / np.diff(np.r_[first, len(values)])[:, None]
    return means
