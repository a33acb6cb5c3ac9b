"""What may make a study worthless."""

import numpy as np

from lengthwise.data import load_data
from lengthwise.data.doubts import doubts
from tests.data.made import walks

SPLIT = np.array(["train"] * 30 + ["validation"] * 15 + ["test"] * 15)


def test_walks_are_beyond_doubt():
    values, targets = walks()
    assert doubts(load_data(values, targets)) == ()


def test_a_class_that_is_not_in_a_split_is_named():
    values, targets = walks()
    targets[SPLIT == "test"] = 0
    (one,) = doubts(load_data(values, np.array(list("abc"))[targets % 2], split=SPLIT))
    assert one.startswith("class b is not in the test split, so nothing is said about it there: other splits are drawn")
    targets = np.where(SPLIT == "train", 0, np.arange(60) % 2 + 1)
    assert doubts(load_data(values, targets, split=SPLIT))[0].startswith(
        "classes 1, 2 are not in the train split, so no network can learn it"
    )


def test_a_person_a_class_is_said():
    values, _ = walks()
    (one,) = doubts(load_data(values, np.arange(60) // 20, groups=np.arange(60) // 20, split=np.resize([0, 1, 2], 60)))
    assert one.startswith("each group has one class, and 0, 1, 2 have one group in the train split")
    assert doubts(load_data(values, np.arange(60) % 3, groups=np.arange(60) // 6)) == ()


def test_a_feature_that_is_the_label_is_named():
    values, targets = walks()
    leaking = np.concatenate([values, np.broadcast_to(7.5 - targets[:, None, None], (60, 12, 1))], axis=2)
    (one,) = doubts(load_data(leaking, targets))
    assert one.startswith("feature 2 tells the class at any step")
