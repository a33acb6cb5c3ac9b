"""Data sets in other packages: scikit-learn's digits, seglearn's watch, aeon's archive. None is downloaded."""

import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from lengthwise._internal.extras import folder_of
from lengthwise.data.arrays import padded
from lengthwise.data.options import Options
from lengthwise.data.sequence_types import Sequences
from lengthwise.data.ts_files import TEST_ENDING, TRAIN_ENDING, read_pair
from lengthwise.errors import DataError, UsageError

DIGITS_WHITE = 16
"""The largest grey level of scikit-learn's digits."""

WATCH_RATE = 50.0
"""Steps a second of seglearn's watch data, by the paper that `read_watch` names."""


def read_digits(_name: str, _options: Options) -> Sequences:
    """Return scikit-learn's 1,797 digits of 8 × 8 pixels: 8 rows are 8 steps; grey levels become 0 to 1."""
    path = folder_of("sklearn", "digits", "digits") / "datasets" / "data" / "digits.csv.gz"
    try:
        rows = np.loadtxt(path, delimiter=",")
        images, targets = rows[:, :-1].reshape(-1, 8, 8), rows[:, -1]
    except (OSError, ValueError, EOFError, zlib.error) as error:
        raise DataError(f"{path} is not the file that scikit-learn provides: {error}.") from error
    return Sequences(
        source="digits",
        values=(images / DIGITS_WHITE).astype(np.float32),
        targets=targets.astype(np.int64),
        classes=tuple(map(str, range(10))),
        scaled=True,
    )


def read_airline(_name: str, options: Options) -> Sequences:
    """Return the passengers of international airlines, in thousands, month by month from 1949 to 1960.

    144 steps of one series, to be forecast; by default twelve steps ahead, with a season of twelve, as ratios to the
    last month. (Box and Jenkins, Time series analysis: forecasting and control, 1976, series G.)
    """
    path = folder_of("aeon", "airline", "aeon") / "datasets" / "data" / "Airline" / "Airline.csv"
    try:
        passengers = np.loadtxt(path, np.float32, delimiter=",", skiprows=1, usecols=1)
    except (OSError, ValueError, IndexError) as error:
        raise DataError(f"{path} is not the file that aeon provides: {error}.") from error
    usual = {"task": "forecasting", "horizon": 12, "season": 12, "relative": "ratio"}
    return Sequences(
        source="airline",
        values=passengers[None, :, None],
        targets=np.zeros(1, np.int64),
        features=("passengers",),
        options=Options.make(usual | options.given),
    )


def read_watch(_name: str, options: Options) -> Sequences:
    """Return seglearn's watch data: seven shoulder exercises, ten subjects, an accelerometer and a gyroscope at 50 Hz.

    140 series of 947 to 2,618 steps of six channels. Splits are drawn by subject, so that a network is evaluated on
    people who are not in its training data. (Burns et al., Shoulder physiotherapy exercise recognition, 2018, arXiv
    1802.01489.)
    """
    path = folder_of("seglearn", "watch", "watch") / "data" / "watch_dataset.npy"
    try:
        data = np.load(path, allow_pickle=True).item()  # a part of the installed package, as trusted as its code
        values, lengths = padded(data["X"], "watch")
        return Sequences(
            source="watch",
            values=values,
            targets=np.asarray(data["y"], np.int64),
            lengths=lengths,
            groups=np.asarray(data["subject"]),
            grouped_by="subject",
            features=tuple(data["X_labels"]),
            classes=tuple(data["y_labels"]),
            options=replace(options, rate=WATCH_RATE),
        )
    except (OSError, KeyError, ValueError) as error:
        raise DataError(f"{path} is not the file that seglearn 1.2 provides: {error}.") from error


def aeon_names() -> list[str]:
    """Return the names of the problems in the installed aeon that have a training and a test file."""
    folder = _aeon_folder()
    return sorted(path.name.removesuffix(TRAIN_ENDING) for path in folder.glob(f"*/*{TRAIN_ENDING}") if _has_test(path))


def read_aeon(name: str, _options: Options) -> Sequences:
    """Return a problem of the UCR and UEA archives that is part of aeon: ``aeon:JapaneseVowels``."""
    problem = name.removeprefix("aeon:")
    if problem not in aeon_names():
        raise UsageError(f"aeon has no problem {problem!r}: choose from {', '.join(aeon_names())}.")
    train = next(_aeon_folder().glob(f"*/{problem}{TRAIN_ENDING}"))
    return read_pair(train, _test_of(train))


def _aeon_folder() -> Path:
    return folder_of("aeon", "a data set of aeon's", "aeon") / "datasets" / "data"


def _test_of(train: Path) -> Path:
    return train.with_name(train.name.removesuffix(TRAIN_ENDING) + TEST_ENDING)


def _has_test(train: Path) -> bool:
    return _test_of(train).exists()
