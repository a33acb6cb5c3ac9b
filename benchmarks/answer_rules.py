"""Ways to choose a length, replayed on scores that are there: only the decision differs.

Letters: L lengths, ascending, R seeds. Scores are oriented so that higher is better. Every rule takes scores of shape
(L, R), of which it uses as many as it asks for, and returns the place of the length and the number of trainings.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic_studies import played
from lengthwise.analysis import Looks

Scores = NDArray[np.float64]
Rule = Callable[[Scores, float], tuple[int, int]]


def best_of_one_seed(scores: Scores, _margin: float) -> tuple[int, int]:
    """Grid search with one seed: the best wins.

    >>> best_of_one_seed(np.array([[0.8, 0.9], [0.9, 0.8]]), 0.005)
    (1, 2)
    """
    return int(scores[:, 0].argmax()), len(scores)


def one_standard_error(scores: Scores, _margin: float, num_seeds: int = 5) -> tuple[int, int]:
    """Grid search with five seeds: the shortest within one standard error of the best (Breiman et al. 1984)."""
    tried = scores[:, :num_seeds]
    means = tried.mean(axis=1)
    best = means.argmax()
    error = tried[best].std(ddof=1) / np.sqrt(num_seeds)
    return int(np.argmax(means >= means[best] - error)), tried.size


def optuna_tpe(scores: Scores, _margin: float) -> tuple[int, int]:
    """Optuna's default sampler, as many trials as there are lengths; each trial of a length is another seed."""
    import optuna  # noqa: PLC0415 - a peer, which need not be there

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    used = np.zeros(len(scores), int)

    def objective(trial: Any) -> float:
        place = trial.suggest_int("place", 0, len(scores) - 1)
        seed = used[place] % scores.shape[1]
        used[place] += 1
        return float(scores[place, seed])

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0))
    study.optimize(objective, n_trials=len(scores))
    return int(study.best_params["place"]), len(scores)


def ours(scores: Scores, margin: float) -> tuple[int, int]:
    """Return what a study does, with the seeds' share of the variance alone; -1 where it recommends nothing."""
    looks = Looks.growing(first=3, last=min(12, scores.shape[1]))
    end = played(scores, looks, margin=margin)
    return end.place, len(end.seq_lens)


RULES: dict[str, Rule] = {
    "lengthwise": ours,
    "grid, 1 seed, the best": best_of_one_seed,
    "grid, 5 seeds, one standard error": one_standard_error,
    "Optuna, TPE": optuna_tpe,
}


def replayed(rule: Rule, scores: Scores, margin: float) -> tuple[float, float, float, float]:
    """Play a rule with the seeds in as many orders as there are seeds.

    Returns
    -------
    (wrong, none, trainings, length)
        Share of lengths that are worse than the truly best by more than the margin; share of plays without an answer;
        mean number of trainings; and the mean length over the shortest that is within the margin.
    """
    truth = scores.mean(axis=1)
    is_poor = truth < truth.max() - margin
    shortest = int(np.argmin(is_poor))
    plays = [rule(np.roll(scores, -shift, axis=1), margin) for shift in range(scores.shape[1])]
    places = np.array([place for place, _ in plays])
    there = places >= 0
    return (
        float(np.mean(there & is_poor[places])),
        float(np.mean(~there)),
        float(np.mean([count for _, count in plays])),
        float(np.mean((places[there] + 1) / (shortest + 1))) if there.any() else float("nan"),
    )
