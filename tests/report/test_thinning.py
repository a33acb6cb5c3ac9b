"""What the page draws of long curves and many lengths."""

import numpy as np
import pandas as pd
import pytest

from lengthwise import Dataset
from lengthwise.data import Split
from lengthwise.plots.curves import mean_anytime
from lengthwise.report.hard_sequences import PIECES, draw
from lengthwise.report.page import MARGINS, page_data, render_page
from lengthwise.report.thinning import MOST_POINTS, slider, spread, spread_steps, thinned_curves
from tests.report.made import made_study

LONG = 20_000


@pytest.fixture(scope="module")
def long_study():
    """A study of windows up to 20,000 steps, whose networks were scored after each of them."""
    rng = np.random.default_rng(0)
    splits = [Split(rng.normal(size=(8, LONG, 1)).astype(np.float32), np.arange(8) % 3) for _ in range(3)]
    lengths = f"10,100,1000,{LONG}"
    return made_study(Dataset("long", *splits, num_classes=3), seq_lens=lengths, seeds=2, eval_lens=f"10,{LONG}")


def test_a_page_of_long_windows_stays_small_and_says_what_it_leaves_out(long_study):
    data = page_data(long_study)
    (found,) = data["configurations"]
    every = mean_anytime(long_study.answers()[0])
    steps = np.unique(found["anytime"]["steps"])
    assert len(every) == 4 * LONG
    assert len(found["anytime"]["steps"]) == 4 * len(steps)
    assert len(steps) <= MOST_POINTS + 4
    assert {1, 10, 100, 1000, LONG} <= set(steps)
    assert found["drawn"]["anytime"] == (
        f"{4 * len(steps)} of {4 * LONG:,} points of the curves are drawn; the study's store has all."
    ).replace(f"{4 * len(steps)} ", f"{4 * len(steps):,} ")
    assert found["drawn"]["learning"] == found["drawn"]["matrix"] == ""
    kept = every.set_index(["seq_len", "steps"]).score
    for seq_len, step, score in zip(*found["anytime"].values(), strict=True):
        assert score == pytest.approx(kept[seq_len, step], rel=1e-5)
    assert len(render_page(data)) < 1_000_000


def test_a_small_study_is_drawn_whole():
    study = made_study()
    data = page_data(study)
    (found,) = data["configurations"]
    assert set(found["drawn"].values()) == {""}
    assert len(found["anytime"]["steps"]) == 28 * 28
    assert len(data["margins"]) == len(MARGINS)


@pytest.mark.parametrize("count", [MOST_POINTS, MOST_POINTS + 1, 5000])
def test_a_long_curve_keeps_its_ends(count):
    curves = pd.DataFrame({"seq_len": np.repeat([4, 8, 12], count), "update": np.tile(np.arange(count), 3)})
    found = thinned_curves(curves, [4, 12])
    assert found.seq_len.unique().tolist() == [4, 12]
    for _, curve in found.groupby("seq_len"):
        assert len(curve) <= MOST_POINTS + 1
        assert curve["update"].is_monotonic_increasing
        assert (curve["update"].iloc[0], curve["update"].iloc[-1]) == (0, count - 1)


def test_what_is_recommended_is_always_drawn():
    assert spread(range(1, 1001), 60, [777])[0] == 1
    assert {777, 1000} < set(spread(range(1, 1001), 60, [777]))
    assert spread_steps(50) == list(range(1, 51))


def test_the_more_lengths_the_fewer_margins_but_the_one_that_is_asked():
    margins = sorted(MARGINS)
    assert slider(margins, 40, [0.007]) == margins
    assert slider(margins, 1000, [0.007]) == [margins[0], 0.007, *spread(margins, 4)[1:]]


def test_a_drawing_of_a_long_sequence_is_small_and_keeps_its_peak():
    values = np.zeros((100_000, 1), np.float32)
    values[54_321] = 1.0
    svg = draw(values, 1000)
    assert len(svg) < 30 * PIECES
    assert ",0.0" in svg
    assert len(draw(np.random.default_rng(0).normal(size=(5000, 700)).astype(np.float32), 1000)) < 1_000_000
