"""A classifier of sequences that follows scikit-learn's conventions."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets, unique_labels

from lengthwise.data.dataset import Dataset
from lengthwise.data.split import Split
from lengthwise.errors import UsageError
from lengthwise.estimators.base import IN_MEMORY, SequenceEstimator
from lengthwise.estimators.inputs import refuse_missing_targets
from lengthwise.estimators.parameters import check_class_weight, takes_parameters_of
from lengthwise.estimators.prediction import mean_outputs


class SequenceClassifier(ClassifierMixin, SequenceEstimator):
    """A recurrent network that is trained on windows of sequences and predicts the class of a whole sequence.

    Every setting of `lengthwise.train` is a parameter of the same name. Those described here have other defaults or
    follow scikit-learn's conventions.

    Parameters
    ----------
    seq_len : int, optional
        Steps of the windows on which the network is trained; whole sequences by default. The probabilities of a
        sequence are the means over its windows: all of them, or with ``placement="end"`` the
        last one.
    epochs, steps : int, optional
        Epochs, or updates in place of them; 1000 updates if neither is given.
    sampling : {"shuffle", "blocks", "ordered"}
        How a step's windows are sampled. The default draws them in random order, so that the sequences may be sorted.
    standardize : {"train", "none"}
        ``"train"``: subtract each feature's mean over the sequences that are given to `fit`, and divide by its standard
        deviation.
    threads : int, optional
        Threads to use, None for all processors; the result does not depend on their number. One by default, as a search
        trains several networks at a time.
    warm_start : bool
        Whether `fit` begins with the parameters of the previous fit.
    validation_fraction : float
        With `patience` or `validate_every`: the fraction of the sequences that are held out for validation; drawn
        with `random_state`, stratified by class.
    random_state : int, RandomState, Generator or None
        The initial parameters and the windows are drawn from it; an int is the `seed` of `lengthwise.train`.
    class_weight : dict, "balanced" or None
        The weight of each class in the loss, 1 for those that a dict leaves out; ``"balanced"`` is n / (classes · n of
        the class), as `class_weights` of `lengthwise.train`. It multiplies `sample_weight`.
    **settings
        `cell`, `hidden_size`, `num_layers`, `batch_size`, `lr` and all other fields of `lengthwise.Settings`. A
        `batch_size` above the number of sequences is reduced to that number.

    Attributes
    ----------
    classes_ : ndarray of shape (classes,)
        The labels, sorted.
    network_ : Network
    parameters_ : dict of str to ndarray, float32
        The trained parameters by name.
    settings_ : Settings
        The settings of the training, with the seed that was drawn.
    loss_curve_ : ndarray of shape (updates,), float64
        Mean loss of each update's batch, before the update.
    n_steps_, best_step_ : int
        Number of updates made, and the update whose parameters are kept.
    validation_scores_ : ndarray of shape (validations,), float64, or None
        With `patience` or `validate_every`: the accuracy on the sequences that were held out, at each validation.
    n_features_in_ : int
        Columns of X (its steps) if X has two dimensions; features of a step if it has three.

    Examples
    --------
    >>> import numpy as np
    >>> walks = np.random.default_rng(0).normal(size=(100, 20)).cumsum(axis=1)
    >>> rises = walks[:, -1] > 0
    >>> classifier = SequenceClassifier(cell="gru", random_state=0).fit(walks[:80], rises[:80])
    >>> bool(classifier.score(walks[80:], rises[80:]) > 0.8)
    True
    """

    def __init__(
        self, *, class_weight: Mapping[Any, float] | Literal["balanced"] | None = None, **parameters: Any
    ) -> None:
        super().__init__(**parameters)
        self.class_weight = class_weight

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        lengths: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n, T, F) or (n, T), or list of n arrays of shape (steps, F) or (steps,)
            n sequences of T steps of F features, or of one; in a list, of different lengths.
        y : array-like of shape (n,)
            Their classes, labels of any type.
        lengths : array-like of shape (n,), optional
            The number of steps of each sequence of an array; later values are ignored.
        sample_weight : array-like of shape (n,), optional
            The weight of each sequence in the loss, 0 or more; only their ratios matter.

        Raises
        ------
        ValueError
            If an argument is out of range or does not match the others.
        RunError
            If the training diverges.
        """
        refuse_missing_targets(y)
        check_class_weight(self.class_weight, y)
        begin = not (self.warm_start and hasattr(self, "network_"))
        split, labels = self._examples(X, y, lengths, sample_weight, begin=begin)
        check_classification_targets(labels)
        if begin:
            self._set_classes(unique_labels(labels))
        self._train(replace(split, targets=self._numbers(labels)), begin=begin, continued=False)
        return self

    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        *,
        lengths: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Continue the training for one epoch of these sequences.

        The scale of the features is that of the first call's sequences.

        Parameters
        ----------
        X, y, lengths, sample_weight
            As for `fit`.
        classes : array-like of shape (classes,), optional
            All labels that will occur; required in the first call.
        """
        begin = not hasattr(self, "network_")
        known = classes if begin else self.classes_
        if known is None:
            raise UsageError("classes is missing: the first call of partial_fit needs all labels that will occur.")
        check_class_weight(self.class_weight, known)
        if self.class_weight == "balanced":
            raise UsageError(
                "class_weight is 'balanced', but partial_fit does not know how frequent the classes are: give "
                "the weights, such as class_weight={'rare': 5}."
            )
        split, labels = self._examples(X, y, lengths, sample_weight, begin=begin)
        check_classification_targets(labels)
        if begin:
            self._set_classes(unique_labels(known))
        elif classes is not None and not np.array_equal(self.classes_, unique_labels(classes)):
            raise UsageError(f"classes is {classes!r}, but was {self.classes_!r} in the previous call: leave it out.")
        self._train(replace(split, targets=self._numbers(labels)), begin=begin, continued=True)
        return self

    def predict_proba(self, X: ArrayLike, *, lengths: ArrayLike | None = None) -> NDArray[np.float64]:
        """Return the probability of each class, in the order of `classes_`: the mean over a sequence's windows.

        Parameters
        ----------
        X : array-like of shape (n, T, F) or (n, T), or list of n arrays
            If it has three dimensions, T may differ from that in `fit`.
        lengths : array-like of shape (n,), optional

        Returns
        -------
        ndarray of shape (n, classes), float64
        """
        probabilities = mean_outputs(*self._prediction_arguments(X, lengths))
        normalised: NDArray[np.float64] = probabilities / probabilities.sum(axis=1, keepdims=True)  # float32's to 1e-7
        return normalised

    def predict(self, X: ArrayLike, *, lengths: ArrayLike | None = None) -> NDArray[Any]:
        """Return the most probable class of each sequence; see `predict_proba`."""
        probabilities = self.predict_proba(X, lengths=lengths)
        labels: NDArray[Any] = self.classes_[probabilities.argmax(axis=1)]
        return labels

    def score(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        lengths: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Return the fraction of sequences whose class is predicted."""
        return float(accuracy_score(y, self.predict(X, lengths=lengths), sample_weight=sample_weight))

    def weights_of(self, y: NDArray[Any], given: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
        """Return the weight of each sequence in the loss: the given one, times that of its class."""
        if self.class_weight is None:
            return given
        by_class: NDArray[np.float64] = (
            compute_sample_weight("balanced", y)
            if self.class_weight == "balanced"
            else np.array([self.class_weight.get(label, 1) for label in y.tolist()], np.float64)
        )
        return by_class if given is None else by_class * given

    def _dataset(self, split: Split, validation: Split) -> Dataset:
        return Dataset(IN_MEMORY, split, validation, split, num_classes=len(self.classes_))

    def _set_classes(self, classes: NDArray[Any]) -> None:
        if len(classes) < 2:
            raise UsageError(f"y has only one class, {classes.tolist()[0]!r}: at least two are needed.")
        self.classes_ = classes

    def _numbers(self, labels: NDArray[Any]) -> NDArray[np.int64]:
        """Return the index of each label in `classes_`."""
        unknown = np.setdiff1d(labels, self.classes_)
        if len(unknown):
            raise UsageError(f"y has the label {unknown.tolist()[0]!r}, but the classes are {self.classes_.tolist()}.")
        return np.searchsorted(self.classes_, labels)


takes_parameters_of(SequenceClassifier.__init__, SequenceEstimator.__init__)
