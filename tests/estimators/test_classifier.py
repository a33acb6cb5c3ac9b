"""Networks as scikit-learn's classifiers."""

import inspect
import pickle

import numpy as np
import onnxruntime
import pytest
from sklearn.base import clone
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, cross_val_score, validation_curve
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import lengthwise
from lengthwise.engine.simd.engine import SimdEngine
from lengthwise.errors import UsageError
from lengthwise.estimators import SequenceClassifier
from lengthwise.exchange.onnx_model import onnx_model
from lengthwise.training.evaluation import evaluate_exactly
from lengthwise.training.keyword_settings import DEFAULTS
from tests import naive
from tests.data.made import walks

SMALL = {"hidden_size": 5, "num_layers": 1, "steps": 20, "batch_size": 16, "random_state": 3}

X, NUMBERS = walks(count=60, num_steps=8, features=2)
Y = np.array(["run", "sit", "walk"])[NUMBERS]


def classifier(**parameters):
    return SequenceClassifier(**SMALL | parameters)


@pytest.fixture(scope="module")
def fitted():
    return classifier(seq_len=5).fit(X, Y)


def test_every_setting_is_a_parameter_with_the_default_of_train_but_for_what_the_documentation_names():
    parameters = SequenceClassifier().get_params()
    own = {"threads", "warm_start", "random_state", "standardize", "validation_fraction", "class_weight"}
    assert set(parameters) - own == set(DEFAULTS) - {"data", "seed", "carry_state", "class_weights"}
    different = {name for name in DEFAULTS if name in parameters and parameters[name] != DEFAULTS[name]}
    assert different == {"seq_len", "epochs", "sampling"}
    assert list(inspect.signature(SequenceClassifier).parameters)[:2] == ["seq_len", "epochs"]


def test_a_parameter_that_is_none_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match="there is no setting 'hidden': did you mean 'hidden_size'"):
        SequenceClassifier(hidden=3)
    with pytest.raises(UsageError, match="there is no setting 'seed'"):
        SequenceClassifier(seed=3)
    with pytest.raises(UsageError, match="there is no setting 'class_weights': did you mean 'class_weight'"):
        SequenceClassifier(class_weights="balanced")


def test_it_trains_what_train_trains():
    dataset = lengthwise.load_data(X, Y, split=np.repeat([0, 1, 2], [28, 16, 16]), standardize="none")
    result = lengthwise.train(
        dataset, seq_len=5, seed=3, sampling="shuffle", quiet=True, hidden_size=5, num_layers=1, steps=20, batch_size=16
    )
    estimator = classifier(seq_len=5, standardize="none").fit(dataset.train.values, Y[:28])
    for name, array in result.parameters.items():
        np.testing.assert_array_equal(estimator.parameters_[name], array)
    np.testing.assert_array_equal(estimator.loss_curve_[:7], result.history.losses[:7])  # the first epoch's updates


def test_features_are_standardised_by_the_sequences_of_fit():
    scaled = (X - X.mean(axis=(0, 1))) / X.std(axis=(0, 1))
    ours = classifier().fit(X * 100 + 7, Y).predict_proba(X * 100 + 7)
    np.testing.assert_allclose(ours, classifier(standardize="none").fit(scaled, Y).predict_proba(scaled), atol=1e-4)


def test_probabilities_are_the_means_over_all_windows_of_a_sequence(fitted):
    whole = fitted.predict_proba(X)
    windows = [fitted.predict_proba(X[:, start : start + 5]) for start in range(4)]
    np.testing.assert_allclose(whole, np.mean(windows, axis=0), atol=1e-6)
    np.testing.assert_allclose(whole.sum(axis=1), 1)
    np.testing.assert_array_equal(fitted.predict(X), fitted.classes_[whole.argmax(axis=1)])


def test_of_windows_of_all_steps_the_score_is_that_of_exact_evaluation():
    estimator = classifier(standardize="none").fit(X, Y)
    split = lengthwise.Split(X, NUMBERS)
    evaluation = evaluate_exactly(estimator.network_, estimator.network_.flat(estimator.parameters_), split, 8)
    assert estimator.score(X, Y) == evaluation.accuracy


def test_predictions_evaluation_the_reference_and_the_exported_network_agree():
    random = np.random.default_rng(2)
    sequences, labels = random.normal(size=(180, 8, 2)).astype(np.float32), np.arange(180) % 60
    estimator = classifier(standardize="none", lr=0.02).fit(sequences, labels)
    network, parameters = estimator.network_, estimator.parameters_
    probabilities = estimator.predict_proba(sequences)
    *_, logits = naive.forward(network, parameters, sequences)
    np.testing.assert_allclose(probabilities, naive.softmax(logits), rtol=2e-5)
    session = onnxruntime.InferenceSession(onnx_model(network, parameters).SerializeToString())
    np.testing.assert_allclose(naive.softmax(session.run(None, {"windows": sequences})[0]), probabilities, rtol=2e-5)
    evaluation = evaluate_exactly(network, network.flat(parameters), lengthwise.Split(sequences, labels), 8)
    np.testing.assert_array_equal(evaluation.per_sequence, estimator.predict(sequences) == labels)
    assert evaluation.loss == pytest.approx(log_loss(labels, probabilities), rel=1e-5)


