"""What the pictures of a study show, as tables."""

import numpy as np
import pytest

import lengthwise
from lengthwise.plots.curves import mean_learning_curves
from lengthwise.report.made import command_of, describe


@pytest.fixture(scope="module")
def ended(small):
    """A study whose runs patience ended at different steps."""
    return lengthwise.Study(
        small, seq_lens="3,8", seeds=4, budget="steps=400", hidden_size=5, num_layers=1, batch_size=16, lr=0.02,
        validate_every=5, patience=2, recipe="notebook"
    ).run()  # fmt: skip


def test_means_are_over_all_seeds_or_not_there(ended):
    (answer,) = ended.answers()
    runs = ended.results
    assert runs.groupby("seq_len").updates.nunique().max() > 1
    means = mean_learning_curves(answer)
    for seq_len, rows in means.groupby("seq_len"):
        shortest = runs[runs.seq_len == seq_len].updates.min()
        assert rows["update"].tolist() == list(range(5, shortest + 1, 5))
        first = answer.learning_curves.query("seq_len == @seq_len and update == 5")
        assert len(first) == 4
        np.testing.assert_allclose(rows.val_score.iloc[0], first.val_score.mean())


def test_costs_and_the_table_are_those_of_the_steps_that_were_made(ended):
    (answer,) = ended.answers()
    runs = ended.results
    assert (runs.updates < 400).any()
    assert (runs.timesteps == runs.updates * 16 * runs.seq_len).all()
    for seq_len, row in answer.table().iterrows():
        own = runs[runs.seq_len == seq_len]
        assert (row.updates, row.timesteps) == (own.updates.median(), own.timesteps.median())


def test_the_page_says_that_the_budget_is_the_most_and_how_to_make_the_study_again(ended):
    assert describe(ended).endswith("4 seeds each, at most 400 training steps a training")
    command = command_of(ended)
    assert "--patience 2 --validate-every 5" in command


def test_settings_that_are_none_in_one_configuration_have_their_answer(small):
    study = lengthwise.Study(
        small, seq_lens="3,8", seeds=2, budget="steps=20", hidden_size=5, num_layers=1, batch_size=16,
        ema_decay=[None, 0.9], recipe="notebook"
    ).run()  # fmt: skip
    found = study.answers()
    assert [answer.configuration for answer in found] == [{"ema_decay": None}, {"ema_decay": 0.9}]
    assert [len(answer.runs) for answer in found] == [4, 4]
