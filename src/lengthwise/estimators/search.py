"""A search for a length in the form of scikit-learn's searches: a study, and a fit at the recommended length."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.metrics import accuracy_score, r2_score
from sklearn.pipeline import Pipeline
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from lengthwise.data import Dataset, load_data
from lengthwise.data.folds import check_folds, smallest_fold, usual_folds
from lengthwise.data.splitting import TRAIN, VALIDATION
from lengthwise.errors import UsageError
from lengthwise.estimators.base import DEFAULT_STEPS, SequenceEstimator
from lengthwise.estimators.cv_results import cv_results
from lengthwise.estimators.division import splits_of, transformed
from lengthwise.estimators.inputs import as_one_array, checked_weights, refuse_missing_targets
from lengthwise.estimators.parameters import PARAMETERS, check_class_weight, seed_from
from lengthwise.estimators.regressor import SequenceRegressor
from lengthwise.report.files import write_results
from lengthwise.study.answer import DEFAULT_CONFIDENCE, Answer
from lengthwise.study.design import DEFAULT_SEEDS
from lengthwise.study.network_design import OWN
from lengthwise.study.study import Study


def _best_has(name: str) -> Any:
    """Make a method available if the estimator has it."""
    return available_if(lambda search: hasattr(search.estimator, name))


class LengthSearch(MetaEstimatorMixin, BaseEstimator):
    """Train an estimator's network at many lengths, several seeds each, and find the shortest that is long enough.

    It is a study, `lengthwise.Study`, of the estimator's settings. Sequences are divided whole, into a training, a
    validation and a test split; windows of one sequence are never in two of them. Where the validation split is small,
    the first two are pooled and divided into folds, as in any study, anew for each seed: each sequence is judged by
    networks that had not seen it, nor any of its group.

    Parameters
    ----------
    estimator : SequenceClassifier, SequenceRegressor, or Pipeline that ends in one
        Its `seq_len` and `random_state` are not used in the search. The other steps of a `sklearn.pipeline.Pipeline`
        are fitted to the training split once, before the search.
    seq_lens : str or iterable of int, optional
        Lengths, as for `lengthwise.Study`: ``"1:28"``, ``"4,8,16"``, ``"all"``, numbers. By default every length
        of sequences up to 28 steps, and of longer ones all up to 12 and some spread over the rest.
    seeds : int
        Number of seeds for each length.
    folds : int, optional
        Trainings of each length and seed, each judged on another part of the training and the validation sequences; 0
        for one, judged on the validation split. By default 5, or one for each of up to 20 groups, where the validation
        split has fewer than 1,000 sequences or groups; and none where other steps of a pipeline are fitted to the
        training split, or the estimator stops early by the validation split.
    margin : float, optional
        The largest acceptable loss against the best length, as for `lengthwise.Study.answers`.
    confidence : float
        Confidence level of the recommendation.
    validation, test : float
        Fractions of the sequences in the validation split, by which the length is chosen, and in the test split, which
        is only reported.
    workers : int, optional
        Networks that are trained at a time; one for each processor by default.
    refit : bool
        Whether to fit the estimator to all sequences, at the length of `best_params_`.
    random_state : int, RandomState, Generator or None
        The splits are drawn from it.
    callbacks : tuple of callable
        Each is called with every event of the study; see `lengthwise.events`.

    Attributes
    ----------
    best_params_ : dict
        ``{"seq_len": …}``: the recommended length, or if there is none, the one with the best mean score. Of a
        pipeline, the name is ``"sequenceclassifier__seq_len"`` or the like, as for its ``set_params``; also in
        `cv_results_`.
    best_index_ : int
        Its index in `cv_results_`.
    best_score_ : float
        Its mean score on the sequences held out, ``cv_results_["mean_test_score"][best_index_]``.
    best_estimator_ : estimator
        Fitted to all sequences at that length, if `refit`.
    cv_results_ : dict of str to ndarray of shape (lengths,)
        As of scikit-learn's searches, for ``pandas.DataFrame(search.cv_results_)``: ``param_seq_len``, ``params``;
        ``split0_test_score``, …, the score of each seed, and of each of its folds, on the sequences held out, NaN where
        the training failed; ``mean_test_score``, ``std_test_score``, ``rank_test_score``; ``mean_fit_time``,
        ``std_fit_time``. Greater scores are better, as everywhere in scikit-learn: of an error, they are its negative.
    recommended_seq_len_ : int or None
        The shortest length that is good enough; None if the runs do not decide the question.
    results_ : DataFrame
        One row for each length: scores with their intervals, costs, and the result of its test.
    answer_ : Answer
        The complete answer; ``answer_.sentence`` puts it in words.
    study_ : Study
        The study, in memory; it is not pickled.

    Examples
    --------
    ::

        search = LengthSearch(SequenceClassifier(cell="gru"), seq_lens="4:28:4").fit(X, y)
        print(search.answer_.sentence)
        search.report("reports/walks")
        search.predict(X_new)
    """

    def __init__(
        self,
        estimator: Any,
        *,
        seq_lens: Any = None,
        seeds: int = DEFAULT_SEEDS,
        folds: int | None = None,
        margin: float | None = None,
        confidence: float = DEFAULT_CONFIDENCE,
        validation: float = 0.15,
        test: float = 0.15,
        workers: int | None = None,
        refit: bool = True,
        random_state: Any = 0,
        callbacks: tuple[Any, ...] = (),
    ) -> None:
        self.estimator = estimator
        self.seq_lens = seq_lens
        self.seeds = seeds
        self.folds = folds
        self.margin = margin
        self.confidence = confidence
        self.validation = validation
        self.test = test
        self.workers = workers
        self.refit = refit
        self.random_state = random_state
        self.callbacks = callbacks

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        lengths: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Run the study, and fit the estimator at the recommended length.

        Parameters
        ----------
        X, y, lengths
            As for the estimator.
        groups : array-like of shape (n,), optional
            Sequences of the same group, such as a person, stay in the same split.
        sample_weight : array-like of shape (n,), optional
            The weight of each sequence in the loss, not in the scores; only their ratios matter.

        Raises
        ------
        UsageError
            If an argument is out of range or does not match the others, or every run failed.
        """
        network = self._network
        if not isinstance(network, SequenceEstimator):
            if hasattr(self.estimator, "regressor") and hasattr(self.estimator, "inverse_func"):
                raise UsageError(
                    "estimator is a TransformedTargetRegressor, whose errors are in other units than its network's: "
                    "put the search into it, as TransformedTargetRegressor(LengthSearch(SequenceRegressor()), "
                    "func=...)."
                )
            raise UsageError(
                f"estimator is a {type(self.estimator).__name__}, but must be a SequenceClassifier, a "
                f"SequenceRegressor, or a Pipeline that ends in one: of other models, lengthwise.Study(objective=...) "
                f"takes a function that trains them."
            )
        dataset, folds = self._dataset(X, y, lengths, groups, checked_weights(sample_weight, X))
        study = Study(
            dataset, seq_lens=self.seq_lens, seeds=self.seeds, budget=self._budget, folds=folds, recipe="notebook",
            **self._settings(smallest_fold(dataset, folds, seed=0) if folds else dataset),
        )  # fmt: skip
        study.run(workers=self.workers, callbacks=self.callbacks)
        self.study_ = study
        self.answer_: Answer = study.answers(margin=self.margin, confidence=self.confidence)[0]
        self.results_: pd.DataFrame = self.answer_.table()
        recommendation = self.answer_.recommendation
        self.recommended_seq_len_ = None if recommendation is None else recommendation.seq_len
        self.cv_results_ = cv_results(study, f"{self._prefix}seq_len")
        chosen = self.recommended_seq_len_
        self.best_index_ = int(
            self.cv_results_["rank_test_score"].argmin() if chosen is None else study.design.seq_lens.index(chosen)
        )
        self.best_params_: dict[str, Any] = self.cv_results_["params"][self.best_index_]
        self.best_score_ = float(self.cv_results_["mean_test_score"][self.best_index_])
        if self.refit:
            self._refit(X, y, {"lengths": lengths, "sample_weight": sample_weight})
        return self

    def _dataset(
        self, X: Any, y: Any, lengths: ArrayLike | None, groups: Any, weights: NDArray[np.float64] | None
    ) -> tuple[Dataset, int]:
        """Return the sequences as the network gets them, divided, and the number of folds."""
        refuse_missing_targets(y)
        y = np.asarray(y)
        if self._task == "classification":
            check_class_weight(self._network.class_weight, y)
        drawn = {
            "groups": groups, "seed": seed_from(self.random_state), "validation": self.validation, "test": self.test,
            "task": self._task, "standardize": "none",
        }  # fmt: skip
        splits = splits_of(y, drawn)
        if len(self._steps) > 1:
            X = transformed(self.estimator[:-1], X, y, np.flatnonzero(splits == TRAIN))
        X, lengths = as_one_array(X, lengths)
        options = drawn | {"standardize": self._network.standardize}
        dataset = load_data(np.asarray(X), y, lengths=lengths, split=splits, **options)
        dataset = replace(dataset, validation_is_drawn=True)
        folds = self._folds(dataset)
        last = VALIDATION if folds else TRAIN
        found = self._network.weights_of(y[splits <= last], None if weights is None else weights[splits <= last])
        if found is not None:
            own = np.zeros(len(y))
            own[splits <= last] = found / found.mean()
            dataset = replace(dataset, train=replace(dataset.train, weights=own[splits == TRAIN]))
            if folds:
                held_out = replace(dataset.validation, weights=own[splits == VALIDATION])
                dataset = replace(dataset, validation=held_out)
        return dataset, folds

    def _folds(self, dataset: Dataset) -> int:
        """Return the number of folds, 0 for none."""
        if self.folds is not None:
            return check_folds(dataset, self.folds)
        fitted_once = len(self._steps) > 1 or self._network.patience is not None
        return 0 if fitted_once else usual_folds(dataset)

    def _refit(self, X: Any, y: Any, given: dict[str, Any]) -> None:
        """Fit the estimator to all sequences at the chosen length."""
        more = {f"{self._prefix}{name}": value for name, value in given.items() if value is not None}
        self.best_estimator_ = clone(self.estimator).set_params(**self.best_params_)
        self.best_estimator_.fit(X, y, **more)

    @_best_has("predict")
    def predict(self, X: ArrayLike, *, lengths: ArrayLike | None = None) -> NDArray[Any]:
        """Return the best estimator's predictions."""
        return self._best().predict(X, **_given(lengths))  # type: ignore[no-any-return]

    @_best_has("predict_proba")
    def predict_proba(self, X: ArrayLike, *, lengths: ArrayLike | None = None) -> NDArray[np.float64]:
        """Return the best estimator's probability of each class."""
        return self._best().predict_proba(X, **_given(lengths))  # type: ignore[no-any-return]

    def score(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        lengths: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Return the best estimator's score: of a classifier the accuracy, of a regressor R²."""
        score = accuracy_score if self._task == "classification" else r2_score
        return float(score(y, self.predict(X, lengths=lengths), sample_weight=sample_weight))

    @property
    def classes_(self) -> NDArray[Any]:
        """The best estimator's classes."""
        return self._best().classes_  # type: ignore[no-any-return]

    @property
    def n_features_in_(self) -> int:
        """The best estimator's number of features."""
        return self._best().n_features_in_  # type: ignore[no-any-return]

    @property
    def feature_names_in_(self) -> NDArray[Any]:
        """The best estimator's names of features, if it was fitted to a frame."""
        return self._best().feature_names_in_  # type: ignore[no-any-return]

    def report(self, folder: str | Path, *, paper: bool = False) -> list[Path]:
        """Write the study's page, tables and figures; see `lengthwise.write_results`.

        Parameters
        ----------
        folder : str or Path
            Created if it does not exist.
        paper : bool
            Whether figures are for a paper: 300 dpi, and PDF in addition to PNG and SVG.

        Returns
        -------
        list of Path
            The files that were written.
        """
        check_is_fitted(self, "answer_")
        if not hasattr(self, "study_"):
            raise UsageError("a pickled search has no study to report: fit it again.")
        return write_results(self.study_, folder, margin=self.margin, confidence=self.confidence, paper=paper)

    def __sklearn_tags__(self) -> Any:
        """Return the tags of the estimator."""
        tags = super().__sklearn_tags__()
        own = self.estimator.__sklearn_tags__()
        tags.estimator_type, tags.classifier_tags, tags.regressor_tags = (
            own.estimator_type, own.classifier_tags, own.regressor_tags,
        )  # fmt: skip
        tags.input_tags, tags.target_tags = own.input_tags, own.target_tags
        return tags

    def __getstate__(self) -> dict[str, Any]:
        """Return the state without the study, whose store belongs to this process."""
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "study_"}

    @property
    def _steps(self) -> list[tuple[str, Any]]:
        """The steps of the pipeline; of an estimator alone, itself."""
        return self.estimator.steps if isinstance(self.estimator, Pipeline) else [("", self.estimator)]

    @property
    def _network(self) -> Any:
        """The estimator whose length is searched."""
        return self._steps[-1][1]

    @property
    def _prefix(self) -> str:
        """What precedes the names of its parameters."""
        name = self._steps[-1][0]
        return f"{name}__" if name else ""

    @property
    def _task(self) -> str:
        return "regression" if isinstance(self._network, SequenceRegressor) else "classification"

    @property
    def _budget(self) -> str:
        """What is equal between lengths: the estimator's steps or epochs."""
        estimator = self._network
        if estimator.steps is None and estimator.epochs is not None:
            return f"epochs={estimator.epochs}"
        return f"steps={DEFAULT_STEPS if estimator.steps is None else estimator.steps}"

    def _settings(self, dataset: Any) -> dict[str, Any]:
        """Return the settings that the study takes from the estimator; a batch is at most the training split."""
        chosen = {name: getattr(self._network, name) for name in PARAMETERS if name not in OWN}
        return chosen | {"batch_size": min(chosen["batch_size"], len(dataset.train))}

    def _best(self) -> Any:
        check_is_fitted(self, "best_estimator_")
        return self.best_estimator_


def _given(lengths: ArrayLike | None) -> dict[str, Any]:
    """Return the lengths as an argument if they are given; a pipeline without them takes no argument of that name."""
    return {} if lengths is None else {"lengths": lengths}
