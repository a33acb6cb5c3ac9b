"""Estimators under other packages' conventions: their constructors' parameters, and the estimator that they fit."""

import inspect
from collections.abc import Mapping
from typing import Any, TypeVar

from numpy.typing import NDArray

from lengthwise.estimators.base import SequenceEstimator
from lengthwise.estimators.parameters import check_parameters

Estimator = TypeVar("Estimator", bound=SequenceEstimator)

TEST_PARAMETERS = {"hidden_size": 4, "num_layers": 1, "steps": 5}
"""With these, the packages' own checks take seconds."""


def set_parameters(estimator: Any, given: Mapping[str, Any]) -> None:
    """Set every parameter that an estimator's constructor shows, the given or the default value.

    Raises
    ------
    UsageError
        If one of the given is none of them.
    """
    constructor = type(estimator).__init__
    check_parameters(given, constructor)
    for name, parameter in inspect.signature(constructor).parameters.items():
        if name != "self":
            setattr(estimator, name, given.get(name, parameter.default))


def fitted(kind: type[Estimator], adapted: Any, sequences: list[NDArray[Any]], y: NDArray[Any]) -> Estimator:
    """Return an estimator of scikit-learn's kind, with an adapted one's parameters, fitted to sequences (steps, F)."""
    return kind(**adapted.get_params(deep=False)).fit(sequences, y)  # type: ignore[no-any-return]
