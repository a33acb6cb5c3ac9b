"""Saved networks, judged again."""

import pytest

import lengthwise
from lengthwise.errors import UsageError
from lengthwise.training.evaluation import evaluate_exactly
from tests.idx_files import write_folder


@pytest.fixture(scope="module")
def run(small_folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "run"
    return lengthwise.train(small_folder, out=out, quiet=True, seq_len=5, hidden_size=7, batch_size=16)


@pytest.mark.parametrize("split", ["train", "validation", "test"])
@pytest.mark.parametrize("seq_len", [None, 1, 8])
def test_a_saved_network_is_evaluated_at_any_length_on_any_split(run, small, split, seq_len):
    evaluation = lengthwise.evaluate(run.out, split=split, seq_len=seq_len)
    parameters = run.network.flat(run.parameters)
    assert evaluation == evaluate_exactly(run.network, parameters, small.split(split), seq_len or 5)


def test_a_saved_network_is_evaluated_on_other_data(run, tmp_path):
    other = write_folder(tmp_path / "longer", num_steps=12)
    assert lengthwise.evaluate(run.out, data=other).num_windows == 100 * 8


@pytest.mark.parametrize("shape", [{"features": 5}, {"num_classes": 4}], ids=str)
def test_data_that_the_network_was_not_made_for_are_refused(run, tmp_path, shape):
    with pytest.raises(UsageError, match=r"but the network of .* was made for classification with 6 and 3"):
        lengthwise.evaluate(run.out, data=write_folder(tmp_path / "other", **shape))


def test_a_saved_network_is_evaluated_at_several_lengths_as_at_each(run):
    for seq_lens, expected in (("1:3,8", (1, 2, 3, 8)), ([7, 2], (2, 7)), ("all", range(1, 9))):
        found = lengthwise.evaluate_lengths(run.out, seq_lens, split="validation")
        assert found == [lengthwise.evaluate(run.out, seq_len=length, split="validation") for length in expected]


def test_no_length_at_all_is_refused(run):
    with pytest.raises(UsageError, match="seq_lens names no length: choose from 1 to 8"):
        lengthwise.evaluate_lengths(run.out, [])


def test_lengths_that_the_sequences_do_not_have_are_refused(run):
    with pytest.raises(UsageError, match="seq_len is 9, but the sequences have 8 steps: choose 1 to 8"):
        lengthwise.evaluate_lengths(run.out, "7:9")
