"""What a study was made with: versions, processor, and what its results need to know of the data."""

from dataclasses import replace
from typing import Any

from lengthwise.data.dataset import Dataset
from lengthwise.data.folds import pool
from lengthwise.study.design import Design
from lengthwise.study.recipe import Recipe
from lengthwise.tasks.baselines import baseline_of
from lengthwise.tasks.tasks import TASKS
from lengthwise.training.data_defaults import placed
from lengthwise.training.environment import describe_environment
from lengthwise.training.settings import Settings

SHAPE = {
    "data_checksum": str,
    "num_steps": int,
    "task": str,
    "baseline": {"title": str, "validation": float, "test": float},
    "block": int,
    "grouped_by?": str,
    "cases?": str,
    "step_seconds?": (float, None),
    "forecast?": str,
    "recipe?": {
        "name": str, "settings": {str: object}, "updates": (int, None), "reasons": [str], "pilots": [{str: object}],
        "seconds": float,
    },
}  # fmt: skip
"""What `lengthwise.study.store` needs of it when it is read."""


def groups_of(dataset: Dataset, design: Design) -> dict[str, list[str]]:
    """Return the name of each sequence's group, of the validation split (with folds, the pool) and the test split."""
    judged = _as_judged(dataset, design)
    return {
        name: [dataset.group_names[number] for number in split.groups]
        for name, split in (("validation", judged.validation), ("test", judged.test))
        if split.groups is not None
    }


def _as_judged(dataset: Dataset, design: Design) -> Dataset:
    """Return the data, with folds with the pool as training and validation split: what is known without a network."""
    if not design.folds:
        return dataset
    whole = pool(dataset)
    return replace(dataset, train=whole, validation=whole)


def _title_of_cases(windowed: Dataset) -> str:
    """Return what the cases are called where there are no groups."""
    if windowed.steps_of is None or windowed.steps_of.train.recordings is None:
        return "sequences"
    return f"stretches of {max(windowed.num_steps, windowed.steps_of.num_steps)} steps"


def describe_study(dataset: Dataset, design: Design, recipe: Recipe) -> dict[str, Any]:
    """Return what the store of a new study keeps beside its design, ready for JSON."""
    packages = dict.fromkeys(
        package for combination in design.combinations() for package in Settings(**combination).backend.packages
    )
    windowed = placed(dataset, design.settings["placement"][0])
    placement, metric = design.settings["placement"][0], design.metric
    return describe_environment(tuple(packages)) | {
        "data_checksum": dataset.checksum,
        "num_steps": windowed.num_steps,
        "task": dataset.task,
        "baseline": baseline_of(placed(_as_judged(dataset, design), placement), metric).to_dict(),
        "grouped_by": dataset.grouped_by,
        "cases": _title_of_cases(windowed),
        "recipe": recipe.to_dict(),
        "step_seconds": dataset.step_seconds,
        "forecast": dataset.outlook.target if dataset.outlook and dataset.input_size > 1 else "",
        "block": dataset.num_outputs if TASKS[dataset.task].overlapping else 1,
    }
