"""What right and wrong answers show by their number alone, where two lengths answered alike.

Answers that are nearly all right vary little, and where no two lengths answered differently the variance that is
estimated is zero. But if one length is wrong more often than another by the share δ, the mean of N differences has a
variance of δ (1 - δ) / N or more. Tests of non-inferiority of proportions take the variance under the hypothesis for
this reason [1]_; the bound that goes with such a test is Wilson's [2]_.

References
----------
.. [1] Farrington, C. P. and Manning, G. (1990). Test statistics and sample size formulae for comparative binomial
   trials with null hypothesis of non-zero risk difference or non-unity relative risk. Statistics in Medicine 9(12),
   1447-1454.
.. [2] Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of the
   American Statistical Association 22(158), 209-212.
"""

import numpy as np

from lengthwise.analysis.variance import Array


def least_variance(loss: float, num_answers: Array) -> Array:
    """Return the least variance of the mean of so many differences where one length is worse by `loss`; 0 for ∞."""
    return np.asarray(max(loss * (1 - loss), 0.0) / num_answers)


def p_values(distance: Array, margin: float, num_answers: Array) -> Array:
    """Return the p-values of "worse by the margin or more" that the least variance gives.

    Parameters
    ----------
    distance : ndarray
        From the margin: the mean difference, positive where better, plus the margin.
    margin : float
        δ.
    num_answers : ndarray
        N, infinite where scores are no answers: then there is no least variance, and the p-value is 0.
    """
    from scipy.special import ndtr  # noqa: PLC0415 - heavy

    variance = least_variance(margin, num_answers)
    statistic = distance / np.sqrt(np.where(variance > 0, variance, 1.0))
    return np.where(variance > 0, ndtr(-statistic), 0.0)


def bounds(difference: Array, level: Array, num_answers: Array) -> Array:
    """Return the least margins that these tests show at a level: Wilson's upper bounds of what is lost.

    Parameters
    ----------
    difference : ndarray
        Positive where better.
    level : ndarray
        Between 0 and 1/2.
    num_answers : ndarray
        N; where it is infinite, what is lost is what is seen.
    """
    from scipy.special import ndtri  # noqa: PLC0415 - heavy

    loss = -difference
    spread = np.square(ndtri(level)) / num_answers
    root = np.sqrt(np.maximum(spread * (spread + 4 * loss * (1 - loss)), 0.0))
    return np.asarray((2 * loss + spread + root) / (2 * (1 + spread)))
