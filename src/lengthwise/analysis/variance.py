"""Where the uncertainty of a mean score comes from, and that of a difference between two lengths.

A score y of the network trained on length s with seed r, on case q, is taken as

    y_srq = μ_s + g_r + a_sr + b_sq + e_srq

where μ_s is the length's true mean, g_r what a seed does at every length (the lengths share a seed's initial values and
the order of its examples: a seed is a *block*), a_sr what it does at this length alone, b_sq how hard the case is for
networks of this length (the cases are the same for all lengths), and e_srq the rest. A *case* is what more of would be
drawn from the population: a sequence, or a whole group of sequences (a person, a machine). Cases may have weights
w_q, which sum to 1: a group weighs as much as it has sequences. The mean over R seeds of the weighted means has, for
two lengths s and t,

    Var(ȳ_s - ȳ_t) = Var_r(D_r) / R  +  cases' share,      D_r = ȳ_sr - ȳ_tr, the difference within a seed

g_r cancels within a seed. The variance of the R differences D_r gives the first part, with R - 1 degrees of freedom,
whatever the variances of single lengths and their correlation; `lengthwise.analysis.moderation` steadies it. The cases'
share is estimated from the differences of the cases, averaged over seeds. These contain e_srq too, which the first
part already holds, so that is taken off (two-way analysis of variance of seeds and cases; for means over two crossed
factors see [1]_, [2]_). With weights, the squares are those of weighted deviations, w_q (D_q - D̄): the
cluster-robust variance [3]_, with the bias and the degrees of freedom that it has for cases alike [4]_.

Letters: S studies (any leading axes), L lengths, R seeds, n cases.

References
----------
.. [1] Owen, A. B. (2007). The pigeonhole bootstrap. Annals of Applied Statistics 1(2), 386-411.
.. [2] Miller, E. (2024). Adding error bars to evals. arXiv:2411.00640.
.. [3] Cameron, A. C. and Miller, D. L. (2015). A practitioner's guide to cluster-robust inference. Journal of Human
   Resources 50(2), 317-372.
.. [4] Bell, R. M. and McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with
   multi-stage samples. Survey Methodology 28(2), 169-181.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Moments(NamedTuple):
    """Means of lengths that have the same number of seeds, and the covariances of these means.

    Attributes
    ----------
    mean : ndarray of shape (..., L)
        ȳ_s.
    seeds : ndarray of shape (..., L, L)
        Covariance over seeds of the runs' scores, over R; NaN for a single seed.
    cases : ndarray of shape (..., L, L)
        Covariance over cases of the seeds' means, over n; zero where cases are not known.
    residual : ndarray of shape (..., L, L)
        The share of e_srq, which is in both of the above; zero where cases are not known, NaN for a single seed.
    num_seeds : int
        R.
    case_df : float
        Degrees of freedom of `cases`: n - 1, less if weights differ; 0 where cases are not known.
    """

    mean: Array
    seeds: Array
    cases: Array
    residual: Array
    num_seeds: int
    case_df: float


class Differences(NamedTuple):
    """Each length (row) less each other (column), all of shape (..., L, L).

    Attributes
    ----------
    difference : ndarray
        ȳ_s - ȳ_t.
    seeds : ndarray
        Variance from seeds; falls as 1 / R.
    seed_df : ndarray
        Its degrees of freedom.
    cases : ndarray
        Variance from cases; more seeds do not change it.
    case_df : ndarray
        Its degrees of freedom; infinite where cases are not known.
    """

    difference: Array
    seeds: Array
    seed_df: Array
    cases: Array
    case_df: Array

    @property
    def standard_error(self) -> Array:
        """The standard error of `difference`, of shape (..., L, L)."""
        return np.sqrt(self.seeds + self.cases)

    @property
    def df(self) -> Array:
        """Satterthwaite's degrees of freedom of the two parts' sum, of shape (..., L, L)."""
        squares = np.square(self.seeds) / self.seed_df + np.square(self.cases) / self.case_df
        with np.errstate(invalid="ignore", divide="ignore"):
            df = np.square(self.seeds + self.cases) / squares
        return np.where(np.isnan(df), self.seed_df, df)


def moments_of_runs(scores: Array) -> Moments:
    """Return the moments of runs whose scores on single cases are not known.

    Parameters
    ----------
    scores : ndarray of shape (..., L, R)
        A column holds the runs of one seed.
    """
    *_, num_lengths, num_seeds = scores.shape
    mean = scores.mean(axis=-1)
    none = np.zeros((*mean.shape, num_lengths))
    return Moments(mean, _over_seeds(scores - mean[..., None]), none, none, num_seeds, 0.0)


def moments_of_cases(values: Array, weights: Array | None = None) -> Moments:
    """Return the moments of runs whose scores on each case are known.

    Parameters
    ----------
    values : ndarray of shape (..., L, R, n)
    weights : ndarray of shape (n,), optional
        How much each case counts in the mean score, positive; all alike by default.
    """
    *_, num_lengths, num_seeds, num_cases = values.shape
    share = np.full(num_cases, 1 / num_cases) if weights is None else weights / weights.sum()
    by_run = values @ share  # (..., L, R)
    mean = by_run.mean(axis=-1)  # (..., L)
    parts = (values - by_run[..., None]) * share  # sum to 0 over the cases of a run
    by_case = parts.mean(axis=-2)  # (..., L, n)
    inflation, df = _of_weights(share)
    cases = inflation * (by_case @ np.swapaxes(by_case, -1, -2))
    if num_seeds > 1:
        left = (parts - by_case[..., None, :]).reshape(*mean.shape, num_seeds * num_cases)
        residual = inflation * (left @ np.swapaxes(left, -1, -2)) / ((num_seeds - 1) * num_seeds)
    else:
        residual = np.full((*mean.shape, num_lengths), np.nan)
    return Moments(mean, _over_seeds(by_run - mean[..., None]), cases, residual, num_seeds, df)


def unpaired(moments: Moments, pairs: Bools | bool = False) -> Moments:
    """Return the moments of lengths of which only some share seeds: runs of unlike seeds do not covary.

    What a covariance is estimated to be then depends on nothing but the order in which runs were put down, which may be
    that of their scores.

    Parameters
    ----------
    moments : Moments
    pairs : ndarray of bool, shape (L, L), or False
        Which lengths have seeds in common; by default none.
    """
    kept = np.eye(moments.seeds.shape[-1], dtype=bool) | pairs
    return moments._replace(seeds=np.where(kept, moments.seeds, 0.0), residual=np.where(kept, moments.residual, 0.0))


def differences(moments: Moments) -> Differences:
    """Return all differences between lengths, each judged by its own variance over seeds and over cases."""
    mean = moments.mean
    seeds = contrast(moments.seeds).clip(min=0)
    alone = moments.cases if moments.num_seeds == 1 else moments.cases - moments.residual
    cases = contrast(alone).clip(min=0)
    return Differences(
        difference=mean[..., :, None] - mean[..., None, :],
        seeds=seeds,
        seed_df=np.full_like(seeds, max(moments.num_seeds - 1, 1)),
        cases=cases,
        case_df=np.full_like(cases, moments.case_df or np.inf),
    )


def of_divisions(found: Differences, num_runs: int, overlap: float) -> Differences:
    """Return the differences of runs that are divisions of the same data, and no seeds; see `LengthScores.overlap`.

    More of them show nothing beyond what these data can: their whole variance is the cases'.
    """
    variance = found.seeds * (1 + num_runs * overlap)
    return found._replace(seeds=np.zeros_like(variance), cases=variance, case_df=found.seed_df)


def contrast(covariance: Array) -> Array:
    """Return the variance of each difference, (..., L, L): C_ss + C_tt - 2 C_st."""
    own = np.diagonal(covariance, axis1=-2, axis2=-1)
    return np.asarray(own[..., :, None] + own[..., None, :] - 2 * covariance)


def _over_seeds(centred: Array) -> Array:
    """Return the covariance of means over the last axis; NaN, without a warning, for a single value."""
    *shape, num_lengths, num_seeds = centred.shape
    if num_seeds < 2:
        return np.full((*shape, num_lengths, num_lengths), np.nan)
    return np.asarray(centred @ np.swapaxes(centred, -1, -2) / ((num_seeds - 1) * num_seeds))


def _of_weights(share: Array) -> tuple[float, float]:
    """Return the factor that makes a sum of squares over cases unbiased, and its degrees of freedom.

    For independent D_q of variance σ², Σ w_q² (D_q - D̄)² is a quadratic form D'C'C D with C = diag(w) (I - 1w'). Its
    mean is σ² tr CC', that of (D̄ - E D̄)² is σ² Σ w²; Satterthwaite's degrees of freedom are (tr CC')² / tr (CC')².
    Equal weights give n / (n - 1) and n - 1.
    """
    _, _, w2, w3, w4, w5 = (float(np.sum(share**power)) for power in range(6))
    trace = w2 - 2 * w3 + w2**2
    # CC' has the entries w_q w_p ([q = p] - w_q - w_p + w2); the sum of their squares, written out:
    squares = w4 - 4 * w5 + 4 * w2 * w4 + 2 * w3**2 + w2**4 - 4 * w2**2 * w3
    return w2 / trace, trace**2 / squares
