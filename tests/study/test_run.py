"""One run of a study, against the parts that it is made of."""

from dataclasses import replace

import numpy as np
import pytest

import lengthwise
from lengthwise._internal.interrupts import Stopped, StopRequest
from lengthwise.study.run import Job, execute, validation_updates
from lengthwise.training.evaluation import evaluate_exactly
from lengthwise.training.settings import Settings

SETTINGS = Settings(data="small", seq_len=5, hidden_size=6, num_layers=1, batch_size=16, steps=64, seed=3)


@pytest.fixture(scope="module")
def outcome(small):
    return execute(Job(SETTINGS, eval_lens=(2, 7), longest=7), small)


@pytest.mark.parametrize("steps", [1, 2, 7, 64, 8592, 24062])
def test_validations_ascend_and_end_with_the_last_update(steps):
    updates = validation_updates(steps)
    assert updates == sorted(set(updates))
    assert updates[0] >= 1
    assert updates[-1] == steps


def test_the_network_is_validated_at_every_one_of_these_updates(small, outcome):
    assert [validation.update for validation in outcome.validations] == validation_updates(64)
    for validation in outcome.validations:
        settings = Settings(**SETTINGS.to_dict() | {"steps": validation.update})
        trained = lengthwise.train(
            small, quiet=True, **{k: v for k, v in settings.to_dict().items() if k not in ("data", "module_name")}
        )
        judged = evaluate_exactly(trained.network, trained.network.flat(trained.parameters), small.validation, 5)
        assert (validation.val_score, validation.val_loss) == (judged.accuracy, judged.loss)


def test_the_test_split_is_judged_by_the_parameters_of_the_first_of_the_best_validations(small, outcome):
    accuracies = [validation.val_score for validation in outcome.validations]
    best = outcome.validations[int(np.argmax(accuracies))]
    assert outcome.best_update == best.update
    assert outcome.validation.accuracy == best.val_score
    options = {name: value for name, value in SETTINGS.to_dict().items() if name not in ("data", "module_name")}
    trained = lengthwise.train(small, quiet=True, **options | {"steps": best.update})
    assert outcome.test.accuracy == trained.evaluation.accuracy
    assert (outcome.test.per_sequence == trained.evaluation.per_sequence).all()
    parameters = trained.network.flat(trained.parameters)
    for length in (2, 7):
        judged = evaluate_exactly(trained.network, parameters, small.test, length)
        assert outcome.evaluations[length].accuracy == judged.accuracy


def test_anytime_accuracy_is_that_of_the_longest_windows_after_so_many_steps(small, outcome):
    options = {name: value for name, value in SETTINGS.to_dict().items() if name not in ("data", "module_name")}
    trained = lengthwise.train(small, quiet=True, **options | {"steps": outcome.best_update})
    parameters = trained.network.flat(trained.parameters)
    assert list(outcome.anytime) == [1, 2, 3, 4, 5, 6, 7]
    for steps, accuracy in outcome.anytime.items():
        judged = evaluate_exactly(trained.network, parameters, small.test, steps, window_len=7)
        assert accuracy == judged.accuracy
    assert outcome.anytime[7] == outcome.evaluations[7].accuracy


def test_other_lengths_are_not_judged_unless_asked(small):
    outcome = execute(Job(SETTINGS, eval_lens=(), longest=8), small)
    assert outcome.evaluations == {}
    assert outcome.anytime == {}


def test_the_same_job_gives_the_same_outcome(small, outcome):
    again = execute(Job(SETTINGS, eval_lens=(2, 7), longest=7), small)
    for one, other in zip(outcome.validations, again.validations, strict=True):
        assert one._replace(seconds=0) == other._replace(seconds=0)
    assert (outcome.test.per_sequence == again.test.per_sequence).all()


def test_a_training_that_diverges_is_an_outcome_with_its_reason(small):
    settings = Settings(**SETTINGS.to_dict() | {"lr": 1e30})
    outcome = execute(Job(settings, eval_lens=(), longest=8), small)
    assert outcome.validation is None
    assert outcome.reason.startswith("the loss is not finite at step")


def test_a_run_that_is_stopped_gives_nothing(small):
    stop = StopRequest()
    stop.ask()
    with pytest.raises(Stopped):
        execute(Job(SETTINGS, eval_lens=(), longest=8), small, stop=stop)


def test_every_validation_is_told_as_it_comes(small, outcome):
    told = []
    execute(Job(SETTINGS, eval_lens=(), longest=8), small, notify=told.append)
    assert [validation.update for validation in told] == [validation.update for validation in outcome.validations]


@pytest.mark.parametrize(("steps", "every", "due"), [(64, 20, [20, 40, 60, 64]), (60, 20, [20, 40, 60]), (9, 20, [9])])
def test_validations_may_come_every_so_many_updates(small, steps, every, due):
    assert validation_updates(steps, every) == due
    outcome = execute(Job(replace(SETTINGS, steps=steps, validate_every=every), eval_lens=(), longest=8), small)
    assert [validation.update for validation in outcome.validations] == due
    assert outcome.stopped_by == "steps"


@pytest.mark.parametrize("every", [None, 4])
def test_patience_ends_a_run_and_what_it_gives_is_what_the_whole_run_had_come_to(small, every):
    settings = replace(SETTINGS, steps=400, lr=0.02, validate_every=every)
    whole = execute(Job(settings, eval_lens=(), longest=8), small)
    ended = execute(Job(replace(settings, patience=2), eval_lens=(), longest=8), small)
    assert (whole.stopped_by, ended.stopped_by) == ("steps", "patience")
    assert ended.updates < whole.updates == 400
    for one, other in zip(ended.validations, whole.validations, strict=False):
        assert one._replace(seconds=0) == other._replace(seconds=0)
    scores = [validation.val_score for validation in ended.validations]
    best = int(np.argmax(scores))
    assert len(scores) - 1 - best == 2
    assert ended.best_update == ended.validations[best].update
    short = {
        name: value
        for name, value in settings.to_dict().items()
        if name not in ("data", "module_name", "validate_every")
    }
    trained = lengthwise.train(small, quiet=True, **short | {"steps": ended.best_update})
    assert ended.test == trained.evaluation


def test_a_study_run_judges_the_average_of_the_weights(small):
    settings = replace(SETTINGS, ema_decay=0.9)
    outcome = execute(Job(settings, eval_lens=(), longest=8), small)
    options = {name: value for name, value in settings.to_dict().items() if name not in ("data", "module_name")}
    trained = lengthwise.train(small, quiet=True, **options | {"steps": outcome.best_update})
    assert outcome.test == trained.evaluation
