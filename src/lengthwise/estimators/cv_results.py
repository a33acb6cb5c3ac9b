"""A study's scores in the form of scikit-learn's searches."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from lengthwise.study.study import Study


def cv_results(study: Study, parameter: str) -> dict[str, Any]:
    """Return the scores of a study of one configuration as a search's `cv_results_`.

    Parameters
    ----------
    study : Study
    parameter : str
        The name of the parameter that is a run's length.
    """
    lengths, runs = list(study.design.seq_lens), study.results
    folds = range(study.design.folds or 1)
    runs = runs.assign(fold=runs.fold if study.design.folds else 0)
    held_out = pd.MultiIndex.from_product([study.design.seeds, folds], names=["seed", "fold"])
    scores, times = (
        runs.pivot(index="seq_len", columns=["seed", "fold"], values=name)
        .reindex(index=lengths, columns=held_out)
        .astype(float)
        for name in ("val_score", "seconds")
    )
    scores = study.metric.sign * scores
    means = scores.mean(axis=1).to_numpy()
    return {
        f"param_{parameter}": np.array(lengths),
        "params": [{parameter: length} for length in lengths],
        **{f"split{place}_test_score": scores[one].to_numpy() for place, one in enumerate(held_out)},
        "mean_test_score": means,
        "std_test_score": scores.std(axis=1, ddof=0).to_numpy(),
        "rank_test_score": rankdata(np.where(np.isnan(means), np.inf, -means), method="min").astype(np.int32),
        "mean_fit_time": times.mean(axis=1).to_numpy(),
        "std_fit_time": times.std(axis=1, ddof=0).to_numpy(),
    }
