"""Where in a sequence windows lie: what is trained on, what is judged, and what is asked by default."""

import numpy as np
import pytest

import lengthwise
from lengthwise.errors import UsageError
from lengthwise.training.data_defaults import defaults_for, share_of_place, usual_placement
from lengthwise.training.evaluation import evaluate_exactly

SMALL = {"cell": "gru", "hidden_size": 6, "num_layers": 1, "batch_size": 16, "lr": 0.02, "quiet": True}


def marked(place, lengths=None):
    """Sequences of 12 steps of noise whose class is the sign of one step: its place is counted from the end."""
    random = np.random.default_rng(0)
    values = random.normal(size=(400, 12, 1)).astype(np.float32)
    ends = np.full(400, 12) if lengths is None else lengths
    sign = values[np.arange(400), ends - place if place > 0 else -place, 0] > 0
    return lengthwise.load_data(values, sign.astype(int), lengths=lengths)


@pytest.mark.parametrize(("placement", "place"), [("end", 2), ("start", -1)])
def test_a_window_at_the_end_or_start_has_what_lies_there_and_nothing_else(placement, place):
    data = marked(place)
    near = lengthwise.train(data, seq_len=2, placement=placement, steps=250, **SMALL).evaluation
    far = lengthwise.train(data, seq_len=1, placement=placement, steps=250, **SMALL).evaluation
    assert near.accuracy > 0.9
    assert far.accuracy < 0.7
    assert near.num_windows == far.num_windows == len(data.test)
    assert len(near.score_by_start) == 1


def test_the_end_is_each_sequences_own():
    lengths = np.random.default_rng(1).integers(4, 13, 400)
    data = marked(2, lengths)
    assert lengthwise.train(data, seq_len=2, placement="end", steps=250, **SMALL).evaluation.accuracy > 0.9
    assert lengthwise.train(data, seq_len=2, placement="start", steps=250, **SMALL).evaluation.accuracy < 0.7


def test_all_lengths_at_the_start_are_evaluated_in_one_pass_as_each_alone():
    data = marked(-1)
    result = lengthwise.train(data, seq_len=3, placement="start", steps=20, **SMALL)
    together = lengthwise.evaluate(result, seq_len="1:5", data=data, quiet=True)
    parameters = result.network.flat(result.parameters)
    for length, evaluation in together.items():
        alone = evaluate_exactly(result.network, parameters, data.test, length)
        assert evaluation.score == alone.score
        np.testing.assert_array_equal(evaluation.per_sequence, alone.per_sequence)


def test_the_default_is_the_end_for_numbers_and_forecasts():
    random = np.random.default_rng(0)
    values = random.normal(size=(40, 6, 1))
    assert usual_placement(lengthwise.load_data(values, values[:, -1, 0])) == "end"
    series = random.normal(size=60)
    assert usual_placement(lengthwise.load_data(series, task="forecasting", horizon=1)) == "end"


def test_the_default_for_classes_is_any_where_sequences_repeat_themselves_or_are_bytes(small):
    random = np.random.default_rng(0)
    phases = random.uniform(0, 2 * np.pi, 60)[:, None]
    labels = np.arange(60) % 2
    steps = np.arange(40)
    waves = np.sin(2 * np.pi * steps / (5 + 3 * labels[:, None]) + phases)[:, :, None]
    course = waves + np.exp(-((steps - 20) ** 2) / 50)[:, None] * 3
    assert usual_placement(lengthwise.load_data(waves, labels)) == "any"
    assert usual_placement(lengthwise.load_data(course, labels)) == "end"
    assert small.train.values.dtype == np.uint8
    assert usual_placement(small) == "any"
    assert usual_placement(lengthwise.load_data("mnist")) == "any"


def test_steps_beyond_the_end_of_a_sequence_do_not_count_as_a_course():
    random = np.random.default_rng(0)
    values = 5 + random.normal(size=(200, 30, 1))
    lengths = random.integers(5, 31, 200)
    data = lengthwise.load_data(values, np.arange(200) % 2, lengths=lengths, standardize="none")
    assert abs(share_of_place(data)) < 0.01


def test_one_constant_value_is_no_course():
    values = np.ones((20, 5, 1))
    assert share_of_place(lengthwise.load_data(values, np.arange(20) % 2)) == 0


def test_only_mnist_is_drawn_in_blocks_by_default(small):
    assert defaults_for(lengthwise.load_data("mnist"))["sampling"] == "blocks"
    assert defaults_for(small)["sampling"] == "crops"