@pytest.mark.parametrize("seq_len", [8, 5])
def test_the_probabilities_of_many_classes_come_from_one_pass_over_each_window(monkeypatch, seq_len):
    values, numbers = walks(count=120, num_steps=8, features=2, classes=60)
    many = classifier(seq_len=seq_len).fit(values, numbers)
    passes, evaluate = [], SimdEngine._evaluate

    def counted(engine, parameters, data, windows, *more):
        passes.append(windows.sequences.size)
        return evaluate(engine, parameters, data, windows, *more)

    monkeypatch.setattr(SimdEngine, "_evaluate", counted)
    probabilities = many.predict_proba(values)
    assert sum(passes) == 120 * (8 - seq_len + 1)
    assert probabilities.shape == (120, 60)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_a_matrix_is_one_feature_a_step():
    flat = classifier().fit(X[:, :, 0], Y)
    assert flat.n_features_in_ == 8
    np.testing.assert_array_equal(
        flat.predict_proba(X[:, :, 0]), classifier().fit(X[:, :, :1], Y).predict_proba(X[:, :, :1])
    )


def test_sequences_of_three_dimensions_may_be_longer_or_shorter_than_those_of_fit(fitted):
    assert fitted.n_features_in_ == 2
    assert fitted.predict_proba(np.concatenate([X, X], axis=1)).shape == (60, 3)
    assert fitted.predict_proba(X[:, :2]).shape == (60, 3)
    with pytest.raises(UsageError, match="X has 1 features a step, but SequenceClassifier was fitted to 2"):
        fitted.predict(X[:, :, :1])
    with pytest.raises(ValueError, match="X has 16 features, but SequenceClassifier is expecting 2"):
        fitted.predict(X.reshape(60, 16))


def test_a_matrix_is_sequences_of_the_one_feature_of_fit():
    one = classifier(seq_len=5).fit(X[:, :, :1], Y)
    for steps in (5, 8):
        np.testing.assert_array_equal(one.predict_proba(X[:, :steps, 0]), one.predict_proba(X[:, :steps, :1]))


def test_what_follows_a_sequences_length_does_not_count():
    lengths = np.arange(60) % 6 + 3
    padded = np.where(np.arange(8)[None, :, None] < lengths[:, None, None], X, 0)
    rubbish = np.where(np.arange(8)[None, :, None] < lengths[:, None, None], X, np.nan)
    one, other = (
        classifier(seq_len=5).fit(padded, Y, lengths=lengths),
        classifier(seq_len=5).fit(rubbish, Y, lengths=lengths),
    )
    np.testing.assert_array_equal(
        one.predict_proba(padded, lengths=lengths), other.predict_proba(rubbish, lengths=lengths)
    )
    assert one.score(padded, Y, lengths=lengths) == other.score(rubbish, Y, lengths=lengths)
    shortest = int(np.argmin(lengths))
    alone = one.predict_proba(X[shortest : shortest + 1, :3])
    np.testing.assert_allclose(one.predict_proba(padded, lengths=lengths)[shortest], alone[0], atol=1e-6)


def test_lengths_and_weights_are_given_by_name():
    lengths = np.full(60, 8)
    with pytest.raises(TypeError, match="positional"):
        classifier().fit(X, Y, lengths)
    with pytest.raises(TypeError, match="positional"):
        classifier().partial_fit(X, Y, np.unique(Y), lengths)
    for name in ("predict", "predict_proba"):
        with pytest.raises(TypeError, match="positional"):
            getattr(classifier(), name)(X, lengths)
    with pytest.raises(TypeError, match="positional"):
        classifier().score(X, Y, lengths)


def test_no_random_state_is_numpy_s_global_one(monkeypatch):
    monkeypatch.setattr("numpy.random.mtrand._rand", np.random.RandomState(7))
    one = classifier(random_state=None).fit(X, Y)
    other = classifier(random_state=np.random.RandomState(7)).fit(X, Y)
    assert one.settings_.seed == other.settings_.seed
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))


def test_a_random_state_that_is_none_of_these_is_refused():
    with pytest.raises(ValueError, match="'seed' cannot be used to seed"):
        classifier(random_state="seed").fit(X, Y)
    with pytest.raises(UsageError, match="random_state is -1, but must be 0 to"):
        classifier(random_state=-1).fit(X, Y)


