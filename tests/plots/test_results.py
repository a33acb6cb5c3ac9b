"""Figures of results: they draw the answer's numbers."""

import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

from lengthwise import plots
from lengthwise.errors import UsageError
from lengthwise.plots.curves import answers_of, frontier, intervals, matrix, mean_anytime, mean_learning_curves
from tests.report.made import dataset, made_study


@pytest.fixture(scope="module")
def answer(finished):
    return finished.answers()[0]


def line(ax, label):
    """The line of that name, as (x, y)."""
    return next(line for line in ax.get_lines() if str(line.get_label()).startswith(label)).get_data()


def names(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_importing_the_plots_does_not_import_matplotlib():
    code = "import sys, lengthwise.plots; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_name_of_the_package_is_there_and_no_other():
    assert all(callable(getattr(plots, name)) for name in plots.__all__)
    with pytest.raises(AttributeError, match="no attribute 'pie_chart'"):
        _ = plots.pie_chart


@pytest.mark.parametrize("results", ["study", "answer", "list"])
def test_a_study_an_answer_and_a_list_are_drawn_alike(finished, answer, results):
    ax = plots.accuracy_over_length({"study": finished, "answer": answer, "list": [answer]}[results])
    lengths, means = line(ax, "validation")
    assert lengths.tolist() == [2, 4, 6, 8]
    assert means.tolist() == [summary.mean for summary in answer.validation]


def test_no_results_are_refused():
    with pytest.raises(UsageError, match="no results to draw"):
        plots.accuracy_over_length([])


def test_accuracy_is_drawn_with_its_interval_and_the_test_split(answer):
    ax = plots.accuracy_over_length(answer)
    corners = ax.collections[0].get_paths()[0].vertices
    lower, upper = np.array(intervals(answer.validation)).T
    assert corners[:, 1].min() == pytest.approx(lower.min())
    assert corners[:, 1].max() == pytest.approx(upper.max())
    assert line(ax, "test")[1].tolist() == [summary.mean for summary in answer.test]
    assert "95 % interval\nover seeds and sequences" in names(ax)[0]
    assert ax.get_xlabel() == "window length (time steps)"
    assert ax.get_ylabel() == "accuracy (%)"


def test_the_recommended_length_and_the_margin_are_marked(finished):
    answer = finished.answers(margin=0.9)[0]
    recommended = answer.recommendation.seq_len
    ax = plots.accuracy_over_length(answer)
    lengths, means = line(ax, "recommended")
    assert lengths == [recommended]
    assert means == [next(each.mean for each in answer.validation if each.seq_len == recommended)]
    best = max(summary.mean for summary in answer.validation)
    band = next(patch for patch in ax.patches if "within 90 points" in patch.get_label())
    assert sorted({band.get_y(), band.get_y() + band.get_height()}) == pytest.approx([best - 0.9, best])


def test_an_undecided_study_says_so_and_marks_no_length(finished):
    answer = finished.answers(margin=1e-6)[0]
    ax = plots.accuracy_over_length(answer)
    assert answer.recommendation.seq_len is None
    assert ax.get_title(loc="left") == "Not decided yet which length is enough"
    assert not any("recommended" in name for name in names(ax))


def test_several_configurations_are_several_series(several):
    found = several.answers()
    ax = plots.accuracy_over_length(several)
    assert names(ax) == ["hidden_size 3", "hidden_size 5"]
    for answer in found:
        assert line(ax, answer.name)[1].tolist() == [summary.mean for summary in answer.validation]
    colours = {each.get_color() for each in ax.get_lines() if str(each.get_label()).startswith("hidden")}
    assert len(colours) == 2


def test_costs_are_relative_to_the_longest_length_whose_amounts_are_named(answer):
    ax = plots.cost_over_length(answer)
    flops = answer.costs.flops_per_step
    lengths, relative = line(ax, "arithmetic")
    assert lengths.tolist() == [2, 4, 6, 8]
    assert relative.tolist() == pytest.approx((flops / flops[8]).tolist())
    assert any(f"{flops[8] / 1e6:.3g} MFLOP" in name for name in names(ax))
    assert ax.get_ylim()[0] == 0


def test_times_of_several_configurations_are_in_milliseconds(several):
    ax = plots.cost_over_length(several)
    expected = 1000 * several.answers()[1].costs.seconds_per_step
    assert line(ax, "hidden_size 5")[1].tolist() == pytest.approx(expected.tolist())
    assert ax.get_ylabel() == "time (ms)"


def test_the_frontier_rises_and_nothing_lies_above_it(answer):
    best = frontier(answer)
    curves = mean_learning_curves(answer)
    assert best.val_score.is_monotonic_increasing
    for point in curves.itertuples():
        earlier = best[best.seconds <= point.seconds]
        assert earlier.val_score.max() >= point.val_score
    ax = plots.accuracy_against_cost(answer)
    assert line(ax, "the best")[1].tolist() == best.val_score.tolist()
    written = {int(text.get_text()) for text in ax.texts}
    assert written
    assert written <= set(best.seq_len)


@pytest.mark.parametrize("over", ["update", "timesteps", "seconds"])
def test_learning_curves_are_means_over_seeds(answer, over):
    ax = plots.learning_curves(answer, over=over)
    curves = answer.learning_curves[answer.learning_curves.seq_len == 4].groupby("update")
    drawn = ax.get_lines()[1]
    assert len(ax.get_lines()) == 4
    assert drawn.get_ydata().tolist() == pytest.approx(curves.val_score.mean().tolist())
    expected = {
        "update": list(curves.groups),
        "timesteps": [update * 16 * 4 for update in curves.groups],
        "seconds": curves.seconds.mean().tolist(),
    }[over]
    assert drawn.get_xdata().tolist() == pytest.approx(expected)


def test_learning_curves_over_something_else_are_refused(answer):
    with pytest.raises(UsageError, match="over is 'epochs', but must be one of update, timesteps, seconds"):
        plots.learning_curves(answer, over="epochs")


def test_the_matrix_has_a_row_for_each_length_and_a_column_for_each_length_of_evaluation(answer):
    ax = plots.length_matrix(answer)
    values = ax.get_images()[0].get_array()
    own = answer.evaluations.query("seq_len == 6 and eval_len == 4").score.mean()
    assert values.shape == (4, 3)
    assert values[2, 1] == pytest.approx(own)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["2", "4", "8"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["2", "4", "6", "8"]
    assert len(ax.patches) == 3  # 2, 4 and 8 at their own length


def test_the_matrix_shows_one_configuration_with_other_lengths(several):
    with pytest.raises(UsageError, match="shows one configuration, but the results have 2"):
        plots.length_matrix(several)
    with pytest.raises(UsageError, match="the study has no eval_lens"):
        plots.length_matrix(several.answers()[0])


def test_anytime_accuracy_is_drawn_after_every_step_with_a_dot_at_the_length_of_training(answer):
    ax = plots.anytime_accuracy(answer)
    curves, dots = ax.get_lines()[::2], ax.get_lines()[1::2]
    means = mean_anytime(answer)
    for seq_len, curve, dot in zip((2, 4, 6, 8), curves, dots, strict=True):
        assert curve.get_xdata().tolist() == list(range(1, 9))
        assert curve.get_ydata().tolist() == means[means.seq_len == seq_len].score.tolist()
        assert dot.get_xdata().tolist() == [seq_len]


def test_anytime_accuracy_needs_eval_lens(several):
    with pytest.raises(UsageError, match="the study has no eval_lens"):
        plots.anytime_accuracy(several)


@pytest.mark.parametrize("name", [name for name in plots.__all__ if name not in ("unrolled", "draw_window")])
def test_one_length_can_be_drawn(name):
    one = made_study(seq_lens="4", seeds=1, eval_lens="4,8")
    assert getattr(plots, name)(one).figure is not None


def test_lengths_that_grow_by_ratios_are_drawn_so():
    study = made_study(dataset(num_steps=100), seq_lens="1,2,3,4,5,8,12,19,28,43,66,100", seeds=2, eval_lens="1,100")
    for name in ("accuracy_over_length", "cost_over_length"):
        assert getattr(plots, name)(study).get_xscale() == "log"
    assert plots.accuracy_against_cost(study).figure is not None


@pytest.mark.parametrize("name", ["accuracy_over_length", "cost_over_length", "learning_curves", "length_matrix"])
def test_a_picture_is_drawn_on_the_axes_given_and_else_in_a_column(answer, name):
    ax = Figure().add_subplot()
    assert getattr(plots, name)(answer, ax) is ax
    assert getattr(plots, name)(answer).figure.get_figwidth() == 3.5


def test_a_matrix_has_only_lengths_at_which_all_networks_were_evaluated(answer, several):
    assert matrix(answer).columns.tolist() == [2, 4, 8]
    assert matrix(answers_of(several)[0]).empty
