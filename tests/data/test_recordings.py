"""Recordings with a target a row: cut at gaps of time, and divided by time where there is one."""

import numpy as np
import pandas as pd
import pytest

from lengthwise.data import SPLITS, load_data
from lengthwise.data.folds import fold_of
from lengthwise.data.step_windows import at_steps
from lengthwise.errors import DataError, UsageError


def recording(rows, seed=0):
    """One recording: what is counted, and a label that stays for a while."""
    random = np.random.default_rng(seed)
    label = np.repeat(random.integers(0, 3, rows // 5 + 1), 5)[:rows]
    return pd.DataFrame({"x": np.arange(rows) + 0.5 * (np.arange(rows) % 2), "label": np.array(["a", "b", "c"])[label]})


def test_one_recording_is_divided_by_time_and_no_window_is_in_two_parts():
    data = load_data(recording(1000), standardize="none")
    assert data.task == "tagging"
    shown = {name: np.asarray(getattr(at_steps(data), name).values)[:, :, 0].astype(int) for name in SPLITS}
    assert shown["train"].min() == 0
    assert shown["train"].max() == 699
    assert (shown["validation"].min(), shown["validation"].max()) == (700, 849)
    assert (shown["test"].min(), shown["test"].max()) == (850, 999)
    lookback = data.step_windows.lookback
    assert lookback == 7
    first_judged = shown["validation"][:, -1].min()
    assert first_judged - shown["train"][:, -1].max() == lookback
    for name in SPLITS:
        windows = shown[name]
        assert (np.diff(windows, axis=1) > 0).all()
        assert len(windows) == len(np.unique(windows[:, -1])) == np.ptp(windows[:, -1]) + 1
    assert any("one recording, divided by time" in note for note in data.reading.notes)


def test_many_short_stretches_of_one_recording_still_have_windows():
    table = recording(1000).assign(time=np.arange(1000) + 500 * (np.arange(1000) // 25))
    data = load_data(table)
    assert data.step_windows.lookback == 7
    short = load_data(recording(100))
    assert short.step_windows.lookback == 2


def test_the_longest_window_may_be_given():
    data = load_data(recording(1000), lookback=40)
    assert at_steps(data).num_steps == 40
    with pytest.raises(DataError, match="too few steps for its validation part: the longest stretch has 150"):
        load_data(recording(1000), lookback=151)


def test_no_window_crosses_a_gap_of_time():
    parts = []
    for person in range(6):
        frame = recording(80, person).assign(person=person)
        frame["t"] = np.arange(80) + np.where(np.arange(80) >= 50, 30, 0) + 1000.0 * person
        parts.append(frame)
    data = load_data(pd.concat(parts), sequence="person", time="t", lookback=10, standardize="none")
    assert any(
        "6 gaps of time cut recordings, and no window crosses them: gap=5" in note for note in data.reading.notes
    )
    count = 0
    for name in SPLITS:
        windows = np.asarray(getattr(at_steps(data), name).values)[:, :, 0].astype(int)
        assert not ((windows[:, 0] < 50) & (windows[:, -1] >= 50)).any()
        count += len(windows)
    assert count == 6 * (41 + 21)
    assert data.grouped_by == "recording"
    whole = load_data(pd.concat(parts), sequence="person", time="t", lookback=10, gap=40)
    assert sum(len(at_steps(whole).split(name)) for name in SPLITS) == 6 * 71


def test_pieces_of_a_recording_are_in_one_split():
    parts = [recording(60, person).assign(person=f"P{person}") for person in range(8)]
    times = np.concatenate([np.arange(60) + np.where(np.arange(60) >= 30, 99, 0)] * 8)
    data = load_data(pd.concat(parts).assign(t=times), sequence="person", time="t", lookback=5)
    groups = [set(data.split(name).groups.tolist()) for name in SPLITS]
    assert sum(map(len, groups)) == len(set.union(*groups)) == 8


def test_recordings_without_room_for_the_longest_window_are_left_out_and_counted():
    parts = [recording(length, number).assign(id=number) for number, length in enumerate([40, 40, 40, 6, 40])]
    data = load_data(pd.concat(parts), lookback=10)
    assert sum(len(data.split(name)) for name in SPLITS) == 4
    assert any(
        note.startswith("1 of 5 recordings are left out, as no window of 10 steps") for note in data.reading.notes
    )
    with pytest.raises(DataError, match="has only 0 of 5 recordings in which a window of 50 steps ends"):
        load_data(pd.concat(parts), lookback=50)


def test_rows_that_are_sorted_by_their_label_are_no_recording():
    frame = recording(300).sort_values("label")
    with pytest.raises(UsageError, match="no column for the sequence of each row"):
        load_data(frame)


def test_rows_in_no_order_are_no_recording():
    frame = recording(300).sample(frac=1, random_state=0)
    with pytest.raises(UsageError, match="no column for the sequence of each row"):
        load_data(frame)


def test_options_of_steps_are_refused_where_sequences_have_targets():
    values = np.random.default_rng(0).normal(size=(20, 6, 1))
    for option in ({"lookback": 3}, {"label": "pure"}, {"stride": 2}, {"gap": 3.0}):
        with pytest.raises(UsageError, match=f"{next(iter(option))} applies only where every step has a target"):
            load_data(values, np.arange(20) % 2, **option)


def test_numbers_of_steps_are_in_their_own_units():
    random = np.random.default_rng(0)
    values = random.normal(size=(30, 20, 1))
    numbers = 100 + 7 * values[:, :, 0]
    ending = at_steps(load_data(values, numbers, task="step_regression", lookback=4))
    assert ending.num_outputs == 1
    known = np.sort(numbers[:, 3:].ravel())
    found = np.concatenate([ending.split(name).numbers[:, 0] for name in SPLITS])
    np.testing.assert_allclose(np.sort(found), known, rtol=1e-5)
    assert abs(ending.train.targets.mean()) < 0.2


def test_numbers_of_steps_keep_their_units_in_folds():
    random = np.random.default_rng(0)
    values = random.normal(size=(30, 20, 1))
    data = load_data(values, 100 + 7 * values[:, :, 0], task="step_regression", lookback=4)
    fold = at_steps(fold_of(data, 5, 2, seed=0).dataset)
    np.testing.assert_allclose(fold.validation.numbers[:, 0], 100 + 7 * last_of(fold.validation, fold), rtol=1e-4)
    assert len(np.unique(fold.validation.cases)) == len(fold_of(data, 5, 2, seed=0).sequences)


def last_of(split, dataset):
    """The last value of each window, as it was before it was standardised."""
    return np.asarray(split.values)[:, -1, 0] * dataset.scaling.deviation + dataset.scaling.mean
