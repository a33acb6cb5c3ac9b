"""Folds of recordings that are divided by time: who sees what, and that every stretch is judged once."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data import load_data
from lengthwise.data.folds import check_folds, fold_of, pool, usual_folds
from lengthwise.data.step_windows import at_steps
from lengthwise.data.time_folds import time_fold
from lengthwise.errors import UsageError


def recording(rows, **more):
    """One recording whose values count, so that a window's first value is the place where it begins."""
    label = np.random.default_rng(0).integers(0, 3, rows // 5 + 1).repeat(5)[:rows]
    return pd.DataFrame({"x": np.arange(rows) + 0.25 * (np.arange(rows) % 2), "label": label} | more)


def shown(split):
    return np.asarray(split.values)[:, :, 0].astype(int)


@given(st.integers(150, 900), st.integers(1, 9), st.integers(2, 6), st.integers(0, 99), st.booleans())
def test_every_window_is_judged_once_and_no_step_of_it_is_trained_on(rows, lookback, folds, seed, has_gap):
    time = np.arange(rows) + 500 * (np.arange(rows) >= rows // 3) * has_gap
    data = load_data(recording(rows, time=time), lookback=lookback, standardize="none")
    whole = pool(data)
    last_trained, last = shown(data.train).max(), shown(data.validation).max()
    judged, cases = [], []
    for fold in range(folds):
        found = fold_of(data, folds, fold, seed)
        ending = at_steps(found.dataset)
        windows, trained = shown(ending.validation), shown(ending.train)
        assert not set(windows.ravel()) & set(trained.ravel())
        assert (np.diff(windows, axis=1) == 1).all()
        assert np.abs(windows[:, -1:] - trained[:, -1]).min() >= lookback
        assert len(found.sequences) == len(np.unique(ending.validation.cases))
        judged += windows[:, 0].tolist()
        cases += found.sequences.tolist()
    assert sorted(cases) == list(range(len(cases)))
    everywhere = {*range(last_trained - lookback + 2), *range(last_trained + 1, last - lookback + 2)}
    gap = {*range(rows // 3 - lookback + 1, rows // 3)} if has_gap else set()
    assert len(judged) == len(set(judged))
    assert set(judged) <= everywhere - gap
    if not has_gap:
        assert set(judged) == everywhere
    assert len(whole) == len(data.train) + len(data.validation)


def test_a_case_is_the_same_stretch_whatever_the_seed():
    data = load_data(recording(600), lookback=10, standardize="none")
    places = []
    for seed in (0, 1):
        place = {}
        for fold in range(5):
            found = fold_of(data, 5, fold, seed)
            windows = at_steps(found.dataset).validation
            for case, number in enumerate(found.sequences):
                place[int(number)] = shown(windows)[windows.cases == case][:, 0].tolist()
        places.append(place)
    assert places[0] == places[1]
    assert places[0][3] == list(range(30, 40))
    first = [fold_of(data, 5, 0, seed).sequences[0] for seed in range(4)]
    assert len(set(map(int, first))) > 1


def test_the_last_stretch_of_a_recording_reaches_into_no_other():
    recordings, lengths = np.array([0, 0, 0, 1, 1, 1]), np.array([4, 4, 3, 4, 4, 2])
    found = [time_fold(recordings, lengths, 4, 3, fold, seed=0) for fold in range(3)]
    assert sorted(np.concatenate([one.cases for one in found]).tolist()) == [0, 1, 2, 3]
    for one in found:
        assert (np.diff(one.judged_recordings) >= 0).all()
        assert not set(one.train) & set(one.judged)


def test_a_recording_with_few_stretches_is_judged_in_folds():
    data = load_data(recording(1000))
    assert usual_folds(data) == 5
    assert check_folds(data, 8) == 8
    stretches = len(data.train) + len(data.validation)
    with pytest.raises(UsageError, match=f"must be 2 to {stretches // 2}, .* pairs of stretches"):
        check_folds(data, stretches)


def test_windows_of_which_some_are_left_out_have_no_folds_in_time():
    for options in ({"stride": 2}, {"label": "pure"}):
        data = load_data(recording(1000), lookback=4, **options)
        assert usual_folds(data) == 0
        with pytest.raises(UsageError, match="leave out folds, or stride and label=pure"):
            check_folds(data, 5)
