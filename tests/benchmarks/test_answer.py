import numpy as np
import pytest

from benchmarks import answer
from benchmarks.answer_panel import PANEL, Entry, Found, answered, with_truth
from benchmarks.answer_rules import best_of_one_seed, one_standard_error, ours, replayed

STEP = np.array([0.8] * 5 + [0.9] * 7)[:, None] + 0.001 * np.random.default_rng(0).normal(size=(12, 12))
"""Scores of twelve lengths with as many seeds, of which those from the sixth on are good."""


def test_ours_finds_the_step_with_few_trainings():
    place, trainings = ours(STEP, 0.005)
    assert place == 5
    assert trainings < 5 * len(STEP)


def test_the_other_rules_choose_among_the_good_ones():
    assert best_of_one_seed(STEP, 0.005)[0] >= 5
    place, trainings = one_standard_error(STEP, 0.005)
    assert (place >= 5, trainings) == (True, 60)


def test_a_rule_that_always_takes_the_shortest_is_always_wrong():
    assert replayed(lambda scores, _: (0, len(scores)), STEP, 0.005) == (1.0, 0.0, 12.0, pytest.approx(1 / 6))
    assert replayed(lambda scores, _: (-1, len(scores)), STEP, 0.005)[:2] == (0.0, 1.0)


def test_a_small_data_set_is_answered_and_its_truth_is_trained(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.answer_panel.RESULTS", tmp_path / "results")
    monkeypatch.setattr(answer, "RESULTS", tmp_path / "results")
    entry = Entry("walk", "{file}?task=forecasting&horizon=1&lookback=3", PANEL[-1].write)
    found = answered(entry, tmp_path, "2m")
    assert found.lengths == [1, 2, 3]
    found.save(entry)
    assert Found.load(entry) == found
    whole = with_truth(entry, found, tmp_path, 2)
    assert np.shape(whole.scores) == (3, 2)
    whole.save(entry)
    rows = list(answer.table_of_answers((entry,)))
    assert rows[1][0] == "walk"
    assert rows[1][3] == str(found.runs)
