"""Data in memory: arrays, lists of sequences, frames and PyTorch data sets."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch

from lengthwise.data import load_data
from lengthwise.errors import DataError, UsageError
from tests.data.made import gathered, in_order, walks


def test_an_array_of_sequences_and_labels_is_a_data_set():
    values, targets = walks()
    dataset = load_data(values, targets, standardize="none")
    assert (dataset.num_steps, dataset.input_size, dataset.num_classes) == (12, 2, 3)
    np.testing.assert_array_equal(in_order(gathered(dataset)[0]), in_order(values))


def test_a_matrix_is_sequences_of_one_feature():
    values, targets = walks(features=1)
    assert load_data(values[:, :, 0], targets).train.values.shape[1:] == (12, 1)


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["walk", "run", "sit"], ("run", "sit", "walk")),
        (["1", "10", "2"], ("1", "2", "10")),
        ([3, 7, -1], ("-1", "3", "7")),
        ([True, False, True], ("False", "True")),
    ],
)
def test_labels_of_any_kind_become_numbered_classes(labels, classes):
    values, targets = walks()
    named = np.array(labels)[targets]
    values[:, 0, 0] = targets
    dataset = load_data(values, named, standardize="none")
    assert dataset.classes == classes
    for sequence, target in zip(*gathered(dataset), strict=True):
        assert dataset.classes[target] == str(labels[int(sequence[0, 0])])


def test_labels_that_are_python_objects_are_classes_too():
    values, targets = walks()
    assert load_data(values, np.array(["a", "b", "c"], object)[targets]).classes == ("a", "b", "c")


def test_a_list_of_sequences_of_different_lengths_is_padded_with_zeros():
    values, targets = walks(count=30)
    lengths = np.arange(30) % 12 + 1
    dataset = load_data(
        [own[:length] for own, length in zip(values, lengths, strict=True)], targets, standardize="none"
    )
    assert sorted(np.concatenate([dataset.split(s).lengths for s in ("train", "validation", "test")])) == sorted(
        lengths
    )
    for index in range(len(dataset.train)):
        assert dataset.train.sequence(index).shape == (dataset.train.lengths[index], 2)
        assert (dataset.train.values[index, dataset.train.lengths[index] :] == 0).all()


def test_lengths_that_all_equal_the_number_of_steps_are_dropped():
    values, targets = walks()
    assert load_data(values, targets, lengths=np.full(60, 12)).train.lengths is None


def test_given_splits_are_kept_by_name_or_number():
    values, targets = walks()
    names = np.array(["train", "validation", "test"])
    number = np.arange(60) // 4 % 3
    values[:, 0, 0] = number
    for split in (number, names[number], np.char.upper(names[number])):
        dataset = load_data(values, targets, split=split, standardize="none")
        for expected, name in enumerate(names):
            assert (dataset.split(name).values[:, 0, 0] == expected).all()
            assert len(dataset.split(name)) == 20


def test_without_a_validation_split_a_part_of_the_training_sequences_is_drawn():
    values, targets = walks()
    dataset = load_data(values, targets, split=["train"] * 40 + ["test"] * 20)
    assert [len(dataset.split(name)) for name in ("train", "validation", "test")] == [34, 6, 20]


def test_groups_stay_together():
    values, targets = walks()
    people = np.arange(60) // 6
    values[:, 0, 0] = people
    dataset = load_data(values, targets, groups=people, standardize="none")
    seen = [set(dataset.split(name).values[:, 0, 0]) for name in ("train", "validation", "test")]
    assert sum(map(len, seen)) == len(set.union(*seen)) == 10


def test_real_targets_are_regression_and_labels_of_steps_are_tagging():
    values, targets = walks()
    dataset = load_data(values, targets / 7)
    assert (dataset.task, dataset.num_classes, dataset.train.targets.dtype) == ("regression", 0, np.float32)
    tagged = load_data(values, np.arange(60 * 12).reshape(60, 12) % 5, task="tagging")
    assert (tagged.task, tagged.num_classes, tagged.train.targets.shape) == ("tagging", 5, (42, 12))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": np.zeros((60, 2, 3, 4))}, r"values of shape \(60, 2, 3, 4\)"),
        ({"data": np.zeros((60, 0, 3))}, r"values of shape \(60, 0, 3\), but they must have sequences"),
        ({"data": np.full((60, 2, 3), 1j)}, "values of type complex128, but they must be real numbers"),
        ({"data": np.full((60, 2, 3), "a")}, "values of type <U1"),
        ({"targets": np.arange(59) % 3}, r"has 60 sequences, but targets of shape \(59,\)"),
        ({"targets": np.zeros(60, int)}, "has only one class, 0: at least two are needed"),
        ({"targets": np.arange(60)}, "has 60 classes in 60 sequences, too many for classification"),
        ({"targets": np.where(np.arange(60) == 4, np.nan, 1.5)}, "the target of sequence 4 is missing"),
        ({"lengths": np.full(60, 13)}, "gives sequence 0 a length of 13 steps, but values allow 1 to 12"),
        ({"lengths": np.full(60, 1.5)}, "lengths of type float64, but they must be whole numbers"),
        ({"lengths": [3, 4]}, r"has 60 sequences, but lengths of shape \(2,\)"),
        ({"split": ["other"] * 60}, "sequence 0 is in split other, but a split is train, validation, test"),
        ({"split": np.full(60, 3)}, "sequence 0 is in split 3"),
        ({"split": [0] * 60}, "names splits, but no sequence is in the test split"),
        ({"groups": ["one"] * 60}, "there are 1 sequences or groups of them"),
        ({"data": [[1.0], [[[2.0]]]], "targets": [0, 1]}, r"sequence 1 has shape \(1, 1, 1\)"),
        ({"data": [["a"], ["b"]], "targets": [0, 1]}, "sequence 0 has values of type <U1, but they must be numbers"),
        ({"data": [], "targets": []}, "has no sequences: one or more is needed"),
    ],
)
def test_invalid_arrays_are_refused_in_one_sentence(changes, message):
    values, targets = walks()
    with pytest.raises(DataError, match=message):
        load_data(**{"data": values, "targets": targets} | changes)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: load_data(walks()[0]), "data is a ndarray without targets"),
        (lambda: load_data("mnist", [1, 2]), "targets cannot be combined with a name: leave it out"),
        (lambda: load_data(load_data("digits"), seed=1), "seed cannot be combined with a Dataset"),
        (lambda: load_data(*walks(), name="mnist"), "name is 'mnist', which is the name of other data"),
        (lambda: load_data(*walks(), sed=1), "there is no option 'sed' of data: did you mean 'seed'"),
        (lambda: load_data("digits?seed=1", tets=0.2), "there is no option 'tets' of data: did you mean 'test'"),
    ],
)
def test_an_invalid_call_is_refused_in_one_sentence(call, message):
    with pytest.raises(UsageError, match=message):
        call()


def long_frame(values, targets):
    count, num_steps, _ = values.shape
    return pd.DataFrame({
        "id": np.repeat(np.arange(count), num_steps),
        "t": np.tile(np.arange(num_steps), count),
        "x": values[:, :, 0].ravel(),
        "z": values[:, :, 1].ravel(),
        "label": np.repeat(targets, num_steps),
    })  # fmt: skip


def test_arrays_frames_and_torch_data_sets_of_the_same_sequences_are_the_same_data():
    values, targets = walks()
    frame = long_frame(values, targets)
    pairs = torch.utils.data.TensorDataset(torch.from_numpy(values), torch.from_numpy(targets))
    checksums = {
        "array": load_data(values, targets).checksum,
        "list": load_data(list(values), targets).checksum,
        "pandas": load_data(frame).checksum,
        "polars": load_data(pl.from_pandas(frame)).checksum,
        "lazy polars": load_data(pl.from_pandas(frame).lazy()).checksum,
        "torch": load_data(pairs).checksum,
    }
    assert len(set(checksums.values())) == 1, checksums


def test_a_torch_data_set_may_have_sequences_of_different_lengths():
    class Ragged(torch.utils.data.Dataset):
        def __len__(self):
            return 20

        def __getitem__(self, index):
            return torch.ones(index + 1), index % 2

    assert load_data(Ragged()).num_steps == 20


def test_a_torch_data_set_without_pairs_is_refused():
    with pytest.raises(UsageError, match="item 0 is not a pair of a sequence and its label"):
        load_data(torch.utils.data.TensorDataset(torch.ones(5, 2)))


def test_padding_of_step_labels_is_not_a_class():
    values, lengths = np.ones((20, 4, 1)), np.arange(20) % 4 + 1
    targets = np.where(np.arange(4) < lengths[:, None], np.arange(20)[:, None] % 2, -1)
    assert load_data(values, targets, lengths=lengths, task="tagging", standardize="none").classes == ("0", "1")
    missing = np.where(targets < 0, np.nan, targets)
    assert load_data(values, missing, lengths=lengths, task="tagging", standardize="none").classes == ("0", "1")


def test_lists_of_sequences_may_have_lists_of_step_labels():
    lengths = [number % 4 + 1 for number in range(20)]
    sequences = [np.ones(length) for length in lengths]
    labels = [["a", "b", "a", "b"][:length] for length in lengths]
    dataset = load_data(sequences, labels, task="tagging", standardize="none")
    assert dataset.classes == ("a", "b")
    assert dataset.train.labels.sum() == (dataset.train.lengths // 2).sum()


def test_a_sequence_with_fewer_labels_than_steps_is_refused():
    sequences, labels = [np.ones(3), np.ones(2)], [[0, 1, 0], [1]]
    with pytest.raises(DataError, match="sequence 1 has 2 steps, but 1 labels: one each is needed"):
        load_data(sequences, labels, task="tagging")
