"""Which axis of an array is time."""

import numpy as np
import pytest

from lengthwise.data import load_data
from lengthwise.errors import UsageError


def save(path, values, **more):
    np.savez(path, values=values, targets=np.arange(len(values)) % 2, **more)
    return path


WALKS = np.random.default_rng(0).normal(size=(40, 3, 50)).cumsum(axis=2).astype(np.float32)
NOISE = np.random.default_rng(0).normal(size=(40, 3, 50)).astype(np.float32)


def test_features_before_steps_are_seen_in_a_file_and_said(tmp_path):
    dataset = load_data(save(tmp_path / "a.npz", WALKS))
    assert (dataset.num_steps, dataset.input_size) == (50, 3)
    assert dataset.reading.notes == (
        "values were read as 3 features of 50 steps: layout=channels_last, if 3 are the steps",
    )
    again = load_data(save(tmp_path / "b.npz", WALKS.transpose(0, 2, 1)))
    assert again.checksum == dataset.checksum
    assert not again.reading.notes


def test_the_option_decides(tmp_path):
    path = save(tmp_path / "a.npz", WALKS)
    assert load_data(path, layout="channels_last").num_steps == 3
    assert load_data(save(tmp_path / "b.npz", NOISE), layout="channels_first").num_steps == 50
    with pytest.raises(UsageError, match=r"layout is 'wide', but .* holds arrays: choose channels_first"):
        load_data(path, layout="wide")


def test_where_it_is_not_certain_the_axes_stay_and_the_fix_is_said(tmp_path):
    for dataset in (load_data(save(tmp_path / "a.npz", NOISE)), load_data(WALKS, np.arange(40) % 2)):
        assert dataset.num_steps == 3
        assert dataset.reading.notes[0].startswith("values have 3 steps of 50 features: if it is the other way round")


def test_rows_that_may_be_steps_are_pointed_out():
    dataset = load_data(np.random.default_rng(0).normal(size=(900, 8)), np.arange(900) % 2)
    assert dataset.reading.notes[0].startswith(
        "values have 900 sequences of 8 steps: if rows are time steps of 8 sensors"
    )