def test_a_placement_that_a_task_does_not_have_is_refused():
    series = np.random.default_rng(0).normal(size=60)
    data = lengthwise.load_data(series, task="forecasting", horizon=1)
    with pytest.raises(UsageError, match="placement is 'start', but forecasting has only end: leave it out"):
        lengthwise.train(data, placement="start", steps=1, quiet=True)
    with pytest.raises(UsageError, match="placement is 'middle', but must be"):
        lengthwise.train(marked(2), placement="middle", steps=1, quiet=True)


def test_the_last_values_that_a_number_depends_on_are_found():
    random = np.random.default_rng(0)
    noise = random.normal(size=2500)
    series = noise.copy()
    for t in range(2, len(series)):
        series[t] += 0.2 * series[t - 1] + 0.7 * series[t - 2]
    windows = np.lib.stride_tricks.sliding_window_view(series, 9)
    data = lengthwise.load_data(windows[:, :8, None].astype(np.float32), windows[:, 8].astype(np.float32))
    study = lengthwise.Study(
        data, seq_lens=[1, 2, 8], seeds=2, budget="steps=600", recipe="notebook",
        cell="gru", hidden_size=16, num_layers=1, lr=0.005, batch_size=32, ema_decay=0.97,
    ).run()  # fmt: skip
    (answer,) = study.answers()
    assert answer.placement == "end"
    assert answer.question == "How many of the last steps are needed?"
    assert answer.recommendation.seq_len == 2


def test_a_window_longer_than_what_steps_have_behind_them_is_refused_with_the_option_that_allows_it():
    values = np.random.default_rng(0).normal(size=(30, 20, 1))
    data = lengthwise.load_data(values, (values[:, :, 0] > 0).astype(int), task="tagging")
    sentence = "choose 1 to 10. Only steps with 10 behind them are predicted; lookback= allows longer windows"
    with pytest.raises(UsageError, match=sentence):
        lengthwise.train(data, seq_len=12, steps=1, quiet=True)
    with pytest.raises(UsageError, match="Only steps with 10 behind them are predicted; lookback="):
        lengthwise.Study(data, seq_lens=[2, 12], recipe="notebook")


def test_steps_are_judged_on_the_same_targets_at_every_length():
    values = np.random.default_rng(0).normal(size=(60, 20, 1)).astype(np.float32)
    labels = np.zeros((60, 20), int)
    labels[:, 1:] = values[:, :-1, 0] > 0  # the step before
    data = lengthwise.load_data(values, labels, task="tagging")
    results = {s: lengthwise.train(data, seq_len=s, steps=300, **SMALL) for s in (1, 2, 5)}
    assert {result.evaluation.num_windows for result in results.values()} == {9 * 11}
    assert results[1].evaluation.score < 0.7
    assert results[2].evaluation.score > 0.95
    assert len(results[2].evaluation.per_sequence) == 9
    again = lengthwise.evaluate(results[2], seq_len=[1, 2], data=data, quiet=True)
    assert again[2].score == results[2].evaluation.score


def test_a_network_that_carries_its_state_predicts_every_step():
    values = np.random.default_rng(0).normal(size=(60, 20, 1)).astype(np.float32)
    data = lengthwise.load_data(values, (values[:, :, 0] > 0).astype(int), task="tagging")
    result = lengthwise.train(data, seq_len=5, steps=3, carry_state=True, **SMALL)
    assert result.network.windows == "any"
    assert result.network.every_step


def test_both_engines_read_the_windows_that_end_at_steps():
    pytest.importorskip("torch")
    values = np.random.default_rng(0).normal(size=(60, 20, 2)).astype(np.float32)
    data = lengthwise.load_data(values, (values[:, :, 0].cumsum(axis=1) > 0).astype(int), task="tagging")
    ours, theirs = (lengthwise.train(data, seq_len=4, steps=20, engine=engine, **SMALL) for engine in ("simd", "torch"))
    for name, array in ours.parameters.items():
        np.testing.assert_allclose(array, theirs.parameters[name], atol=1e-4)
    assert ours.evaluation.num_windows == theirs.evaluation.num_windows


def test_padding_that_nobody_has_told_of_is_no_course():
    random = np.random.default_rng(0)
    values = 5 + random.normal(size=(200, 30, 1))
    values[np.arange(30) >= random.integers(5, 31, 200)[:, None]] = 0
    data = lengthwise.load_data(values, np.arange(200) % 2)
    assert abs(share_of_place(data)) < 0.01
    assert usual_placement(data) == "any"
