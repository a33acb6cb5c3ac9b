"""A regressor of sequences that follows scikit-learn's conventions."""

from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score

from lengthwise.data.dataset import Dataset
from lengthwise.data.scaling import standardize_numbers
from lengthwise.data.split import Split, Units
from lengthwise.errors import UsageError
from lengthwise.estimators.base import IN_MEMORY, SequenceEstimator
from lengthwise.estimators.prediction import mean_outputs


class SequenceRegressor(RegressorMixin, SequenceEstimator):
    """A recurrent network that is trained on windows and predicts one or more numbers for a whole sequence.

    Every setting of `lengthwise.train` is a parameter of the same name. Those described here have other defaults or
    follow scikit-learn's conventions.

    Parameters
    ----------
    seq_len : int, optional
        Steps of the windows on which the network is trained; whole sequences by default. The numbers of a sequence are
        those that are predicted from its last window, or with ``placement="any"`` the means over all its windows.
    epochs, steps : int, optional
        Epochs, or updates in place of them; 1000 updates if neither is given.
    sampling : {"shuffle", "blocks", "ordered"}
        How a step's windows are sampled. The default draws them in random order, so that the sequences may be sorted.
    standardize : {"train", "none"}
        ``"train"``: subtract each feature's mean over the sequences that are given to `fit`, and divide by its standard
        deviation; the same for the numbers to predict.
    threads : int, optional
        Threads to use, None for all processors; the result does not depend on their number. One by default, as a search
        trains several networks at a time.
    warm_start : bool
        Whether `fit` begins with the parameters of the previous fit.
    validation_fraction : float
        With `patience` or `validate_every`: the fraction of the sequences that are held out for validation; drawn
        with `random_state`.
    random_state : int, RandomState, Generator or None
        The initial parameters and the windows are drawn from it; an int is the `seed` of `lengthwise.train`.
    **settings
        `cell`, `hidden_size`, `num_layers`, `batch_size`, `lr` and all other fields of `lengthwise.Settings`. A
        `batch_size` above the number of sequences is reduced to that number.

    Attributes
    ----------
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
        With `patience` or `validate_every`: the mean squared error, in the units of y, on the sequences that were held
        out, at each validation.
    n_features_in_ : int
        Columns of X (its steps) if X has two dimensions; features of a step if it has three.

    Examples
    --------
    >>> import numpy as np
    >>> walks = np.random.default_rng(0).normal(size=(100, 20)).cumsum(axis=1)
    >>> means = walks.mean(axis=1)
    >>> regressor = SequenceRegressor(cell="gru", random_state=0).fit(walks[:80], means[:80])
    >>> bool(regressor.score(walks[80:], means[80:]) > 0.8)
    True
    """

    _units: Units | None
    _one_number: bool

    def __sklearn_tags__(self) -> Any:
        """Return the tags: y may have several numbers for each sequence."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

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
        y : array-like of shape (n,) or (n, numbers)
            The numbers to predict for each sequence.
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
        begin = not (self.warm_start and hasattr(self, "network_"))
        self._fit(X, y, lengths, sample_weight, begin=begin, continued=False)
        return self

    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        lengths: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Continue the training for one epoch of these sequences.

        The scale of the features and of the numbers is that of the first call's sequences.

        Parameters
        ----------
        X, y, lengths, sample_weight
            As for `fit`.
        """
        self._fit(X, y, lengths, sample_weight, begin=not hasattr(self, "network_"), continued=True)
        return self

    def predict(self, X: ArrayLike, *, lengths: ArrayLike | None = None) -> NDArray[np.float64]:
        """Return the numbers predicted for each sequence: the mean over its windows.

        Parameters
        ----------
        X : array-like of shape (n, T, F) or (n, T), or list of n arrays
            If it has three dimensions, T may differ from that in `fit`.
        lengths : array-like of shape (n,), optional

        Returns
        -------
        ndarray of shape (n,) or (n, numbers), float64
        """
        numbers = mean_outputs(*self._prediction_arguments(X, lengths))
        if self._units is not None:
            numbers = numbers * self._units.unit + self._units.origin
        return numbers[:, 0] if self._one_number else numbers

    def score(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        lengths: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Return the fraction of the numbers' variance that is explained, R²."""
        return float(r2_score(y, self.predict(X, lengths=lengths), sample_weight=sample_weight))

    def _fit(self, X: Any, y: Any, lengths: Any, weights: Any, *, begin: bool, continued: bool) -> None:
        split, numbers = self._examples(X, y, lengths, weights, begin=begin, multi_output=True, y_numeric=True)
        with np.errstate(over="ignore"):  # values beyond float32's range become infinite, which is refused
            split = replace(split, targets=np.asarray(numbers, np.float32))
        if begin:
            self._one_number = numbers.ndim == 1
            self._units = standardize_numbers([split])[0].units if self.standardize == "train" else None
        elif numbers.shape[1:] != (() if self._one_number else (self.network_.num_outputs,)):
            raise UsageError(
                f"y has shape {numbers.shape}, but {type(self).__name__} was fitted to "
                f"{self.network_.num_outputs} number{'' if self._one_number else 's'} a sequence."
            )
        if self._units is not None:
            scaled = (split.numbers - self._units.origin) / self._units.unit
            split = replace(split, targets=scaled.astype(np.float32), units=self._units)
        self._train(split, begin=begin, continued=continued)

    def _dataset(self, split: Split, validation: Split) -> Dataset:
        return Dataset(IN_MEMORY, split, validation, split, task="regression")
