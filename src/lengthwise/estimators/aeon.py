"""Networks as aeon's estimators: the same, with channels before steps, in aeon's pipelines and benchmarks."""

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from lengthwise._internal.extras import required
from lengthwise.estimators.adaptation import TEST_PARAMETERS, fitted, set_parameters
from lengthwise.estimators.classifier import SequenceClassifier
from lengthwise.estimators.parameters import takes_parameters_of
from lengthwise.estimators.regressor import SequenceRegressor

required("aeon", "lengthwise.estimators.AeonClassifier", "aeon")

from aeon.classification import BaseClassifier  # noqa: E402 - after the check that aeon is there
from aeon.regression import BaseRegressor  # noqa: E402

TAGS = {
    "X_inner_type": ["np-list", "numpy3D"],
    "algorithm_type": "deeplearning",
    "capability:multivariate": True,
    "capability:unequal_length": True,
}
"""What aeon is to know: series of any number of channels, of equal or of different lengths."""


class AeonClassifier(BaseClassifier):
    """A `SequenceClassifier` that follows aeon's conventions.

    Series have the shape (channels, steps): X is an array of shape (n, channels, steps), or a list of n arrays whose
    steps differ.

    Parameters
    ----------
    **parameters
        Those of `SequenceClassifier` but `warm_start`, as every fit of aeon's begins anew.

    Attributes
    ----------
    estimator_ : SequenceClassifier
        The fitted estimator.

    Examples
    --------
    >>> import numpy as np
    >>> walks = np.random.default_rng(0).normal(size=(100, 2, 20)).cumsum(axis=2)
    >>> rises = walks[:, 0, -1] > 0
    >>> classifier = AeonClassifier(cell="gru", random_state=0).fit(walks[:80], rises[:80])
    >>> bool(classifier.score(walks[80:], rises[80:]) > 0.8)
    True
    """

    _tags: ClassVar = TAGS

    def __init__(self, **parameters: Any) -> None:
        set_parameters(self, parameters)
        super().__init__()

    def _fit(self, X: Any, y: NDArray[Any]) -> Self:
        self.estimator_ = fitted(SequenceClassifier, self, _steps_first(X), y)
        return self

    def _predict(self, X: Any) -> NDArray[Any]:
        return self.estimator_.predict(_steps_first(X))

    def _predict_proba(self, X: Any) -> NDArray[np.float64]:
        return self.estimator_.predict_proba(_steps_first(X))

    @classmethod
    def _get_test_params(cls, parameter_set: str = "default") -> dict[str, Any]:  # noqa: ARG003 - aeon's interface
        return TEST_PARAMETERS


class AeonRegressor(BaseRegressor):
    """A `SequenceRegressor` that follows aeon's conventions; see `AeonClassifier`.

    Parameters
    ----------
    **parameters
        Those of `SequenceRegressor` but `warm_start`.

    Attributes
    ----------
    estimator_ : SequenceRegressor
        The fitted estimator.
    """

    _tags: ClassVar = TAGS

    def __init__(self, **parameters: Any) -> None:
        set_parameters(self, parameters)
        super().__init__()

    def _fit(self, X: Any, y: NDArray[Any]) -> Self:
        self.estimator_ = fitted(SequenceRegressor, self, _steps_first(X), y)
        return self

    def _predict(self, X: Any) -> NDArray[np.float64]:
        return self.estimator_.predict(_steps_first(X))

    @classmethod
    def _get_test_params(cls, parameter_set: str = "default") -> dict[str, Any]:  # noqa: ARG003 - aeon's interface
        return TEST_PARAMETERS


takes_parameters_of(AeonClassifier.__init__, SequenceClassifier.__init__, without=["warm_start"])
takes_parameters_of(AeonRegressor.__init__, SequenceRegressor.__init__, without=["warm_start"])


def _steps_first(X: Any) -> list[NDArray[Any]]:
    """Return series of shape (channels, steps) as sequences of shape (steps, features)."""
    return [series.T for series in X]
