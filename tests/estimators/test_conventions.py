"""scikit-learn's own checks of what an estimator must do."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from lengthwise.estimators import SequenceClassifier

SMALL = {"hidden_size": 16, "num_layers": 1, "cell": "gru", "steps": 300, "lr": 0.01}


@parametrize_with_checks([SequenceClassifier(**SMALL)])
def test_scikit_learn_finds_no_fault(estimator, check):
    check(estimator)
