"""What the store's tables keep of a run."""

import json
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np

from lengthwise.study.outcome import Outcome, Run

SCORE_DTYPE = np.dtype("<f4")
"""How `evaluations.per_sequence` holds the score of each case: the mean of a sequence's windows, in file order."""

PLACE_DTYPE = np.dtype("<i4")
"""How `evaluations.sequences` holds the places of these sequences in the pool, where a run has a fold."""


def run_key(run: Run) -> str:
    """Return the text that names a run: its settings, as JSON."""
    return json.dumps(run.to_dict(), sort_keys=True)


def now() -> str:
    """Return the time as the store writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def row_of(outcome: Outcome, axes: Collection[str]) -> dict[str, Any]:
    """Return the columns of table ``runs`` for an outcome; of what is an axis, the key has the value alone."""
    return {
        "key": run_key(outcome.settings),
        "status": "finished" if outcome.reason is None else "failed",
        "reason": outcome.reason,
        **{name: value for name, value in outcome.settings.to_dict().items() if name not in axes},
        "wall_seconds": outcome.wall_seconds,
        "worker": outcome.worker,
        "finished_at": now(),
        **outcome.columns(),
    }


def evaluations_of(outcome: Outcome) -> Iterator[tuple[Any, ...]]:
    """Yield the columns of table ``evaluations`` for an outcome, without its run."""
    for split, seq_len, score, loss, by_start, metrics, cases, places in outcome.judgements():
        blob = None if places is None else places.astype(PLACE_DTYPE).tobytes()
        scores = cases.astype(SCORE_DTYPE).tobytes()
        yield split, seq_len, score, loss, json.dumps(by_start), json.dumps(metrics), scores, blob
