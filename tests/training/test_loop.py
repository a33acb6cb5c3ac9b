"""The loop: steps, phases, events, and that nothing but the settings decides what comes out."""

import signal
from dataclasses import replace

import numpy as np
import pytest

from lengthwise._internal.interrupts import Stopped
from lengthwise.data import Dataset, Options, Split, load_data
from lengthwise.data.text import make_text
from lengthwise.engine.protocol import data_of
from lengthwise.engine.simd.engine import SimdEngine
from lengthwise.errors import RunError, UsageError
from lengthwise.training.callbacks.checkpoint import load_checkpoint, save_checkpoint
from lengthwise.training.events import Compiling, EpochEnded, Interrupted, Started, Stepped
from lengthwise.training.loop import Training
from lengthwise.training.settings import Settings
from tests.training.trainings import SETTINGS, Recorder, assert_same, begin, fit_until


@pytest.fixture(scope="module")
def recorder(small):
    training = begin(small)
    recorder = Recorder(training)
    training.fit(emit=recorder)
    return recorder


@pytest.fixture(scope="module")
def trained(recorder):
    return recorder.training


def test_one_counter_goes_through_both_phases_of_every_epoch(trained):
    assert trained.progress.schedule.train_steps == 220 * 4 // 16
    assert trained.progress.schedule.test_steps == 100 * 4 // 16
    assert trained.progress.global_step == 2 * (55 + 25)


def test_training_steps_have_a_loss_and_test_steps_none(trained):
    is_test = np.tile(np.repeat([False, True], [55, 25]), 2)
    np.testing.assert_array_equal(np.isnan(trained.progress.history.losses), is_test)
    assert ((trained.progress.history.scores >= 0) & (trained.progress.history.scores <= 1)).all()
    assert (trained.progress.history.seconds > 0).all()


def test_events_come_in_order_and_cover_every_step_once(recorder):
    kinds = [type(event) for event in recorder.events if not isinstance(event, Compiling)]
    assert kinds[0] is Started
    assert kinds.count(Started) == 1
    assert set(kinds[1:]) == {Stepped, EpochEnded}
    assert kinds[-1] is EpochEnded
    steps = recorder.of(Stepped)
    assert [event.first for event in steps[1:]] == [event.last for event in steps[:-1]]
    assert (steps[0].first, steps[-1].last) == (0, 160)


def test_the_steps_of_an_event_are_of_one_phase(recorder):
    schedule = recorder.training.progress.schedule
    for event in recorder.of(Stepped):
        assert event.first < event.last
        for step in (event.first, event.last - 1):
            assert schedule.position(step)[:2] == (event.epoch, event.phase)


def test_an_epoch_ends_after_its_test_steps(recorder):
    ends = [
        (event.epoch, step)
        for event, step in zip(recorder.events, recorder.at_step, strict=True)
        if isinstance(event, EpochEnded)
    ]
    assert ends == [(0, 80), (1, 160)]


def test_progress_has_an_events_steps_when_it_is_emitted(recorder):
    for event, step in zip(recorder.events, recorder.at_step, strict=True):
        if isinstance(event, Stepped):
            assert event.last == step


def test_the_loop_is_the_engine_on_the_samplers_windows(small, trained):
    """Step by step, with nothing of the loop: the same bits."""
    network, samplers = trained.network, trained.samplers
    state = begin(small).progress.state
    data = {name: data_of(small.split(name).values, small.split(name).targets) for name in ("train", "test")}
    losses, accuracies = [], []
    with SimdEngine("rnn", network.sizes(5), 16, 1) as engine:
        engine.prepare(data["train"])
        for epoch in range(2):
            for step in range(55):
                windows = samplers["train"].draw(epoch, step, 1)
                loss, accuracy = engine.train(
                    state, 55 * epoch + step, data["train"], windows, SETTINGS.engine_optimizer
                )
                losses.append(loss[0])
                accuracies.append(accuracy[0])
            for step in range(25):
                windows = samplers["test"].draw(epoch, step, 1)
                _, predicted = engine.evaluate(state.parameters, data["test"], windows)
                accuracies.append((predicted == small.test.targets[windows.sequences]).mean())
    np.testing.assert_array_equal(state.parameters, trained.progress.state.parameters)
    history = trained.progress.history
    np.testing.assert_array_equal(history.losses[~np.isnan(history.losses)], losses)
    np.testing.assert_array_equal(history.scores, accuracies)


