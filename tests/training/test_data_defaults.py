"""Defaults that depend on the data: nothing that has enough sequences is refused for one."""

import numpy as np
import pytest

import lengthwise
from lengthwise.errors import UsageError
from lengthwise.training.data_defaults import defaults_for, placed, usual_batch_size, usual_placement, with_defaults_for

RANDOM = np.random.default_rng(0)


def classification():
    return lengthwise.load_data(RANDOM.normal(size=(20, 6, 2)).astype(np.float32), np.arange(20) % 2)


def regression():
    return lengthwise.load_data(RANDOM.normal(size=(20, 6, 2)).astype(np.float32), RANDOM.normal(size=20))


def tagging():
    values = RANDOM.normal(size=(20, 6, 2)).astype(np.float32)
    return lengthwise.load_data(values, (values[..., 0] > 0).astype(int), task="tagging")


def forecasting():
    return lengthwise.load_data(RANDOM.normal(size=50), task="forecasting", horizon=1)


def language(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("to be or not to be, " * 60)
    return lengthwise.load_data(path, lookback=8)


@pytest.fixture(params=["classification", "regression", "tagging", "forecasting", "language"])
def few(request, tmp_path):
    """A data set as small as they come, one of each task."""
    make = globals()[request.param]
    return make(tmp_path) if request.param == "language" else make()


def test_a_training_with_no_options_but_its_steps_takes_few_sequences(few):
    result = lengthwise.train(few, steps=3, quiet=True)
    assert result.train_steps == 3
    assert result.settings.seq_len == min(19, placed(few, usual_placement(few)).num_steps)
    assert np.isfinite(result.evaluation.score)


def test_the_notebooks_batch_is_kept_where_there_are_as_many_sequences(small):
    assert defaults_for(small) == {"seq_len": 8, "batch_size": 128, "placement": "any", "sampling": "crops"}


def test_a_batch_is_a_power_of_two_up_to_an_eighth_of_the_sequences():
    sizes = [usual_batch_size(count) for count in range(8, 3000)]
    assert set(sizes) == {8, 16, 32, 64, 128}
    assert sizes == sorted(sizes)


def test_what_was_given_is_kept_and_refused_if_it_does_not_fit():
    data = classification()
    kept = with_defaults_for(data, {"batch_size": 3, "cell": "gru", "sampling": "ordered", "placement": "start"})
    assert kept == {"batch_size": 3, "cell": "gru", "seq_len": 6, "sampling": "ordered", "placement": "start"}
    with pytest.raises(UsageError, match="batch_size is 128, but the train split has 14 sequences"):
        lengthwise.train(data, batch_size=128, quiet=True)
