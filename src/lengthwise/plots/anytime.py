"""The score of a network before its window ends."""

from matplotlib.axes import Axes

from lengthwise.errors import UsageError
from lengthwise.plots.curves import Results, answers_of, mean_anytime
from lengthwise.plots.learning import lengths_of, name_configurations
from lengthwise.plots.palette import INK
from lengthwise.plots.style import DASHES, canvas, colour_of, dress, length_axis, length_bar, length_colours, score_axis


def anytime_accuracy(results: Results, ax: Axes | None = None) -> Axes:
    """Draw the mean test score after every step of the longest window, a curve for each length of training.

    The dot marks the length of the curve's training. Several configurations differ in the curves' dashes,
    and only some lengths of each are drawn.

    Parameters
    ----------
    results : Study, Answer or list of Answer
        Of a study with ``eval_lens``.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    UsageError
        If the study has no ``eval_lens``.
    """
    found = answers_of(results)
    if all(answer.anytime.empty for answer in found):
        raise UsageError(
            "the study has no eval_lens, so the score after every step is not known: make a study with eval_lens."
        )
    with canvas(ax, height=2.4) as axes:
        lengths = lengths_of(found)
        colours = length_colours(lengths)
        for place, answer in enumerate(found):
            for seq_len, curve in mean_anytime(answer).groupby("seq_len"):
                if seq_len not in lengths:
                    continue
                colour = colour_of(colours, seq_len)
                axes.plot(curve.steps, curve.score, color=colour, linewidth=1, linestyle=DASHES[place % len(DASHES)])
                own = curve[curve.steps == seq_len]
                axes.plot(own.steps, own.score, marker="o", color=colour, markeredgecolor=INK, markeredgewidth=0.5)
        length_axis(axes, range(1, int(max(answer.anytime.steps.max() for answer in found)) + 1))
        score_axis(axes.yaxis, found[0].metric)
        dress(axes, "Score after each time step", "time steps read", f"test {found[0].metric.label}")
        length_bar(axes, colours, lengths)
        name_configurations(axes, found)
        return axes
