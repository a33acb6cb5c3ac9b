"""The picture of a sequence and its window."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from lengthwise.errors import UsageError
from lengthwise.plots.window import draw_window, window_in_text

VALUES = np.arange(24, dtype=np.uint8).reshape(6, 4)


def frame_of(ax):
    (frame,) = [patch for patch in ax.patches if isinstance(patch, Rectangle) and not patch.get_fill()]
    return frame


@pytest.mark.parametrize(("seq_len", "start"), [(3, 0), (3, 2), (1, 5), (6, 0)])
def test_the_frame_is_around_the_rows_of_the_window(seq_len, start):
    frame = frame_of(draw_window(VALUES, 7, seq_len=seq_len, start=start))
    assert frame.get_xy() == (-0.5, start - 0.5)
    assert (frame.get_width(), frame.get_height()) == (4, seq_len)


def test_every_value_is_drawn_a_row_a_step():
    (image,) = draw_window(VALUES, 7, seq_len=3).get_images()
    np.testing.assert_array_equal(image.get_array(), VALUES)


def test_the_title_says_what_is_seen_and_the_axes_what_they_are():
    ax = draw_window(VALUES, 7, seq_len=3, start=2, title="mnist, test sequence 0")
    assert ax.get_title() == "mnist, test sequence 0\nlabel 7: the window of 3 of 6 steps from step 2"
    assert ax.get_ylabel() == "time step (row)"
    assert ax.get_xlabel() == "input (pixel of the row)"


def test_it_is_drawn_where_it_is_asked_to_be():
    ax = draw_window(VALUES, 7, seq_len=3)
    assert draw_window(VALUES, 1, seq_len=2, ax=ax) is ax


@pytest.mark.parametrize("draw", [draw_window, window_in_text])
@pytest.mark.parametrize("seq_len", [0, 7])
def test_a_window_that_does_not_fit_is_refused(draw, seq_len):
    with pytest.raises(UsageError, match=f"seq_len is {seq_len}, but the sequences have 6 steps"):
        draw(VALUES, 7, seq_len=seq_len)


def test_the_text_marks_the_windows_rows_and_dims_the_others():
    text = window_in_text(np.full((3, 1), 255, np.uint8) * np.array([[1], [1], [0]], np.uint8), 7, seq_len=1, start=1)
    rows = text.plain.splitlines()
    assert rows[0] == "label 7: the window of 1 of 3 steps from step 1"
    assert rows[1:] == ["   0    ", "   1 ▌  ▐", "   2    "]
    shades = [str(span.style) for span in text.spans if "on rgb" in str(span.style)]
    assert shades == ["on rgb(85,85,85)", "on rgb(255,255,255)", "on rgb(0,0,0)"]


def test_a_sequence_of_equal_values_is_no_division_by_zero():
    assert "   0 ▌" in window_in_text(np.zeros((2, 2), np.float32), 0, seq_len=2).plain
