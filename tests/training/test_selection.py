"""The parameters that are kept, and when training ends, compared with the simplest implementation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data import Dataset
from lengthwise.errors import UsageError
from lengthwise.tasks.metrics import ACCURACY, MSE
from lengthwise.training.selection import Selection, Validation, check_validation
from lengthwise.training.settings import Settings

SCORES = st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4, float("nan")]), min_size=1, max_size=12)


def selection_of(scores, metric=ACCURACY, patience=None):
    """A selection after validations at 10, 20, …, of parameters that equal the update."""
    selection = Selection(metric, range(10, 10 * len(scores) + 1, 10), patience)
    for place, score in enumerate(scores, start=1):
        selection.add(Validation(10 * place, score, loss=1.0), np.full(2, place, np.float32))
    return selection


@given(scores=SCORES, metric=st.sampled_from([ACCURACY, MSE]))
def test_the_first_of_the_best_is_kept(scores, metric):
    merits = [-np.inf if np.isnan(s) else (s if metric.higher_is_better else -s) for s in scores]
    best = int(np.argmax(merits))
    selection = selection_of(scores, metric)
    assert selection.best_validation.update == 10 * (best + 1)
    np.testing.assert_array_equal(selection.best, np.full(2, best + 1, np.float32))


@given(scores=SCORES, metric=st.sampled_from([ACCURACY, MSE]), patience=st.integers(1, 12))
def test_training_ends_after_so_many_validations_in_a_row_that_are_no_better(scores, metric, patience):
    merits = [-np.inf if np.isnan(s) else (s if metric.higher_is_better else -s) for s in scores]
    in_a_row, best = 0, None
    for merit in merits:
        in_a_row = 0 if best is None or merit > best else in_a_row + 1
        best = merit if in_a_row == 0 else best
    assert selection_of(scores, metric, patience).exhausted == (in_a_row >= patience)


@given(scores=SCORES)
def test_without_patience_nothing_ends_a_training(scores):
    assert not selection_of(scores).exhausted


def test_before_the_first_validation_nothing_is_chosen():
    selection = Selection(ACCURACY, range(5, 11, 5), patience=1)
    assert (selection.best, selection.best_validation, selection.exhausted) == (None, None, False)


@given(due=st.lists(st.integers(1, 30), min_size=1, unique=True).map(sorted), update=st.integers(0, 31))
def test_a_validation_is_due_once_at_its_step(due, update):
    selection = Selection(ACCURACY, due)
    assert selection.is_due(update) == (update in due)
    later = [step for step in due if step > update]
    assert selection.left_until_due(update) == (later[0] - update if later else None)
    if update in due:
        selection.add(Validation(update, 0.5, 1.0), np.zeros(1, np.float32))
        assert not selection.is_due(update)


def test_the_parameters_that_are_kept_are_a_copy():
    parameters = np.zeros(2, np.float32)
    selection = Selection(ACCURACY, [1])
    selection.add(Validation(1, 0.5, 1.0), parameters)
    parameters[:] = 7
    np.testing.assert_array_equal(selection.best, [0, 0])


@pytest.mark.parametrize(
    ("settings", "due"),
    [
        ({}, None),
        ({"ema_decay": 0.9}, None),
        ({"patience": 2}, [55, 110, 165]),
        ({"patience": 2, "validate_every": 60}, [60, 120]),
        ({"validate_every": 170}, [170]),
        ({"validate_every": 171}, []),
    ],
    ids=str,
)
def test_validations_come_each_epoch_unless_steps_are_given(settings, due):
    selection = Selection.of(Settings(**settings), "regression", train_steps=55, updates=170)
    assert (None if selection is None else list(selection.due)) == due
    if selection is not None:
        assert (selection.metric, selection.patience) == (MSE, settings.get("patience"))


@pytest.mark.parametrize(("settings", "setting"), [({"patience": 3}, "patience is 3"), ({"validate_every": 9}, "is 9")])
@pytest.mark.parametrize("other", ["train", "test"])
def test_data_without_a_separate_validation_split_are_refused(small, settings, setting, other):
    splits = {"train": small.train, "validation": small.split(other), "test": small.test}
    data = Dataset("twofold", **splits, num_classes=3)
    with pytest.raises(UsageError, match=f"{setting}, but twofold has no separate validation split, .* {other} split"):
        check_validation(Settings(**settings), data)
    check_validation(Settings(), data)
    check_validation(Settings(**settings), small)
