"""Saved networks, judged again."""

import numpy as np
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


@pytest.mark.parametrize(
    ("seq_len", "expected"),
    [("1:3,8", [1, 2, 3, 8]), ([7, 2], [2, 7]), (range(2, 4), [2, 3]), ("5", [5]), ("all", list(range(1, 9)))],
)
def test_a_saved_network_is_evaluated_at_several_lengths_as_at_each(run, seq_len, expected):
    found = lengthwise.evaluate(run.out, seq_len=seq_len, split="validation")
    assert list(found) == expected
    for length, evaluation in found.items():
        assert evaluation == lengthwise.evaluate(run.out, seq_len=length, split="validation")


def test_a_number_of_numpy_is_one_length(run):
    assert lengthwise.evaluate(run.out, seq_len=np.int64(7)) == lengthwise.evaluate(run.out, seq_len=7)


@pytest.mark.parametrize("seq_len", [None, 3, "2,5"])
def test_a_result_is_evaluated_as_its_folder(run, small_folder, seq_len):
    assert lengthwise.evaluate(run, seq_len=seq_len) == lengthwise.evaluate(run.out, seq_len=seq_len)
    assert lengthwise.evaluate(run, data=small_folder) == run.evaluation


@pytest.mark.parametrize("seq_len", [3, "2,5"])
def test_a_model_is_evaluated_as_the_run_that_it_is_of(run, small_folder, seq_len):
    model = lengthwise.Model(run.network, run.parameters)
    found = lengthwise.evaluate(model, data=small_folder, seq_len=seq_len)
    assert found == lengthwise.evaluate(run.out, seq_len=seq_len)
    if seq_len == 3:
        assert model.evaluate(small_folder, seq_len=3) == found


def test_a_network_may_know_classes_that_the_data_do_not_have(run, tmp_path):
    fewer = write_folder(tmp_path / "fewer", num_classes=2)
    evaluation = lengthwise.evaluate(run.out, data=fewer)
    assert evaluation == lengthwise.evaluate(run, data=fewer)
    assert evaluation == lengthwise.Model(run.network, run.parameters).evaluate(fewer, seq_len=5)


def test_what_a_model_does_not_know_is_asked_for(run, small):
    model = lengthwise.Model(run.network, run.parameters)
    with pytest.raises(UsageError, match="data is not given, but a model does not have the data of its training"):
        lengthwise.evaluate(model, seq_len=5)
    with pytest.raises(UsageError, match="seq_len is not given, but a model does not have the length of its training"):
        lengthwise.evaluate(model, data=small)


def test_a_module_goes_with_a_folder_alone(run):
    with pytest.raises(UsageError, match="module is given, but it is only used with a run's folder"):
        lengthwise.evaluate(run, module=object())


def test_something_else_than_a_network_is_refused():
    with pytest.raises(UsageError, match="run is 7, but must be the folder of a run, a Result or a Model"):
        lengthwise.evaluate(7)


def test_no_length_at_all_is_refused(run):
    with pytest.raises(UsageError, match="seq_len contains no length: choose from 1 to 8"):
        lengthwise.evaluate(run.out, seq_len=[])


def test_lengths_that_the_sequences_do_not_have_are_refused(run):
    with pytest.raises(UsageError, match="seq_len is 9, but the sequences have 8 steps: choose 1 to 8"):
        lengthwise.evaluate(run.out, seq_len="7:9")
    with pytest.raises(UsageError, match="seq_len has the part 'x', but must be numbers and ranges"):
        lengthwise.evaluate(run.out, seq_len="x")
