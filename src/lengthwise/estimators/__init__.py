"""Networks as scikit-learn's, aeon's and sktime's estimators, and the search for a length as an estimator.

>>> from lengthwise.estimators import SequenceClassifier
>>> SequenceClassifier(cell="gru", seq_len=12)
SequenceClassifier(cell='gru', seq_len=12)
"""

from typing import TYPE_CHECKING

from lengthwise._internal.extras import required
from lengthwise._internal.lazy import lazily

if TYPE_CHECKING:
    from lengthwise.estimators.aeon import AeonClassifier as AeonClassifier
    from lengthwise.estimators.aeon import AeonRegressor as AeonRegressor
    from lengthwise.estimators.classifier import SequenceClassifier as SequenceClassifier
    from lengthwise.estimators.regressor import SequenceRegressor as SequenceRegressor
    from lengthwise.estimators.search import LengthSearch as LengthSearch
    from lengthwise.estimators.sktime import SktimeClassifier as SktimeClassifier
    from lengthwise.estimators.sktime import SktimeRegressor as SktimeRegressor

required("sklearn", "lengthwise.estimators", "sklearn")

_HOMES = {
    "aeon": ("AeonClassifier", "AeonRegressor"),
    "classifier": ("SequenceClassifier",),
    "regressor": ("SequenceRegressor",),
    "search": ("LengthSearch",),
    "sktime": ("SktimeClassifier", "SktimeRegressor"),
}

__all__, __getattr__, __dir__ = lazily(__name__, _HOMES)
