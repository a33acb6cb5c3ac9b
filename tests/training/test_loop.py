"""The loop: steps, phases, events, and that nothing but the settings decides what comes out."""

from dataclasses import replace

import numpy as np
import pytest

from lengthwise.data import Dataset, Options, Split, load_data
from lengthwise.data.text import make_text
from lengthwise.engine.protocol import data_of
from lengthwise.engine.simd.engine import SimdEngine
from lengthwise.errors import RunError, UsageError
from lengthwise.training.callbacks.checkpoint import load_checkpoint, save_checkpoint
from lengthwise.training.evaluation import evaluate_exactly
from lengthwise.training.events import Compiling, EpochEnded, Interrupted, Started, Stepped, Validated
from lengthwise.training.loop import fit, network_for, samplers_for, schedule_for, start, validate_the_end
from lengthwise.training.settings import Settings

SETTINGS = Settings(seq_len=5, hidden_size=7, num_layers=2, batch_size=16)
"""Of the small data set: 55 training and 25 test steps an epoch."""


class Training:
    """A training of the small data set, and the events that it emits."""

    def __init__(self, dataset, settings=SETTINGS):
        self.settings, self.dataset = settings, dataset
        self.network = network_for(settings, dataset)
        self.samplers = samplers_for(settings, dataset)
        self.progress = start(settings, self.network, schedule_for(settings, self.samplers))
        self.events = []
        self.at_step = []

    def emit(self, event):
        self.events.append(event)
        self.at_step.append(self.progress.global_step)

    def fit(self, threads=1, **options):
        return fit(self.settings, self.dataset, self.network, self.progress, threads=threads, emit=self.emit, **options)


