"""Ways to choose a length, replayed on scores that are there: only the decision differs.

Letters: L lengths, ascending, R seeds. Scores are oriented so that higher is better. Every rule takes trainings of many
seeds, of which it uses as many as it asks for, and returns the place of the length and what it trained.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic_studies import Played, played
from lengthwise.analysis import Looks
from lengthwise.study.design import DEFAULT_MAX_SEEDS, SCOUTING_SEEDS

Scores = NDArray[np.float64]

SHARES = {1: 1 / 9, 3: 1 / 3, 9: 1.0}
"""What a search that prunes gives a training, in ninths of the updates."""


@dataclass(frozen=True)
class Trainings:
    """What a rule may train.

    Attributes
    ----------
    lengths : tuple of int
    scores : ndarray of shape (L, R)
        Of whole trainings.
    margin : float
    early : mapping of int to ndarray of shape (L, R)
        Scores after so many ninths of the updates, 1 and 3; without, a rule that needs them is not played.
    """

    lengths: tuple[int, ...]
    scores: Scores
    margin: float
    early: Mapping[int, Scores]

    def orders(self) -> Iterator["Trainings"]:
        """Yield the same with the seeds in as many orders as there are seeds: each is once the first."""
        for shift in range(self.scores.shape[1]):
            scores, *early = (np.roll(each, -shift, axis=1) for each in (self.scores, *self.early.values()))
            yield Trainings(self.lengths, scores, self.margin, dict(zip(self.early, early, strict=True)))


class Chosen(NamedTuple):
    """What a rule chose.

    Attributes
    ----------
    place : int
        Of the length; -1 for none.
    trained : ndarray of shape (L,)
        Trainings of each length; a part of one counts as that part.
    """

    place: int
    trained: Scores


Rule = Callable[[Trainings], Chosen]


def best_of_one_seed(there: Trainings) -> Chosen:
    """Grid search with one seed: the best wins."""
    return Chosen(int(there.scores[:, 0].argmax()), np.ones(len(there.lengths)))


def one_standard_error(there: Trainings, num_seeds: int = 5) -> Chosen:
    """Grid search with five seeds: the shortest within one standard error of the best (Breiman et al. 1984)."""
    tried = there.scores[:, :num_seeds]
    means = tried.mean(axis=1)
    best = means.argmax()
    error = tried[best].std(ddof=1) / np.sqrt(num_seeds)
    return Chosen(int(np.argmax(means >= means[best] - error)), np.full(len(tried), float(num_seeds)))


def optuna_tpe(there: Trainings) -> Chosen:
    """Optuna's default sampler, as many trials as there are lengths; each trial of a length is another seed."""
    return _searched(there, prunes=False)


def optuna_hyperband(there: Trainings) -> Chosen:
    """Optuna's sampler with Hyperband, which ends trials after a ninth or a third of their updates (Li et al. 2018)."""
    return _searched(there, prunes=True)


def _searched(there: Trainings, *, prunes: bool) -> Chosen:
    import optuna  # noqa: PLC0415 - a peer, which need not be there

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    num_lengths, num_seeds = there.scores.shape
    used = np.zeros(num_lengths, int)
    trained = np.zeros(num_lengths)

    def objective(trial: Any) -> float:
        place = trial.suggest_int("place", 0, num_lengths - 1)
        seed = used[place] % num_seeds
        used[place] += 1
        for ninths in sorted(there.early) if prunes else ():
            trial.report(float(there.early[ninths][place, seed]), ninths)
            if trial.should_prune():
                trained[place] += SHARES[ninths]
                raise optuna.TrialPruned
        trained[place] += 1
        score = float(there.scores[place, seed])
        trial.report(score, max(SHARES))
        return score

    pruner = optuna.pruners.HyperbandPruner(1, max(SHARES), 3) if prunes else optuna.pruners.NopPruner()
    # Hyperband deals trials out by the study's name, which would be drawn at random.
    name = hashlib.sha256(there.scores.tobytes()).hexdigest()
    study = optuna.create_study(
        study_name=name, direction="maximize", sampler=optuna.samplers.TPESampler(seed=0), pruner=pruner
    )
    study.optimize(objective, n_trials=num_lengths)
    return Chosen(int(study.best_params["place"]), trained)


def ours(there: Trainings) -> Chosen:
    """Return what a study does, with the seeds' share of the variance alone; -1 where it recommends nothing."""
    end = _study(there)
    return Chosen(end.place, _counted(end, there))


def ours_of_a_fifth(there: Trainings) -> Chosen:
    """Return what a study recommends that may train no more than grid search with one seed does."""
    end = _study(there, most=len(there.lengths))
    return Chosen(end.place, _counted(end, there))


def guess_of_a_fifth(there: Trainings) -> Chosen:
    """Return what such a study recommends, or its best guess, as if it had to choose."""
    end = _study(there, most=len(there.lengths))
    return Chosen(end.guess, _counted(end, there))


def guess_of_an_eighth(there: Trainings) -> Chosen:
    """Return the same where it may train no more than about what Hyperband does."""
    end = _study(there, most=len(there.lengths) * 5 / 8)
    return Chosen(end.guess, _counted(end, there))


def _study(there: Trainings, most: float = np.inf) -> Played:
    looks = Looks.from_single_runs(first=SCOUTING_SEEDS, last=min(DEFAULT_MAX_SEEDS, there.scores.shape[1]))
    return played(there.scores, looks, margin=there.margin, lengths=there.lengths, most=most)


def _counted(end: Played, there: Trainings) -> Scores:
    places = np.searchsorted(there.lengths, end.seq_lens)
    return np.bincount(places, minlength=len(there.lengths)).astype(float)


RULES: dict[str, Rule] = {
    "lengthwise": ours,
    "lengthwise, a fifth of the grid at most": ours_of_a_fifth,
    "the same, its best guess if it recommends none": guess_of_a_fifth,
    "an eighth of the grid at most, its best guess": guess_of_an_eighth,
    "grid, 1 seed, the best": best_of_one_seed,
    "grid, 5 seeds, one standard error": one_standard_error,
    "Optuna, TPE": optuna_tpe,
    "Optuna, TPE and Hyperband": optuna_hyperband,
}


class Replay(NamedTuple):
    """How a rule did on a data set, over all orders of its seeds.

    Attributes
    ----------
    wrong : float
        Share of lengths that are worse than the truly best by more than the margin.
    none : float
        Share of plays without an answer.
    trained : ndarray of shape (L,)
        Mean trainings of each length.
    length : float
        Mean length over the shortest that is within the margin; NaN without any answer.
    places : ndarray of int
        What was chosen in each order.
    """

    wrong: float
    none: float
    trained: Scores
    length: float
    places: NDArray[np.int64]


def replayed(rule: Rule, there: Trainings) -> Replay:
    """Play a rule with the seeds in as many orders as there are seeds."""
    truth = there.scores.mean(axis=1)
    is_poor = truth < truth.max() - there.margin
    lengths = np.array(there.lengths)
    plays = [rule(order) for order in there.orders()]
    places = np.array([play.place for play in plays])
    answered = places >= 0
    return Replay(
        wrong=float(np.mean(answered & is_poor[places])),
        none=float(np.mean(~answered)),
        trained=np.mean([play.trained for play in plays], axis=0),
        length=float(np.mean(lengths[places[answered]]) / lengths[~is_poor][0]) if answered.any() else float("nan"),
        places=places,
    )
