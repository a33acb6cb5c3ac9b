"""Figures: one kind in each file, drawn by a function that returns matplotlib Axes.

Figures of results take a `Study`, an `Answer` or a list of answers, and an Axes to draw on::

    ax = lengthwise.plots.accuracy_over_length(study)
    ax.figure.savefig("accuracy.pdf")

Without Axes they make a new figure, as wide as the column of a paper. Importing this package does not import
matplotlib.
"""

from typing import TYPE_CHECKING

from lengthwise._internal.lazy import lazily

if TYPE_CHECKING:
    from lengthwise.plots.accuracy import accuracy_over_length as accuracy_over_length
    from lengthwise.plots.anytime import anytime_accuracy as anytime_accuracy
    from lengthwise.plots.cost import cost_over_length as cost_over_length
    from lengthwise.plots.frontier import accuracy_against_cost as accuracy_against_cost
    from lengthwise.plots.learning import learning_curves as learning_curves
    from lengthwise.plots.matrix import length_matrix as length_matrix
    from lengthwise.plots.network import unrolled as unrolled
    from lengthwise.plots.window import draw_window as draw_window

_HOMES = {
    "accuracy": ("accuracy_over_length",),
    "anytime": ("anytime_accuracy",),
    "cost": ("cost_over_length",),
    "frontier": ("accuracy_against_cost",),
    "learning": ("learning_curves",),
    "matrix": ("length_matrix",),
    "network": ("unrolled",),
    "window": ("draw_window",),
}

__all__, __getattr__, __dir__ = lazily(__name__, _HOMES)