@pytest.mark.parametrize(
    "random_state",
    [0, np.random.RandomState(7), np.random.default_rng(7), np.random.SeedSequence(7)],
    ids=["int", "RandomState", "Generator", "SeedSequence"],
)
def test_the_same_random_state_gives_the_same_bits(random_state):
    state = pickle.dumps(random_state)
    one, other = (classifier(random_state=pickle.loads(state)).fit(X, Y) for _ in range(2))
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))
    assert not np.array_equal(one.predict_proba(X), classifier(random_state=1).fit(X, Y).predict_proba(X))


@pytest.mark.parametrize("kind", [np.random.RandomState, np.random.default_rng])
def test_another_fit_draws_on_from_the_same_random_state(kind):
    estimator = classifier(random_state=kind(7))
    first = estimator.fit(X, Y).settings_.seed
    assert estimator.fit(X, Y).settings_.seed != first


def test_a_clone_is_unfitted_and_fits_to_the_same(fitted):
    copy = clone(fitted)
    assert not hasattr(copy, "network_")
    np.testing.assert_array_equal(copy.fit(X, Y).predict_proba(X), fitted.predict_proba(X))


def test_a_pickled_estimator_predicts_and_goes_on_as_before(fitted):
    copy, again = (pickle.loads(pickle.dumps(fitted)) for _ in range(2))
    np.testing.assert_array_equal(copy.predict_proba(X), fitted.predict_proba(X))
    np.testing.assert_array_equal(copy.partial_fit(X, Y).predict_proba(X), again.partial_fit(X, Y).predict_proba(X))


def test_the_first_partial_fit_is_a_fit_of_one_epoch():
    one = classifier(steps=None, epochs=1).fit(X, Y)
    other = classifier().partial_fit(X, Y, classes=["run", "sit", "walk"])
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))


def test_partial_fit_goes_on_with_the_optimiser_and_other_windows():
    estimator = classifier().partial_fit(X, Y, classes=np.unique(Y))
    first = estimator.loss_curve_
    estimator.partial_fit(X[:32], Y[:32])
    assert len(estimator.loss_curve_) == len(first) + 2
    assert estimator.settings_.seed != 3


def test_partial_fit_refuses_what_does_not_fit_the_calls_before():
    with pytest.raises(UsageError, match="classes is missing"):
        classifier().partial_fit(X, Y)
    with pytest.raises(UsageError, match="lr_schedule is 'cosine'"):
        classifier(lr_schedule="cosine").partial_fit(X, Y, classes=np.unique(Y))
    estimator = classifier().partial_fit(X, Y, classes=np.unique(Y))
    with pytest.raises(UsageError, match="y has the label 'fly'"):
        estimator.partial_fit(X, np.where(Y == "run", "fly", Y))
    with pytest.raises(
        UsageError, match="continues the training of its network, but its parameters now define another one"
    ):
        estimator.set_params(hidden_size=6).partial_fit(X, Y)


def test_a_warm_start_begins_with_the_parameters_before():
    cold, warm = classifier(lr=1e-12).fit(X, Y), classifier(warm_start=True).fit(X, Y)
    before = warm.parameters_["head.weight"].copy()
    warm.set_params(lr=1e-12).fit(X, Y)
    np.testing.assert_allclose(warm.parameters_["head.weight"], before, atol=1e-6)
    assert not np.allclose(cold.parameters_["head.weight"], before, atol=1e-3)


def test_a_batch_is_never_larger_than_the_data():
    assert classifier(batch_size=1000).fit(X, Y).settings_.batch_size == 60


@pytest.mark.parametrize(
    "bad", [{"seq_len": 9}, {"cell": "transformer"}, {"standardize": "yes"}, {"threads": 0}], ids=str
)
def test_bad_parameters_are_refused_when_it_is_fitted(bad):
    with pytest.raises(UsageError, match=next(iter(bad))):
        classifier(**bad).fit(X, Y)


def test_it_works_in_a_pipeline():
    pipeline = make_pipeline(StandardScaler(), classifier()).fit(X[:, :, 0], Y)
    assert pipeline.predict(X[:, :, 0]).shape == (60,)
    assert set(pipeline.classes_) == {"run", "sit", "walk"}


def test_a_grid_search_in_two_processes_finds_what_one_finds():
    grid = {"seq_len": [2, 8], "cell": ["rnn", "gru"]}
    searches = [GridSearchCV(classifier(), grid, cv=2, n_jobs=jobs).fit(X, Y) for jobs in (1, 2)]
    one, two = (search.cv_results_["mean_test_score"] for search in searches)
    np.testing.assert_array_equal(one, two)


