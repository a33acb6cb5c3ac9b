"""The recipe: what is trained where the user does not say, with its reasons."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from lengthwise.training.settings import Settings

RecipeName = Literal["auto", "notebook"]
"""Chosen for the data by pilot trainings (see `lengthwise.study.recipe_choice`), or the lecture's."""


@dataclass(frozen=True)
class Recipe:
    """What is trained where the user does not say.

    Attributes
    ----------
    name : {"auto", "notebook"}
    settings : dict of str to Any
        What was chosen: fields of `lengthwise.Settings`, none that the user gave.
    updates : int or None
        How many updates, where that was chosen.
    reasons : tuple of str
        Two lines: what, and why.
    pilots : tuple of dict
        ``settings``, ``updates`` and ``loss`` of each pilot training, in order.
    seconds : float
        What the pilots took.
    folds : int or None
        How many folds the time allows, where those are fewer than usual.
    """

    name: RecipeName
    settings: dict[str, Any]
    updates: int | None = None
    reasons: tuple[str, ...] = ()
    pilots: tuple[dict[str, Any], ...] = ()
    seconds: float = 0.0
    folds: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Self:
        """Return the recipe that `to_dict` was called on."""
        return cls(**dict(found) | {"reasons": tuple(found["reasons"]), "pilots": tuple(found["pilots"])})

    def as_options(self, *, for_study: bool = True) -> str:
        """Return the options of the command line that repeat the recipe without pilots.

        >>> Recipe("auto", {"cell": "gru", "lr": 0.01}, updates=600).as_options()
        '--recipe notebook --budget steps=600 --cell gru --lr 0.01'
        """
        words = ["--recipe notebook"]
        if self.updates is not None:
            words.append(f"--budget steps={self.updates}" if for_study else f"--steps {self.updates}")
        words += [f"--{name.replace('_', '-')} {value}" for name, value in self.settings.items()]
        return " ".join(words)


@dataclass(frozen=True)
class PilotStarted:
    """A pilot training is about to begin; the engine's machine code is there.

    Attributes
    ----------
    number, most : int
        From 1; how many there are at most.
    settings : Settings
    """

    number: int
    most: int
    settings: Settings


@dataclass(frozen=True)
class PilotCompiling:
    """The engine's machine code is not in its cache, and is being made."""


@dataclass(frozen=True)
class RecipeChosen:
    """What is trained has been chosen.

    Attributes
    ----------
    recipe : Recipe
    """

    recipe: Recipe


RecipeEvent = PilotStarted | PilotCompiling | RecipeChosen
RecipeCallback = Callable[[RecipeEvent], None]