def assert_same(one, other):
    """Two trainings have the same bits, times aside."""
    assert one.progress.global_step == other.progress.global_step
    for mine, theirs in zip(one.progress.state, other.progress.state, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(one.progress.history.losses, other.progress.history.losses)
    np.testing.assert_array_equal(one.progress.history.scores, other.progress.history.scores)


@pytest.fixture(scope="module")
def trained(small):
    training = Training(small)
    assert training.fit()
    return training


def test_one_counter_goes_through_both_phases_of_every_epoch(trained):
    assert trained.progress.schedule.train_steps == 220 * 4 // 16
    assert trained.progress.schedule.test_steps == 100 * 4 // 16
    assert trained.progress.global_step == 2 * (55 + 25)


def test_training_steps_have_a_loss_and_test_steps_none(trained):
    is_test = np.tile(np.repeat([False, True], [55, 25]), 2)
    np.testing.assert_array_equal(np.isnan(trained.progress.history.losses), is_test)
    assert ((trained.progress.history.scores >= 0) & (trained.progress.history.scores <= 1)).all()
    assert (trained.progress.history.seconds > 0).all()


def test_events_come_in_order_and_cover_every_step_once(trained):
    kinds = [type(event) for event in trained.events if not isinstance(event, Compiling)]
    assert kinds[0] is Started
    assert kinds.count(Started) == 1
    assert set(kinds[1:]) == {Stepped, EpochEnded}
    assert kinds[-1] is EpochEnded
    steps = [event for event in trained.events if isinstance(event, Stepped)]
    assert [event.first for event in steps[1:]] == [event.last for event in steps[:-1]]
    assert (steps[0].first, steps[-1].last) == (0, 160)


def test_the_steps_of_an_event_are_of_one_phase(trained):
    schedule = trained.progress.schedule
    for event in trained.events:
        if isinstance(event, Stepped):
            assert event.first < event.last
            for step in (event.first, event.last - 1):
                assert schedule.position(step)[:2] == (event.epoch, event.phase)


def test_an_epoch_ends_after_its_test_steps(trained):
    ends = [
        (event.epoch, step)
        for event, step in zip(trained.events, trained.at_step, strict=True)
        if isinstance(event, EpochEnded)
    ]
    assert ends == [(0, 80), (1, 160)]


def test_progress_has_an_events_steps_when_it_is_emitted(trained):
    for event, step in zip(trained.events, trained.at_step, strict=True):
        if isinstance(event, Stepped):
            assert event.last == step


def test_the_loop_is_the_engine_on_the_samplers_windows(small, trained):
    """Step by step, with nothing of the loop: the same bits."""
    network, samplers = trained.network, trained.samplers
    state = start(SETTINGS, network, trained.progress.schedule).state
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


def test_a_network_learns_what_can_be_learnt(trained):
    losses = trained.progress.history.losses
    assert losses[:10].mean() > 0.9
    assert np.nanmean(losses[-35:]) < 0.5


@pytest.mark.parametrize("threads", [2, 3, 5])
def test_threads_change_no_bit(small, threads):
    """Two chunks and more: a batch of 100 sequences has work for several threads."""
    settings = Settings(seq_len=5, hidden_size=7, num_layers=2, batch_size=100)
    one, many = Training(small, settings), Training(small, settings)
    assert one.fit(threads=1)
    assert many.fit(threads=threads)
    assert_same(one, many)


def test_another_seed_is_another_training(small, trained):
    other = Training(small, Settings(**SETTINGS.to_dict() | {"seed": 1}))
    assert other.fit()
    assert not (other.progress.state.parameters == trained.progress.state.parameters).any()


@pytest.mark.parametrize("stop_after", [1, 2, 4, 7])
def test_a_training_that_was_stopped_goes_on_to_the_same_bits(small, trained, stop_after):
    training = Training(small)
    calls = iter(range(stop_after))
    assert not training.fit(stop=lambda: next(calls, None) is None)
    assert isinstance(training.events[-1], Interrupted)
    assert 0 < training.progress.global_step < 160
    assert training.fit()
    assert_same(training, trained)


def test_a_request_to_stop_during_the_last_steps_is_not_lost(small):
    training = Training(small)
    assert not training.fit(stop=lambda: training.progress.finished)
    assert isinstance(training.events[-1], Interrupted)
    assert training.progress.finished


def test_a_training_may_go_to_a_step_and_then_on(small, trained):
    training = Training(small)
    for until in (1, 54, 55, 60, 80, 81, 160):
        assert training.fit(until=until)
        assert training.progress.global_step == until
    assert_same(training, trained)


def test_steps_are_training_steps_in_place_of_epochs(small, trained):
    training = Training(small, Settings(**SETTINGS.to_dict() | {"steps": 70, "epochs": 9}))
    assert training.fit()
    assert training.progress.updates == 70
    assert training.progress.global_step == 55 + 25 + 15
    assert [event.epoch for event in training.events if isinstance(event, EpochEnded)] == [0]
    np.testing.assert_array_equal(training.progress.history.losses, trained.progress.history.losses[:95])


def test_fewer_steps_than_an_epoch_are_never_tested(small):
    training = Training(small, Settings(**SETTINGS.to_dict() | {"steps": 9}))
    assert training.fit()
    assert training.progress.global_step == 9
    assert not np.isnan(training.progress.history.losses).any()


def test_a_loss_that_is_not_finite_is_an_error_that_names_the_step(small):
    training = Training(small, Settings(**SETTINGS.to_dict() | {"lr": 1e38}))
    with pytest.raises(RunError, match="the loss is not finite at step ") as caught:
        training.fit()
    assert "try an lr below 1e+38" in str(caught.value)
    step = int(str(caught.value).split("at step ")[1].split(":")[0])
    assert training.progress.global_step < step <= 55
    again = Training(small, training.settings)
    assert again.fit(until=step - 1)  # all steps before it are finite
    with pytest.raises(RunError, match=f"at step {step}:"):
        again.fit(until=step)


def test_float32_data_train_like_the_bytes_they_stand_for(small, trained):
    def scaled(split):
        return Split(split.values.astype(np.float32) / np.float32(255), split.targets)

    dataset = Dataset("floats", scaled(small.train), scaled(small.validation), scaled(small.test), small.num_classes)
    training = Training(dataset)
    assert training.fit()
    losses = trained.progress.history.losses
    np.testing.assert_allclose(training.progress.history.losses, losses, rtol=1e-2)
    np.testing.assert_allclose(training.progress.history.losses[:10], losses[:10], rtol=1e-5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seq_len": 9}, "seq_len is 9, but the sequences have 8 steps: choose 1 to 8"),
        ({"batch_size": 221}, "batch_size is 221, but the train split has 220 sequences"),
        ({"batch_size": 101}, "batch_size is 101, but the test split has 100 sequences"),
    ],
    ids=["seq_len", "train batch", "test batch"],
)
def test_settings_that_do_not_fit_the_data_are_refused(small, changes, message):
    with pytest.raises(UsageError, match=message):
        Training(small, Settings(**SETTINGS.to_dict() | changes))