def test_without_test_steps_a_call_goes_on_into_the_next_epochs_with_the_same_bits(small, monkeypatch):
    settings = Settings(seq_len=8, hidden_size=7, num_layers=1, batch_size=100, sampling="crops", steps=41)
    alone, together = (Training.begin(settings, small, phases=("train",)) for _ in range(2))
    for step in range(1, 42):
        alone.fit(until=step)
    monkeypatch.setattr("lengthwise.training.loop.SECONDS_A_CALL", 100.0)
    recorder = Recorder(together)
    together.fit(emit=recorder)
    assert together.progress.schedule.train_steps == 2
    assert [event.last - event.first for event in recorder.of(Stepped)] == [1, 8, 32]
    assert [event.epoch for event in recorder.of(EpochEnded)] == list(range(20))
    assert_same(alone, together)


def test_a_network_learns_what_can_be_learnt(trained):
    losses = trained.progress.history.losses
    assert losses[:10].mean() > 0.9
    assert np.nanmean(losses[-35:]) < 0.5


@pytest.mark.parametrize("threads", [2, 3, 5])
def test_threads_change_no_bit(small, threads):
    """Two chunks and more: a batch of 100 sequences has work for several threads."""
    settings = Settings(seq_len=5, hidden_size=7, num_layers=2, batch_size=100)
    one, many = begin(small, settings), begin(small, settings)
    one.fit(threads=1)
    many.fit(threads=threads)
    assert_same(one, many)


def test_another_seed_is_another_training(small, trained):
    other = begin(small, Settings(**SETTINGS.to_dict() | {"seed": 1}))
    other.fit()
    assert not (other.progress.state.parameters == trained.progress.state.parameters).any()


@pytest.mark.parametrize("stop_after", [1, 2, 4, 5])
def test_a_training_that_was_stopped_goes_on_to_the_same_bits(small, trained, stop_after):
    training = begin(small)
    steps = iter(range(stop_after - 1))
    events = fit_until(training, lambda event: isinstance(event, Stepped) and next(steps, None) is None)
    assert isinstance(events[-1], Interrupted)
    assert 0 < training.progress.global_step < 160
    training.fit()
    assert_same(training, trained)


def test_a_request_to_stop_during_the_last_steps_is_not_lost(small):
    training = begin(small)
    events = fit_until(training, lambda _event: training.progress.finished)
    assert isinstance(events[-1], Interrupted)
    assert training.progress.finished


def test_a_training_that_is_asked_to_stop_before_its_first_step_makes_none(small):
    training = begin(small)
    events = fit_until(training, lambda event: isinstance(event, Started))
    assert [type(event) for event in events if not isinstance(event, Compiling)] == [Started, Interrupted]
    assert training.progress.global_step == 0


def test_a_signal_stops_a_training_where_it_can_go_on(small, trained):
    training = begin(small)

    def interrupt(event):
        if isinstance(event, Stepped) and event.last >= 40:
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(Stopped):
        training.fit(emit=interrupt)
    assert 40 <= training.progress.global_step < 160
    training.fit()
    assert_same(training, trained)


def test_a_training_may_go_to_a_step_and_then_on(small, trained):
    training = begin(small)
    for until in (1, 54, 55, 60, 80, 81, 160):
        training.fit(until=until)
        assert training.progress.global_step == until
    assert_same(training, trained)


def test_steps_are_training_steps_in_place_of_epochs(small, trained):
    training = begin(small, Settings(**SETTINGS.to_dict() | {"steps": 70, "epochs": 9}))
    recorder = Recorder(training)
    training.fit(emit=recorder)
    assert training.progress.updates == 70
    assert training.progress.global_step == 55 + 25 + 15
    assert [event.epoch for event in recorder.of(EpochEnded)] == [0]
    np.testing.assert_array_equal(training.progress.history.losses, trained.progress.history.losses[:95])


