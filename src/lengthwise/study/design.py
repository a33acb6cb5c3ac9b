"""Which trainings a study consists of: lengths × seeds × every other setting that has several values."""

import itertools
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from lengthwise._internal.json_shapes import check_shape
from lengthwise.analysis import Looks
from lengthwise.errors import UsageError
from lengthwise.study.budget import Budget
from lengthwise.tasks.judged_by import MetricName
from lengthwise.training.settings import Settings

DEFAULT_SEEDS = 3
DEFAULT_MAX_SEEDS = 12
"""Seeds of a length at the first and at the last look of a study that goes on until it is decided."""

SCOUTING_SEEDS = 2
"""Seeds at the first look at several where a study chooses its lengths: they are enough where the answer is clear."""

SHAPE = {
    "data": str, "seq_lens": [int], "seeds": [int], "budget": (str, None), "eval_lens": [int],
    "settings": {str: [object]},    "more_seeds": {str: int}, "looks?": [int], "candidates?": [int], "folds?": int,
    "axes?": {str: [object]},
}  # fmt: skip
"""A design as JSON."""


@dataclass(frozen=True)
class Design:
    """What a study trains.

    Parameters
    ----------
    data : str
        The data set's name; of a study whose trainings are the user's own, what they are called.
    seq_lens : tuple of int
        The windows' lengths, ascending.
    seeds : tuple of int
        The seeds that every length is trained with.
    budget : Budget or None
        What is equal between lengths; None where that is not for the study to say.
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
    axes : dict of str to tuple
        Of a study whose trainings are the user's own: what else they are given or differ in, and its values; the study
        is their product, as of `settings`.

    Raises
    ------
    UsageError
        If a value is out of range.
    """

    data: str
    seq_lens: tuple[int, ...]
    seeds: tuple[int, ...]
    budget: Budget | None
    eval_lens: tuple[int, ...]
    settings: dict[str, tuple[Any, ...]]
    more_seeds: dict[int, int] = field(default_factory=dict)
    looks: tuple[int, ...] = ()
    candidates: tuple[int, ...] = ()
    folds: int = 0
    axes: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("seq_lens", "seeds"):
            values = getattr(self, name)
            if not values:
                raise UsageError(f"{name} is empty: a study needs at least one.")
            if len(set(values)) != len(values):
                raise UsageError(f"{name} names a value twice: {', '.join(map(str, values))}.")
        for name, values in (self.settings | self.axes).items():
            if not values:
                raise UsageError(f"{name} has no value: give one or several.")
            if len(set(values)) != len(values):
                raise UsageError(f"{name} has a value twice: {', '.join(map(str, values))}.")
        for run in self.combinations():
            Settings(**run)

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
        """Return the values of the settings that vary, and of the axes, for every combination."""
        values = {name: self.settings[name] for name in self.varied} | self.axes
        return [dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())]

    def combinations(self) -> list[dict[str, Any]]:
        """Return every combination of the settings that are neither length nor seed."""
        names = list(self.settings)
        return [dict(zip(names, values, strict=True)) for values in itertools.product(*self.settings.values())]

    def to_json(self) -> str:
        """Return the design as the store keeps it."""
        return json.dumps(asdict(self) | {"budget": None if self.budget is None else str(self.budget)})

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
        for name in ("settings", "axes"):
            fields[name] = {axis: tuple(values) for axis, values in fields.get(name, {}).items()}
        fields["more_seeds"] = {int(length): count for length, count in fields["more_seeds"].items()}
        budget = None if fields["budget"] is None else Budget.parse(fields["budget"])
        try:
            return cls(**fields | {"budget": budget})
        except TypeError as error:  # of a setting
            raise ValueError(str(error)) from error

    def differences(self, other: "Design") -> list[str]:
        """Return what `other` has that this has not, a line each: ``hidden_size is 31, was 64``."""
        ours = asdict(self) | self.settings | self.axes | {"budget": str(self.budget)}
        theirs = asdict(other) | other.settings | other.axes | {"budget": str(other.budget)}
        left_out = {"settings", "axes", "more_seeds", "looks", "candidates"}
        if self.candidates:  # what has been tried of them is no difference
            left_out |= {"seq_lens", "seeds"} if self.candidates == other.candidates else set()
        return [
            f"{name} is {_shown(ours[name])}, was {_shown(theirs.get(name))}"
            for name in ours
            if name not in left_out and ours[name] != theirs.get(name)
        ]


def chosen_seeds(seeds: int | Iterable[int] | None, *, is_scouting: bool = False) -> tuple[int, ...]:
    """Return the seeds that every length is trained with: those given, one to scout with, or the usual number."""
    if seeds is None:
        return tuple(range(1 if is_scouting else DEFAULT_SEEDS))
    if isinstance(seeds, int):
        if seeds < 1:
            raise UsageError(f"seeds is {seeds}, but must be 1 or more.")
        return tuple(range(seeds))
    return tuple(seeds)


def usual_looks(seeds: int | Iterable[int] | None, *, is_scouting: bool = False) -> tuple[int, ...]:
    """Return after how many seeds a study is looked at: single runs too where it scouts; none if seeds are given."""
    if seeds is not None:
        return ()
    if is_scouting:
        return Looks.from_single_runs(first=SCOUTING_SEEDS, last=DEFAULT_MAX_SEEDS).seeds
    return Looks.growing(first=DEFAULT_SEEDS, last=DEFAULT_MAX_SEEDS).seeds


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
