"""Missing values: refused with their place, or filled."""

import numpy as np
import pytest

from lengthwise.data import load_data
from lengthwise.data.missing import fill_missing
from lengthwise.errors import DataError
from tests.data.made import walks

NAN = np.nan


def place(sequence, step, feature):
    return f"{sequence}, {step}, {feature}"


def filled(values, how, *, lengths=None, training=None):
    values = np.array(values, np.float32)[:, :, None]
    training = np.ones(len(values), bool) if training is None else np.array(training)
    fill_missing(values, None if lengths is None else np.array(lengths), how, training, place)
    return values[:, :, 0].tolist()


def test_a_missing_value_is_refused_with_its_sequence_step_and_feature():
    values, targets = walks()
    values[7, 3, 1] = values[9, 0, 0] = NAN
    with pytest.raises(DataError, match=r"sequence 7, step 3, feature 1 is missing \(2 values are missing in all\)"):
        load_data(values, targets, missing="refuse")


def test_few_missing_values_are_filled_forward_with_a_warning_and_many_are_refused():
    values, targets = walks()
    values[7, 3, 1] = values[9, 0, 0] = NAN
    data = load_data(values, targets, standardize="none")
    (doubt,) = data.reading.doubts
    assert doubt == (
        f"the data: the value of sequence 7, step 3, feature 1 is missing, one of 2 missing values of {values.size:,}: "
        f"each is filled with the value before it; missing=refuse, mean or zero, if not"
    )
    told = load_data(values, targets, standardize="none", missing="forward")
    assert told.reading.doubts == ()
    for split in ("train", "validation", "test"):
        assert np.array_equal(data.split(split).values, told.split(split).values)
    values[:, 1, 0] = NAN
    with pytest.raises(DataError, match="values are missing in all"):
        load_data(values, targets)


@pytest.mark.parametrize("how", ["refuse", "forward", "mean", "zero"])
def test_an_infinite_value_is_refused_with_every_option_of_missing(how):
    values, targets = walks()
    values[7, 3, 1] = -np.inf
    with pytest.raises(DataError, match="sequence 7, step 3, feature 1 is infinite, but values must be finite"):
        load_data(values, targets, missing=how)


def test_a_number_beyond_float32_is_refused():
    values, targets = walks()
    values = values.astype(np.float64)
    values[2, 1, 0] = 1e300
    with pytest.raises(DataError, match="sequence 2, step 1, feature 0 is infinite"):
        load_data(values, targets)


def test_large_finite_values_whose_sum_overflows_are_not_missing():
    values, targets = walks()
    values[:] = 3e38
    assert (load_data(values, targets, standardize="none").train.values == np.float32(3e38)).all()


def test_forward_carries_the_value_before_and_at_the_beginning_the_first():
    assert filled([[NAN, NAN, 3, NAN, 5, NAN]], "forward") == [[3, 3, 3, 3, 5, 5]]


def test_forward_stops_at_the_end_of_a_sequence():
    assert filled([[1, NAN, 0, 0]], "forward", lengths=[2]) == [[1, 1, 0, 0]]


def test_forward_refuses_a_feature_without_values():
    with pytest.raises(DataError, match="1, 0, 0 and all later values of this feature in the sequence are missing"):
        filled([[1, 2], [NAN, NAN]], "forward")


def test_the_mean_is_that_of_the_training_sequences():
    assert filled([[1, 3], [NAN, 9]], "mean", training=[True, False]) == [[1, 3], [2, 9]]


def test_the_mean_ignores_padding():
    assert filled([[4, 0, 0], [NAN, 2, 6]], "mean", lengths=[1, 3]) == [[4, 0, 0], [4, 2, 6]]


def test_a_feature_without_training_values_has_no_mean():
    with pytest.raises(DataError, match="so is this feature in the whole training split"):
        filled([[NAN, NAN], [1, 1]], "mean", training=[True, False])


def test_zero_fills_with_zero():
    assert filled([[1, NAN]], "zero") == [[1, 0]]


def test_filling_does_not_change_the_callers_array():
    values, targets = walks()
    values[0, 0, 0] = NAN
    load_data(values, targets, missing="zero")
    assert np.isnan(values[0, 0, 0])


def test_padding_may_be_nan_and_becomes_zero():
    values, targets = walks(count=30)
    lengths = np.arange(30) % 12 + 1
    values[np.arange(12) >= lengths[:, None]] = NAN
    dataset = load_data(values, targets, lengths=lengths)
    for name in ("train", "validation", "test"):
        split = dataset.split(name)
        beyond = np.arange(12) >= split.lengths[:, None]
        assert (split.values[beyond] == 0).all()
