"""Exact evaluation against the naive network on every window."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lengthwise.data import Split
from lengthwise.errors import UsageError
from lengthwise.evaluation import evaluate_exactly
from lengthwise.network import Network
from tests import naive


def naive_evaluation(network, parameters, split, seq_len, window_len):
    """Go through all windows one start after another, and return what was right and every window's loss."""
    named = network.named(parameters)
    starts = split.values.shape[1] - window_len + 1
    right = np.zeros((len(split), starts), bool)
    losses = np.zeros((len(split), starts))
    for start in range(starts):
        x = split.values[:, start : start + seq_len] / (255 if split.values.dtype == np.uint8 else 1)
        *_, logits = naive.forward(network, named, x)
        right[:, start] = logits.argmax(axis=1) == split.targets
        losses[:, start] = -np.log(naive.softmax(logits)[np.arange(len(split)), split.targets])
    return right, losses


def problem(seed, num_sequences, num_steps):
    random = np.random.default_rng(seed)
    network = Network(input_size=3, num_classes=4, hidden_size=6, num_layers=2)
    values = random.integers(0, 256, (num_sequences, num_steps, 3), dtype=np.uint8)
    split = Split(values, random.integers(4, size=num_sequences))
    return network, network.initial(seed), split


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 1000), num_sequences=st.integers(1, 70), num_steps=st.integers(1, 9), threads=st.integers(1, 3),
    data=st.data(),
)  # fmt: skip
def test_evaluation_is_that_of_the_naive_network_on_all_windows(seed, num_sequences, num_steps, threads, data):
    seq_len = data.draw(st.integers(1, num_steps))
    window_len = data.draw(st.none() | st.integers(seq_len, num_steps))
    network, parameters, split = problem(seed, num_sequences, num_steps)
    evaluation = evaluate_exactly(network, parameters, split, seq_len, window_len=window_len, threads=threads)
    right, losses = naive_evaluation(network, parameters, split, seq_len, window_len or seq_len)
    assert evaluation.seq_len == seq_len
    assert evaluation.num_windows == right.size
    assert evaluation.accuracy == pytest.approx(right.mean(), rel=1e-12)
    assert evaluation.accuracy_by_start == tuple(right.mean(axis=0))
    np.testing.assert_array_equal(evaluation.correct, right.sum(axis=1))
    assert evaluation.loss == pytest.approx(losses.mean(), rel=1e-5)


@settings(deadline=None, max_examples=20)
@given(
    seed=st.integers(0, 1000), seq_len=st.integers(1, 7), lengths=st.lists(st.integers(1, 7), min_size=1, max_size=40)
)
def test_every_window_of_sequences_of_other_lengths_is_judged_as_if_it_were_alone(seed, seq_len, lengths):
    network, parameters, padded = problem(seed, len(lengths), 7)
    values = padded.values * (np.arange(7) < np.array(lengths)[:, None])[:, :, None].astype(np.uint8)
    split = Split(values, padded.targets, np.array(lengths))
    evaluation = evaluate_exactly(network, parameters, split, seq_len)
    shares, losses = [], []
    for i, length in enumerate(lengths):
        alone = Split(values[i : i + 1, :length], padded.targets[i : i + 1])
        shown = min(seq_len, length)
        right, loss = naive_evaluation(network, parameters, alone, shown, shown)
        assert evaluation.windows[i] == right.size
        assert evaluation.correct[i] == right.sum()
        shares.append(right.mean())
        losses.append(loss.mean())
    assert evaluation.accuracy == pytest.approx(np.mean(shares), rel=1e-12)
    assert evaluation.loss == pytest.approx(np.mean(losses), rel=1e-5)
    starts = range(max(1, max(lengths) - seq_len + 1))
    assert len(evaluation.accuracy_by_start) == len(starts)


def test_more_windows_than_are_drawn_at_once_are_all_judged():
    network, parameters, split = problem(seed=0, num_sequences=9000, num_steps=3)
    evaluation = evaluate_exactly(network, parameters, split, 2, threads=2)
    right, losses = naive_evaluation(network, parameters, split, 2, 2)
    assert evaluation.num_windows == 18_000
    assert abs(evaluation.accuracy - right.mean()) * 18_000 <= 1  # float32 and float64 may see one tie differently
    assert evaluation.loss == pytest.approx(losses.mean(), rel=1e-5)


def test_threads_change_no_figure():
    network, parameters, split = problem(seed=0, num_sequences=300, num_steps=9)
    one, many = (evaluate_exactly(network, parameters, split, 4, threads=threads) for threads in (1, 4))
    assert one == many


@pytest.mark.parametrize("seq_len", [0, 10])
def test_a_length_that_the_sequences_do_not_have_is_refused(seq_len):
    network, parameters, split = problem(seed=0, num_sequences=3, num_steps=9)
    with pytest.raises(UsageError, match=f"seq_len is {seq_len}, but the sequences have 9 steps"):
        evaluate_exactly(network, parameters, split, seq_len)


def test_a_window_shorter_than_what_is_shown_of_it_is_refused():
    network, parameters, split = problem(seed=0, num_sequences=3, num_steps=9)
    with pytest.raises(UsageError, match="window_len is 3, but must be 4 to 9"):
        evaluate_exactly(network, parameters, split, 4, window_len=3)


def test_an_evaluation_that_is_stopped_has_no_result():
    network, parameters, split = problem(seed=0, num_sequences=3, num_steps=9)
    assert evaluate_exactly(network, parameters, split, 4, stop=lambda: True) is None
