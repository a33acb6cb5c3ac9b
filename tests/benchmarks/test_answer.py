import numpy as np
import pytest

from benchmarks import answer_panel, answer_truth
from benchmarks.answer_chart import draw
from benchmarks.answer_panel import PANEL, Entry, Found, answered
from benchmarks.answer_rules import (
    Chosen,
    Trainings,
    best_of_one_seed,
    guess_of_a_fifth,
    guess_of_an_eighth,
    one_standard_error,
    optuna_hyperband,
    optuna_tpe,
    ours,
    ours_of_a_fifth,
    replayed,
)
from benchmarks.answer_tables import answer_rows, results_of, rule_rows
from benchmarks.answer_truth import Truth, contenders, find_truth, oriented
from benchmarks.synthetic_studies import played
from lengthwise.analysis import Looks

NOISE = 0.001 * np.random.default_rng(0).normal(size=(12, 12))
STEP = np.array([0.8] * 5 + [0.9] * 7)[:, None] + NOISE
"""Scores of twelve lengths with as many seeds, of which those from the sixth on are good."""

LENGTHS = (*range(1, 11), 20, 40)
STEPS = Trainings(LENGTHS, STEP, 0.005, {1: STEP - 0.2, 3: STEP - 0.1})


def test_ours_finds_the_step_with_few_trainings():
    place, trained = ours(STEPS)
    assert place == 5
    assert trained.sum() < 5 * len(STEP)


def test_ours_of_a_fifth_trains_no_more_than_a_run_a_length_and_guesses_all_the_same():
    place, trained = ours_of_a_fifth(STEPS)
    assert (place, trained.sum() <= len(STEP)) == (-1, True)
    guess, same = guess_of_a_fifth(STEPS)
    assert (guess >= 5, same.tolist()) == (True, trained.tolist())
    guess, fewer = guess_of_an_eighth(STEPS)
    assert (guess >= 5, fewer.sum() <= 7) == (True, True)


def test_what_is_left_of_the_trainings_goes_to_the_best_two():
    looks = Looks.from_single_runs(first=2, last=12)
    end = played(STEP, looks, margin=STEPS.margin, lengths=LENGTHS, most=15)
    means = {length: np.mean(STEP[LENGTHS.index(length), :2]) for length in set(end.seq_lens)}
    best = sorted(means, key=means.__getitem__)[-2:]
    assert (end.place, len(end.seq_lens)) == (-1, 15)
    assert [end.seq_lens.count(length) for length in best] == [3, 3]


def test_the_other_rules_choose_among_the_good_ones():
    assert best_of_one_seed(STEPS).place >= 5
    place, trained = one_standard_error(STEPS)
    assert (place >= 5, trained.sum()) == (True, 60)


def test_optuna_has_as_many_trials_as_lengths_and_hyperband_ends_some_early():
    pytest.importorskip("optuna")
    place, trained = optuna_tpe(STEPS)
    assert (place >= 5, trained.sum()) == (True, 12)
    place, trained = optuna_hyperband(STEPS)
    assert place >= 5
    assert 12 / 9 <= trained.sum() < 12


def test_a_rule_that_always_takes_the_shortest_is_always_wrong():
    play = replayed(lambda _: Chosen(0, np.ones(12)), STEPS)
    assert (play.wrong, play.none, play.length) == (1.0, 0.0, pytest.approx(1 / 6))
    assert play.trained.tolist() == [1.0] * 12


def test_a_rule_that_chooses_nothing_is_never_wrong():
    play = replayed(lambda _: Chosen(-1, np.zeros(12)), STEPS)
    assert (play.wrong, play.none) == (0.0, 1.0)


def test_every_seed_is_once_the_first():
    firsts = [order.scores[0, 0] for order in STEPS.orders()]
    assert sorted(firsts) == sorted(STEP[0])
    assert [order.early[1][0, 0] for order in STEPS.orders()] == [first - 0.2 for first in firsts]


def test_lengths_far_below_the_best_get_no_more_seeds():
    assert contenders(list(range(1, 13)), STEP, 0.005) == [6, 7, 8, 9, 10, 11, 12]


def test_the_truth_is_in_margins_from_the_best():
    truth = Truth("", 0, 0.01, False, [2, 4, 8], [[0.5, 0.5], [0.405, 0.405], [0.4, 0.4, 0.4]])
    assert truth.losses.tolist() == pytest.approx([10, 0.5, 0])
    assert (truth.shortest, truth.num_seeds) == (4, 2)
    assert oriented(truth.scores, False).shape == (3, 3)


def test_a_small_data_set_is_answered_and_its_truth_is_trained(tmp_path, monkeypatch):
    monkeypatch.setattr(answer_panel, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(answer_truth, "RESULTS", tmp_path / "results")
    entry = Entry("walk", "{file}?task=forecasting&horizon=1&lookback=3", PANEL[-1].write)
    found = answered(entry, tmp_path, "2m")
    assert found.lengths == [1, 2, 3]
    found.save(entry)
    assert Found.load_of(entry) == found
    truth = find_truth(entry, tmp_path, 4)
    assert max(map(len, truth.scores)) == 4
    assert {share: np.shape(scores) for share, scores in truth.early.items()} == {"1/9": (3, 2), "1/3": (3, 2)}
    truth.save(entry)
    results = results_of((entry, Entry("other", "other")))
    assert [result.name for result in results] == ["walk"]
    header, row = answer_rows(results)
    assert row[0] == "walk"
    assert row[header.index("trainings")] == str(found.runs)
    assert row[header.index("seeds")] == "4"
    assert list(rule_rows(results, None)) == []
    draw(results, tmp_path / "answer.png")
    assert (tmp_path / "answer.png").stat().st_size > 0


def test_the_files_of_the_panel_are_the_same_every_time(tmp_path):
    for entry in PANEL:
        if entry.write is None or entry.name == "sunspots":
            continue
        entry.dataset(tmp_path)
        first = (tmp_path / f"{entry.name}.{entry.ending}").read_bytes()
        entry.write(tmp_path / "again")
        assert (tmp_path / "again").read_bytes() == first
