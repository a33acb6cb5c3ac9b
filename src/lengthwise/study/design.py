"""Which trainings a study consists of: lengths × seeds × every other setting that has several values."""

import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

from lengthwise._internal.json_shapes import check_shape
from lengthwise.analysis import Looks
from lengthwise.data.dataset import Dataset
from lengthwise.data.folds import check_folds, smallest_fold, usual_folds
from lengthwise.data.step_windows import longer_lookback_if_refused
from lengthwise.errors import UsageError
from lengthwise.lengths import choose_lengths, spread_lengths
from lengthwise.study.budget import Budget
from lengthwise.study.scouting import first_lengths
from lengthwise.tasks.judged_by import MetricName, task_judged_by
from lengthwise.training.data_defaults import defaults_for, placed
from lengthwise.training.keyword_settings import DEFAULTS, PYTHON_ONLY, check_names
from lengthwise.training.settings import BUILT_IN, Settings
from lengthwise.training.setup import network_or_module, samplers_for

if TYPE_CHECKING:
    from torch import nn

OWN = ("data", "seq_len", "seed", "epochs", "steps")
"""Settings that a study gives to its runs itself."""

DEFAULT_SEEDS = 3
DEFAULT_MAX_SEEDS = 12
"""Seeds of a length at the first and at the last look of a study that goes on until it is decided."""

DEFAULT_BUDGET = "steps=8592"
"""As many updates as the notebook's two epochs at window 19."""

SHAPE = {
    "data": str, "seq_lens": [int], "seeds": [int], "budget": str, "eval_lens": [int], "settings": {str: [object]},
    "more_seeds": {str: int}, "looks?": [int], "candidates?": [int], "folds?": int,
}  # fmt: skip
"""A design as JSON."""


