"""A study's scores in the form of scikit-learn's searches."""

from typing import Any

import numpy as np
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
    lengths, seeds, runs = list(study.design.seq_lens), list(study.design.seeds), study.results
    scores, times = (
        runs.pivot(index="seq_len", columns="seed", values=name).reindex(index=lengths, columns=seeds).astype(float)
        for name in ("val_score", "seconds")
    )
    scores = study.metric.sign * scores
    means = scores.mean(axis=1).to_numpy()
    return {
        f"param_{parameter}": np.array(lengths),
        "params": [{parameter: length} for length in lengths],
        **{f"split{place}_test_score": scores[seed].to_numpy() for place, seed in enumerate(seeds)},
        "mean_test_score": means,
        "std_test_score": scores.std(axis=1, ddof=0).to_numpy(),
        "rank_test_score": rankdata(np.where(np.isnan(means), np.inf, -means), method="min").astype(np.int32),
        "mean_fit_time": times.mean(axis=1).to_numpy(),
        "std_fit_time": times.std(axis=1, ddof=0).to_numpy(),
    }
