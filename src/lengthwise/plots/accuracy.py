"""Accuracy, or the error, over the window's length: the figure that answers the question."""

from typing import Literal

import numpy as np
from matplotlib.axes import Axes

from lengthwise.plots.curves import Results, answers_of, intervals, over_in_words
from lengthwise.plots.palette import COLOURS, INK
from lengthwise.plots.style import MARKERS, canvas, dress, length_axis, score_axis
from lengthwise.study.answer import Answer


def accuracy_over_length(results: Results, ax: Axes | None = None) -> Axes:
    """Draw the mean validation score over length with its interval, and mark the recommended length.

    With one configuration, the test score is shown as a lighter curve, and the band within the margin of the best
    length is shaded. With several, each has its own colour and marker; the ring marks the recommended length.

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
    with canvas(ax, height=2.6) as axes:
        for place, answer in enumerate(found):
            _draw(axes, answer, place, alone=len(found) == 1)
        lengths = sorted({summary.seq_len for answer in found for summary in answer.validation})
        length_axis(axes, lengths)
        _fit(axes, found)
        metric = found[0].metric
        score_axis(axes.yaxis, metric)
        dress(axes, _title(found), "window length (time steps)", metric.label)
        corner: Literal["lower right", "upper right"] = "lower right" if metric.higher_is_better else "upper right"
        axes.legend(loc=corner, framealpha=0.85, edgecolor="none", handlelength=1.6)
        return axes


def _draw(ax: Axes, answer: Answer, place: int, *, alone: bool) -> None:
    colour, marker = COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)]
    lengths = [summary.seq_len for summary in answer.validation]
    means = np.array([summary.mean for summary in answer.validation])
    lower, upper = np.array(intervals(answer.validation)).T
    found = answer.recommendation
    over = over_in_words(answer)
    ax.fill_between(lengths, lower, upper, color=colour, alpha=0.2, linewidth=0)
    confidence = f"{100 * answer.confidence:.4g} %"
    label = f"{answer.cases.split or 'mean'}, {confidence} interval\n{over}" if alone else answer.name
    ax.plot(lengths, means, color=colour, marker=marker, label=label, zorder=3)
    if alone and answer.test:
        test = [summary.mean for summary in answer.test]
        ax.plot(lengths, test, color=INK, alpha=0.55, linewidth=0.9, linestyle=(0, (1.5, 1.5)), label="test", zorder=2)
    if found is None:
        return
    if alone:
        metric = answer.metric
        best = metric.sign * float((metric.sign * means).max())
        points = f"{metric.scale * found.margin:.3g}"
        if metric.percent:
            points += f" point{'' if found.margin == 0.01 else 's'}"
        end = best - metric.sign * found.margin
        ax.axhspan(best, end, color=COLOURS[4], alpha=0.3, linewidth=0, label=f"within {points} of the best")
    if found.seq_len is not None:
        mean = float(means[lengths.index(found.seq_len)])
        ring = COLOURS[1] if alone else colour
        ax.plot(
            [found.seq_len], [mean], marker="o", markersize=8, markerfacecolor="none", markeredgecolor=ring,
            markeredgewidth=1.3, linestyle="none", zorder=4, label=f"recommended: {found.seq_len}" if alone else None,
        )  # fmt: skip
        if alone:
            ax.vlines(found.seq_len, min(0.0, 2 * mean), mean, color=COLOURS[1], linewidth=0.8, zorder=1)


def _fit(ax: Axes, found: list[Answer]) -> None:
    """Fit the axis to the curves, and extend the line below the recommended length to its end."""
    shown = [interval for answer in found for interval in intervals(answer.validation)]
    values = [summary.mean for answer in found for summary in (*answer.validation, *answer.test)]
    low, high = float(np.nanmin([*values, *np.ravel(shown)])), float(np.nanmax([*values, *np.ravel(shown)]))
    room = 0.05 * ((high - low) or 0.1)
    ax.set_ylim(low - room, high + room)


def _title(found: list[Answer]) -> str:
    if len(found) > 1:
        return "How long is long enough, by configuration"
    recommendation = found[0].recommendation
    if recommendation is None:
        return f"{found[0].metric.title.capitalize()} at the one length that was tried"
    longest = recommendation.tests[0].seq_len
    most = max(longest, found[0].num_steps or 0)
    every = f"All {longest} steps" if longest == most else f"The most tried, {longest} of {most} steps,"
    if recommendation.seq_len is None:
        return "Not decided yet which length is enough"
    if recommendation.seq_len == longest and recommendation.decided:
        needed = "are" if recommendation.tests[1].verdict == "too poor" else "seem to be"
        return f"{every} {needed} needed"
    if recommendation.seq_len == longest:
        return f"{every} are enough; fewer are not decided"
    return "1 step is enough" if recommendation.seq_len == 1 else f"{recommendation.seq_len} of {most} steps are enough"
