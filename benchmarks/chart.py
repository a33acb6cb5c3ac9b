"""The chart for the README: a training step's time, one bar for each contestant and number of threads."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from contest import Result
from contestants import count
from tables import fastest, median

OURS = ("#56B4E9", "#0072B2")
PEERS = ("#C8C8C8", "#777777")
"""1 thread and 2; blue against grey, and light against dark, which everybody can tell apart."""

LIMIT = "#D55E00"
BAR = 0.38


def draw(result: Result, path: Path) -> None:
    """Write the chart of one shape's training steps."""
    labels = list(dict.fromkeys(entry.contestant.label for entry in result.entries))
    with mpl.rc_context({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(8, 1.6 + 0.55 * len(labels)), layout="constrained")
        axes = figure.subplots()
        _bars(axes, result, labels)
        _limits(axes, result)
        rivals = " and ".join(f"{ratio:.1f} × faster than {label}" for label, ratio in fastest(result))
        figure.suptitle(f"lengthwise trains {rivals}", x=0.02, ha="left", weight="bold")
        axes.set_title(f"One training step at {result.shape.title.removeprefix('the ')}", loc="left", fontsize=9)
        axes.set_xlabel("milliseconds (median; shorter is better)")
        figure.savefig(path, dpi=150)


def _bars(axes: Axes, result: Result, labels: list[str]) -> None:
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
    threads = sorted({entry.contestant.threads for entry in result.entries})
    handles = [Patch(color=PEERS[t - 1], label=count(t)) for t in threads]
    axes.legend(handles=handles, frameon=False, loc="upper right")


def _limits(axes: Axes, result: Result) -> None:
    threads = sorted({entry.contestant.threads for entry in result.entries})
    for number in threads:
        axes.axvline(result.limit_ms(number), color=LIMIT, linestyle="--", linewidth=1, zorder=3)
    axes.annotate(
        f"multiply-add limit of {' and '.join(map(str, reversed(threads)))} core{'s' if len(threads) > 1 else ''}",
        (result.limit_ms(1), 1),
        xycoords=("data", "axes fraction"),
        xytext=(4, 2),
        textcoords="offset points",
        color=LIMIT,
        fontsize=8,
    )
