"""Networks as sktime's estimators: the same, with channels before steps, in sktime's pipelines and benchmarks."""

from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise._internal.extras import required
from lengthwise.estimators.adaptation import TEST_PARAMETERS, fitted, set_parameters
from lengthwise.estimators.classifier import SequenceClassifier
from lengthwise.estimators.parameters import takes_parameters_of
from lengthwise.estimators.regressor import SequenceRegressor

required("sktime", "lengthwise.estimators.SktimeClassifier", "sktime")

from sktime.classification.base import BaseClassifier  # noqa: E402 - after the check that sktime is there
from sktime.regression.base import BaseRegressor  # noqa: E402

TAGS = {
    "X_inner_mtype": ["df-list", "numpy3D"],
    "authors": "The lengthwise developers",
    "maintainers": "The lengthwise developers",
    "capability:multivariate": True,
    "capability:unequal_length": True,
    "capability:categorical_in_X": False,
    "capability:multithreading": True,
    "capability:random_state": True,
    "property:randomness": "derandomized",
}
"""What sktime is to know: series of any number of channels, of equal or of different lengths."""


class SktimeClassifier(BaseClassifier):
    """A `SequenceClassifier` that follows sktime's conventions.

    X is a panel of series in any of sktime's formats, such as an array of shape (n, channels, steps), a list of frames,
    or a frame with an index of series and times; in the latter two, series may differ in their steps.

    Parameters
    ----------
    **parameters
        Those of `SequenceClassifier` but `warm_start`, as every fit of sktime's begins anew.

    Attributes
    ----------
    estimator_ : SequenceClassifier
        The fitted estimator.

    Examples
    --------
    >>> import numpy as np
    >>> from lengthwise.estimators import SktimeClassifier
    >>> walks = np.random.default_rng(0).normal(size=(100, 2, 20)).cumsum(axis=2)
    >>> rises = walks[:, 0, -1] > 0
    >>> classifier = SktimeClassifier(cell="gru", random_state=0).fit(walks[:80], rises[:80])
    >>> bool(classifier.score(walks[80:], rises[80:]) > 0.8)
    True
    """

    _tags: ClassVar = TAGS | {"capability:predict_proba": True, "capability:class_weight": True}

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
    def get_test_params(cls, parameter_set: str = "default") -> list[dict[str, Any]]:  # noqa: ARG003 - sktime's
        """Return sets of parameters with which sktime's own checks take seconds."""
        return [TEST_PARAMETERS, TEST_PARAMETERS | {"cell": "lstm", "seq_len": 2}]


class SktimeRegressor(BaseRegressor):
    """A `SequenceRegressor` that follows sktime's conventions; see `SktimeClassifier`.

    Parameters
    ----------
    **parameters
        Those of `SequenceRegressor` but `warm_start`.

    Attributes
    ----------
    estimator_ : SequenceRegressor
        The fitted estimator.

    Examples
    --------
    >>> import numpy as np
    >>> from lengthwise.estimators import SktimeRegressor
    >>> walks = np.random.default_rng(0).normal(size=(100, 2, 20)).cumsum(axis=2)
    >>> means = walks[:, 0].mean(axis=1)
    >>> regressor = SktimeRegressor(cell="gru", random_state=0).fit(walks[:80], means[:80])
    >>> bool(regressor.score(walks[80:], means[80:]) > 0.8)
    True
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
    def get_test_params(cls, parameter_set: str = "default") -> list[dict[str, Any]]:  # noqa: ARG003 - sktime's
        """Return sets of parameters with which sktime's own checks take seconds."""
        return [TEST_PARAMETERS, TEST_PARAMETERS | {"cell": "lstm", "seq_len": 2}]


takes_parameters_of(SktimeClassifier.__init__, SequenceClassifier.__init__, without=["warm_start"])
takes_parameters_of(SktimeRegressor.__init__, SequenceRegressor.__init__, without=["warm_start"])


def _steps_first(X: NDArray[Any] | list[pd.DataFrame]) -> list[NDArray[Any]]:
    """Return series, arrays of shape (channels, steps) or frames with a row a step, as sequences (steps, features)."""
    return [series.to_numpy() if isinstance(series, pd.DataFrame) else series.T for series in X]
