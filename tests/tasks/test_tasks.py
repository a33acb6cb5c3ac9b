"""The tasks agree with what the data and the engine have."""

import numpy as np
import pytest

import lengthwise
from lengthwise.data.targets import TARGETS
from lengthwise.engine.protocol import LOSS_KINDS
from lengthwise.engine.simd.losses import LOSSES
from lengthwise.errors import UsageError
from lengthwise.tasks.metrics import METRICS
from lengthwise.tasks.tasks import TASKS
from lengthwise.training.settings import Settings
from lengthwise.training.setup import network_for, weights_for


def test_every_task_that_data_may_have_can_be_trained():
    assert list(TARGETS) == list(TASKS)
    assert {task.loss for task in TASKS.values()} == set(LOSSES)
    assert {metric.name for task in TASKS.values() for metric in (task.metric, task.step_metric)} <= set(METRICS)


@pytest.mark.parametrize("name", TASKS)
def test_a_task_s_loss_is_for_targets_like_its_own(name):
    task = TASKS[name]
    loss = LOSS_KINDS[task.loss]
    assert loss.numbers == TARGETS[name].numeric
    assert loss.every_step == (TARGETS[name].every_step and "any" in task.placements)
    at_end = LOSS_KINDS[task.loss_for("end")]
    assert (at_end.numbers, at_end.every_step) == (loss.numbers, False)
    assert TASKS[name].outputs == ("numbers" if loss.numbers else "logits")


def test_balanced_weights_give_every_class_the_same_part():
    y = np.repeat([0, 1, 2], [60, 30, 10])
    dataset = lengthwise.load_data(np.random.default_rng(0).normal(size=(100, 4, 1)), y)
    weights = weights_for(Settings(class_weights="balanced"), dataset)
    parts = [weights[dataset.train.targets == label].sum() for label in range(3)]
    np.testing.assert_allclose(parts, len(dataset.train) / 3, rtol=1e-5)
    assert weights_for(Settings(), dataset) is None


def test_weights_of_classes_go_with_classification_only():
    dataset = lengthwise.load_data(np.zeros((40, 5, 1), np.float32), np.arange(40.0), standardize="none")
    with pytest.raises(UsageError, match=r"class_weights is 'balanced', but .* is a task of regression"):
        network_for(Settings(class_weights="balanced"), dataset)
