"""Variances of differences, steadied by those of the other differences of the study.

With three seeds, the variance of one difference has two degrees of freedom, and its t-test needs three standard
errors. But a study has many differences. Empirical-Bayes moderation [1]_ takes a variance as a weighted mean of its
own estimate s²_st, with R - 1 degrees of freedom, and of a prior s₀²_st made of all differences, which counts as d₀
more:

    s̃²_st = (d₀ s₀²_st + (R - 1) s²_st) / (d₀ + R - 1),          d₀ + R - 1 degrees of freedom

If all differences have the same variance (the sphericity of repeated measures [2]_), the test is exact or stricter; if
they do not, borrowing makes some comparisons too lax. So the prior is biased to the safe side, and no more is borrowed
than helps:

- The prior is the largest of three means: over all differences; over those that one of the two lengths has part in
  (the larger mean of the two counts three times), for a length that is noisier than others; and, for two lengths near
  the best, over the differences between such lengths, for noise that changes with the score (a trend over the mean, as
  in [3]_, of one step).
- d₀ = 48 / (R - 1)², at most the (R - 1)(L - 2) degrees of freedom that the other differences have: 12 at three seeds,
  3 at five, almost nothing from ten on. Where a difference has seeds enough of its own, its own variance decides.
- Where some lengths share no seeds, the prior is made as if none did: differences within seeds vary less than others.
- Two lengths alone have nothing to borrow from: theirs is the paired t-test.
- A length with a single run, tried to see that it is out of the question, has no variance of its own. Its differences
  are judged by ten times the mean variance of the others, with four degrees of freedom, or the fewer that it has.

`docs/recommendation.md` has the error rates where variances are alike and where they differ.

References
----------
.. [1] Smyth, G. K. (2004). Linear models and empirical Bayes methods for assessing differential expression in
   microarray experiments. Statistical Applications in Genetics and Molecular Biology 3(1), article 3.
.. [2] Huynh, H. and Feldt, L. S. (1970). Conditions under which mean square ratios in repeated measurements designs
   have exact F-distributions. Journal of the American Statistical Association 65(332), 1582-1589.
.. [3] Law, C. W. et al. (2014). voom: precision weights unlock linear model analysis tools for RNA-seq read counts.
   Genome Biology 15, R29.
"""

import numpy as np

from lengthwise.analysis.variance import Array, Differences

BORROWED = 48
"""Prior degrees of freedom times (R - 1)²: 12 at three seeds."""

NEAR = 2
"""Margins from the best within which a length counts as near it."""


def prior_df(num_seeds: Array | float, num_lengths: int) -> Array:
    """Return d₀, how many degrees of freedom are borrowed from other differences.

    >>> prior_df(np.array([2, 3, 4, 5, 10]), 8).round(1)
    array([ 6. , 12. ,  5.3,  3. ,  0.6])
    """
    own = np.maximum(np.asarray(num_seeds, np.float64) - 1, 1)
    return np.asarray(np.minimum(BORROWED / own**2, own * max(num_lengths - 2, 0)))


UNSEEN = 10
"""How many times the mean variance a difference that is seen once is taken to have, and …"""

UNSEEN_DF = 4
"""… its degrees of freedom, at most."""


def moderate(found: Differences, margin: float, others: Differences | None = None) -> Differences:
    """Return the differences with moderated variances over seeds.

    Parameters
    ----------
    found : Differences
        Oriented so that higher is better, judged by their own variances: R - 1 degrees of freedom each.
    margin : float
        δ.
    others : Differences, optional
        Those that the prior is made of, where it must not be `found`: lengths that share seeds differ less.
    """
    own = found.seed_df
    num_lengths = own.shape[-1]
    num_seeds = int(own.flat[0]) + 1
    borrowed = prior_df(num_seeds, num_lengths)
    variance = (borrowed * _prior(found if others is None else others, margin) + own * found.seeds) / (borrowed + own)
    return found._replace(seeds=variance, seed_df=own + borrowed)


def judge_single_runs(once: Differences, known: Array, known_df: float) -> Differences:
    """Return the differences between single runs with a cautious variance over seeds.

    Parameters
    ----------
    once : Differences
        Of one seed.
    known : ndarray
        Variances of single runs' differences, where there are more seeds.
    known_df : float
        Degrees of freedom of their mean.
    """
    variance = np.full_like(once.difference, UNSEEN * known.mean())
    return once._replace(seeds=variance, seed_df=np.full_like(variance, min(UNSEEN_DF, known_df)))


def _prior(found: Differences, margin: float) -> Array:
    """Return s₀² of each difference, (..., L, L), over R like `seeds`."""
    num_lengths = found.seeds.shape[-1]
    apart = ~np.eye(num_lengths, dtype=bool)
    variance = np.where(apart, found.seeds, 0.0)
    by_length = variance.sum(axis=-1) / max(num_lengths - 1, 1)  # (..., L)
    everywhere = by_length.mean(axis=-1)[..., None, None]
    rows, columns = by_length[..., :, None], by_length[..., None, :]
    noisy = (3 * np.maximum(rows, columns) + np.minimum(rows, columns)) / 4
    near = found.difference.min(axis=-1) >= -NEAR * margin  # (..., L), from the best
    both = near[..., :, None] & near[..., None, :] & apart
    count = both.sum(axis=(-2, -1))
    top = np.where(both, variance, 0.0).sum(axis=(-2, -1)) / np.maximum(count, 1)
    return np.asarray(np.maximum(np.maximum(everywhere, noisy), np.where(both, top[..., None, None], 0.0)))