def test_it_works_in_cross_validation_and_validation_curves():
    assert cross_val_score(classifier(), X, Y, cv=3).shape == (3,)
    train, test = validation_curve(classifier(), X, Y, param_name="seq_len", param_range=[1, 4, 8], cv=2)
    assert train.shape == test.shape == (3, 2)


def test_the_engine_of_pytorch_trains_and_predicts_the_same():
    ours, theirs = classifier().fit(X, Y), classifier(engine="torch").fit(X, Y)
    np.testing.assert_allclose(theirs.predict_proba(X), ours.predict_proba(X), atol=1e-4)


# What is chosen on sequences that are held out.

CHOOSING = {"steps": 600, "lr": 0.02, "patience": 3, "validate_every": 10}


@pytest.fixture(scope="module")
def chosen():
    return classifier(seq_len=5, **CHOOSING).fit(X, Y)


def test_patience_ends_a_fit_and_keeps_the_best_parameters(chosen):
    scores = chosen.validation_scores_
    best = int(np.argmax(scores))
    assert len(scores) - 1 - best == 3
    assert (chosen.n_steps_, chosen.best_step_) == (10 * len(scores), 10 * (best + 1))
    assert chosen.n_steps_ < 600
    assert chosen.loss_curve_.shape == (chosen.n_steps_,)
    short = classifier(seq_len=5, **CHOOSING | {"steps": chosen.best_step_, "patience": None}).fit(X, Y)
    assert short.best_step_ == short.n_steps_ == chosen.best_step_
    for name, values in short.parameters_.items():
        np.testing.assert_array_equal(chosen.parameters_[name], values)
    np.testing.assert_array_equal(chosen.predict_proba(X), short.predict_proba(X))


@pytest.mark.parametrize("seed", range(3))
def test_the_sequences_that_are_held_out_are_a_share_of_every_class(seed):
    """Sequences that are all alike have one answer, which is right for the share of its class among those held out."""
    alike, labels = np.ones((60, 8)), np.repeat(["a", "b"], [40, 20])
    estimator = classifier(validate_every=5, validation_fraction=0.1, standardize="none", random_state=seed)
    estimator.fit(alike, labels)
    (predicted,) = set(estimator.predict(alike).tolist())
    assert estimator.validation_scores_[estimator.best_step_ // 5 - 1] == {"a": 4 / 6, "b": 2 / 6}[predicted]


def test_nothing_is_held_out_where_nothing_is_chosen(fitted):
    assert (fitted.validation_scores_, fitted.n_steps_, fitted.best_step_) == (None, 20, 20)
    other = classifier(seq_len=5, validation_fraction=0.5).fit(X, Y)
    np.testing.assert_array_equal(other.loss_curve_, fitted.loss_curve_)


@pytest.mark.parametrize("share", [0, 1, -0.1, "half"])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(UsageError, match=r"validation_fraction is .*, but must be a number above 0 and below 1"):
        classifier(patience=1, validation_fraction=share).fit(X, Y)


@pytest.mark.parametrize("option", [{"patience": 2}, {"validate_every": 5}], ids=str)
def test_partial_fit_chooses_nothing(option):
    name = next(iter(option))
    with pytest.raises(UsageError, match=f"{name} is {option[name]}, but partial_fit trains on all"):
        classifier(**option).partial_fit(X, Y, classes=np.unique(Y))


def test_partial_fit_goes_on_with_the_parameters_that_were_chosen(chosen):
    estimator = pickle.loads(pickle.dumps(chosen))
    np.testing.assert_array_equal(estimator._state.parameters, estimator._weights)
    estimator.set_params(patience=None, validate_every=None, lr=1e-30).partial_fit(X, Y)
    for name, values in chosen.parameters_.items():
        np.testing.assert_array_equal(estimator.parameters_[name], values)


def test_the_average_of_the_weights_predicts_and_goes_on(fitted):
    averaged = classifier(seq_len=5, ema_decay=0.9).fit(X, Y)
    np.testing.assert_array_equal(averaged.loss_curve_, fitted.loss_curve_)
    np.testing.assert_array_equal(averaged._state.parameters, fitted._state.parameters)
    np.testing.assert_array_equal(averaged._weights, averaged._state.average)
    assert not np.array_equal(averaged.predict_proba(X), fitted.predict_proba(X))
    one = classifier(seq_len=5, ema_decay=0.9).partial_fit(X, Y, classes=np.unique(Y))
    other = classifier(seq_len=5, ema_decay=0.9).partial_fit(X, Y, classes=np.unique(Y))
    before = one._state.average.copy()
    one.partial_fit(X, Y)
    other.set_params(ema_decay=None).partial_fit(X, Y)
    assert other._state.average.size == 0
    np.testing.assert_array_equal(one._state.parameters, other._state.parameters)
    assert not np.array_equal(one._state.average, before)
    assert not np.array_equal(one._state.average, one._state.parameters)
