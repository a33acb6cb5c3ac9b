"""What a person should know about a data set before a study of it is believed."""

from collections.abc import Iterator

import numpy as np

from lengthwise.data.dataset import SPLITS, Dataset
from lengthwise.data.lookbacks import Lookbacks
from lengthwise.data.reading import listed
from lengthwise.data.rows import is_mapped
from lengthwise.data.split import Split

MOST_VALUES = 20
"""A feature with at most so many values, each in one class only, tells the class."""

OTHERS = "other splits are drawn with another seed= or larger test= and validation=, or named with split="


def doubts(dataset: Dataset) -> tuple[str, ...]:
    """Return sentences, without a full stop, about what may make a study of a data set worthless.

    What was decided in reading it where something else may well be meant; classes that are not in every split; groups
    that have one class each, so few that they tell the class; and features whose value at any step tells the class.
    """
    return (*dataset.reading.doubts, *_doubts_of_classes(dataset))


def _doubts_of_classes(dataset: Dataset) -> Iterator[str]:
    if dataset.targets.class_of_sequence or dataset.task == "tagging":
        yield from _missing_classes(dataset)
    if dataset.targets.class_of_sequence:
        yield from _groups_of_one_class(dataset)
        yield from _telling_features(dataset)


def _missing_classes(dataset: Dataset) -> Iterator[str]:
    names = dataset.classes or tuple(map(str, range(dataset.num_classes)))
    there = {split: set(np.unique(dataset.split(split).labels).tolist()) for split in SPLITS}
    folded = {"validation"} if dataset.validation_is_drawn else set()  # a study's folds judge all that may be drawn
    for split in SPLITS:
        missing = [name for at, name in enumerate(names) if at not in there[split] and split not in folded]
        if missing:
            those = f"class {missing[0]} is" if len(missing) == 1 else f"classes {listed(missing)} are"
            so = "so no network can learn it" if split == SPLITS[0] else "so nothing is said about it there"
            yield f"{those} not in the {split} split, {so}: {OTHERS}"


def _groups_of_one_class(dataset: Dataset) -> Iterator[str]:
    train = dataset.train
    if train.groups is None:
        return
    pairs = np.unique(np.stack([train.groups, train.targets]), axis=1)
    per_class = np.bincount(pairs[1], minlength=dataset.num_classes)
    groups = len(np.unique(pairs[0]))
    if len(pairs[0]) == groups and groups < len(train) and per_class[per_class > 0].min() < 2:
        kind = dataset.grouped_by or "group"
        names = [dataset.classes[at] if dataset.classes else str(at) for at in np.flatnonzero(per_class == 1)]
        yield (
            f"each {kind} has one class, and {listed(names)} {'has' if len(names) == 1 else 'have'} one {kind} in the "
            f"train split: a network may learn the {kind} for the class"
        )


def _telling_features(dataset: Dataset) -> Iterator[str]:
    """Yield a sentence if a feature's value tells the class at any step."""
    train = dataset.train
    if isinstance(train.values, Lookbacks) or is_mapped(train.values) or train.values.dtype == np.uint8:
        return
    told = [_name(dataset, feature) for feature in range(dataset.input_size) if _tells(train, feature)]
    if told:
        yield (
            f"{listed(told)} {'tells' if len(told) == 1 else 'tell'} the class at any step, as if the label were among "
            f"the inputs: leave it out with features="
        )


def _tells(train: Split, feature: int) -> bool:
    values = np.asarray(train.values)[:, :, feature]
    first = np.unique(values[:, 0])
    if not 1 < len(first) <= MOST_VALUES:
        return False
    own = train.own_steps
    steps = values if own is None else np.where(own, values, values[:, :1])
    if not (steps == steps[:, :1]).all():
        return False
    codes = np.searchsorted(first, values[:, 0])
    return len(np.unique(np.stack([codes, train.targets]), axis=1)[0]) == len(first)


def _name(dataset: Dataset, feature: int) -> str:
    return dataset.features[feature] if dataset.features else f"feature {feature}"
