"""Trainings of the user's own that vary in more than their length: each configuration has an answer of its own."""

import numpy as np
import pytest

from lengthwise.errors import UsageError
from lengthwise.study.command import Command, name_of
from lengthwise.study.study import Study
from lengthwise.study.trial import Trial

NEEDED = {"lstm": 8, "gru": 16}
AXES = {"model": ["lstm", "gru"]}


def fit(seq_len, seed, model):
    return 0.9 + 0.05 * (seq_len >= NEEDED[model]) + 0.001 * np.random.default_rng([seed, seq_len]).random()


def test_each_configuration_is_answered_and_kept(tmp_path):
    study = Study(objective=fit, metric="acc", seq_lens=[4, 8, 16], seeds=3, axes=AXES, out=tmp_path).run()
    found = {answer.name: answer.recommendation.seq_len for answer in study.answers()}
    assert found == {"model lstm": 8, "model gru": 16}
    results = study.results.set_index(["model", "seq_len", "seed"])
    assert len(results) == 18
    assert results.val_score[("gru", 8, 2)] == fit(8, 2, "gru")
    opened = Study.load(tmp_path, objective=fit)
    assert opened.pending() == []
    assert opened.design.axes == {"model": ("lstm", "gru")}


def test_seeds_are_added_where_one_of_them_needs_them():
    study = Study(objective=fit, metric="acc", seq_lens="1:24", axes=AXES).run()
    assert [answer.recommendation.seq_len for answer in study.answers()] == [8, 16]


def test_all_axes_are_combined_and_given_by_name():
    seen = []

    def noted(rate, seed, seq_len, model):
        seen.append((seq_len, seed, model, rate))
        return 1.0

    axes = {"model": ["a", "b"], "rate": [0.1, 0.2, None]}
    Study(objective=noted, metric="acc", seq_lens=[4], seeds=1, axes=axes).run()
    assert seen == [(4, 0, model, rate) for model in "ab" for rate in (0.1, 0.2, None)]


def test_trials_that_are_asked_for_have_their_configuration():
    study = Study.told(seq_lens=[4, 8, 16], seeds=2, metric="acc", axes=AXES)
    while (trial := study.ask()) is not None:
        assert study.tell(trial, fit(trial.seq_len, trial.seed, dict(trial.configuration)["model"]))
    assert [answer.recommendation.seq_len for answer in study.answers()] == [8, 16]
    with pytest.raises(UsageError, match="is no trial of this study"):
        study.tell(Trial(4, 0, configuration=(("model", "rnn"),)), 0.5)


def test_cases_may_differ_between_configurations_and_not_within():
    study = Study.told(seq_lens=[4, 8], seeds=1, metric="acc", axes=AXES)
    for seq_len, model, count in ((4, "lstm", 3), (4, "gru", 2), (8, "gru", 3)):
        study.tell(Trial(seq_len, 0, configuration=(("model", model),)), np.ones(count))
    assert study.results.status.tolist() == ["finished", "finished", "failed"]
    assert "seq_len 8, seed 0 has 3 scores, but seq_len 4, seed 0 has 2 scores" in study.results.reason.iloc[2]


def test_a_command_is_given_them_in_its_words(tmp_path):
    command = Command("echo {seq_len}.{size} {print}")
    axes = {"size": ["1", "5/6"]}
    study = Study(
        objective=command, metric="acc", direction="maximize", seq_lens=[4, 8], seeds=1, axes=axes, out=tmp_path
    )
    study.run()
    texts = {path.parent.name: path.read_text() for path in tmp_path.glob("runs/*/stdout.txt")}
    assert texts["len0004-seed0-size=1"] == "4.1 {print}\n"
    assert texts["len0008-seed0-size=5%2F6"] == "8.5/6 {print}\n"
    assert name_of(Trial(8, 0, configuration=(("size", "5/6"),))) == "len0008-seed0-size=5%2F6"


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ({"seed": [1]}, "axes has 'seed', but must have names of arguments that are not taken"),
        ({"two words": [1]}, "axes has 'two words'"),
        ({"model": "lstm"}, "axes has model='lstm', but must have several values, such as"),
        ({"model": [fit]}, r"among the values of model, but they must be texts or numbers"),
        ({"model": []}, "model has no value"),
        ({"model": [1, 1]}, "model has a value twice: 1, 1"),
        ({"rate": [1, 2]}, "objective: fit must take seq_len, seed, rate by these names"),
    ],
)
def test_axes_that_cannot_be_are_refused(axes, message):
    with pytest.raises(UsageError, match=message):
        Study(objective=fit, metric="acc", seq_lens=[4, 8], axes=axes)


def test_they_go_with_trainings_of_ones_own():
    with pytest.raises(UsageError, match="axes go with objective"):
        Study("mnist", axes=AXES)
    with pytest.raises(UsageError, match=r"axes has model, but the command has no \{model\}: write it where"):
        Study(objective=Command("echo {seq_len}"), metric="acc", seq_lens=[4, 8], axes=AXES, out="unused")
