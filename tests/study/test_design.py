"""Which runs a study has."""

import pytest

from lengthwise.errors import UsageError
from lengthwise.study.design import Design
from lengthwise.study.network_design import make_design, network_runs


def make(dataset, **given_options):
    settings = given_options.pop("settings", {})
    return make_design(dataset, settings=settings, **given_options)


def test_the_study_is_the_product_of_lengths_seeds_and_settings(small):
    design = make(small, seq_lens="2,8", seeds=2, budget="steps=5", settings={"hidden_size": [3, 4], "lr": (0.1, 0.2)})
    runs = network_runs(design, small)
    found = {(run.seq_len, run.seed, run.hidden_size, run.lr) for run in runs}
    assert found == {(s, seed, h, lr) for s in (2, 8) for seed in (0, 1) for h in (3, 4) for lr in (0.1, 0.2)}
    assert len(runs) == 16
    assert {run.steps for run in runs} == {5}
    assert design.varied == ("hidden_size", "lr")


def test_epochs_as_budget_become_the_updates_of_each_length(small):
    design = make(small, seq_lens="2,8", seeds=1, budget="epochs=3", settings={"batch_size": 20})
    assert [(run.seq_len, run.steps) for run in network_runs(design, small)] == [
        (2, 3 * 220 * 7 // 20),
        (8, 3 * 220 // 20),
    ]


def test_seeds_may_be_named(small):
    assert make(small, seeds=[7, 3]).seeds == (7, 3)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"seeds": 0}, "seeds is 0, but must be 1 or more"),
        ({"seeds": []}, "seeds is empty"),
        ({"seeds": [1, 1]}, "seeds names a value twice: 1, 1"),
        ({"seq_lens": "3:9"}, "seq_len is 9, but the sequences have 8 steps: choose 1 to 8"),
        ({"eval_lens": [0]}, "eval_len is 0, but the sequences have 8 steps"),
        ({"settings": {"seq_len": 3}}, "seq_len is not a setting of a study: give seq_lens"),
        ({"settings": {"epochs": 3}}, "epochs is not a setting of a study: give budget"),
        ({"settings": {"hiden_size": 3}}, "did you mean 'hidden_size'"),
        ({"settings": {"hidden_size": [3, 0]}}, "hidden_size is 0"),
        ({"settings": {"hidden_size": []}}, "hidden_size has no value"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(small, options, sentence):
    with pytest.raises(UsageError, match=sentence):
        make(small, **options)


def test_a_design_survives_json(small):
    design = make(small, seq_lens="2,8", eval_lens="all", settings={"cell": ["rnn"], "lr": [0.1, 0.2]})
    assert Design.from_json(design.to_json()) == design


def test_differences_name_what_was_and_what_is(small):
    one = make(small, seq_lens="2,8", seeds=2, settings={"lr": [0.1, 0.2]})
    other = make(small, seq_lens="2", seeds=2)
    assert other.differences(one) == ["seq_lens is 2, was 2, 8", "lr is 0.001, was 0.1, 0.2"]
    assert one.differences(one) == []


def test_a_length_with_more_seeds_gets_the_numbers_after_the_largest(small):
    design = make(small, seeds=[0, 2])
    more = Design(**vars(design) | {"more_seeds": {4: 4}})
    assert more.seeds_of(4) == (0, 2, 3, 4)
    assert more.seeds_of(5) == (0, 2)
