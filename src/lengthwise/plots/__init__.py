"""Pictures: one kind a file, each drawn by a function that returns matplotlib Axes.

Pictures of results take a `Study`, an `Answer` or a list of answers, and an Axes to draw on::

    from lengthwise import plots

    ax = plots.accuracy_over_length(study)
    ax.figure.savefig("accuracy.pdf")

With no Axes they make a figure as wide as a column of a paper. Importing this package does not import matplotlib.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lengthwise.plots.accuracy import accuracy_over_length as accuracy_over_length
    from lengthwise.plots.anytime import anytime_accuracy as anytime_accuracy
    from lengthwise.plots.cost import cost_over_length as cost_over_length
    from lengthwise.plots.frontier import accuracy_against_cost as accuracy_against_cost
    from lengthwise.plots.learning import learning_curves as learning_curves
    from lengthwise.plots.matrix import length_matrix as length_matrix
    from lengthwise.plots.network import unrolled as unrolled
    from lengthwise.plots.window import draw_window as draw_window

_HOME = {
    "accuracy_over_length": "accuracy",
    "anytime_accuracy": "anytime",
    "cost_over_length": "cost",
    "accuracy_against_cost": "frontier",
    "learning_curves": "learning",
    "length_matrix": "matrix",
    "unrolled": "network",
    "draw_window": "window",
}

__all__ = [*_HOME]  # noqa: PLE0604 - the names above


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'lengthwise.plots' has no attribute {name!r}")
    return getattr(import_module(f"lengthwise.plots.{_HOME[name]}"), name)
