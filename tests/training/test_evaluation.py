"""Exact evaluation against the naive network on every window."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lengthwise._internal.interrupts import Stopped, StopRequest
from lengthwise.data import Split
from lengthwise.data.split import Units
from lengthwise.errors import UsageError
from lengthwise.networks.module_network import ModuleNetwork
from lengthwise.networks.network import Network
from lengthwise.tasks.metrics import ACCURACY, BITS, MSE, STEP_ACCURACY
from lengthwise.training.evaluation import LENGTHS_AT_ONCE, Prefix, _parts, _Tally, evaluate_exactly, evaluate_prefixes
from lengthwise.windows import Windows
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
    network = Network(input_size=3, num_outputs=4, hidden_size=6, num_layers=2)
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
    assert (evaluation.metric, evaluation.score) == (ACCURACY, evaluation.accuracy)
    assert evaluation.accuracy == pytest.approx(right.mean(), rel=1e-12)
    assert evaluation.accuracy_by_start == tuple(right.mean(axis=0))
    np.testing.assert_allclose(evaluation.per_sequence, right.mean(axis=1), rtol=1e-15)
    assert evaluation.loss == pytest.approx(losses.mean(), rel=1e-5)


@settings(deadline=None, max_examples=20)
@given(
    seed=st.integers(0, 1000), seq_len=st.integers(1, 7), lengths=st.lists(st.integers(1, 7), min_size=1, max_size=40)
)
def test_every_window_of_sequences_of_other_lengths_is_evaluated_as_if_it_were_alone(seed, seq_len, lengths):
    network, parameters, padded = problem(seed, len(lengths), 7)
    values = padded.values * (np.arange(7) < np.array(lengths)[:, None])[:, :, None].astype(np.uint8)
    split = Split(values, padded.targets, np.array(lengths))
    evaluation = evaluate_exactly(network, parameters, split, seq_len)
    shares, losses = [], []
    for i, length in enumerate(lengths):
        alone = Split(values[i : i + 1, :length], padded.targets[i : i + 1])
        shown = min(seq_len, length)
        right, loss = naive_evaluation(network, parameters, alone, shown, shown)
        assert evaluation.per_sequence[i] == right.mean()
        shares.append(right.mean())
        losses.append(loss.mean())
    assert evaluation.accuracy == pytest.approx(np.mean(shares), rel=1e-12)
    assert evaluation.loss == pytest.approx(np.mean(losses), rel=1e-5)
    starts = range(max(1, max(lengths) - seq_len + 1))
    assert len(evaluation.accuracy_by_start) == len(starts)


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_last_windows_are_evaluated_to_the_bits_of_each_alone(task):
    random = np.random.default_rng(0)
    lengths = random.integers(1, 10, 70)
    network = Network(3, 4, hidden_size=6, num_layers=2, task=task, placement="end")
    values = random.normal(size=(70, 9, 3)).astype(np.float32) * (np.arange(9) < lengths[:, None])[:, :, None]
    numbers = random.normal(size=(70, 4)).astype(np.float32)
    targets = numbers if task == "regression" else numbers.argmax(axis=1)
    evaluation = evaluate_exactly(network, network.initial(0), Split(values, targets, lengths), 4)
    alone = [
        evaluate_exactly(
            network, network.initial(0), Split(values[i : i + 1, :length], targets[i : i + 1]), min(4, length)
        )
        for i, length in enumerate(lengths)
    ]
    assert evaluation.num_windows == 70
    assert evaluation.per_sequence.tolist() == [one.score for one in alone]
    assert evaluation.score == np.mean([one.score for one in alone])
    assert evaluation.loss == np.mean([one.loss for one in alone])


def test_more_windows_than_are_drawn_at_once_are_all_evaluated():
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


def all_prefixes(num_steps):
    return [Prefix(seq_len, window) for window in range(1, num_steps + 1) for seq_len in range(1, window + 1)]


def assert_each_is_evaluated_as_alone(network, parameters, split, prefixes):
    together = evaluate_prefixes(network, parameters, split, prefixes)
    for prefix, found in zip(prefixes, together, strict=True):
        alone = evaluate_exactly(network, parameters, split, prefix.seq_len, window_len=prefix.window_len)
        assert found == alone
        assert found.per_sequence.tobytes() == alone.per_sequence.tobytes()


@settings(deadline=None, max_examples=20)
@given(
    seed=st.integers(0, 1000), lengths=st.lists(st.integers(1, 7), min_size=1, max_size=40), data=st.data(),
    pooling=st.sampled_from(["last", "mean", "max"]), bidirectional=st.booleans(),
)  # fmt: skip
def test_lengths_evaluated_together_are_evaluated_as_each_alone(seed, lengths, data, pooling, bidirectional):
    _, _, padded = problem(seed, len(lengths), 7)
    network = Network(3, 4, hidden_size=6, num_layers=2, pooling=pooling, bidirectional=bidirectional)
    split = Split(padded.values, padded.targets, np.array(lengths))
    prefixes = data.draw(st.lists(st.sampled_from(all_prefixes(7)), min_size=1, max_size=12))
    assert_each_is_evaluated_as_alone(network, network.initial(seed), split, prefixes)


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
    stop = StopRequest()
    stop.ask()
    with pytest.raises(Stopped):
        evaluate_exactly(network, parameters, split, 4, stop=stop)


def numbers_problem(num_steps=6):
    random = np.random.default_rng(0)
    network = Network(input_size=3, num_outputs=2, hidden_size=6, num_layers=2, task="regression")
    values = random.normal(size=(40, num_steps, 3)).astype(np.float32)
    targets = random.normal(size=(40, 2)).astype(np.float32)
    units = Units(np.array([[2.0, 0.5]]), np.array([[1.0, -3.0]]))
    return network, network.initial(0), Split(values, targets, units=units)


def test_numbers_are_evaluated_in_their_own_units():
    network, parameters, split = numbers_problem()
    evaluation = evaluate_exactly(network, parameters, split, 4)
    squares, distances = np.zeros((40, 3, 2)), np.zeros((40, 3, 2))
    for start in range(3):
        *_, predicted = naive.forward(network, network.named(parameters), split.values[:, start : start + 4])
        errors = (predicted - split.targets) * [2.0, 0.5]
        squares[:, start], distances[:, start] = errors**2, np.abs(errors)
    assert evaluation.metric == MSE
    assert evaluation.score == pytest.approx(squares.mean(), rel=1e-5)
    np.testing.assert_allclose(evaluation.score_by_start, squares.mean(axis=(0, 2)), rtol=1e-5)
    np.testing.assert_allclose(evaluation.per_sequence, squares.mean(axis=(1, 2)), rtol=1e-4)
    truth = split.targets * [2.0, 0.5] + [1.0, -3.0]
    assert evaluation.metrics["mae"] == pytest.approx(distances.mean(), rel=1e-5)
    assert evaluation.metrics["rmse"] == pytest.approx(squares.mean() ** 0.5, rel=1e-5)
    expected = np.mean([1 - squares[..., o].mean() / truth[:, o].var() for o in range(2)])
    assert evaluation.metrics["r2"] == pytest.approx(expected, rel=1e-4)


def test_numbers_at_lengths_evaluated_together_are_evaluated_as_each_alone():
    assert_each_is_evaluated_as_alone(*numbers_problem(), all_prefixes(6))


def test_more_lengths_than_are_evaluated_at_once_are_evaluated_as_each_alone():
    assert len(all_prefixes(12)) > LENGTHS_AT_ONCE
    assert_each_is_evaluated_as_alone(*numbers_problem(num_steps=12), all_prefixes(12))


def test_no_sequence_is_shown_more_steps_than_are_asked_of_it():
    network, _, padded = problem(0, 40, 9)
    lengths = np.random.default_rng(0).integers(1, 10, 40)
    split = Split(padded.values, padded.targets, lengths)
    tallies = [_Tally(network, split, Prefix(length, length)) for length in (2, 5, 9)]
    for start in range(9):
        parts = list(_parts(tallies, Windows(np.arange(40)[None], np.full((1, 40), start))))
        asked = {(int(i), tally.shown) for windows, those in parts for i in windows.sequences[0] for tally in those}
        fits = lengths[:, None] - start >= [2, 5, 9] if start else np.ones((40, 3), bool)
        assert asked == {(i, (2, 5, 9)[k]) for i, k in np.argwhere(fits)}


def test_a_module_that_takes_no_lengths_is_evaluated_at_several_where_sequences_are_long_enough():
    torch = pytest.importorskip("torch")

    class Last(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.head = torch.nn.RNN(3, 5, batch_first=True), torch.nn.Linear(5, 4)

        def forward(self, x):
            return self.head(self.rnn(x)[0][:, -1])

    torch.manual_seed(0)
    network = ModuleNetwork(Last(), input_size=3, num_outputs=4, task="classification")
    _, _, padded = problem(0, 40, 9)
    split = Split(padded.values, padded.targets, np.random.default_rng(0).integers(5, 10, 40))
    assert_each_is_evaluated_as_alone(network, network.initial(0), split, [Prefix(2, 2), Prefix(5, 5), Prefix(1, 5)])


def test_an_error_is_no_accuracy():
    evaluation = evaluate_exactly(*numbers_problem()[:2], numbers_problem()[2], 4)
    assert np.isnan(evaluation.accuracy)
    assert evaluation.accuracy_by_start == ()


def test_every_step_of_every_window_is_tagged():
    random = np.random.default_rng(0)
    network = Network(input_size=3, num_outputs=4, hidden_size=6, num_layers=2, task="tagging")
    parameters = network.initial(0)
    split = Split(random.normal(size=(40, 6, 3)).astype(np.float32), random.integers(4, size=(40, 6)))
    evaluation = evaluate_exactly(network, parameters, split, 4)
    right = np.zeros((40, 3))
    for start in range(3):
        steps = slice(start, start + 4)
        *_, logits = naive.forward(network, network.named(parameters), split.values[:, steps])
        right[:, start] = (logits.argmax(axis=2) == split.targets[:, steps]).mean(axis=1)
    assert evaluation.metric == STEP_ACCURACY
    assert evaluation.score == pytest.approx(right.mean())
    np.testing.assert_allclose(evaluation.per_sequence, right.mean(axis=1))


@pytest.mark.parametrize("bidirectional", [False, True])
def test_tags_at_lengths_evaluated_together_are_evaluated_as_each_alone(bidirectional):
    random = np.random.default_rng(0)
    network = Network(3, 4, hidden_size=6, num_layers=2, task="tagging", bidirectional=bidirectional)
    split = Split(random.normal(size=(40, 6, 3)).astype(np.float32), random.integers(4, size=(40, 6)))
    assert_each_is_evaluated_as_alone(network, network.initial(0), split, [Prefix(4, 4), Prefix(1, 1), Prefix(2, 6)])


def text_problem(*, carry_state, num_steps=11):
    random = np.random.default_rng(0)
    network = Network(
        input_size=4, num_outputs=4, hidden_size=6, num_layers=2, task="language", carry_state=carry_state
    )
    codes = random.integers(4, size=(40, num_steps + 1))
    values = (np.eye(4, dtype=np.uint8) * 255)[codes[:, :-1]]
    return network, network.initial(0), Split(values, codes[:, 1:])


def naive_bits(network, parameters, split, first, last):
    """Bits of each character of a window, (n, steps)."""
    *_, logits = naive.forward(network, network.named(parameters), split.values[:, first:last] / 255)
    targets = split.targets[:, first:last]
    p = naive.softmax(logits.reshape(-1, 4)).reshape(logits.shape)
    return -np.log2(np.take_along_axis(p, targets[..., None], axis=2)[..., 0])


@pytest.mark.parametrize("seq_len", [1, 4, 11])
def test_every_character_is_evaluated_once_in_a_window_that_begins_without_a_state(seq_len):
    network, parameters, split = text_problem(carry_state=False)
    evaluation = evaluate_exactly(network, parameters, split, seq_len)
    starts = range(0, 11, seq_len)
    bits = np.hstack([naive_bits(network, parameters, split, start, min(start + seq_len, 11)) for start in starts])
    assert evaluation.metric == BITS
    assert evaluation.score == pytest.approx(bits.mean(), rel=1e-5)
    np.testing.assert_allclose(evaluation.per_sequence, bits.mean(axis=1), rtol=1e-4)
    assert evaluation.metrics["perplexity"] == pytest.approx(2 ** bits.mean(), rel=1e-5)
    assert len(evaluation.score_by_start) == len(starts)


@pytest.mark.parametrize("carry_state", [False, True])
def test_text_at_lengths_evaluated_together_is_evaluated_as_each_alone(carry_state):
    assert_each_is_evaluated_as_alone(
        *text_problem(carry_state=carry_state), [Prefix(4, 4), Prefix(1, 1), Prefix(11, 11)]
    )


def test_a_network_that_carries_its_state_reads_every_sequence_as_a_whole():
    network, parameters, split = text_problem(carry_state=True)
    evaluation = evaluate_exactly(network, parameters, split, 4)
    assert evaluation.seq_len == 4
    assert evaluation.score == pytest.approx(naive_bits(network, parameters, split, 0, 11).mean(), rel=1e-5)
