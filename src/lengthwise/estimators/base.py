"""The base class of the estimators: their parameters, and training on arrays."""

from abc import abstractmethod
from dataclasses import replace
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from lengthwise._internal.argument_checks import check_choice, check_number
from lengthwise._internal.interrupts import Stopped
from lengthwise._internal.threads import check_threads
from lengthwise.data.dataset import Dataset, Scaling
from lengthwise.data.options import Options, Standardize
from lengthwise.data.scaling import measure, standardize
from lengthwise.data.split import Split
from lengthwise.data.splitting import TRAIN, VALIDATION, draw_validation
from lengthwise.engine.protocol import State
from lengthwise.errors import UsageError
from lengthwise.estimators.inputs import as_one_array, checked_weights, refuse_missing, refuse_missing_targets
from lengthwise.estimators.parameters import NOT_PARAMETERS, PARAMETERS, check_parameters, seed_from
from lengthwise.networks.backend import Backend
from lengthwise.networks.network import Network
from lengthwise.training.keyword_settings import takes_settings
from lengthwise.training.loop import Training
from lengthwise.training.progress import Progress
from lengthwise.training.settings import MAX_SEED, Settings
from lengthwise.training.setup import new_state
from lengthwise.windows import Placement

DEFAULT_STEPS = 1000
"""Updates if neither `epochs` nor `steps` is given: the same number at every `seq_len`, so that lengths compare."""

IN_MEMORY = "arrays"
"""The name of an estimator's data."""


