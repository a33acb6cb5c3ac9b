"""What the store's tables keep of a run."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np

from lengthwise.study.run import Outcome
from lengthwise.training.evaluation import Evaluation
from lengthwise.training.settings import Settings

SCORE_DTYPE = np.dtype("<f4")
"""How `evaluations.per_sequence` holds the mean score of each sequence's windows, in file order."""

PLACE_DTYPE = np.dtype("<i4")
"""How `evaluations.sequences` holds the places of these sequences in the pool, where a run has a fold."""


def run_key(settings: Settings) -> str:
    """Return the text that names a run: its settings, as JSON."""
    return json.dumps(settings.to_dict(), sort_keys=True)


def now() -> str:
    """Return the time as the store writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def row_of(outcome: Outcome) -> dict[str, Any]:
    """Return the columns of table ``runs`` for an outcome."""
    settings = outcome.settings
    row: dict[str, Any] = {
        "key": run_key(settings),
        "status": "finished" if outcome.reason is None else "failed",
        "reason": outcome.reason,
        **settings.to_dict(),
        "wall_seconds": outcome.wall_seconds,
        "worker": outcome.worker,
        "finished_at": now(),
    }
    if outcome.validation is None:
        return row
    metric = outcome.validation.metric
    if outcome.test is not None:
        row |= {
            "test_score": outcome.test.score,
            "test_accuracy": outcome.test.score if metric.is_accuracy else None,
            "test_loss": outcome.test.loss,
        }
    return row | {
        "metric": metric.name,
        "val_score": outcome.validation.score,
        "val_accuracy": outcome.validation.score if metric.is_accuracy else None,
        "val_loss": outcome.validation.loss,
        "best_update": outcome.best_update,
        "updates": outcome.updates,
        "stopped_by": outcome.stopped_by,
        "timesteps": outcome.timesteps,
        "flops": outcome.updates * outcome.flops_per_step,
        "flops_per_step": outcome.flops_per_step,
        "activation_bytes": outcome.activation_bytes,
        "seconds": outcome.seconds,
        "seconds_per_step": outcome.seconds / outcome.updates,
    }


def _judged(outcome: Outcome) -> Iterator[tuple[str, Evaluation]]:
    """Yield every evaluation of an outcome with its split."""
    if outcome.validation is not None:
        yield "validation", outcome.validation
    if outcome.test is not None:
        yield "test", outcome.test
    for length, other in outcome.evaluations.items():
        if length != outcome.settings.seq_len:
            yield "test", other


def evaluations_of(outcome: Outcome) -> Iterator[tuple[Any, ...]]:
    """Yield the columns of table ``evaluations`` for an outcome, without its run."""
    for split, evaluation in _judged(outcome):
        starts, metrics = json.dumps(evaluation.score_by_start), json.dumps(evaluation.metrics)
        scores = evaluation.per_sequence.astype(SCORE_DTYPE).tobytes()
        known = outcome.judged if split == "validation" else None
        places = None if known is None else known.astype(PLACE_DTYPE).tobytes()
        yield split, evaluation.seq_len, evaluation.score, evaluation.loss, starts, metrics, scores, places
