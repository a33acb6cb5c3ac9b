"""The cost of each length."""

from collections.abc import Callable
from typing import NamedTuple

from matplotlib.axes import Axes

from lengthwise.plots.curves import Results, answers_of
from lengthwise.plots.palette import COLOURS
from lengthwise.plots.style import DASHES, MARKERS, canvas, dress, length_axis


class Cost(NamedTuple):
    """A cost of a training step.

    Attributes
    ----------
    column : str
        In `lengthwise.study.answer.Answer.costs`.
    name : str
    written : callable
        Takes an amount and returns it as text.
    """

    column: str
    name: str
    written: Callable[[float], str]


TRAINING = Cost("seconds", "time", lambda seconds: f"{seconds:.3g} s")
"""The cost of a training, where nothing is known of its steps."""

COSTS = (
    Cost("seconds_per_step", "time", lambda seconds: f"{1000 * seconds:.3g} ms"),
    Cost("flops_per_step", "arithmetic", lambda flops: f"{flops / 1e6:.3g} MFLOP"),
    Cost("activation_bytes", "activations", lambda size: f"{size / 1024:.3g} KiB"),
)


def cost_over_length(results: Results, ax: Axes | None = None) -> Axes:
    """Draw the cost of a training step at each length; where that is not known, of a training.

    With one configuration: time, floating-point operations and memory of activations, as multiples of the longest
    length's, whose amounts are named. With several: the time of each.

    Parameters
    ----------
    results : Study, Answer or list of Answer
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
    """
    found = answers_of(results)
    with canvas(ax, height=2.2) as axes:
        if len(found) > 1:
            for place, answer in enumerate(found):
                colour, marker = COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)]
                times = 1000 * answer.costs.seconds_per_step
                axes.plot(times.index, times, color=colour, marker=marker, label=answer.name)
            dress(axes, "The time of a training step", "window length (time steps)", "time (ms)")
        else:
            costs = found[0].costs
            longest = costs.iloc[-1]
            known = [cost for cost in COSTS if costs[cost.column].notna().all()]
            for place, (column, name, written) in enumerate(known or [TRAINING]):
                axes.plot(
                    costs.index, costs[column] / longest[column], color=COLOURS[place], linestyle=DASHES[place],
                    marker=MARKERS[place], label=f"{name} (1 is {written(longest[column])})",
                )  # fmt: skip
            last = costs.index[-1]
            title = "Cost of a training step" if known else "Cost of a training"
            dress(axes, title, "window length (time steps)", f"cost relative to length {last}")
        lengths = sorted({length for answer in found for length in answer.costs.index})
        length_axis(axes, lengths)
        axes.set_ylim(0, 1.25 * axes.get_ylim()[1])  # room for the legend
        axes.legend(loc="upper left", frameon=False, handlelength=2)
        return axes
