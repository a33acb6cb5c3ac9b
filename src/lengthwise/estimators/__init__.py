"""Networks as scikit-learn estimators, and the search for a length as an estimator.

>>> from lengthwise.estimators import SequenceClassifier
>>> SequenceClassifier(cell="gru", seq_len=12)
SequenceClassifier(cell='gru', seq_len=12)
"""

from lengthwise._internal.extras import required

required("sklearn", "lengthwise.estimators", "sklearn")

from lengthwise.estimators.classifier import SequenceClassifier  # noqa: E402 - after the check that scikit-learn is there
from lengthwise.estimators.regressor import SequenceRegressor  # noqa: E402
from lengthwise.estimators.search import LengthSearch  # noqa: E402

__all__ = ["LengthSearch", "SequenceClassifier", "SequenceRegressor"]
