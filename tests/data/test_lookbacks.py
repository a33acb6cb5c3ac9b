"""Look-backs against arrays that hold them all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data.lookbacks import Frame, Lookbacks

STEPS, FEATURES, T = 30, 3, 5


def made(forms=("none", "difference", "ratio"), target=0):
    random = np.random.default_rng(0)
    steps = 5 + random.random((STEPS, FEATURES))
    origins, series = np.array([4, 9, 8, 29, 17]), np.array([0, 0, 0, 1, 1], np.int32)
    centre, unit = np.array([5.0, 6.0]), np.array([2.0, 0.5])
    mean, deviation = random.random(FEATURES), 1 + random.random(FEATURES)
    lookbacks = Lookbacks(steps, origins, series, T, Frame(forms, target, centre, unit), mean, deviation)
    whole = np.empty((len(origins), T, FEATURES), np.float32)
    for row, (origin, own) in enumerate(zip(origins, series, strict=True)):
        for feature, form in enumerate(forms):
            past, last = steps[origin + 1 - T : origin + 1, feature], steps[origin, feature]
            at, by = (centre[own], unit[own]) if feature == target else (0.0, 1.0)
            moved = {"none": (past - at) / by, "difference": (past - last) / by, "ratio": past / last - 1}[form]
            whole[row, :, feature] = (moved - mean[feature]) / deviation[feature]
    return lookbacks, whole


@pytest.mark.parametrize("target", range(FEATURES))
def test_every_value_is_that_of_its_series_relative_to_the_last(target):
    lookbacks, whole = made(target=target)
    assert (lookbacks.shape, lookbacks.dtype, len(lookbacks)) == (whole.shape, whole.dtype, len(whole))
    np.testing.assert_allclose(np.asarray(lookbacks), whole, rtol=1e-6)


row = st.integers(-5, 4)
index = st.one_of(
    row,
    st.tuples(row, st.integers(0, T - 1)),
    st.tuples(st.slices(5), st.slices(T), st.integers(0, FEATURES - 1)),
    st.tuples(row, st.slices(T), st.slices(FEATURES)),
    st.slices(5),
    st.lists(st.integers(0, 4), min_size=1).map(np.array),
    st.lists(st.booleans(), min_size=5, max_size=5).map(np.array),
    st.tuples(
        st.lists(st.integers(0, 4), min_size=2, max_size=2).map(lambda rows: np.array(rows)[:, None]),
        st.lists(st.integers(0, T - 1), min_size=1).map(np.array),
    ),
)


@given(index)
def test_indexing_is_that_of_an_array(key):
    lookbacks, _ = made()
    whole = np.asarray(lookbacks)
    np.testing.assert_array_equal(lookbacks[key], whole[key])


def test_equal_look_backs_have_equal_arrays_and_others_have_not():
    def parts(**options):
        return [array.tobytes() for array in made(**options)[0].arrays]

    assert parts() == parts()
    assert parts() != parts(forms=("none", "ratio", "ratio"))
    assert parts() != parts(target=1)


def test_they_cannot_become_an_array_without_a_copy():
    with pytest.raises(ValueError, match="cannot become an array without a copy"):
        np.asarray(made()[0], copy=False)


def test_few_values_are_computed_once_and_kept(monkeypatch):
    lookbacks, whole = made()
    assert lookbacks.at_hand is lookbacks.at_hand
    assert np.array_equal(lookbacks.at_hand, np.asarray(lookbacks))
    monkeypatch.setattr("lengthwise.data.lookbacks.FEW_VALUES", whole.size - 1)
    assert lookbacks.at_hand is lookbacks