def test_mnist_at_the_defaults_is_the_notebooks_loop():
    dataset = load_data("mnist")
    schedule = schedule_for(Settings(), samplers_for(Settings(), dataset))
    assert (schedule.train_steps, schedule.test_steps, schedule.updates) == (4296, 781, 8592)
    assert schedule.total == 10_154


@pytest.mark.parametrize("threads", [1, 3])
def test_dropout_depends_on_the_step_and_neither_on_threads_nor_on_interruptions(small, threads):
    settings = Settings(**SETTINGS.to_dict() | {"dropout": 0.5, "batch_size": 100})
    whole, parts = Training(small, settings), Training(small, settings)
    assert whole.fit()
    for until in (1, 5, whole.progress.schedule.total):
        assert parts.fit(threads=threads, until=until)
    assert_same(whole, parts)


@pytest.fixture(scope="module")
def text():
    return make_text("to be or not to be, that is the question. " * 60, Options(lookback=24), "hamlet")


CARRYING = Settings(
    data="hamlet", seq_len=6, cell="gru", hidden_size=8, num_layers=1, batch_size=16, steps=60, lr=0.01, seed=1,
    carry_state=True,
)  # fmt: skip


def test_a_training_that_carries_its_states_goes_on_as_if_it_had_never_stopped(text, tmp_path):
    network = network_for(CARRYING, text)
    schedule = schedule_for(CARRYING, samplers_for(CARRYING, text))
    whole, part = start(CARRYING, network, schedule), start(CARRYING, network, schedule)
    fit(CARRYING, text, network, whole, threads=1, emit=lambda _: None)
    fit(CARRYING, text, network, part, threads=2, emit=lambda _: None, until=30)
    save_checkpoint(tmp_path / "checkpoint", CARRYING, part)
    part = load_checkpoint(tmp_path / "checkpoint", CARRYING, network, schedule)
    fit(CARRYING, text, network, part, threads=1, emit=lambda _: None)
    assert whole.carried.any()
    for one, other in ((whole.state.parameters, part.state.parameters), (whole.carried, part.carried)):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(whole.history.losses, part.history.losses)


def test_states_are_carried_only_where_every_step_is_judged(small):
    with pytest.raises(UsageError, match="states can be carried in one direction only"):
        network_for(replace(SETTINGS, carry_state=True), small)


# What is chosen on the validation split.


def validations_of(training):
    return [event for event in training.events if isinstance(event, Validated)]


def test_the_network_is_judged_on_the_validation_split_at_the_steps_that_are_asked_for(small, trained):
    """The validations change nothing of the training, and their figures are those of a training that long."""
    chosen = Training(small, replace(SETTINGS, validate_every=20))
    assert chosen.fit()
    assert_same(chosen, trained)
    made = [validation.update for validation in chosen.progress.selection.validations]
    assert made == [20, 40, 60, 80, 100]
    for validation, event in zip(chosen.progress.selection.validations, validations_of(chosen), strict=True):
        short = Training(small, replace(SETTINGS, steps=validation.update))
        short.fit()
        judged = evaluate_exactly(short.network, short.progress.state.parameters, small.validation, 5)
        assert event.evaluation == judged
        assert (validation.score, validation.loss) == (judged.score, judged.loss)


def test_without_steps_the_network_is_judged_after_each_epochs_test_steps(small):
    training = Training(small, replace(SETTINGS, patience=9))
    assert training.fit()
    steps = [step for event, step in zip(training.events, training.at_step, strict=True) if type(event) is Validated]
    assert steps == [80, 160]
    kinds = [type(event) for event in training.events]
    assert kinds[-2:] == [EpochEnded, Validated]


def test_the_parameters_of_the_best_validation_are_kept(small):
    training = Training(small, replace(SETTINGS, validate_every=10, lr=0.02))
    training.fit()
    scores = [event.evaluation.score for event in validations_of(training)]
    best = 10 * (int(np.argmax(scores)) + 1)
    assert best < 110
    assert training.progress.best_step == best
    short = Training(small, replace(SETTINGS, steps=best, lr=0.02))
    short.fit()
    np.testing.assert_array_equal(training.progress.chosen, short.progress.state.parameters)
    assert not (training.progress.chosen == training.progress.state.parameters).all()


