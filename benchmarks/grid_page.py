"""The grid's results for people: a summary on the console; tables and heat maps for docs/performance.md."""

from collections import Counter
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.contestants import count
from benchmarks.pages import markdown_table, write_between
from benchmarks.points import FEATURES, LAYERS, MODES, PYTORCH, Mode, Point, geometric_mean, slower

BEGIN, END = "<!-- begin: python -m benchmarks.grid -->", "<!-- end: grid -->"

RIVALS: dict[str, str | None] = {"pytorch": PYTORCH, "best": None}
"""What ours is compared with, by a word for file names: a label, or None for the best peer of each point."""

COLOURS = "PuOr"
"""Orange where we are slower, purple where we are faster: colours that everybody can tell apart."""

MOST = 16
"""Ratio at which the colour is full."""

PACKAGES = ("lengthwise", "numba", "torch", "tensorflow", "keras", "jax")

SUMMARY = ("", "× PyTorch", "× best peer", "least", "slower at", "of the limit")


class Measured(NamedTuple):
    """What was measured on one machine.

    Attributes
    ----------
    name : str
        A word for file names.
    points : list of Point
    machine : dict
        As `lengthwise.training.environment.describe_environment` says.
    versions : dict of str
        Of the contestants' packages.
    """

    name: str
    points: list[Point]
    machine: dict[str, Any]
    versions: dict[str, str]


def summary_rows(points: Sequence[Point]) -> list[list[str]]:
    """Return a row for each cell, kind of step and number of threads, and one for all, in the columns of `SUMMARY`."""
    groups: dict[str, list[Point]] = {}
    for point in sorted(points, key=lambda point: (point.mode != "train", point.threads)):
        groups.setdefault(f"{point.cell}, {MODES[point.mode]}, {count(point.threads)}", []).append(point)
    ordered = sorted(groups.items(), key=lambda item: ("rnn", "gru", "lstm").index(item[0].split(",")[0]))
    groups = dict(ordered) | {"all": list(points)}
    rows = []
    for name, group in groups.items():
        ratios = [ratio for point in group if (ratio := point.ratio()) is not None]
        rows.append(
            [
                name,
                number(geometric_mean(point.ratio(PYTORCH) for point in group)),
                number(geometric_mean(ratios)),
                number(min(ratios, default=np.nan)),
                f"{len(slower(group))} of {len(ratios)}",
                f"{geometric_mean(point.limit_share for point in group):.0%}",
            ]
        )
    return rows


def number(ratio: float) -> str:
    """Return a ratio in print."""
    return "–" if np.isnan(ratio) else f"{ratio:.2f}"


def print_summary(points: Sequence[Point], console: Console) -> None:
    """Print geometric means, the points where we are slower, and the share of the limit."""
    table = Table(
        title="A peer's time divided by ours: geometric means", title_justify="left", box=SIMPLE_HEAD, pad_edge=False
    )
    table.add_column(SUMMARY[0], no_wrap=True)
    for name in SUMMARY[1:]:
        table.add_column(name, justify="right")
    for row in summary_rows(points):
        table.add_row(*row)
    console.print(table)
    for row in slower_rows(points):
        console.print("Slower: " + ", ".join(row), markup=False, highlight=False, soft_wrap=True)


def slower_rows(points: Sequence[Point]) -> list[list[str]]:
    """Return a row for each point where a peer is faster."""
    return [
        [
            point.cell, MODES[point.mode], count(point.threads), f"batch {point.batch_size}", f"{point.seq_len} steps",
            f"{point.hidden_size} units", f"{pair.ours:.3f} ms", f"{peer} {pair.peer:.3f} ms", number(pair.ratio),
        ]
        for point in slower(points)
        if (peer := point.best_peer) is not None and (pair := point.peers[peer])
    ]  # fmt: skip


def peer_rows(points: Sequence[Point]) -> list[list[str]]:
    """Return the header and a row for each peer, the one with most points first."""
    counts = Counter(label for point in points for label in point.peers)
    wins = Counter(point.best_peer for point in points)
    rows = [["peer", "points", "× the peer", "least", "fastest of the peers at"]]
    for label, count_of_it in counts.most_common():
        ratios = [ratio for point in points if (ratio := point.ratio(label)) is not None]
        rows.append([label, str(count_of_it), number(geometric_mean(ratios)), number(min(ratios)), str(wins[label])])
    return rows


def limit_rows(points: Sequence[Point]) -> list[list[str]]:
    """Return the header and the rows of our share of the limit, by cell and kind of step over hidden sizes."""
    sizes = sorted({point.hidden_size for point in points})
    threads = sorted({point.threads for point in points})
    rows = [["", *(f"{size} units, {count(number)}" for number in threads for size in sizes)]]
    for cell in dict.fromkeys(point.cell for point in sorted(points, key=lambda point: point.cell == "lstm")):
        for mode, words in MODES.items():
            own = [point for point in points if (point.cell, point.mode) == (cell, mode)]
            shares = (
                geometric_mean(
                    point.limit_share for point in own if (point.threads, point.hidden_size) == (number, size)
                )
                for number in threads
                for size in sizes
            )
            rows.append([f"{cell}, {words}", *("–" if np.isnan(share) else f"{share:.0%}" for share in shares)])
    return rows


