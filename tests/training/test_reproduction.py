"""The notebook's run on real MNIST lands where this network lands."""

import numpy as np
import pytest

import lengthwise


@pytest.fixture(scope="module")
def result():
    """The default run: seed 0, 2 epochs, windows of 19."""
    return lengthwise.train(quiet=True)


def test_the_accuracy_on_all_windows_is_where_tensorflows_seeds_lie(result):
    assert result.evaluation.num_windows == 100_000
    assert 0.93 <= result.evaluation.accuracy <= 0.957


def test_the_last_printed_loss_is_where_tensorflows_seeds_lie(result):
    assert 0.17 <= result.history.losses[8500:9000].mean() <= 0.22


def test_the_first_printed_loss_is_where_tensorflows_seeds_lie(result):
    assert 1.20 <= result.history.losses[:500].mean() <= 1.43


def test_windows_of_the_middle_are_the_easiest(result):
    by_start = np.array(result.evaluation.accuracy_by_start)
    assert len(by_start) == 10
    assert by_start[2:8].min() > max(by_start[0], by_start[9])
