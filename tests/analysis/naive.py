"""A difference's variance, its moderation and the procedure, written for clarity: one pair, one length at a time."""

import numpy as np
from scipy import stats


def variance_parts(values_s, values_t, weights=None):
    """Return the variance from seeds and from cases of a difference of means; values are (R, n)."""
    num_seeds, num_cases = values_s.shape
    weights = np.ones(num_cases) if weights is None else np.asarray(weights, float)
    share = weights / weights.sum()
    pairs = values_s - values_t
    of_seed = np.array([np.sum(share * row) for row in pairs])
    deviation = share * (pairs - of_seed[:, None])
    of_case = deviation.mean(axis=0)
    factor, _ = weighted(share)
    cases = factor * np.sum(of_case**2)
    residual = factor * np.sum((deviation - of_case) ** 2) / (num_seeds * (num_seeds - 1))
    return of_seed.var(ddof=1) / num_seeds, max(cases - residual, 0.0)


def weighted(share):
    """Return what a sum of squares over cases is to be multiplied by, and its degrees of freedom, by matrices."""
    n = len(share)
    deviations = np.diag(share) @ (np.eye(n) - np.outer(np.ones(n), share))
    form = deviations.T @ deviations
    return np.sum(share**2) / np.trace(form), np.trace(form) ** 2 / np.trace(form @ form)


def moderated(scores, s, t, margin):
    """Return the moderated variance over R of two lengths' difference, and its degrees of freedom; (L, R)."""
    num_lengths, num_seeds = scores.shape
    own = num_seeds - 1
    best = scores.mean(axis=1).max()

    def variance(u, v):
        return (scores[u] - scores[v]).var(ddof=1) / num_seeds

    pairs = [(u, v) for u in range(num_lengths) for v in range(num_lengths) if u != v]
    of_length = [np.mean([variance(*pair) for pair in pairs if pair[0] == u]) for u in range(num_lengths)]
    larger, smaller = max(of_length[s], of_length[t]), min(of_length[s], of_length[t])
    means = [np.mean([variance(*pair) for pair in pairs]), 0.75 * larger + 0.25 * smaller]
    near = [u for u in range(num_lengths) if scores[u].mean() >= best - 2 * margin]
    if s in near and t in near:
        means.append(np.mean([variance(u, v) for u, v in pairs if u in near and v in near]))
    borrowed = min(48 / own**2, own * (num_lengths - 2))
    return (borrowed * max(means) + own * variance(s, t)) / (borrowed + own), borrowed + own


def judged(scores, margin, alpha=0.05):
    """Return the places of the lengths that are enough and that are too poor; (L, R)."""
    num_lengths = len(scores)
    level = alpha * (1 - alpha)
    p_value, poor = np.zeros(num_lengths), set()
    for s in range(num_lengths):
        for t in set(range(num_lengths)) - {s}:
            variance, df = moderated(scores, s, t, margin)
            statistic = (scores[s].mean() - scores[t].mean() + margin) / np.sqrt(variance)
            p_value[s] = max(p_value[s], stats.t.sf(statistic, df))
            if stats.t.cdf(statistic, df) <= alpha / (num_lengths - 1):
                poor.add(s)
    left = sorted(set(range(num_lengths)) - poor, key=lambda s: p_value[s])
    # Hochberg: from the largest p-value down, the first that is below its level takes all smaller ones with it.
    for number in range(len(left), 0, -1):
        sharing = min(len(left) - number + 1, max(len(left) - 1, 1))
        if p_value[left[number - 1]] <= level / sharing:
            return set(left[:number]), poor
    return set(), poor


def two_way_values(random, shape, seed_deviation, case_deviation, residual_deviation):
    """Return values (R, n) of one length: what the seed adds + how hard the case is + the rest."""
    num_seeds, num_cases = shape
    return (
        seed_deviation * random.normal(size=(num_seeds, 1))
        + case_deviation * random.normal(size=(1, num_cases))
        + residual_deviation * random.normal(size=shape)
    )
