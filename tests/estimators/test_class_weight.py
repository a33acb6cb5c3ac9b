"""What the weights of classes do: what weights of their sequences do."""

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.utils.class_weight import compute_sample_weight

import lengthwise
from lengthwise.errors import UsageError
from lengthwise.estimators import LengthSearch, SequenceClassifier
from tests.data.made import walks

X, NUMBERS = walks(count=48, num_steps=6, features=2)
Y = np.array(["run", "sit", "walk", "walk"])[np.arange(48) % 4]
SMALL = {"hidden_size": 5, "num_layers": 1, "steps": 20, "batch_size": 16, "random_state": 3}


def probabilities(class_weight=None, sample_weight=None, y=Y):
    fitted = SequenceClassifier(**SMALL, class_weight=class_weight).fit(X, y, sample_weight=sample_weight)
    return fitted.predict_proba(X)


def test_a_dict_weights_the_sequences_of_its_classes():
    weights = np.where(Y == "walk", 0.25, 1.0)
    ours = probabilities({"walk": 0.25})
    np.testing.assert_array_equal(ours, probabilities(sample_weight=weights))
    assert not np.array_equal(ours, probabilities())


def test_balanced_is_scikit_learn_s_and_that_of_train():
    ours = probabilities("balanced")
    np.testing.assert_array_equal(ours, probabilities(sample_weight=compute_sample_weight("balanced", Y)))
    dataset = lengthwise.load_data(X, Y, split=np.repeat([0, 1, 2], [24, 12, 12]), standardize="none")
    settings = {"hidden_size": 5, "num_layers": 1, "steps": 20, "batch_size": 16, "sampling": "shuffle", "seq_len": 6}
    result = lengthwise.train(dataset, **settings, seed=3, class_weights="balanced", quiet=True)
    estimator = SequenceClassifier(**SMALL, standardize="none", class_weight="balanced").fit(X[:24], Y[:24])
    np.testing.assert_allclose(estimator.loss_curve_[:1], result.history.losses[:1], rtol=1e-6)
    for name, array in result.parameters.items():
        np.testing.assert_allclose(estimator.parameters_[name], array, atol=1e-5)


def test_weights_of_classes_and_of_sequences_multiply():
    weights = np.arange(48) % 3 + 1.0
    one = probabilities({"run": 3}, weights)
    np.testing.assert_array_equal(one, probabilities(sample_weight=weights * np.where(Y == "run", 3, 1)))


def test_labels_may_be_numbers():
    numbers = np.unique(Y, return_inverse=True)[1]
    np.testing.assert_array_equal(probabilities({2: 0.25}, y=numbers), probabilities({"walk": 0.25}))


@pytest.mark.parametrize(
    ("class_weight", "sentence"),
    [
        (
            "balance",
            r"class_weight is 'balance', but must be None, 'balanced', or a dict of weights, such as {'run': 5}",
        ),
        ({"run": 2, "fly": 3}, r"class_weight has the class 'fly', but the classes are \['run', 'sit', 'walk'\]"),
    ],
)
def test_others_are_refused_in_a_sentence_before_anything_is_trained(class_weight, sentence):
    estimator = SequenceClassifier(**SMALL, class_weight=class_weight)
    with pytest.raises(UsageError, match=sentence):
        estimator.fit(X, Y)
    with pytest.raises(UsageError, match=sentence):
        estimator.partial_fit(X, Y, classes=np.unique(Y))
    with pytest.raises(UsageError, match=sentence):
        LengthSearch(estimator).fit(X, Y)


def test_partial_fit_takes_weights_but_cannot_balance():
    with pytest.raises(UsageError, match="class_weight is 'balanced', but partial_fit does not know"):
        SequenceClassifier(**SMALL, class_weight="balanced").partial_fit(X, Y, classes=np.unique(Y))
    one = SequenceClassifier(**SMALL, class_weight={"walk": 0.25})
    one.partial_fit(X, Y, classes=np.unique(Y)).partial_fit(X[:2], Y[:2])
    assert one.predict(X).shape == (48,)


def test_a_grid_search_chooses_it():
    search = GridSearchCV(SequenceClassifier(**SMALL), {"class_weight": [None, "balanced"]}, cv=2).fit(X, Y)
    assert len(search.cv_results_["params"]) == 2


def test_a_search_for_lengths_weights_its_training_split():
    options = {"seq_lens": "6", "seeds": [3], "folds": 0, "workers": 1, "refit": False}
    plain = LengthSearch(SequenceClassifier(**SMALL), **options).fit(X, Y)
    balanced = LengthSearch(SequenceClassifier(**SMALL, class_weight="balanced"), **options).fit(X, Y)
    train = balanced.study_.dataset.train
    assert plain.study_.dataset.train.weights is None
    np.testing.assert_allclose(train.weights, compute_sample_weight("balanced", train.targets))
    weights = np.arange(48) % 3 + 1.0
    weighted = LengthSearch(SequenceClassifier(**SMALL, standardize="none"), **options).fit(X, Y, sample_weight=weights)
    of_sequence = {sequence.tobytes(): weight for sequence, weight in zip(X, weights, strict=True)}
    expected = [of_sequence[sequence.tobytes()] for sequence in weighted.study_.dataset.train.values]
    np.testing.assert_allclose(weighted.study_.dataset.train.weights, expected / np.mean(expected), rtol=1e-6)
