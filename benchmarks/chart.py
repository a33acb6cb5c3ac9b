"""The chart for the README: a training step's time, one bar for each contestant and number of threads."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from benchmarks.contest import Result
from benchmarks.contestants import count
from benchmarks.tables import fastest, median

OURS = ("#56B4E9", "#0072B2")
PEERS = ("#C8C8C8", "#777777")
"""1 thread and 2; blue against grey, and light against dark, which everybody can tell apart."""

LIMIT = "#D55E00"
BAR = 0.38


def draw(result: Result, path: Path) -> None:
    """Write the chart of one shape's training steps."""
    labels = list(dict.fromkeys(entry.contestant.label for entry in result.entries))
    threads = sorted({entry.contestant.threads for entry in result.entries})
    rivals = " and ".join(f"{ratio:.1f} × faster than {label}" for label, ratio in fastest(result)) or "alone"
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(8, 1.4 + 0.45 * len(labels)), layout="constrained")
        axes = figure.subplots()
        _bars(axes, result, labels)
        for number in threads:
            axes.axvline(result.limit_ms(number), color=LIMIT, linestyle="--", linewidth=1, zorder=3)
        axes.legend(handles=_legend(threads), frameon=False, loc="upper right")
        figure.suptitle(f"lengthwise is {rivals}", x=0.02, ha="left", weight="bold", fontsize=11)
        axes.set_title(f"Time of one training step; shape: {result.shape.title}", loc="left", fontsize=9, pad=10)
        axes.set_xlabel("milliseconds (median; shorter is better)")
        figure.savefig(path, dpi=150)


def _bars(axes: Axes, result: Result, labels: list[str]) -> None:
    """Draw a bar with its number for each entry, those of one label together."""
    most = max(median(entry.train) for entry in result.entries)
    for entry in result.entries:
        who = entry.contestant
        time = median(entry.train)
        place = labels.index(who.label) + (who.threads - 1.5) * BAR
        axes.barh(place, time, BAR, color=(OURS if who.is_ours else PEERS)[who.threads - 1])
        axes.text(time + 0.008 * most, place, f"{time:.2f}", va="center", fontsize=8)
    axes.set_yticks(range(len(labels)), labels)
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()


def _legend(threads: list[int]) -> list[Artist]:
    """Return what the legend explains."""
    cores = " and ".join(map(str, reversed(threads)))
    limit = Line2D([], [], color=LIMIT, linestyle="--", linewidth=1, label=f"multiply-add limit, {cores} cores")
    return [*(Patch(color=PEERS[number - 1], label=count(number)) for number in threads), limit]