def test_fewer_steps_than_an_epoch_are_never_tested(small):
    training = begin(small, Settings(**SETTINGS.to_dict() | {"steps": 9}))
    training.fit()
    assert training.progress.global_step == 9
    assert not np.isnan(training.progress.history.losses).any()


def test_a_loss_that_is_not_finite_is_an_error_that_names_the_step(small):
    training = begin(small, Settings(**SETTINGS.to_dict() | {"lr": 1e38}))
    with pytest.raises(RunError, match="the loss is not finite at step ") as caught:
        training.fit()
    assert "try an lr below 1e+38" in str(caught.value)
    step = int(str(caught.value).split("at step ")[1].split(":")[0])
    assert training.progress.global_step < step <= 55
    again = begin(small, training.settings)
    again.fit(until=step - 1)  # all steps before it are finite
    with pytest.raises(RunError, match=f"at step {step}:"):
        again.fit(until=step)


def test_float32_data_train_like_the_bytes_they_stand_for(small, trained):
    def scaled(split):
        return Split(split.values.astype(np.float32) / np.float32(255), split.targets)

    dataset = Dataset("floats", scaled(small.train), scaled(small.validation), scaled(small.test), small.num_classes)
    training = begin(dataset)
    training.fit()
    losses = trained.progress.history.losses
    np.testing.assert_allclose(training.progress.history.losses, losses, rtol=1e-2)
    np.testing.assert_allclose(training.progress.history.losses[:10], losses[:10], rtol=1e-5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seq_len": 9}, "seq_len is 9, but the sequences have 8 steps: choose 1 to 8"),
        ({"batch_size": 221}, "batch_size is 221, but the train split has 220 sequences"),
    ],
    ids=["seq_len", "train batch"],
)
def test_settings_that_do_not_fit_the_data_are_refused(small, changes, message):
    with pytest.raises(UsageError, match=message):
        begin(small, Settings(**SETTINGS.to_dict() | changes))


def test_a_test_step_has_no_more_windows_than_the_test_split_has_sequences(small):
    training = begin(small, Settings(**SETTINGS.to_dict() | {"batch_size": 220, "epochs": 1}))
    assert training.progress.schedule.test_steps == 8 - SETTINGS.seq_len + 1
    training.fit()
    assert training.progress.finished


def test_mnist_at_the_defaults_is_the_notebooks_loop():
    schedule = begin(load_data("mnist"), Settings()).progress.schedule
    assert (schedule.train_steps, schedule.test_steps, schedule.updates) == (4296, 781, 8592)
    assert schedule.total == 10_154


@pytest.mark.parametrize("threads", [1, 3])
def test_dropout_depends_on_the_step_and_neither_on_threads_nor_on_interruptions(small, threads):
    settings = Settings(**SETTINGS.to_dict() | {"dropout": 0.5, "batch_size": 100})
    whole, parts = begin(small, settings), begin(small, settings)
    whole.fit()
    for until in (1, 5, whole.progress.schedule.total):
        parts.fit(threads=threads, until=until)
    assert_same(whole, parts)


@pytest.fixture(scope="module")
def text():
    return make_text("to be or not to be, that is the question. " * 60, Options(lookback=24), "hamlet")


CARRYING = Settings(
    data="hamlet", seq_len=6, cell="gru", hidden_size=8, num_layers=1, batch_size=16, steps=60, lr=0.01, seed=1,
    carry_state=True,
)  # fmt: skip


def test_a_training_that_carries_its_states_goes_on_as_if_it_had_never_stopped(text, tmp_path):
    whole, part = begin(text, CARRYING), begin(text, CARRYING)
    whole.fit()
    part.fit(threads=2, until=30)
    save_checkpoint(tmp_path / "checkpoint", CARRYING, part.progress)
    part = load_checkpoint(tmp_path / "checkpoint", begin(text, CARRYING))
    part.fit()
    assert whole.progress.carried.any()
    np.testing.assert_array_equal(whole.progress.carried, part.progress.carried)
    assert_same(whole, part)


def test_states_are_carried_only_where_every_step_is_evaluated(small):
    with pytest.raises(UsageError, match="states can be carried in one direction only"):
        begin(small, replace(SETTINGS, carry_state=True))
