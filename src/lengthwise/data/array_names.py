"""How people name the arrays of an archive: values and targets, X and y, X_train and y_train."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from lengthwise.data.dataset import SPLITS

KINDS = {
    "values": ("values", "x", "data", "features", "inputs", "input", "signals"),
    "targets": ("targets", "y", "labels", "target", "label", "classes", "outputs", "output"),
    "lengths": ("lengths", "length", "lens", "seq_lens"),
    "split": ("split", "splits"),
    "groups": ("groups", "group", "subjects", "subject"),
}
"""Names of each kind of array, in lower case."""

PARTS = {"train": "train", "training": "train", "val": "validation", "valid": "validation",
         "validation": "validation", "dev": "validation", "publictest": "validation", "test": "test", "testing": "test",
         "privatetest": "test"}  # fmt: skip
"""Words for the splits; of a competition's two test splits, the public one is to choose by."""


class Named(NamedTuple):
    """What an array's name says.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    part : str
        One of `SPLITS`, or empty.
    """

    kind: str
    part: str


def meaning(name: str) -> Named | None:
    """Return what an array's name says; None if nothing.

    >>> meaning("X_train"), meaning("labels"), meaning("test.y"), meaning("weights")
    (Named(kind='values', part='train'), Named(kind='targets', part=''), Named(kind='targets', part='test'), None)
    """
    words = name.lower().replace("-", "_").replace(".", "_").split("_")
    part = ""
    for at in (-1, 0):
        if len(words) > 1 and words[at] in PARTS:
            part = PARTS[words.pop(at)]
            break
    else:
        if len(words) == 1 and words[0][1:] in PARTS:  # Xtrain
            words, part = [words[0][0]], PARTS[words[0][1:]]
    rest = "_".join(words)
    return next((Named(kind, part) for kind, names in KINDS.items() if rest in names), None)


def by_part(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the names of arrays by the split and by the kind; the first of several with the same meaning.

    >>> by_part(["X_train", "y_train", "X_test", "y_test", "comment"])
    {'train': {'values': 'X_train', 'targets': 'y_train'}, 'test': {'values': 'X_test', 'targets': 'y_test'}}
    """
    found: dict[str, dict[str, str]] = {part: {} for part in ("", *SPLITS)}
    for name in names:
        if (means := meaning(name)) is not None:
            found[means.part].setdefault(means.kind, name)
    return {part: kinds for part, kinds in found.items() if kinds}


def numbers_of(parts: Iterable[str], counts: Iterable[int]) -> "np.ndarray[tuple[int], np.dtype[np.int8]]":
    """Return the number of each sequence's split, if each part has so many.

    >>> numbers_of(["train", "test"], [2, 1]).tolist()
    [0, 0, 2]
    """
    return np.repeat(np.array([SPLITS.index(part) for part in parts], np.int8), list(counts))
