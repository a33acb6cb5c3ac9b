"""The plan as it was: what a study trained when, from what its store notes."""

from collections import Counter
from typing import Any

import numpy as np

from lengthwise.study.answer import Answer
from lengthwise.study.meta import Round
from lengthwise.study.store import Store


def plan_of(store: Store, answer: Answer) -> list[dict[str, Any]]:
    """Return what each round of a study trained, as a row for each round and length.

    A round is what was trained before it was decided what to train next; a study that was gone on with later begins a
    new one. Of a study from before rounds were noted, all is one.

    Parameters
    ----------
    store : Store
    answer : Answer
        Of the configuration whose runs are told.

    Returns
    -------
    list of dict
        ``round``, from 1; ``begun``, the seconds for which the study had been run before, or None if that is not known;
        ``seq_len``; ``seeds`` and ``runs``, how many were trained.
    """
    rounds, runs = store.rounds, answer.runs
    if rounds and rounds[0].after:
        rounds = (Round(0, 0.0), *rounds)
    begins = [each.after for each in rounds[1:]]
    numbers = np.searchsorted(begins, runs.id.to_numpy(), side="left") + 1
    pairs = list(zip(numbers.tolist(), runs.seq_len.tolist(), runs.seed.tolist(), strict=True))
    counts = Counter((number, seq_len) for number, seq_len, _ in pairs)
    seeds = Counter((number, seq_len) for number, seq_len, _ in set(pairs))
    return [
        {
            "round": number,
            "begun": round(rounds[number - 1].seconds, 1) if rounds else None,
            "seq_len": seq_len,
            "seeds": seeds[number, seq_len],
            "runs": count,
        }
        for (number, seq_len), count in sorted(counts.items())
    ]