def test_training_ends_when_patience_does(small):
    whole = Training(small, replace(SETTINGS, validate_every=10, lr=0.02))
    whole.fit()
    scores = [event.evaluation.score for event in validations_of(whole)]
    expected = next(
        last for last in range(2, len(scores)) if max(scores[last - 1 : last + 1]) <= max(scores[: last - 1])
    )
    training = Training(small, replace(SETTINGS, validate_every=10, lr=0.02, patience=2))
    assert training.fit()
    assert (training.progress.made, training.progress.stopped_by) == (10 * (expected + 1), "patience")
    assert training.progress.global_step < training.progress.schedule.total
    assert [event.evaluation.score for event in validations_of(training)] == scores[: expected + 1]
    np.testing.assert_array_equal(
        training.progress.history.losses[: training.progress.global_step],
        whole.progress.history.losses[: training.progress.global_step],
    )
    assert np.isnan(training.progress.history.losses[training.progress.global_step :]).all()
    assert training.fit()
    assert training.progress.made == 10 * (expected + 1)


def test_an_error_is_better_the_lower_it_is():
    data = made_numbers()
    settings = Settings(data.name, seq_len=5, hidden_size=4, num_layers=1, batch_size=10, steps=60, lr=0.05, patience=3,
                        validate_every=4)  # fmt: skip
    training = Training(data, settings)
    training.fit()
    scores = [validation.score for validation in training.progress.selection.validations]
    assert training.progress.best_step == 4 * (int(np.argmin(scores)) + 1)


def made_numbers():
    """Numbers that have nothing to do with the sequences, so that a network soon learns by heart."""
    random = np.random.default_rng(0)
    values, numbers = random.normal(size=(40, 6, 2)).astype(np.float32), random.normal(size=40).astype(np.float32)
    return load_data(values, numbers, standardize="none", task="regression", test=0.25, validation=0.25)


def test_a_validation_that_is_interrupted_is_made_when_training_goes_on(small):
    training = Training(small, replace(SETTINGS, validate_every=20))
    whole = Training(small, replace(SETTINGS, validate_every=20))
    whole.fit()
    assert not training.fit(stop=lambda: training.progress.made == 20)
    assert training.progress.selection.validations == []
    assert isinstance(training.events[-1], Interrupted)
    assert training.fit()
    assert_same(training, whole)
    assert training.progress.selection.validations == whole.progress.selection.validations
    np.testing.assert_array_equal(training.progress.chosen, whole.progress.chosen)


@pytest.mark.parametrize(("every", "made"), [(50, [50, 100, 110]), (110, [110]), (200, [110])])
def test_the_end_is_judged_too(small, every, made):
    training = Training(small, replace(SETTINGS, validate_every=every))
    training.fit()
    for _ in range(2):
        assert validate_the_end(
            training.settings, small, training.network, training.progress, threads=1, emit=training.emit
        )
    assert [validation.update for validation in training.progress.selection.validations] == made


def test_test_steps_and_validations_judge_the_average_of_the_weights(small, trained):
    training = Training(small, replace(SETTINGS, ema_decay=0.9, validate_every=55))
    training.fit()
    np.testing.assert_array_equal(training.progress.state.parameters, trained.progress.state.parameters)
    np.testing.assert_array_equal(training.progress.weights, training.progress.state.average)
    assert not (training.progress.weights == training.progress.state.parameters).all()
    judged = evaluate_exactly(training.network, training.progress.state.average, small.validation, 5)
    assert training.progress.selection.validations[-1].score == judged.score
    is_test = np.isnan(trained.progress.history.losses)
    mine, plain = training.progress.history.scores, trained.progress.history.scores
    np.testing.assert_array_equal(mine[~is_test], plain[~is_test])
    assert not (mine[is_test] == plain[is_test]).all()


def test_data_without_a_validation_split_of_their_own_choose_nothing(small):
    twofold = Dataset("twofold", small.train, small.train, small.test, num_classes=3)
    with pytest.raises(UsageError, match="patience is 2, but twofold has no validation split of its own"):
        Training(twofold, replace(SETTINGS, patience=2))
