"""What a study was made with: versions, processor, and what its results need to know of the data."""

from typing import Any

from lengthwise.data.dataset import Dataset
from lengthwise.study.design import Design
from lengthwise.study.recipe import Recipe
from lengthwise.tasks.baselines import baseline_of
from lengthwise.tasks.tasks import TASKS
from lengthwise.training.environment import describe_environment
from lengthwise.training.settings import Settings


def describe_study(dataset: Dataset, design: Design, recipe: Recipe) -> dict[str, Any]:
    """Return what the store of a new study keeps beside its design, ready for JSON."""
    packages = dict.fromkeys(
        package for combination in design.combinations() for package in Settings(**combination).backend.packages
    )
    return describe_environment(tuple(packages)) | {
        "data_checksum": dataset.checksum,
        "num_steps": dataset.num_steps,
        "task": dataset.task,
        "baseline": baseline_of(dataset).to_dict(),
        "recipe": recipe.to_dict(),
        "block": dataset.num_outputs if TASKS[dataset.task].at_end else 1,
    }
