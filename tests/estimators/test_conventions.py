"""scikit-learn's own checks of what an estimator must do."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from lengthwise.estimators import SequenceClassifier, SequenceRegressor

SMALL = {"hidden_size": 16, "num_layers": 1, "cell": "gru", "steps": 300, "lr": 0.01}


def expected_to_fail(_estimator):
    """Return the checks that cannot pass, and why."""
    return {
        "check_sample_weight_equivalence_on_dense_data": (
            "batches are drawn at random from the sequences, so that a sequence of weight 2 and one that is given "
            "twice make other batches; they agree in what a batch's gradient is on average, see test_sample_weight.py"
        )
    }


@parametrize_with_checks(
    [SequenceClassifier(**SMALL), SequenceRegressor(**SMALL)], expected_failed_checks=expected_to_fail
)
def test_scikit_learn_finds_no_fault(estimator, check):
    check(estimator)