def text(measured: Measured, images: str) -> str:
    """Return the section of one machine."""
    points, versions = measured.points, measured.versions
    shapes = len({point[:4] for point in points})
    packages = ", ".join(f"{name} {versions[name]}" for name in PACKAGES if name in versions)
    behind = slower_rows(points)
    header = ["cell", "step", "threads", "batch", "steps", "units", "lengthwise", "the fastest peer", "ratio"]
    facts = (
        f"{shapes} shapes with {FEATURES} features per step and {LAYERS} recurrent layer, {len(points)} points. "
        f"{packages}. A ratio is a peer's time divided by ours on as many threads; means are geometric."
    )
    return "\n\n".join(
        [
            f"### {measured.machine['cpu']}",
            facts,
            markdown_table([list(SUMMARY), *summary_rows(points)]),
            "By peer, at the points where it was measured:",
            markdown_table(peer_rows(points)),
            "Our share of the multiply-add limit, by units:",
            markdown_table(limit_rows(points)),
            *(
                f"![{title(mode, rival)}]({images}/{image_name(measured.name, mode, word)})"
                for word, rival in RIVALS.items()
                for mode in MODES
                if any(point.mode == mode and point.ratio(rival) is not None for point in points)
            ),
            f"A peer is faster at {len(behind)} of the points:"
            if behind
            else "No peer is faster at any of the points.",
            *([markdown_table([header, *behind])] if behind else []),
        ]
    )


def title(mode: Mode, rival: str | None) -> str:
    """Return a heat map's title."""
    who = "the fastest peer" if rival is None else rival
    return f"How many times faster than {who} lengthwise is: a step of {MODES[mode]}"


def image_name(name: str, mode: Mode, word: str) -> str:
    """Return the file name of a heat map of one machine."""
    return f"{name}-{MODES[mode]}-{word}.png"


def draw(points: Sequence[Point], mode: Mode, rival: str | None, path: Path) -> None:
    """Write the heat map of one kind of step against one rival: a panel for each cell and number of threads."""
    own = [point for point in points if point.mode == mode]
    cells = [cell for cell in ("rnn", "gru", "lstm") if any(point.cell == cell for point in own)]
    threads = sorted({point.threads for point in own})
    rows = sorted({(point.batch_size, point.seq_len) for point in own})
    columns = sorted({point.hidden_size for point in own})
    with mpl.rc_context({"font.size": 8}):
        size = (1.6 + len(cells) * (0.6 + 0.45 * len(columns)), 1.2 + len(threads) * (0.7 + 0.22 * len(rows)))
        figure = Figure(figsize=size, layout="constrained")
        panels = figure.subplots(len(threads), len(cells), squeeze=False, sharex=True, sharey=True)
        for line, number_of_threads in enumerate(threads):
            for place, cell in enumerate(cells):
                ratios = np.full((len(rows), len(columns)), np.nan)
                for point in own:
                    if (point.cell, point.threads) == (cell, number_of_threads):
                        where = rows.index((point.batch_size, point.seq_len)), columns.index(point.hidden_size)
                        ratio = point.ratio(rival)
                        ratios[where] = np.nan if ratio is None else ratio
                axes = panels[line, place]
                mesh = _panel(axes, ratios, f"{cell}, {count(number_of_threads)}")
        _name_axes(panels, [f"{batch} × {steps}" for batch, steps in rows], list(map(str, columns)))
        bar = figure.colorbar(mesh, ax=panels, shrink=0.6, ticks=[1 / 4, 1 / 2, 1, 2, 4, 8, 16], extend="both")
        bar.ax.set_yticklabels(["¼", "½", "1", "2", "4", "8", "16"])
        bar.ax.minorticks_off()
        figure.suptitle(title(mode, rival), x=0.01, ha="left", weight="bold", fontsize=9)
        figure.savefig(path, dpi=150)


def _panel(axes: Axes, ratios: np.ndarray, name: str) -> Any:
    """Draw the ratios (rows, columns) with their numbers; what was not measured stays blank."""
    mesh = axes.imshow(ratios, cmap=COLOURS, norm=LogNorm(1 / MOST, MOST), aspect="auto")
    for (row, column), ratio in np.ndenumerate(ratios):
        if not np.isnan(ratio):
            strong = ratio > 6 or ratio < 1 / 6
            digits = f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}"
            weight = "bold" if ratio < 1 else "normal"
            colour = "white" if strong else "black"
            axes.text(column, row, digits, ha="center", va="center", fontsize=7, color=colour, weight=weight)
    axes.set_title(name, loc="left", fontsize=8)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return mesh


def _name_axes(panels: np.ndarray, rows: list[str], columns: list[str]) -> None:
    """Name the rows at the left and the columns at the bottom."""
    panels[0, 0].set_yticks(range(len(rows)), rows)
    panels[0, 0].set_xticks(range(len(columns)), columns)
    for axes in panels[:, 0]:
        axes.set_ylabel("batch × steps")
    for axes in panels[-1]:
        axes.set_xlabel("units")


def write_page(page: Path, everywhere: Sequence[Measured]) -> None:
    """Write a section for each machine between the page's markers, and the heat maps beside the page."""
    folder = page.parent / "images"
    folder.mkdir(parents=True, exist_ok=True)
    write_between(page, BEGIN, END, "\n\n".join(text(measured, folder.name) for measured in everywhere))
    for measured, (word, rival), mode in product(everywhere, RIVALS.items(), MODES):
        drawn = [point for point in measured.points if point.mode == mode and point.ratio(rival) is not None]
        if drawn:
            draw(drawn, mode, rival, folder / image_name(measured.name, mode, word))
