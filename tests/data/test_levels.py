"""Features and targets far from 0 keep what varies in them."""

import numpy as np
import pandas as pd
import pytest

import lengthwise

LEVEL = 312_000_000
WAVES = np.random.default_rng(0).normal(size=(40, 6, 1))
LABELS = np.arange(40) % 2


def standardised(values, labels=LABELS):
    return np.concatenate([part.values for part in parts(lengthwise.load_data(values, labels))])


def parts(dataset):
    return dataset.train, dataset.validation, dataset.test


def test_a_far_level_changes_nothing_but_a_note():
    far = lengthwise.load_data(WAVES + LEVEL, LABELS)
    near = lengthwise.load_data(WAVES, LABELS)
    assert np.abs(far.train.values - near.train.values).max() < 1e-6
    (note,) = far.reading.notes
    assert note.startswith("read feature 0 less 31")
    assert near.reading.notes == ()


def test_sequences_of_different_lengths_keep_it_too():
    lists = [wave[: 3 + number % 4] for number, wave in enumerate(WAVES)]
    far = lengthwise.load_data([one + LEVEL for one in lists], LABELS)
    near = lengthwise.load_data(lists, LABELS)
    assert np.abs(far.train.values - near.train.values).max() < 1e-6
    assert far.train.lengths.tolist() == near.train.lengths.tolist()


@pytest.mark.parametrize("layout", ["long", "wide"])
def test_tables_keep_it(tmp_path, layout):
    values = np.round(WAVES[:, :, 0], 3)
    for name, level in (("near", 0), ("far", LEVEL)):
        if layout == "wide":
            frame = pd.DataFrame(values + level).assign(label=LABELS)
        else:
            rows = {"id": np.repeat(np.arange(40), 6), "t": np.tile(np.arange(6), 40), "label": LABELS.repeat(6)}
            frame = pd.DataFrame(rows | {"x": values.ravel() + level})
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    far, near = (lengthwise.load_data(tmp_path / f"{name}.csv", layout=layout) for name in ("far", "near"))
    assert np.abs(far.train.values - near.train.values).max() < 1e-6


@pytest.mark.parametrize("standardize", ["train", "none"])
def test_targets_keep_it(standardize):
    numbers = WAVES.sum(axis=(1, 2))
    found = lengthwise.load_data(WAVES, LEVEL + numbers, standardize=standardize)
    own = np.concatenate([part.numbers[:, 0] for part in parts(found)])
    assert np.abs(np.sort(own) - np.sort(LEVEL + numbers)).max() < 1e-6


def test_what_32_bits_hold_is_left_as_it_is():
    whole = lengthwise.load_data(np.round(WAVES * 100) + 1_000_000, LABELS)
    constant = lengthwise.load_data(np.concatenate([WAVES, np.full_like(WAVES, 7.1981074)], axis=2), LABELS)
    assert whole.reading.notes == constant.reading.notes == ()
