"""Studies of steps whose targets lie a known number of steps back: every length is judged with exactly so much past."""

import numpy as np
import pandas as pd
import pytest

import lengthwise

SETTINGS = {"cell": "gru", "hidden_size": 16, "num_layers": 1, "lr": 0.02, "batch_size": 32, "recipe": "notebook"}


def classes(values):
    """Return whether the value three steps before, the fourth of the last ones, is positive."""
    return (np.roll(values, 3, axis=1) > 0).astype(int)


def numbers(values):
    """Return the mean of the last four values."""
    return sum(np.roll(values, back, axis=1) for back in range(4)) / 4


@pytest.mark.parametrize(("target", "task"), [(classes, "tagging"), (numbers, "step_regression")])
def test_as_many_steps_are_enough_as_a_target_needs(target, task):
    values = np.random.default_rng(0).normal(size=(90, 30))
    data = lengthwise.load_data(values[:, :, None], target(values), task=task, lookback=8, name="steps")
    study = lengthwise.Study(data, seq_lens="1,3,4,8", seeds=3, folds=0, budget="steps=300", **SETTINGS).run()
    (answer,) = study.answers(margin=0.02 if task == "tagging" else None)
    assert answer.recommendation.seq_len == 4


def test_of_one_recording_with_a_label_a_row_the_folds_find_how_far_back_the_label_reaches(tmp_path):
    values = np.random.default_rng(5).normal(size=1800)
    means = np.convolve(values, np.ones(6) / 6)[:1800]
    path = tmp_path / "recording.csv"
    pd.DataFrame({"sensor": values.round(4), "state": np.where(means > 0, "on", "off")}).to_csv(path, index=False)
    (answer,) = lengthwise.Study(f"{path}?target=state").run().answers()
    assert answer.recommendation.seq_len == 6
    assert answer.cases.folds == 5
    assert answer.cases.title.startswith("stretches")
