"""Where the uncertainty of a mean score comes from, and that of a difference.

A score y of the network trained on length s with seed r, on sequence q, is taken as

    y_srq = μ_s + a_sr + b_sq + e_srq

where μ_s is what the length is worth, a_sr the luck of one training (initial parameters, order of the windows; drawn
anew for every length and seed), b_sq how hard the sequence is for networks of this length (the sequences are the same
for all lengths, so b_sq and b_tq are correlated), and e_srq what is left. Averages over R seeds and n sequences then
have, for lengths s and t,

    Var(ȳ_s - ȳ_t) = (σ²_as + σ²_es/n)/R + (σ²_at + σ²_et/n)/R  +  Var_q(b_sq - b_tq)/n
                      `seed_variance` of s     … of t             sequences' share, paired

The first two are estimated by the variance of the runs' scores over R. The variance over sequences of the seeds' mean
differences estimates the third *plus* (σ²_es + σ²_et)/(R n), which the first two already hold, so that is taken off
(the two-way analysis of variance of sequences and seeds; for means over two crossed factors see [1]_, [2]_).
Satterthwaite's formula [3]_ gives the degrees of freedom of such a sum; without sequences all this is Welch's t-test.

Letters: S studies (any leading axes), L lengths, R seeds, n sequences.

References
----------
.. [1] Owen, A. B. (2007). The pigeonhole bootstrap. Annals of Applied Statistics 1(2), 386-411.
.. [2] Miller, E. (2024). Adding error bars to evals. arXiv:2411.00640.
.. [3] Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components. Biometrics
   Bulletin 2(6), 110-114.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Moments(NamedTuple):
    """Means of lengths that have equally many seeds, and what their variances are made of.

    Attributes
    ----------
    mean : ndarray of shape (..., L)
        ȳ_s.
    seed_variance : ndarray of shape (..., L)
        The runs' variance over R; NaN for a single seed.
    sequence_covariance : ndarray of shape (..., L, L)
        Covariance over sequences of the seeds' means, over n; zero where sequences are not known.
    residual : ndarray of shape (..., L)
        σ²_e / (R n), which is in both of the above; zero where sequences are not known.
    num_seeds : int
        R.
    num_sequences : int
        n; 0 where sequences are not known.
    """

    mean: Array
    seed_variance: Array
    sequence_covariance: Array
    residual: Array
    num_seeds: int
    num_sequences: int


class Differences(NamedTuple):
    """Each length (row) less each other (column), all of shape (..., L, L).

    Attributes
    ----------
    difference : ndarray
        ȳ_s - ȳ_t.
    seeds : ndarray
        Variance from seeds; falls as 1 / R.
    sequences : ndarray
        Variance from sequences; more seeds do not change it.
    df : ndarray
        Satterthwaite's degrees of freedom of their sum.
    """

    difference: Array
    seeds: Array
    sequences: Array
    df: Array

    @property
    def standard_error(self) -> Array:
        """The standard error of `difference`, of shape (..., L, L)."""
        return np.sqrt(self.seeds + self.sequences)


def moments_of_runs(scores: Array) -> Moments:
    """Return the moments of runs whose scores on single sequences are not known.

    Parameters
    ----------
    scores : ndarray of shape (..., L, R)
    """
    *_, num_lengths, num_seeds = scores.shape
    mean = scores.mean(axis=-1)
    return Moments(
        mean=mean,
        seed_variance=_variance(scores) / num_seeds,
        sequence_covariance=np.zeros((*mean.shape, num_lengths)),
        residual=np.zeros_like(mean),
        num_seeds=num_seeds,
        num_sequences=0,
    )


def moments_of_sequences(values: Array) -> Moments:
    """Return the moments of runs whose scores on each sequence are known.

    Parameters
    ----------
    values : ndarray of shape (..., L, R, n)
    """
    *_, num_seeds, num_sequences = values.shape
    by_run = values.mean(axis=-1)  # (..., L, R)
    by_sequence = values.mean(axis=-2)  # (..., L, n)
    mean = by_run.mean(axis=-1)  # (..., L)
    centred = by_sequence - mean[..., None]
    covariance = centred @ np.swapaxes(centred, -1, -2) / ((num_sequences - 1) * num_sequences)
    if num_seeds > 1:
        # Σ (y_rq - ȳ_r - ȳ_q + ȳ)² = Σ y² - n Σ ȳ_r² - R Σ ȳ_q² + R n ȳ², about the mean to keep digits
        y = values - mean[..., None, None]
        total = np.einsum("...rq,...rq->...", y, y)
        squares = (
            total
            - num_sequences * np.square(y.mean(axis=-1)).sum(axis=-1)
            - num_seeds * np.square(centred).sum(axis=-1)
        )
        residual = squares.clip(min=0) / ((num_seeds - 1) * (num_sequences - 1) * num_seeds * num_sequences)
    else:
        residual = np.full_like(mean, np.nan)
    return Moments(mean, _variance(by_run) / num_seeds, covariance, residual, num_seeds, num_sequences)


def differences(moments: Moments) -> Differences:
    """Return all differences between lengths, with the two parts of their variance.

    A seed at two lengths is no pair, a sequence is.
    """
    mean, seed, covariance = moments.mean, moments.seed_variance, moments.sequence_covariance
    own = np.diagonal(covariance, axis1=-2, axis2=-1)
    seeds = _outer_sum(seed)
    sequences = (_outer_sum(own - moments.residual) - 2 * covariance).clip(min=0)
    squares = _outer_sum(np.square(seed)) / max(moments.num_seeds - 1, 1)
    if moments.num_sequences:
        squares = squares + np.square(sequences) / (moments.num_sequences - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        df = np.square(seeds + sequences) / squares
    return Differences(mean[..., :, None] - mean[..., None, :], seeds, sequences, np.where(np.isnan(df), 1.0, df))


def _variance(values: Array) -> Array:
    """Unbiased variance over the last axis; NaN, without a warning, for a single value."""
    if values.shape[-1] < 2:
        return np.full(values.shape[:-1], np.nan)
    return np.asarray(values.var(axis=-1, ddof=1))


def _outer_sum(values: Array) -> Array:
    return values[..., :, None] + values[..., None, :]
