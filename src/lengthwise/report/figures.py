"""The figures of a report, as files."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes

from lengthwise._internal.atomic_files import replace_file, writing
from lengthwise.plots.accuracy import accuracy_over_length
from lengthwise.plots.anytime import anytime_accuracy
from lengthwise.plots.cost import cost_over_length
from lengthwise.plots.curves import matrix
from lengthwise.plots.frontier import accuracy_against_cost
from lengthwise.plots.learning import learning_curves
from lengthwise.plots.matrix import length_matrix
from lengthwise.plots.style import FILES
from lengthwise.study.answer import Answer

SUFFIXES = (".png", ".svg")
"""The files of each figure."""

PAPER_SUFFIXES = (".png", ".svg", ".pdf")
"""The files of each figure for a paper."""

DPI = 150
PAPER_DPI = 300

UNDATED = {".png": {}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
"""Metadata without a date, so that the same study gives the same files."""


class Figure(NamedTuple):
    """A figure of the report.

    Attributes
    ----------
    name : str
        Its file's name, with the folder of its configuration where there are several.
    draw : callable
        Takes nothing and returns the Axes.
    """

    name: str
    draw: Callable[[], Axes]


def figures_of(found: list[Answer]) -> Iterator[Figure]:
    """Yield the figures of a study: one set for all configurations, and where there are several, one for each."""
    yield from _set(found, "")
    if len(found) > 1:
        for answer in found:
            yield from _set([answer], f"{file_name(answer.name)}/")


def _set(found: list[Answer], folder: str) -> Iterator[Figure]:
    yield Figure(f"{folder}accuracy_over_length", lambda: accuracy_over_length(found))
    if all(answer.costs.seconds.notna().all() for answer in found):
        yield Figure(f"{folder}cost_over_length", lambda: cost_over_length(found))
    if any(not answer.learning_curves.empty for answer in found):
        yield Figure(f"{folder}accuracy_against_cost", lambda: accuracy_against_cost(found))
        yield Figure(f"{folder}learning_curves_over_steps", lambda: learning_curves(found))
        yield Figure(f"{folder}learning_curves_over_timesteps", lambda: learning_curves(found, over="timesteps"))
        yield Figure(f"{folder}learning_curves_over_time", lambda: learning_curves(found, over="seconds"))
    if any(not answer.anytime.empty for answer in found):
        yield Figure(f"{folder}anytime_accuracy", lambda: anytime_accuracy(found))
    if len(found) == 1 and matrix(found[0]).shape[1] > 1:
        yield Figure(f"{folder}length_matrix", lambda: length_matrix(found))


def file_name(name: str) -> str:
    """Return a name that is valid in any file system.

    >>> file_name("cell gru, hidden_size 64"), file_name("a/../b")
    ('cell-gru-hidden_size-64', 'a-..-b')
    """
    return re.sub(r"[^\w.+-]+", "-", name).strip("-.") or "configuration"


def write_figures(found: list[Answer], folder: Path, *, paper: bool = False) -> list[Path]:
    """Write every figure of a study into a folder.

    Parameters
    ----------
    found : list of Answer
    folder : Path
    paper : bool
        Whether figures are for a paper: 300 dpi, and PDF in addition to PNG and SVG.

    Returns
    -------
    list of Path
        The files.
    """
    written = []
    for name, draw in figures_of(found):
        with writing(folder):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
        axes = draw()
        for suffix in PAPER_SUFFIXES if paper else SUFFIXES:
            path = folder / f"{name}{suffix}"
            replace_file(path, partial(_save, axes, suffix, PAPER_DPI if paper else DPI))
            axes.figure.set_layout_engine("none")  # type: ignore[union-attr]  # one layout for all kinds of file
            written.append(path)
    return written


def _save(axes: Axes, suffix: str, dpi: int, path: Path) -> None:
    with mpl.rc_context(FILES):
        axes.figure.savefig(path, dpi=dpi, metadata=UNDATED[suffix])  # type: ignore[union-attr]
