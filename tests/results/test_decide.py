"""Results that exist become a study, with its answer, its files and its store."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest

import lengthwise
from lengthwise.analysis import LengthScores, recommend
from lengthwise.errors import LengthwiseWarning, UsageError
from lengthwise.results.decide import command_of, decide
from lengthwise.study.study import Study

RANDOM = np.random.default_rng(0)
ROWS = [(s, r, 0.95 - 0.02 * (s < 16) + 0.001 * RANDOM.normal()) for s in (8, 16, 24) for r in range(4)]
TABLE = pd.DataFrame(ROWS, columns=["seq_len", "seed", "val_acc"])


def test_the_answer_is_that_of_the_analysis():
    (answer,) = decide(TABLE).answers()
    assert answer.recommendation == recommend(LengthScores(*TABLE.to_numpy().T))
    assert answer.recommendation.seq_len == 16
    assert answer.sentence.startswith("16 of 24 steps are enough: with 95 % confidence, the accuracy is less than 0.5")


def test_missing_runs_and_other_seeds_are_no_hindrance():
    uneven = TABLE.drop(index=[1, 6, 11]).assign(seed=lambda frame: frame.seed + 10 * (frame.seq_len == 24))
    study = decide(uneven)
    assert study.results.groupby("seq_len").seed.apply(list).to_dict() == {
        8: [0, 2, 3],
        16: [0, 1, 3],
        24: [10, 11, 12],
    }
    assert study.answers()[0].recommendation == recommend(LengthScores(*uneven.to_numpy().T))


def test_the_order_of_rows_without_seeds_does_not_matter():
    without = TABLE.drop(columns="seed")
    bounds = [decide(frame).answers()[0].recommendation.bounds for frame in (without, without.sort_values("val_acc"))]
    assert bounds[0] == pytest.approx(bounds[1])


def test_single_runs_say_what_seems_and_that_they_cannot_show_it():
    (answer,) = decide(TABLE[TABLE.seed == 0]).answers()
    assert answer.recommendation.seq_len is None
    assert "too few seeds to tell the length from chance" in answer.sentence
    assert "did best" in answer.sentence


def test_one_length_is_answered_too():
    assert decide(TABLE[TABLE.seq_len == 8]).answers()[0].sentence.startswith("So far only 8 steps were tried")


def test_cases_widen_what_is_claimed():
    random = np.random.default_rng(1)
    of_case = {(s, c): 0.01 * random.normal() for s in (8, 16, 24) for c in range(12)}
    cases = pd.DataFrame([(*row[:2], c, row[2] + of_case[row[0], c]) for row in ROWS for c in range(12)])
    cases.columns = [*TABLE.columns[:2], "subject", "val_acc"]
    (answer,) = decide(cases, case="subject").answers()
    assert answer.cases.count == 12
    assert answer.cases.sentence == "12 cases of the validation split"
    values = cases.sort_values(["seq_len", "seed", "subject"]).val_acc.to_numpy().reshape(12, 12)
    scores = LengthScores(TABLE.seq_len, TABLE.seed, values.mean(axis=1), values)
    assert answer.recommendation.bounds == pytest.approx(recommend(scores).bounds, rel=1e-4)


def test_folds_of_one_seed_are_compared_as_divisions_of_the_same_data():
    study = decide(TABLE.rename(columns={"seed": "fold"}))
    (answer,) = study.answers()
    expected = recommend(LengthScores(*TABLE.to_numpy().T, overlap=1 / 3))
    assert answer.recommendation == expected
    assert answer.cases.sentence == "4 folds of the same data"
    assert study.store.subject.divisions == 4


def test_times_are_used_where_they_are_known():
    timed = decide(TABLE.assign(runtime=TABLE.seq_len * 10.0)).answers()[0]
    assert timed.costs.seconds.to_dict() == {8: 80, 16: 160, 24: 240}
    assert decide(TABLE).answers()[0].costs.seconds.isna().all()
    close = TABLE.assign(val_acc=TABLE.val_acc + 0.02 * (TABLE.seq_len == 8) - 0.003 * (TABLE.seq_len == 16))
    noisy = close.assign(val_acc=close.val_acc + 0.006 * np.random.default_rng(2).normal(size=len(close)))
    assert "more seeds." in decide(noisy).answers()[0].sentence
    assert "(about" in decide(noisy.assign(runtime=60)).answers()[0].sentence


def test_what_is_doubtful_is_a_warning():
    with pytest.warns(
        LengthwiseWarning, match=r"the frame: lengths are compared by val_acc, not by val_loss \(--score\)"
    ):
        decide(TABLE.assign(val_loss=0.3))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lengthwise.decide(TABLE)


def test_the_study_is_stored_reported_and_opened_again(tmp_path):
    study = decide(TABLE, out=tmp_path)
    files = lengthwise.write_results(study, tmp_path)
    assert {path.name for path in files} >= {"report.html", "results.csv", "answer.json", "accuracy_over_length.png"}
    assert not any("cost" in path.name for path in files)
    assert json.loads((tmp_path / "answer.json").read_text())[0]["recommended"] == 16
    page = (tmp_path / "report.html").read_text()
    assert "length: seq_len; score: val_acc (accuracy; higher is better); seed: seed" in page
    assert "<h2>What was trained when" not in page
    opened = Study.load(tmp_path)
    assert opened.answers()[0].sentence == study.answers()[0].sentence
    assert opened.pending() == []
    with pytest.raises(UsageError, match="read from a table: add runs there"):
        opened.run()


def test_the_page_tells_seeds_and_folds_where_there_are_any():
    def read(frame):
        return decide(frame).store.environment["told"]["trainer"]["read"]

    assert read(TABLE)["seeds"] == "0, 1, 2, 3"
    assert read(TABLE.rename(columns={"seed": "fold"}))["folds"] == "0, 1, 2, 3"
    assert not {"seeds", "folds"} & set(read(TABLE.drop(columns="seed")))


def test_a_later_table_takes_the_place_of_an_earlier_one_and_of_nothing_else(tmp_path):
    decide(TABLE, out=tmp_path)
    decide(TABLE.assign(val_acc=0.5), out=tmp_path)
    assert Study.load(tmp_path).results.val_score.unique().tolist() == [0.5]
    other = tmp_path / "other"
    Study(objective=lambda seq_len, seed: seed / seq_len, seq_lens="1,2", seeds=1, metric="accuracy", out=other)
    with pytest.raises(UsageError, match="was not read from a table: name another folder with --out"):
        decide(TABLE, out=other)


def test_the_command_that_repeats_it_has_what_was_given():
    given = {"length": "L", "seed": None, "where": {"model": "a b"}, "ignore": ["lr", "host"], "direction": "minimize"}
    assert command_of("my runs.csv", given) == (
        "lengthwise decide 'my runs.csv' --length L --where 'model=a b' --ignore lr,host --direction minimize"
    )
