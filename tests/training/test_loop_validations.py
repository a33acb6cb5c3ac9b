"""Validations during a training: when they are made, what is kept by them, and when they end it."""

from dataclasses import replace

import numpy as np
import pytest

from lengthwise._internal.interrupts import Stopped, StopRequest
from lengthwise.data import Dataset, load_data
from lengthwise.errors import UsageError
from lengthwise.training.evaluation import evaluate_exactly
from lengthwise.training.events import EpochEnded, Interrupted, Stepped, Validated
from lengthwise.training.settings import Settings
from tests.training.trainings import SETTINGS, Recorder, assert_same, begin, fit_until


def trained_with(dataset, settings):
    """Train, and return the training and the record of its events."""
    training = begin(dataset, settings)
    recorder = Recorder(training)
    training.fit(emit=recorder)
    return training, recorder


def scores_of(recorder):
    return [event.evaluation.score for event in recorder.of(Validated)]


def test_the_network_is_validated_at_the_steps_that_are_asked_for(small):
    """The validations change nothing of the training, and their metrics are those of a training that long."""
    chosen, recorder = trained_with(small, replace(SETTINGS, validate_every=20))
    plain = begin(small)
    plain.fit()
    assert_same(chosen, plain)
    made = [validation.update for validation in chosen.progress.selection.validations]
    assert made == [20, 40, 60, 80, 100]
    for validation, event in zip(chosen.progress.selection.validations, recorder.of(Validated), strict=True):
        short = begin(small, replace(SETTINGS, steps=validation.update))
        short.fit()
        judged = evaluate_exactly(short.network, short.progress.state.parameters, small.validation, 5)
        assert event.evaluation == judged
        assert (validation.score, validation.loss) == (judged.score, judged.loss)


def test_without_steps_the_network_is_validated_after_each_epochs_test_steps(small):
    _, recorder = trained_with(small, replace(SETTINGS, patience=9))
    steps = [step for event, step in zip(recorder.events, recorder.at_step, strict=True) if type(event) is Validated]
    assert steps == [80, 160]
    kinds = [type(event) for event in recorder.events]
    assert kinds[-2:] == [EpochEnded, Validated]


def test_the_parameters_of_the_best_validation_are_kept(small):
    training, recorder = trained_with(small, replace(SETTINGS, validate_every=10, lr=0.02))
    scores = scores_of(recorder)
    best = 10 * (int(np.argmax(scores)) + 1)
    assert best < 110
    assert training.progress.best_step == best
    short = begin(small, replace(SETTINGS, steps=best, lr=0.02))
    short.fit()
    np.testing.assert_array_equal(training.progress.chosen, short.progress.state.parameters)
    assert not (training.progress.chosen == training.progress.state.parameters).all()


def test_training_ends_when_patience_does(small):
    whole, recorder = trained_with(small, replace(SETTINGS, validate_every=10, lr=0.02))
    scores = scores_of(recorder)
    expected = next(
        last for last in range(2, len(scores)) if max(scores[last - 1 : last + 1]) <= max(scores[: last - 1])
    )
    training, recorder = trained_with(small, replace(SETTINGS, validate_every=10, lr=0.02, patience=2))
    assert (training.progress.made, training.progress.stopped_by) == (10 * (expected + 1), "patience")
    assert training.progress.global_step < training.progress.schedule.total
    assert scores_of(recorder) == scores[: expected + 1]
    np.testing.assert_array_equal(
        training.progress.history.losses[: training.progress.global_step],
        whole.progress.history.losses[: training.progress.global_step],
    )
    assert np.isnan(training.progress.history.losses[training.progress.global_step :]).all()
    training.fit()
    assert training.progress.made == 10 * (expected + 1)


def test_an_error_is_better_the_lower_it_is():
    data = made_numbers()
    settings = Settings(data.name, seq_len=5, hidden_size=4, num_layers=1, batch_size=10, steps=60, lr=0.05, patience=3,
                        validate_every=4)  # fmt: skip
    training = begin(data, settings)
    training.fit()
    scores = [validation.score for validation in training.progress.selection.validations]
    assert training.progress.best_step == 4 * (int(np.argmin(scores)) + 1)


def made_numbers():
    """Numbers that have nothing to do with the sequences, so that a network soon learns by heart."""
    random = np.random.default_rng(0)
    values, numbers = random.normal(size=(40, 6, 2)).astype(np.float32), random.normal(size=40).astype(np.float32)
    return load_data(values, numbers, standardize="none", task="regression", test=0.25, validation=0.25)


def test_a_validation_that_is_interrupted_is_made_when_training_goes_on(small):
    training = begin(small, replace(SETTINGS, validate_every=20))
    whole = begin(small, replace(SETTINGS, validate_every=20))
    whole.fit()
    events = fit_until(training, lambda event: isinstance(event, Stepped) and training.progress.made == 20)
    assert training.progress.selection.validations == []
    assert isinstance(events[-1], Interrupted)
    stop = StopRequest()
    stop.ask()
    with pytest.raises(Stopped):
        training.validate(stop=stop)
    assert training.progress.selection.validations == []
    training.fit()
    assert_same(training, whole)
    assert training.progress.selection.validations == whole.progress.selection.validations
    np.testing.assert_array_equal(training.progress.chosen, whole.progress.chosen)


@pytest.mark.parametrize(("every", "made"), [(50, [50, 100, 110]), (110, [110]), (200, [110])])
def test_the_end_is_validated_too(small, every, made):
    training = begin(small, replace(SETTINGS, validate_every=every))
    training.fit()
    for _ in range(2):
        training.finish()
    assert [validation.update for validation in training.progress.selection.validations] == made


def test_test_steps_and_validations_evaluate_the_average_of_the_weights(small):
    trained = begin(small)
    trained.fit()
    training = begin(small, replace(SETTINGS, ema_decay=0.9, validate_every=55))
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
    with pytest.raises(UsageError, match="patience is 2, but twofold has no separate validation split"):
        begin(twofold, replace(SETTINGS, patience=2))
