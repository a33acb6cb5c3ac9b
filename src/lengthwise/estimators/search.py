"""A search for a length in the form of scikit-learn's searches: a study, and a fit at the recommended length."""

from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from lengthwise.data import load_data
from lengthwise.errors import UsageError
from lengthwise.estimators.base import DEFAULT_STEPS, PARAMETERS, SequenceEstimator, seed_from
from lengthwise.estimators.regressor import SequenceRegressor
from lengthwise.report.files import write_results
from lengthwise.study.answer import DEFAULT_CONFIDENCE, Answer
from lengthwise.study.design import DEFAULT_SEEDS, OWN
from lengthwise.study.study import Study


def _best_has(name: str) -> Any:
    """Make a method available if the estimator has it."""
    return available_if(lambda search: hasattr(search.estimator, name))


class LengthSearch(MetaEstimatorMixin, BaseEstimator):
    """Train an estimator's network at many lengths, several seeds each, and find the shortest that is long enough.

    It is a study, `lengthwise.Study`, of the estimator's settings. Sequences are divided once, whole, into a training,
    a validation and a test split; windows of one sequence are never in two of them. It is not a cross-validation: all
    trainings have the same splits, and those of a length differ in their seeds.

    Parameters
    ----------
    estimator : SequenceClassifier or SequenceRegressor
        Its `seq_len` and `random_state` are not used in the search.
    seq_lens : str or iterable of int, optional
        Lengths, as for `lengthwise.Study`: ``"1:28"``, ``"4,8,16"``, ``"all"``, numbers. By default every length
        of sequences up to 28 steps, and of longer ones all up to 12 and some spread over the rest.
    seeds : int
        Number of seeds for each length.
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
    random_state : int, RandomState or None
        The splits are drawn from it.
    callbacks : tuple of callable
        Each is called with every event of the study; see `lengthwise.events`.

    Attributes
    ----------
    best_params_ : dict
        ``{"seq_len": …}``: the recommended length, or if there is none, the one with the best mean score.
    best_index_ : int
        Its index in `cv_results_`.
    best_score_ : float
        Its mean score on the validation split, ``cv_results_["mean_test_score"][best_index_]``.
    best_estimator_ : estimator
        Fitted to all sequences at that length, if `refit`.
    cv_results_ : dict of str to ndarray of shape (lengths,)
        As of scikit-learn's searches, for ``pandas.DataFrame(search.cv_results_)``: ``param_seq_len``, ``params``;
        ``split0_test_score``, …, the score of each seed on the sequences held out, which here are the validation split,
        NaN where the training failed; ``mean_test_score``, ``std_test_score``, ``rank_test_score``; ``mean_fit_time``,
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
        self.margin = margin
        self.confidence = confidence
        self.validation = validation
        self.test = test
        self.workers = workers
        self.refit = refit
        self.random_state = random_state
        self.callbacks = callbacks

    def fit(
        self, X: ArrayLike, y: ArrayLike, *, lengths: ArrayLike | None = None, groups: ArrayLike | None = None
    ) -> Self:
        """Run the study, and fit the estimator at the recommended length.

        Parameters
        ----------
        X, y, lengths
            As for the estimator.
        groups : array-like of shape (n,), optional
            Sequences of the same group, such as a person, stay in the same split.

        Raises
        ------
        UsageError
            If an argument is out of range or does not match the others, or every run failed.
        """
        if not isinstance(self.estimator, SequenceEstimator):
            raise UsageError(
                f"estimator is a {type(self.estimator).__name__}, but must be a SequenceClassifier or a "
                f"SequenceRegressor."
            )
        dataset = load_data(
            np.asarray(X), y, lengths=lengths, groups=groups, seed=seed_from(self.random_state),
            validation=self.validation, test=self.test, standardize=self.estimator.standardize, task=self._task,
        )  # fmt: skip
        study = Study(
            dataset, seq_lens=self.seq_lens, seeds=self.seeds, budget=self._budget, folds=0, recipe="notebook",
            **self._settings(dataset),
        )  # fmt: skip
        study.run(workers=self.workers, callbacks=self.callbacks)
        self.study_ = study
        self.answer_: Answer = study.answers(margin=self.margin, confidence=self.confidence)[0]
        self.results_: pd.DataFrame = self.answer_.table()
        recommendation = self.answer_.recommendation
        self.recommended_seq_len_ = None if recommendation is None else recommendation.seq_len
        self.cv_results_ = _cv_results(study)
        chosen = self.recommended_seq_len_
        self.best_index_ = int(
            self.cv_results_["rank_test_score"].argmin() if chosen is None else study.design.seq_lens.index(chosen)
        )
        self.best_params_: dict[str, Any] = self.cv_results_["params"][self.best_index_]
        self.best_score_ = float(self.cv_results_["mean_test_score"][self.best_index_])
        if self.refit:
            self.best_estimator_ = clone(self.estimator).set_params(**self.best_params_)
            self.best_estimator_.fit(X, y, lengths=lengths)
            self.n_features_in_ = self.best_estimator_.n_features_in_
        return self

    @_best_has("predict")
    def predict(self, X: ArrayLike, *, lengths: ArrayLike | None = None) -> NDArray[Any]:
        """Return the best estimator's predictions."""
        return self._best().predict(X, lengths=lengths)  # type: ignore[no-any-return]

    @_best_has("predict_proba")
    def predict_proba(self, X: ArrayLike, *, lengths: ArrayLike | None = None) -> NDArray[np.float64]:
        """Return the best estimator's probability of each class."""
        return self._best().predict_proba(X, lengths=lengths)  # type: ignore[no-any-return]

    def score(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        lengths: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Return the best estimator's score."""
        return float(self._best().score(X, y, lengths=lengths, sample_weight=sample_weight))

    @property
    def classes_(self) -> NDArray[Any]:
        """The best estimator's classes."""
        return self._best().classes_  # type: ignore[no-any-return]

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
    def _task(self) -> str:
        return "regression" if isinstance(self.estimator, SequenceRegressor) else "classification"

    @property
    def _budget(self) -> str:
        """What is equal between lengths: the estimator's steps or epochs."""
        estimator = self.estimator
        if estimator.steps is None and estimator.epochs is not None:
            return f"epochs={estimator.epochs}"
        return f"steps={DEFAULT_STEPS if estimator.steps is None else estimator.steps}"

    def _settings(self, dataset: Any) -> dict[str, Any]:
        """Return the settings that the study takes from the estimator; a batch is at most the training split."""
        chosen = {name: getattr(self.estimator, name) for name in PARAMETERS if name not in OWN}
        return chosen | {"batch_size": min(chosen["batch_size"], len(dataset.train))}

    def _best(self) -> Any:
        check_is_fitted(self, "best_estimator_")
        return self.best_estimator_


def _cv_results(study: Study) -> dict[str, Any]:
    """Return the scores of a study of one configuration in the form of scikit-learn's searches."""
    lengths, seeds, runs = list(study.design.seq_lens), list(study.design.seeds), study.results
    scores, times = (
        runs.pivot(index="seq_len", columns="seed", values=name).reindex(index=lengths, columns=seeds).astype(float)
        for name in ("val_score", "seconds")
    )
    scores = study.metric.sign * scores
    means = scores.mean(axis=1).to_numpy()
    return {
        "param_seq_len": np.array(lengths),
        "params": [{"seq_len": length} for length in lengths],
        **{f"split{place}_test_score": scores[seed].to_numpy() for place, seed in enumerate(seeds)},
        "mean_test_score": means,
        "std_test_score": scores.std(axis=1, ddof=0).to_numpy(),
        "rank_test_score": rankdata(np.where(np.isnan(means), np.inf, -means), method="min").astype(np.int32),
        "mean_fit_time": times.mean(axis=1).to_numpy(),
        "std_fit_time": times.std(axis=1, ddof=0).to_numpy(),
    }
