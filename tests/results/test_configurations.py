"""Runs that differ in a setting beside their length: which are answered one by one, and which are asked about."""

import numpy as np
import pandas as pd
import pytest

from lengthwise.errors import LengthwiseWarning, UsageError
from lengthwise.results.decide import decide
from lengthwise.results.sources import read_runs
from lengthwise.results.told import tell
from lengthwise.study.study import Study


def grid(lengths=(8, 16, 32), seeds=3, enough=16, **columns):
    """Return a row for each length and seed, with accuracies that rise up to a length, and more columns."""
    rows = [(s, seed, 0.90 + 0.05 * (s >= enough) + 0.001 * seed) for s in lengths for seed in range(seeds)]
    return pd.DataFrame(rows, columns=["seq_len", "seed", "val_acc"]).assign(**columns)


def values_of(frame, **options):
    return [each.values for each in tell(read_runs(frame), **options).configurations]


BOTH = pd.concat([grid(model="lstm"), grid(model="gru", enough=32)])


def test_each_configuration_has_the_answer_that_it_has_alone():
    answers = decide(BOTH).answers()
    assert [answer.configuration for answer in answers] == [{"model": "gru"}, {"model": "lstm"}]
    assert [answer.recommendation.seq_len for answer in answers] == [32, 16]
    for answer in answers:
        (alone,) = decide(BOTH, where=answer.configuration).answers()
        assert alone.recommendation == answer.recommendation
        assert alone.sentence == answer.sentence


def test_the_study_keeps_them(tmp_path):
    decide(BOTH, out=tmp_path)
    opened = Study.load(tmp_path)
    assert [answer.name for answer in opened.answers()] == ["model gru", "model lstm"]
    assert opened.results.groupby("model").size().to_dict() == {"gru": 9, "lstm": 9}


def test_all_combinations_that_there_are_have_answers():
    parts = [grid(cell=cell, lr=lr) for cell in ("gru", "lstm") for lr in (0.1, 0.01)]
    assert values_of(pd.concat(parts[:3])) == [
        {"cell": "gru", "lr": 0.01},
        {"cell": "gru", "lr": 0.1},
        {"cell": "lstm", "lr": 0.1},
    ]
    assert len(decide(pd.concat(parts)).answers()) == 4


def test_what_another_setting_determines_is_no_configuration_of_its_own():
    sizes = {"lstm": 64, "gru": 80}
    assert values_of(BOTH.assign(hidden=BOTH.model.map(sizes))) == [{"model": "gru"}, {"model": "lstm"}]
    goes_with_both = BOTH.assign(batch_size=BOTH.seq_len * BOTH.model.map(sizes))
    found = tell(read_runs(goes_with_both))
    assert [each.values for each in found.configurations] == [{"model": "gru"}, {"model": "lstm"}]
    assert found.notes[0].startswith("model gru: batch_size goes with the length (640: 8; 1280: 16; 2560: 32)")


def test_a_configuration_of_one_length_is_left_out_and_named():
    naive = pd.DataFrame({"seq_len": [1], "seed": [0], "val_acc": [0.5], "model": ["naive"]})
    found = tell(read_runs(pd.concat([BOTH, naive])))
    assert [each.values for each in found.configurations] == [{"model": "gru"}, {"model": "lstm"}]
    assert found.notes == ("model naive is left out: it was tried at one length only",)
    alone = tell(read_runs(pd.concat([grid(model="gru"), naive])))
    assert [each.values for each in alone.configurations] == [{}]


@pytest.mark.parametrize(
    "frame",
    [
        pd.concat([grid(attempt=attempt).drop(columns="seed") for attempt in ("a", "b")]).iloc[::3],  # another run?
        pd.concat([grid(lr=0.1 * place) for place in range(1, 14)]),  # many
        grid(seeds=4).assign(lr=np.linspace(0.1, 0.9, 12)),  # one length each
        pd.concat([grid(metric="f1"), grid(metric="accuracy")]),  # scores of two kinds
        pd.concat([grid(kind="a"), grid(kind="b")]).rename(columns={"kind": 'the "kind"'}),
    ],
)
def test_what_is_not_certain_is_asked(frame):
    with pytest.raises(UsageError, match="differ in more than their length"):
        tell(read_runs(frame))


def test_errors_on_scales_too_different_for_one_margin_are_asked_about():
    errors = BOTH.assign(val_mae=1 - BOTH.val_acc).drop(columns="val_acc")
    assert len(decide(errors).answers()) == 2
    by_data = errors.assign(val_mae=errors.val_mae * np.where(errors.model == "gru", 1, 100))
    with pytest.raises(UsageError, match="differ in more than their length: model"):
        decide(by_data)


def test_the_margin_is_wide_for_none():
    errors = BOTH.assign(val_mae=(1 - BOTH.val_acc) * np.where(BOTH.model == "gru", 1, 1.5)).drop(columns="val_acc")
    smallest = errors.groupby(["model", "seq_len"]).val_mae.mean().min()
    assert decide(errors).answers()[1].recommendation.margin == pytest.approx(0.02 * smallest)


def test_cases_may_differ_between_configurations():
    cases = pd.concat(
        [BOTH.assign(subject=name, val_acc=BOTH.val_acc + 0.01 * number) for number, name in enumerate("abcd")]
    )
    fewer = cases[(cases.model == "lstm") | (cases.subject != "d")]
    assert [answer.cases.count for answer in decide(fewer).answers()] == [3, 4]


def test_a_note_of_one_configuration_has_its_name():
    twice = pd.concat([BOTH, BOTH[BOTH.model == "gru"].head(1)])
    with pytest.warns(LengthwiseWarning, match="the frame: model gru: 1 rows that are there twice count once"):
        decide(twice)