@dataclass(frozen=True)
class Design:
    """What a study trains.

    Parameters
    ----------
    data : str
        The data set's name.
    seq_lens : tuple of int
        The windows' lengths, ascending.
    seeds : tuple of int
        The seeds that every length is trained with.
    budget : Budget
        What is equal between lengths.
    eval_lens : tuple of int
        Other lengths that each network is judged at; where there are any, also after every step of the longest window.
    settings : dict of str to tuple
        The values of every other setting: the study is their product.
    more_seeds : dict of int to int
        How many seeds a length has in all where that is more than `seeds`: those that decide the question.
    looks : tuple of int
        The numbers of seeds at which a study that adds seeds is looked at; empty if it does not.
    candidates : tuple of int
        All lengths that may be tried, where the study goes from coarse to fine: `seq_lens` are those tried so far.
        Empty where the lengths were given.
    folds : int
        Trainings of each length and seed, each judged on a fold that it was not trained on; 0 for one that is judged on
        the validation split. See `lengthwise.data.folds`.

    Raises
    ------
    UsageError
        If a value is out of range.
    """

    data: str
    seq_lens: tuple[int, ...]
    seeds: tuple[int, ...]
    budget: Budget
    eval_lens: tuple[int, ...]
    settings: dict[str, tuple[Any, ...]]
    more_seeds: dict[int, int] = field(default_factory=dict)
    looks: tuple[int, ...] = ()
    candidates: tuple[int, ...] = ()
    folds: int = 0

    def __post_init__(self) -> None:
        for name in ("seq_lens", "seeds"):
            values = getattr(self, name)
            if not values:
                raise UsageError(f"{name} is empty: a study needs at least one.")
            if len(set(values)) != len(values):
                raise UsageError(f"{name} names a value twice: {', '.join(map(str, values))}.")
        for name, values in self.settings.items():
            if not values:
                raise UsageError(f"{name} has no value: give one or several.")
            if len(set(values)) != len(values):
                raise UsageError(f"{name} has a value twice: {', '.join(map(str, values))}.")
        for run in self.combinations():
            Settings(**run)

    @classmethod
    def make(
        cls,
        dataset: Dataset,
        *,
        seq_lens: str | Iterable[int] | None = None,
        seeds: int | Iterable[int] | None = None,
        budget: str | Budget | None = None,
        eval_lens: str | Iterable[int] | None = None,
        folds: int | None = None,
        settings: Mapping[str, Any],
    ) -> Self:
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
        return cls(
            data=dataset.name,
            seq_lens=first_lengths(candidates, season) if given is None else given,
            seeds=_chosen_seeds(seeds, is_scouting=seq_lens is None),
            candidates=candidates,
            looks=Looks.growing(first=DEFAULT_SEEDS, last=DEFAULT_MAX_SEEDS).seeds if seeds is None else (),
            budget=as_budget(budget),
            eval_lens=others,
            settings=values,
            folds=folds,
        )

    @property
    def varied(self) -> tuple[str, ...]:
        """The settings that have several values, beside length and seed."""
        return tuple(name for name, values in self.settings.items() if len(values) > 1)

    @property
    def metric(self) -> MetricName | None:
        """What lengths are compared by, if it is not the metric of the task."""
        metric: MetricName | None = self.settings.get("metric", (None,))[0]
        return metric

    def seeds_of(self, seq_len: int) -> tuple[int, ...]:
        """Return the seeds that a length is trained with: the study's, then the numbers after the largest of them."""
        more = max(0, self.more_seeds.get(seq_len, 0) - len(self.seeds))
        after = max(self.seeds) + 1
        return (*self.seeds, *range(after, after + more))

    def configurations(self) -> list[dict[str, Any]]:
        """Return the values of the settings that vary, for every combination."""
        return [{name: run[name] for name in self.varied} for run in self.combinations()]

    def combinations(self) -> list[dict[str, Any]]:
        """Return every combination of the settings that are neither length nor seed."""
        names = list(self.settings)
        return [dict(zip(names, values, strict=True)) for values in itertools.product(*self.settings.values())]

    def runs(self, dataset: Dataset, module: "nn.Module | None" = None) -> list[Settings]:
        """Return the settings of every run, all folds of a seed together: the budget has become a number of steps.

        With folds, every training has as many steps as the one with the fewest sequences.

        Parameters
        ----------
        dataset : Dataset
        module : nn.Module, optional
            One like those that are trained, if they are of the user's.

        Raises
        ------
        UsageError
            If they do not fit the data.
        """
        runs = []
        smallest = _smallest(dataset, self.folds)
        folds: list[dict[str, Any]] = [{"folds": self.folds, "fold": fold} for fold in range(self.folds)] or [{}]
        for combination in self.combinations():
            for seq_len in self.seq_lens:
                sketch = Settings(data=self.data, seq_len=seq_len, **combination)
                sampler = samplers_for(sketch, smallest, ("train",))["train"]
                is_unknown = sketch.module_name is not None and module is None
                network = None if is_unknown else network_or_module(sketch, dataset, module)
                steps = self.budget.updates(network, seq_len, sketch.batch_size, sampler.steps_per_epoch)
                runs += [
                    Settings(data=self.data, seq_len=seq_len, steps=steps, seed=seed, **fold, **combination)
                    for seed in self.seeds_of(seq_len)
                    for fold in folds
                ]
        return runs

    def to_json(self) -> str:
        """Return the design as the store keeps it."""
        return json.dumps(asdict(self) | {"budget": str(self.budget)})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError
            If it is something else.
        """
        fields = json.loads(text)
        check_shape(fields, SHAPE, "the design")
        for name in ("seq_lens", "seeds", "eval_lens", "looks", "candidates"):
            fields[name] = tuple(fields.get(name, ()))
        fields["settings"] = {name: tuple(values) for name, values in fields["settings"].items()}
        fields["more_seeds"] = {int(length): count for length, count in fields["more_seeds"].items()}
        try:
            return cls(**fields | {"budget": Budget.parse(fields["budget"])})
        except TypeError as error:  # of a setting
            raise ValueError(str(error)) from error

    def differences(self, other: "Design") -> list[str]:
        """Return what `other` has that this has not, a line each: ``hidden_size is 31, was 64``."""
        ours = asdict(self) | self.settings | {"budget": str(self.budget)}
        theirs = asdict(other) | other.settings | {"budget": str(other.budget)}
        left_out = {"settings", "more_seeds", "looks", "candidates"}
        if self.candidates:  # what has been tried of them is no difference
            left_out |= {"seq_lens", "seeds"} if self.candidates == other.candidates else set()
        return [
            f"{name} is {_shown(ours[name])}, was {_shown(theirs.get(name))}"
            for name in ours
            if name not in left_out and ours[name] != theirs.get(name)
        ]


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


def as_budget(budget: str | Budget | None) -> Budget:
    """Return a budget that may be written as on the command line, or not be given."""
    if isinstance(budget, Budget):
        return budget
    return Budget.parse(DEFAULT_BUDGET if budget is None else budget)


def _chosen_seeds(seeds: int | Iterable[int] | None, *, is_scouting: bool) -> tuple[int, ...]:
    """Return the seeds that every length is trained with: those given, one to scout with, or the usual number."""
    if seeds is None:
        return tuple(range(1 if is_scouting else DEFAULT_SEEDS))
    if isinstance(seeds, int):
        if seeds < 1:
            raise UsageError(f"seeds is {seeds}, but must be 1 or more.")
        return tuple(range(seeds))
    return tuple(seeds)


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
