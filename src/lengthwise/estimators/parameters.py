"""The parameters of an estimator: the settings of `lengthwise.train`, and what scikit-learn has other names for."""

import inspect
from collections.abc import Callable, Collection, Mapping
from numbers import Integral
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from lengthwise._internal.argument_checks import check_integer, nearest_names
from lengthwise.errors import UsageError
from lengthwise.training.keyword_settings import DEFAULTS
from lengthwise.training.settings import MAX_SEED

Function = TypeVar("Function", bound=Callable[..., Any])

NOT_PARAMETERS = ("data", "seed", "carry_state", "class_weights")
"""Settings that an estimator takes in `fit`, as `random_state` or as `class_weight`, or does not have."""

PARAMETERS = {name: default for name, default in DEFAULTS.items() if name not in NOT_PARAMETERS}
"""All settings that are parameters of an estimator, with the defaults of `train`."""


def takes_parameters_of(function: Function, other: Callable[..., Any], *, without: Collection[str] = ()) -> None:
    """Show the parameters of another constructor in place of the last one of a constructor, which collects them.

    Parameters
    ----------
    function, other : callable
        Two methods ``__init__``.
    without : collection of str
        Parameters of the other that are left out.
    """
    signature = inspect.signature(function)
    first, *own, _collected = signature.parameters.values()
    _, *others = inspect.signature(other).parameters.values()
    taken = [one for one in others if one.name not in without]
    function.__signature__ = signature.replace(parameters=[first, *taken, *own])  # type: ignore[attr-defined]


def check_parameters(given: Collection[str], constructor: Callable[..., Any]) -> None:
    """Raise `UsageError` if one of the given names is no parameter of a constructor, and suggest the nearest."""
    allowed = [name for name in inspect.signature(constructor).parameters if name != "self"]
    for name in given:
        if name not in allowed:
            raise UsageError(f"there is no setting {name!r}: {nearest_names(name, allowed)}")


def seed_from(random_state: Any) -> int:
    """Return a seed: a given int, or one that is drawn.

    Parameters
    ----------
    random_state : int, RandomState, Generator, BitGenerator, SeedSequence or None
        A seed is drawn from NumPy's global `RandomState` where it is None.

    Raises
    ------
    ValueError
        If it is something else, or an int out of range.
    """
    if isinstance(random_state, Integral):
        return check_integer("random_state", random_state, 0, MAX_SEED)
    if isinstance(random_state, np.random.Generator | np.random.BitGenerator | np.random.SeedSequence):
        return int(np.random.default_rng(random_state).integers(2**31))
    return int(check_random_state(random_state).randint(2**31))


def check_class_weight(class_weight: Any, y: ArrayLike) -> None:
    """Raise `UsageError` unless it is None, ``"balanced"``, or has weights of classes that there are.

    Parameters
    ----------
    class_weight : object
    y : array-like
        Labels, each class at least once.
    """
    if class_weight is None or (isinstance(class_weight, str) and class_weight == "balanced"):
        return
    classes = np.unique(np.asarray(y)).tolist()
    if not isinstance(class_weight, Mapping):
        raise UsageError(
            f"class_weight is {class_weight!r}, but must be None, 'balanced', or a dict of weights, such as "
            f"{{{classes[0]!r}: 5}}."
        )
    unknown = [label for label in class_weight if label not in classes]
    if unknown:
        raise UsageError(f"class_weight has the class {unknown[0]!r}, but the classes are {classes}.")
