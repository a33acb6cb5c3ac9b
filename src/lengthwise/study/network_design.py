"""The design of a study that trains networks, from what the user gave and what goes with the data."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lengthwise.data.dataset import Dataset
from lengthwise.data.folds import check_folds, smallest_fold, usual_folds
from lengthwise.data.step_windows import longer_lookback_if_refused
from lengthwise.errors import UsageError
from lengthwise.lengths import choose_lengths, spread_lengths
from lengthwise.study.budget import Budget
from lengthwise.study.design import Design, chosen_seeds, usual_looks
from lengthwise.study.scouting import first_lengths
from lengthwise.tasks.judged_by import task_judged_by
from lengthwise.training.data_defaults import defaults_for, placed
from lengthwise.training.keyword_settings import DEFAULTS, PYTHON_ONLY, check_names
from lengthwise.training.settings import BUILT_IN, Settings
from lengthwise.training.setup import network_or_module, samplers_for

if TYPE_CHECKING:
    from torch import nn

OWN = ("data", "seq_len", "seed", "epochs", "steps")
"""Settings that a study gives to its runs itself."""

DEFAULT_BUDGET = "steps=8592"
"""As many updates as the notebook's two epochs at window 19."""


def make_design(
    dataset: Dataset,
    *,
    seq_lens: str | Iterable[int] | None = None,
    seeds: int | Iterable[int] | None = None,
    budget: str | Budget | None = None,
    eval_lens: str | Iterable[int] | None = None,
    folds: int | None = None,
    settings: Mapping[str, Any],
) -> Design:
    """Complete what a user gave; see `lengthwise.Study`."""
    for name in OWN:
        if name in settings:
            instead = {"seq_len": "seq_lens", "seed": "seeds", "data": "data"}.get(name, "budget")
            raise UsageError(f"{name} is not a setting of a study: give {instead}.")
    check_names(name for name in settings if name not in PYTHON_ONLY)
    left_out = OWN if settings.get("module_name") is None else (*OWN, *BUILT_IN)
    folds = usual_folds(dataset) if folds is None else check_folds(dataset, folds)
    defaults = DEFAULTS | defaults_for(_smallest(dataset, folds), settings)
    _check_placements(dataset, settings.get("placement"))
    _check_metric(dataset, settings.get("metric"))
    usual = {name: default for name, default in defaults.items() if name not in left_out}
    values = {
        name: tuple(value) if isinstance(value, list | tuple) else (value,)
        for name, value in (usual | {name: value for name, value in settings.items() if value is not None}).items()
    }
    windowed = placed(dataset, values["placement"][0])
    num_steps = windowed.num_steps
    season = 1 if dataset.outlook is None else dataset.outlook.season
    candidates = spread_lengths(num_steps, season) if seq_lens is None else ()
    with longer_lookback_if_refused(windowed):
        given = None if seq_lens is None else choose_lengths(seq_lens, num_steps)
        others = () if eval_lens is None else choose_lengths(eval_lens, num_steps, "eval_lens")
    return Design(
        data=dataset.name,
        seq_lens=first_lengths(candidates, season) if given is None else given,
        seeds=chosen_seeds(seeds, is_scouting=seq_lens is None),
        candidates=candidates,
        looks=usual_looks(seeds, is_scouting=seq_lens is None),
        budget=as_budget(budget),
        eval_lens=others,
        settings=values,
        folds=folds,
    )


def network_runs(design: Design, dataset: Dataset, module: "nn.Module | None" = None) -> list[Settings]:
    """Return the settings of every run, all folds of a seed together: the budget has become a number of steps.

    With folds, every training has as many steps as the one with the fewest sequences.

    Parameters
    ----------
    design : Design
    dataset : Dataset
    module : nn.Module, optional
        One like those that are trained, if they are of the user's.

    Raises
    ------
    UsageError
        If they do not fit the data.
    """
    runs, budget = [], as_budget(design.budget)
    smallest = _smallest(dataset, design.folds)
    folds: list[dict[str, Any]] = [{"folds": design.folds, "fold": fold} for fold in range(design.folds)] or [{}]
    for combination in design.combinations():
        for seq_len in design.seq_lens:
            sketch = _settings(data=design.data, seq_len=seq_len, **combination)
            sampler = samplers_for(sketch, smallest, ("train",))["train"]
            is_unknown = sketch.module_name is not None and module is None
            network = None if is_unknown else network_or_module(sketch, dataset, module)
            steps = budget.updates(network, seq_len, sketch.batch_size, sampler.steps_per_epoch)
            runs += [
                _settings(data=design.data, seq_len=seq_len, steps=steps, seed=seed, **fold, **combination)
                for seed in design.seeds_of(seq_len)
                for fold in folds
            ]
    return runs


# A study asks for all its runs several times a round, and to check their settings takes most of that.
_settings = lru_cache(maxsize=10_000, typed=True)(Settings)


def as_budget(budget: str | Budget | None) -> Budget:
    """Return a budget that may be written as on the command line, or not be given."""
    if isinstance(budget, Budget):
        return budget
    return Budget.parse(DEFAULT_BUDGET if budget is None else budget)


def _check_placements(dataset: Dataset, given: Any) -> None:
    """Raise `UsageError` if several placements are given where they would be judged on other steps."""
    if isinstance(given, list | tuple) and len(given) > 1 and dataset.targets.every_step:
        raise UsageError(
            f"placement is {', '.join(map(str, given))}, but every step of {dataset.name} has a target, and which "
            f"steps are judged depends on it: give one placement."
        )


def _check_metric(dataset: Dataset, given: Any) -> None:
    """Raise `UsageError` if there are several metrics, or one that is not of the task."""
    if isinstance(given, list | tuple) and len(given) > 1:
        raise UsageError(f"metric is {', '.join(map(str, given))}, but lengths are compared by one: give one metric.")
    task_judged_by(dataset.task, given[0] if isinstance(given, list | tuple) else given)


def _smallest(dataset: Dataset, folds: int) -> Dataset:
    """Return the data of a training with the fewest sequences."""
    return smallest_fold(dataset, folds, seed=0) if folds else dataset
