"""Which column holds the scores, and what they are."""

from dataclasses import dataclass

import pandas as pd

from lengthwise.data.reading import listed
from lengthwise.errors import UsageError
from lengthwise.results.names import (
    CASES,
    FOLDS,
    HELD_OUT,
    LENGTHS,
    METADATA,
    REPEATS,
    SECONDS,
    SEEDS,
    SETTINGS,
    STEPS,
    TRAINING,
    plain,
    words,
)
from lengthwise.results.runs import Runs, names_of
from lengthwise.tasks.named_metrics import ERRORS, GAINS, SHARES

NEGATED = "neg"
"""How the name of a score begins that is an error's negative, as in scikit-learn."""

AUXILIARY = frozenset({"loss", "nll", "ce", "bce"})
"""Words of the scores that are trained for, and stand beside the one that is of interest."""

ABOUT = frozenset({"best", "final", "last", "epoch", "metrics", "hparam", "hparams", "hp"})
"""Words of a score's name that do not say what it is."""

SPREADS = frozenset({"std", "stderr", "sem", "var", "low", "high", "lower", "upper", "rank", "step", "at"})
"""Words that say that a number is about a score, but none."""


@dataclass(frozen=True)
class ScoreName:
    """What a column of scores says by its name.

    Attributes
    ----------
    metric : str
        The metric's name, such as ``accuracy``.
    split : str
        What it was judged on: ``validation``, ``test``, ``train``, or "" where the name does not say.
    negated : bool
        Whether it is an error's negative.
    """

    metric: str
    split: str
    negated: bool

    @classmethod
    def of(cls, name: str) -> "ScoreName":
        """Read a name.

        >>> ScoreName.of("val_acc"), ScoreName.of("neg_mean_squared_error").metric, ScoreName.of("eval/F1-macro").metric
        (ScoreName(metric='accuracy', split='validation', negated=False), 'mean_squared_error', 'f1_macro')
        """
        parts = words(name)
        every = TRAINING.union(*HELD_OUT.values())
        splits = [split for split, called in HELD_OUT.items() if called & set(parts)]
        splits += ["train"] if TRAINING & set(parts) else []
        if parts[:1] == ["mean"] and every & set(parts[1:2]):  # mean_test_score
            parts = parts[1:]
        parts = parts[:-1] if parts[-1:] == ["mean"] and len(parts) > 1 else parts
        rest = [part for part in parts if part not in every | ABOUT]
        negated = rest[:1] == [NEGATED]
        metric = "_".join(rest[negated:])
        return cls({"acc": "accuracy"}.get(metric, metric) or "score", splits[0] if splits else "", negated)


def spreads(runs: Runs) -> list[str]:
    """Return the columns that say how much scores vary: where there are any, rows seem to be means of runs."""
    return [name for name in names_of(runs.frame) if {"std", "stderr", "sem"} & set(words(name))]


def is_score(runs: Runs, name: str) -> bool:
    """Return whether a column holds scores, as far as is known: those of the source that are called so, if any are."""
    called = [each for each in runs.scores if _is_called_score(each)]
    if runs.scores:
        return name in (called or runs.scores)
    return _is_called_score(name) and _has_numbers(runs.frame[name])


def _has_numbers(column: pd.Series) -> bool:
    """Return whether a column has numbers: not all need be, since a failed run may say so there."""
    numbers = pd.to_numeric(column, errors="coerce").notna().sum()
    return not pd.api.types.is_bool_dtype(column) and numbers > 0 and numbers >= column.notna().sum() / 2


def _is_called_score(name: str) -> bool:
    parts = set(words(name))
    return bool(parts & (SHARES | GAINS | ERRORS | {"score", "objective"})) and not parts & SPREADS


def score_column(runs: Runs, taken: set[str]) -> str:
    """Return the column of scores where it is certain: those on the validation split before those on the test split.

    Raises
    ------
    UsageError
        If it is not.
    """
    known = [name for name in names_of(runs.frame) if name not in taken and is_score(runs, name)]
    known = [name for name in known if runs.frame[name].notna().any()]
    for split in ("validation", "test", ""):
        held_out = [name for name in known if ScoreName.of(name).split == split]
        aims = [name for name in held_out if not AUXILIARY & set(words(name))] or held_out
        if len(aims) == 1:
            return aims[0]
        if aims:
            raise UsageError(f"{runs.source} has several scores: {listed(aims, most=12)}: name one with --score.")
    names = [name for name in names_of(runs.frame) if name not in taken and _may_be_score(runs, name)]
    if len(names) == 1 and not known:
        return names[0]
    found = f"has the scores of training alone ({listed(known)})" if known else "has no column that is surely the score"
    raise UsageError(
        f"{runs.source} {found}: name it with --score; there are {listed(names, most=12) or 'no other numbers'}."
    )


def _may_be_score(runs: Runs, name: str) -> bool:
    """Return whether a column has numbers, and no name of anything else."""
    is_setting = name in (runs.settings or ()) or plain(name) in SETTINGS
    is_known = plain(name) in LENGTHS | SEEDS | REPEATS | FOLDS | CASES | SECONDS | METADATA | {*STEPS}
    return pd.api.types.is_numeric_dtype(runs.frame[name]) and not is_setting and not is_known