class SequenceEstimator(BaseEstimator):
    """A network that is trained on windows of sequences; subclasses define what it predicts."""

    _input_size: int
    _is_matrix: bool
    _scaling: Scaling | None
    _state: State
    _weights: NDArray[np.float32]
    _first_seed: int
    _calls: int
    _updates: int

    def __init__(
        self,
        *,
        seq_len: int | None = None,
        epochs: int | None = None,
        steps: int | None = None,
        sampling: str = "shuffle",
        standardize: Standardize = "train",
        threads: int | None = 1,
        warm_start: bool = False,
        validation_fraction: float = 0.1,
        random_state: Any = None,
        **settings: Any,
    ) -> None:
        check_parameters(settings, type(self).__init__)
        self.seq_len = seq_len
        self.epochs = epochs
        self.steps = steps
        self.sampling = sampling
        self.standardize = standardize
        self.threads = threads
        self.warm_start = warm_start
        self.validation_fraction = validation_fraction
        self.random_state = random_state
        for name, default in PARAMETERS.items():
            if not hasattr(self, name):
                setattr(self, name, settings.get(name, default))

    def __sklearn_tags__(self) -> Any:
        """Return the tags: X has two or three dimensions."""
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags

    # --- arrays -------------------------------------------------------------------------------------------------------

    def _checked(
        self, X: Any, y: Any = "no_validation", *, lengths: ArrayLike | None, reset: bool, **how: Any
    ) -> tuple[NDArray[np.float32], Any, NDArray[Any] | None]:
        """Return X (n, T, F), float32, padded with zeros, and y, as scikit-learn checks them, and the lengths."""
        X, lengths = as_one_array(X, lengths)
        flat = (X.ndim if hasattr(X, "ndim") else np.asarray(X).ndim) != 3  # a matrix has one feature at each step
        if flat and not reset and not self._is_matrix and self._input_size == 1 and np.ndim(X) == 2:
            X, flat = np.asarray(X)[:, :, None], False
        checked = validate_data(
            self, X, y, reset=reset, dtype=np.float32, order="C", allow_nd=True, ensure_2d=flat,
            ensure_all_finite="allow-nan", **how
        )  # fmt: skip
        values, targets = checked if isinstance(checked, tuple) else (checked, None)
        if values.ndim not in (2, 3) or 0 in values.shape:
            raise UsageError(
                f"X has shape {values.shape}, but must have (sequences, time) or (sequences, time, features)."
            )
        refuse_missing(values)
        if not flat:
            if reset:
                self.n_features_in_ = values.shape[2]
            elif values.shape[2] != self._input_size:
                raise UsageError(
                    f"X has {values.shape[2]} features a step, but {type(self).__name__} was fitted to "
                    f"{self._input_size}."
                )
        if reset:
            self._input_size, self._is_matrix = 1 if flat else values.shape[2], flat
        elif flat and self._input_size != 1:
            raise UsageError(
                f"X has shape {values.shape}, but {type(self).__name__} was fitted to sequences of {self._input_size} "
                f"features a step: give (sequences, time, features)."
            )
        return (values[:, :, None] if flat else values), targets, lengths

    def _examples(
        self, X: Any, y: Any, lengths: ArrayLike | None, weights: ArrayLike | None, *, begin: bool, **how: Any
    ) -> tuple[Split, NDArray[Any]]:
        """Return the sequences with positive weight (scaled to mean 1), without targets, and their part of y."""
        refuse_missing_targets(y)
        values, targets, lengths = self._checked(X, y, lengths=lengths, reset=begin, **how)
        split = _unlabelled(values, lengths)
        checked = self.weights_of(targets, checked_weights(weights, values))
        if checked is None:
            return split, targets
        positive = checked > 0
        if not positive.any():
            raise UsageError("the weight of every sequence is zero: give at least one a positive weight.")
        chosen = _unlabelled(values[positive], None if split.lengths is None else split.lengths[positive])
        return replace(chosen, weights=checked[positive] / checked[positive].mean()), targets[positive]

    def weights_of(
        self,
        y: NDArray[Any],  # noqa: ARG002 - the weight of a class depends on it
        given: NDArray[np.float64] | None,
    ) -> NDArray[np.float64] | None:
        """Return the weight of each sequence in the loss: the given one."""
        return given

    def _scaled(self, split: Split) -> Split:
        """Return sequences with scaled values, as the network reads them."""
        return split if self._scaling is None else standardize(split, self._scaling)

    def _prediction_arguments(
        self, X: Any, lengths: ArrayLike | None
    ) -> tuple[Network, NDArray[np.float32], Split, int, int, Backend]:
        """Return the arguments of `mean_outputs`."""
        check_is_fitted(self)
        values, _, lengths = self._checked(X, lengths=lengths, reset=False)
        settings = self.settings_
        seq_len = min(settings.seq_len, values.shape[1])
        split = self._scaled(_unlabelled(values, lengths))
        return self.network_, self._weights, split, seq_len, check_threads(self.threads), settings.backend

    # --- training -----------------------------------------------------------------------------------------------------

    @abstractmethod
    def _dataset(self, split: Split, validation: Split) -> Dataset:
        """Return the sequences for training and for validation as a data set."""

    def _divided(self, split: Split) -> tuple[Split, Split]:
        """Return the sequences for training and for validation; twice the same without validations."""
        if self.patience is None and self.validate_every is None:
            return split, split
        fraction = check_number("validation_fraction", self.validation_fraction, above=0, below=1, usual=0.1)
        if len(split) < 2:
            raise UsageError(
                "there is one sequence, but at least 2 are needed, one of them for validation: give more, or leave "
                "patience and validate_every out."
            )
        options = Options(validation=fraction, seed=self._first_seed)
        splits = draw_validation(
            np.full(len(split), TRAIN, np.int8), split.targets, options, stratified=split.targets.dtype == np.int64
        )
        return _part(split, splits == TRAIN), _part(split, splits == VALIDATION)

    def _train(self, split: Split, *, begin: bool, continued: bool) -> None:
        """Train on sequences.

        Parameters
        ----------
        split : Split
            The sequences, not scaled yet.
        begin : bool
            Whether training begins with new parameters.
        continued : bool
            Whether this is another epoch of a continued training, with the optimiser's state.
        """
        check_choice("standardize", self.standardize, Standardize)
        if begin:
            self._scaling = measure(split) if self.standardize == "train" else None
        if begin or not continued:
            self._first_seed = seed_from(self.random_state)
            self._calls, self._updates = 0, 0
        dataset = self._dataset(*self._divided(self._scaled(split)))
        settings = self._settings(dataset, one_epoch=continued, placement=None if begin else self.network_.windows)
        training = Training.begin(settings, dataset, phases=("train",))
        network, progress = cast("Network", training.network), training.progress
        if not begin:
            if network != self.network_:
                raise UsageError(
                    f"{type(self).__name__} continues the training of its network, but its parameters now define "
                    f"another one: restore them, or fit with warm_start=False."
                )
            progress.stored_state, progress.earlier_updates = (
                self._state_to_continue(settings, continued=continued),
                self._updates,
            )
        threads = check_threads(self.threads)
        try:
            training.fit(threads=threads)
            training.finish(threads=threads)
        except Stopped:
            raise KeyboardInterrupt from None
        self.settings_ = settings
        self.network_: Network = network
        self._state, self._weights = _kept(progress), progress.chosen
        self._calls += 1
        self._updates = progress.updates
        self.parameters_ = network.named(progress.chosen)
        selection = progress.selection
        scores = None if selection is None else np.array([validation.score for validation in selection.validations])
        self.n_steps_, self.best_step_ = progress.made, progress.best_step
        self.validation_scores_: NDArray[np.float64] | None = scores
        losses = progress.history.losses[: progress.global_step]
        before = [self.loss_curve_] if continued and not begin else []
        self.loss_curve_: NDArray[np.float64] = np.concatenate([*before, losses])

    def _state_to_continue(self, settings: Settings, *, continued: bool) -> State:
        """Return the final state of the previous training; with the optimiser's part only if it is continued."""
        begun = new_state(settings, self._weights.copy())
        if not continued:
            return begun
        parameters, m, v, average = (array.copy() for array in self._state)
        return State(parameters, m, v, average if average.size == begun.average.size else begun.average)

    def _settings(self, dataset: Dataset, *, one_epoch: bool, placement: Placement | None) -> Settings:
        """Return the settings of a training on a data set; without a placement of its own, with that one."""
        chosen = {name: getattr(self, name) for name in PARAMETERS}
        chosen["placement"] = chosen["placement"] or placement
        if chosen["seq_len"] is None:
            chosen["seq_len"] = dataset.num_steps
        if chosen["epochs"] is None:
            chosen["epochs"] = 1
            chosen["steps"] = DEFAULT_STEPS if self.steps is None else self.steps
        settings = Settings(data=dataset.name, seed=self._seed_of_call(), **chosen)
        if one_epoch:
            if settings.lr_schedule != "constant":
                raise UsageError(
                    f"lr_schedule is {settings.lr_schedule!r}, which depends on the total number of updates, but it "
                    f"is unknown in partial_fit: choose constant."
                )
            if settings.selects:
                name = "patience" if settings.patience is not None else "validate_every"
                raise UsageError(
                    f"{name} is {getattr(settings, name)}, but partial_fit trains on all given sequences, without "
                    f"validation: leave {name} out, or use fit."
                )
            settings = replace(settings, epochs=1, steps=None)
        return replace(settings, batch_size=min(settings.batch_size, len(dataset.train)))

    def _seed_of_call(self) -> int:
        """Return the seed of this fit: the first one, or another one for each epoch that `partial_fit` adds."""
        if not self._calls:
            return self._first_seed
        words = np.random.SeedSequence(self._first_seed, spawn_key=(self._calls,)).generate_state(1, np.uint64)
        return int(words[0]) & MAX_SEED


takes_settings(SequenceEstimator.__init__, without=NOT_PARAMETERS)


def _unlabelled(values: NDArray[Any], lengths: ArrayLike | None) -> Split:
    """Return sequences with targets of zero."""
    return Split(values, np.zeros(len(values), np.int64), None if lengths is None else np.asarray(lengths))


def _kept(progress: Progress) -> State:
    """Return the state that `partial_fit` continues with: the last one, or one with the selected parameters."""
    if progress.selection is None:
        return progress.state
    average = progress.chosen.copy() if progress.state.average.size else progress.state.average
    return progress.state._replace(parameters=progress.chosen.copy(), average=average)


def _part(split: Split, chosen: NDArray[np.bool_]) -> Split:
    """Return some of a split's sequences."""
    return replace(
        split,
        values=split.values[chosen],
        targets=split.targets[chosen],
        lengths=None if split.lengths is None else split.lengths[chosen],
        weights=None if split.weights is None else split.weights[chosen],
    )
