"""``lengthwise study`` on data as small as they come, with few options: nothing is refused for a default."""

import json

import numpy as np
import pandas as pd
import pytest

from tests.processes import lengthwise

RANDOM = np.random.default_rng(0)


def arrays(path, targets, **more):
    file = path / "few.npz"
    np.savez(file, X=RANDOM.normal(size=(len(targets), 6, 2)).astype(np.float32), y=targets, **more)
    return file


def two_classes(path):
    return arrays(path, np.arange(20) % 2)


def ten_classes(path):
    return arrays(path, np.arange(60) % 10)


def numbers(path):
    return arrays(path, RANDOM.normal(size=20))


def people(path):
    return arrays(path, np.arange(24) % 2, groups=np.repeat([f"P{number}" for number in range(6)], 4))


def series(path):
    file = path / "series.csv"
    dates = pd.date_range("2026-01-01", periods=50)
    pd.DataFrame({"date": dates, "sales": RANDOM.normal(size=50).cumsum()}).to_csv(file, index=False)
    return file


@pytest.mark.parametrize("few", [two_classes, ten_classes, numbers, people, series])
def test_a_study_with_no_options_but_what_makes_it_short_takes_few_sequences(few, tmp_path):
    out = tmp_path / "study"
    done = lengthwise("study", "--data", few(tmp_path), "--budget", "steps=20", "--seeds", "2", "--out", out)
    assert done.returncode == 0, done.stderr
    (answer,) = json.loads((out / "answer.json").read_text())
    assert answer["sentence"].endswith(".")
    assert answer["sentence"] in " ".join(done.stdout.split())
    assert (answer["failed"], answer["runs"] > 0) == ([], True)
