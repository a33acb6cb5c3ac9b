"""The unrolled network."""

import pytest

from lengthwise import Network, plots
from lengthwise.errors import UsageError

NETWORK = Network(input_size=28, num_outputs=10)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_a_short_network_has_a_cell_for_each_layer_and_step():
    written = texts(plots.unrolled(NETWORK, 5))
    assert written.count("rnn") == 3 * 5
    assert [text for text in written if text.startswith("$x")] == [f"$x_{{{step}}}$" for step in range(5)]
    assert written.count("head") == 1
    assert {"input\n28 values", "layer 3\n31 units", "10 logits"} <= set(written)


def test_of_a_long_network_the_middle_is_left_out():
    ax = plots.unrolled(NETWORK, 28)
    assert texts(ax).count("rnn") == 3 * 4
    assert texts(ax).count("⋯") == 4
    assert "$x_{27}$" in texts(ax)
    assert ax.get_title(loc="left") == "The network, unrolled over all 28 steps"


def test_steps_outside_the_window_have_no_cells():
    written = texts(plots.unrolled(NETWORK, 3, num_steps=8, start=2))
    assert written.count("rnn") == 3 * 3
    assert sum(text.startswith("$x") for text in written) == 8
    assert "the window" in written


def test_a_head_over_all_steps_says_so_and_two_directions_are_counted():
    ax = plots.unrolled(Network(6, 3, cell="lstm", bidirectional=True, pooling="mean"), 4)
    assert {"head: mean of the steps", "layer 1\n2 × 31 units", "lstm"} <= set(texts(ax))
    arrows = len(ax.patches) - sum(text in ("lstm", "head: mean of the steps") or text[0] == "$" for text in texts(ax))
    assert arrows == 3 * 4 + 3 * 2 * 3 + 4  # up to each cell, there and back between cells, up to the head


@pytest.mark.parametrize(
    ("seq_len", "num_steps", "start", "sentence"),
    [
        (9, 8, 0, "seq_len is 9, but the sequences have 8 steps"),
        (5, 8, 4, "start is 4, but a window of 5 of 8 steps begins at 0 to 3"),
    ],
)
def test_a_window_that_does_not_fit_is_refused(seq_len, num_steps, start, sentence):
    with pytest.raises(UsageError, match=sentence):
        plots.unrolled(NETWORK, seq_len, num_steps=num_steps, start=start)
